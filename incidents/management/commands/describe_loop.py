"""Write docs/loop.md, diagram included, from the table of moves itself."""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import override

from incidents import rules, workflow
from incidents.models import LOOP_CLOCKS, Demand, Stage
from incidents.querysets import ENDS
from staff.models import default_limits
from staff.roles import ROLES

PAGE = settings.BASE_DIR / "docs" / "loop.md"
# Everything that comes after closing starts from here, so it stands in both diagrams.
CLOSED = "closed"

INTRODUCTION = """\
# The loop

Made by `./scripts/manage describe_loop` from the table in `incidents/workflow.py`. Do not edit it
by hand: a test fails when it is stale.

A case goes round the loop by moves. A move that is no row of the table below does not happen: the
one door `workflow.move()` refuses it, and so does a trigger in the database.
"""

NOTES = """\
- **From** is empty for a move that begins a case; **to** is `=` for one that leaves the stage.
- **Who** are the roles whose posts carry the permission; in brackets, which of them. "The system"
  is a member without a password, and so is "the public", in whose name reports from outside come.
- **Needs** are facts; `?` marks one that may be left out. `photo` is at least one picture,
  `position` by default the picture's own. A worker's report always needs photo and position.
- **Clocks**: `start` begins a new clock, `pause` and `resume` do what they say, `stop` freezes the
  verdict, `drop` stops without a verdict if the clock is still in time, `extend` adds the original
  limit once more, `give handle` resumes the paused clock of the very same unit and starts a new
  one for any other.
- **Warn** comes at four fifths of a clock's time, **breach** when it is over: each once for a due
  time, and again when the due time moves later. A breach of a loop clock puts a demand to answer on
  the head of whoever is late, a breach of that demand ends it and puts one on the next head (grid,
  community, street, department or district, city), at the city day by day. A request that is
  undecided when its own or the handle clock is breached lapses. What fell due is settled before
  anybody's move on the case, so that no deadline hangs on who is faster.
"""


class Command(BaseCommand):
    help = "Write docs/loop.md from the table of moves."

    def handle(self, **options):
        PAGE.write_text(page(), encoding="utf-8")
        self.stdout.write(str(PAGE))


def page():
    """The whole page; always in English, whatever the caller's language."""
    with override("en"):
        parts = [
            INTRODUCTION,
            "## The road\n",
            diagram(road_edges()),
            "## Ends, and ways back from them\n",
            diagram(end_edges()),
            "## The stages\n",
            stages(),
            "## Moves that change the stage\n",
            moves(lambda row: row.to != workflow.SAME),
            "## Moves beside the road\n",
            moves(lambda row: row.to == workflow.SAME),
            NOTES,
            "## Demands\n",
            demands(),
            "## Clocks\n",
            clocks(),
            "## Limits on side moves\n",
            side_rules(),
        ]
    return "\n".join(parts)


# --- diagrams ------------------------------------------------------------------------------------


def edges():
    """{(from, to): {(move, when)}} of the moves that change the stage, in the table's order."""
    found = {}
    for row in workflow.TABLE:
        for stage in row.stages:
            if row.target(stage) != stage:
                # A dict for a set that keeps its order.
                found.setdefault((stage, row.target(stage)), {})[row.move, row.when] = True
    return found


def is_end(stage):
    return stage in ENDS and stage != CLOSED


def road_edges():
    """The way from report to close and back, without the other ends."""
    return {pair: moves for pair, moves in edges().items() if not any(map(is_end, pair))}


def end_edges():
    """How a case ends otherwise, and how it comes back."""
    return {pair: moves for pair, moves in edges().items() if any(map(is_end, pair))}


