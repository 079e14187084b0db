"""What to draw for which kind of case."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Item:
    """A drawer with its arguments, and when it is in the picture: always, or only before or after."""

    drawer: object
    options: dict = field(default_factory=dict)
    when: str = "always"
    dx: float = 0.0
    dy: float = 0.0
    size: float = 1.0

    def shown(self, wrong):
        """Whether the item is in this picture."""
        return self.when == "always" or (self.when == "before") == wrong

    def draw(self, canvas, spot, wrong, rng):
        """Place the item by the scene's spot."""
        x, y, size = spot
        frame = canvas.at(x + self.dx * size, y + self.dy * size, size * self.size, rng=rng)
        self.drawer(frame, wrong, **self.options)


@dataclass(frozen=True)
class Recipe:
    """The scenes that suit and the things in them."""

    scenes: tuple
    items: tuple


NEUTRAL = Recipe(("street", "pavement", "plaza"), ())


def recipe_of(subclass):
    """The recipe of a subclass; an unknown one is a street like any other."""
    return NEUTRAL
