"""What to draw for a kind of case: where it may be, what is there, what is wrong."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Item:
    """A drawer with its options, and when it is in the picture: always, or only before or after."""

    drawer: object
    options: dict = field(default_factory=dict)
    when: str = "always"
    dx: float = 0.0
    dy: float = 0.0
    size: float = 1.0
    sound: bool = False  # in order whatever the state of the case

    def shown(self, wrong):
        """Whether the item is in this picture."""
        return self.when == "always" or (self.when == "before") == wrong

    def draw(self, canvas, spot, wrong, rng):
        """Place the item by the scene's spot."""
        x, y, size = spot
        where = (x + self.dx * size, y + self.dy * size)
        frame = canvas.at(*where, size * self.size, rng=rng)
        self.drawer(frame, wrong and not self.sound, **self.options)


@dataclass(frozen=True)
class Recipe:
    """The scenes that suit and the things in them, back to front."""

    scenes: tuple
    items: tuple


def one(scenes, drawer, size=0.85, dy=0.0, dx=0.0, **options):
    """A recipe of a single thing. Scenes are separated by spaces."""
    return Recipe(tuple(scenes.split()), (Item(drawer, options, size=size, dx=dx, dy=dy),))


def several(scenes, *items):
    """A recipe of several things."""
    return Recipe(tuple(scenes.split()), items)