def diagram(found):
    """A Mermaid state diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    for (start, end), moves in found.items():
        words = ", ".join(_told(move, when) for move, when in moves)
        lines.append(f"    {start or '[*]'} --> {end}: {words}")
    # Merged can be undone by the system, so only a stage that nothing leaves ends the diagram.
    left = {start for start, _end in edges()}
    last = {end for _start, end in found if end in ENDS and (end not in left or end == CLOSED)}
    lines += [f"    {stage} --> [*]" for stage in Stage.values if stage in last]
    return "\n".join([*lines, "```", ""])


def _told(move, when):
    label = str(workflow.LABELS[move]).lower()
    return f"{label} ({when})" if when else label


# --- tables --------------------------------------------------------------------------------------


def table(head, rows):
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines) + "\n"


def stages():
    """Every stage, and how it can be left."""
    rows = []
    for stage in Stage:
        out = [m for (start, _end), moves in edges().items() if start == stage for m, _w in moves]
        rows.append(
            [
                f"`{stage.value}`",
                stage.label,
                "yes" if stage in ENDS else "",
                ", ".join(f"`{move}`" for move in dict.fromkeys(out)) or "–",
            ]
        )
    return table(["stage", "is", "end", "left by"], rows)


def moves(wanted):
    """The rows of the table that `wanted` lets through."""
    rows = [
        [
            f"`{row.move}`",
            workflow.LABELS[row.move],
            _stages(row),
            "=" if row.to == workflow.SAME else f"`{row.to}`",
            _who(row),
            row.needs or "–",
            row.clocks or "–",
            row.when or "–",
        ]
        for row in workflow.TABLE
        if wanted(row)
    ]
    return table(["move", "label", "from", "to", "who", "needs", "clocks", "when"], rows)


def _stages(row):
    if row.stages == workflow.OPEN:
        return "any open stage"
    if row.stages == workflow.EVER:
        return "any stage"
    return ", ".join(f"`{stage}`" for stage in row.stages if stage)


def _who(row):
    if not row.permission:
        return f"the {row.who}"
    if row.permission == rules.SYSTEM:
        return "the system"
    wanted = f"incidents.{row.permission}"
    roles = [str(role.name) for role in ROLES.values() if wanted in role.permissions]
    if row.permission == "report_case":
        roles.append("the public")
    return ", ".join(roles) + (f" ({row.who})" if row.who else "")


def demands():
    """What one person can owe beside the loop."""
    words = "A demand is a row of its own with one owner, one clock and one exit, never a stage."
    return f"{words}\n\n" + table(
        ["demand", "is"], [[f"`{kind.value}`", kind.label] for kind in Demand.Kind]
    )


def clocks():
    """The limits a new city starts with."""
    limits = default_limits()
    rows = [[f"`{kind}`", *limits[kind]] for kind in limits]
    words = (
        "The loop's clocks are "
        + ", ".join(f"`{kind}`" for kind in LOOP_CLOCKS)
        + "; the others belong to demands. The limit of `handle` comes from the filing condition,"
        " which may have none. The rest are settings of a city, at first:"
    )
    units = (
        "`hour` passes day and night, `work_hour` in office hours only, `work_day` is the "
        "calendar's\nstandard day, `patrol` an hour of the city's patrol calendar, day and night "
        "where the case is urgent.\n`lib/worktime.py` says the rest.\n"
    )
    return f"{words}\n\n{table(['clock', 'amount', 'of'], rows)}\n{units}"


def side_rules():
    """The numbers that bound side moves, as the rules have them."""
    return (
        f"- **Extend**: before it is overdue, at most {rules.EXTENSIONS} times per unit and round;"
        " a case without a limit cannot be extended.\n"
        f"- **Suspend**: once per unit and round, at most {rules.LONGEST_SUSPENSION.days} days.\n"
        f"- **Return**: request number {rules.RETURNS} of a round, or the first by a second unit,"
        " goes to the adjudicator.\n"
        f"- **Reopen**: within {rules.REOPEN_WITHIN.days} days of closing; begins a new round.\n"
        f"- **Appeal**: within {rules.APPEAL_WORK_DAYS} work days of closing, against a late"
        " verdict.\n"
        "- Who handled does not verify; who verified or handled does not close.\n"
    )
