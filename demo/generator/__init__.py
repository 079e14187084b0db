"""The demo city's geometry: `generate(profile, seed)` gives a Plan, the same for the same seed."""

import math
import random

import shapely

from .assembling import assemble
from .division import Division, divide
from .field import Field, plan_quarters
from .groundwork import lay
from .plan import Plan
from .profile import Profile, load_profile, profile_names

__all__ = ["Plan", "Profile", "generate", "load_profile", "profile_names"]


def generate(profile: Profile, seed: int) -> Plan:
    """The whole city. Deterministic: equal profiles and seeds give equal plans."""
    work = lay(profile, random.Random(f"{seed} ground"))
    faces = [shapely.Polygon(work.mesh.points(face)) for face in work.mesh.rings]
    bounds = shapely.union_all(faces).bounds
    quarters = plan_quarters(
        bounds,
        math.radians(profile.shape.axis_degrees),
        math.radians(profile.shape.spread_degrees),
        random.Random(f"{seed} field"),
    )
    field = Field(bounds, quarters, work.river, work.centre)
    division = Division(work.mesh, field, profile, work.centre, random.Random(f"{seed} cuts"))
    divide(division, work.quarters)
    return assemble(division, work, seed)
