"""One photograph of one kind of case at one place."""

from . import light, marks, scenes
from .canvas import Canvas, blank, stream
from .components import COMPONENTS
from .events import EVENTS
from .recipes import Item, several

STATES = ("before", "after", "check")
# The catalogue is data and may grow: what has no recipe is a street with or without cones round
# a spot.
NEUTRAL = several("street pavement plaza", Item(marks.guarded))
RECIPES = COMPONENTS | EVENTS


def draw(subclass, state, seed, *, size=(640, 480), attempt=0):
    """The picture; `attempt` asks for the same place at another moment, farther from the first
    view."""
    if state not in STATES:
        raise ValueError(f"state must be one of {STATES}, not {state!r}")
    recipe = RECIPES.get(subclass, NEUTRAL)
    place, moment = stream(subclass, seed), stream(subclass, seed, state, attempt)
    image = blank()
    canvas = Canvas(image, stream(subclass, seed, "scene"), place.choice((-1, 1)))
    spot = scenes.SCENES[place.choice(recipe.scenes)](canvas)
    wrong = state == "before"
    for number, item in enumerate(recipe.items):
        if item.shown(wrong):
            item.draw(canvas, spot, wrong, stream(subclass, seed, number))
    shot = light.aim(place, moment, 1 + 0.4 * min(attempt, 4))
    return light.develop(light.expose(image, shot, size), moment, shot)
