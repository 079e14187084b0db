"""Write docs/roles.md from the table of roles itself."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import override

from staff import roles
from staff.models import is_move

PAGE = settings.BASE_DIR / "docs" / "roles.md"

INTRODUCTION = """\
# Roles and rights

Made by `./scripts/manage describe_roles` from `staff/roles.py`. Do not edit it by hand: a test
fails when it is stale.

A member holds a role through a **post** (`grids.Post`): a role in an area, a duty grid or a unit,
from a day to a day. Posts are the only grant: Django's groups are not used, and a superuser may
set things up but make no move. Which cases a post lets its holder see is said in one place,
`Case.objects.visible_to` in `incidents/querysets.py`.
"""

APART = """\
Nobody holds posts on both axes: who finds, files, verifies and closes never dispatches or handles.
A leader's post goes together with any one axis; the three administrators exclude one another and
everybody else. The trigger on posts is made from the same rule, so that the database refuses what
the forms would. An `×` marks two roles that one member may never hold at the same time.
"""

WORDS = {
    roles.CITY: "the city",
    roles.AREA: "an area",
    roles.DUTY_GRID: "a duty grid",
    roles.UNIT: "a unit",
}


class Command(BaseCommand):
    help = "Write docs/roles.md from the table of roles."

    def handle(self, **options):
        PAGE.write_text(page(), encoding="utf-8")
        self.stdout.write(str(PAGE))


def page():
    """The whole page; always in English, whatever the caller's language."""
    with override("en"):
        return "\n".join(
            [
                INTRODUCTION,
                "## The roles\n",
                role_table(),
                "## What each may do in the loop\n",
                verb_table(),
                "## What each may read and keep in order\n",
                record_list(),
                "## Roles that exclude one another\n",
                APART,
                exclusion_table(),
            ]
        )


def table(head, rows):
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines) + "\n"


def role_table():
    rows = [
        [f"`{role.key}`", role.name, role.axis, WORDS[role.held_in], role.does]
        for role in roles.ROLES.values()
    ]
    return table(["key", "role", "axis", "held in", "does"], rows)


def verb_table():
    """One row a permission of the loop, with who holds it."""
    verbs = sorted({p for role in roles.ROLES.values() for p in role.permissions if is_move(p)})
    rows = [
        [
            f"`{verb.partition('.')[2]}`",
            ", ".join(str(r.name) for r in roles.ROLES.values() if verb in r.permissions),
        ]
        for verb in verbs
    ]
    return table(["permission", "roles"], rows)


def record_list():
    """Rows that a role may view, add, change or delete in the administration."""
    lines = []
    for role in roles.ROLES.values():
        rights = {}
        for permission in sorted(p for p in role.permissions if not is_move(p)):
            right, _, model = permission.partition(".")[2].partition("_")
            rights.setdefault(right, []).append(model)
        said = "; ".join(f"{right} {', '.join(names)}" for right, names in rights.items())
        lines.append(f"- **{role.name}**: {said}.")
    return "\n".join(lines) + "\n"


def exclusion_table():
    keys = list(roles.ROLES)
    rows = [
        [f"`{one}`", *("" if roles.may_stand_together(one, other) else "×" for other in keys)]
        for one in keys
    ]
    return table(["", *(f"`{key}`" for key in keys)], rows)
