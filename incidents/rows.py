"""The rows of the table of moves: how one is written, and what it asks for."""

from dataclasses import dataclass, replace

from incidents.models import ENDS, OPEN, Case

SAME = "="
NEW = ("",)
# An appeal outlives its round: the case may have been reopened and have ended in another way since.
EVER = (*OPEN, *ENDS)


@dataclass(frozen=True)
class Row:
    """One row of the table of moves."""

    move: str
    stages: tuple
    to: str
    permission: str = ""
    who: str = ""
    needs: str = ""
    clocks: str = ""
    when: str = ""

    def target(self, stage):
        """The stage after the move."""
        return stage if self.to == SAME else self.to


def row(move, stages, *rest):
    """A row; stages as words."""
    return Row(move, tuple(stages.split()) if isinstance(stages, str) else stages, *rest)


def waived(chosen, case):
    """An imported case brings no photos: what another system did has none to show."""
    return without_proof(chosen) if case.source == Case.Source.IMPORT else chosen


def without_proof(chosen):
    """The row with photo and position as facts that may be left out."""
    words = [word + "?" if word in ("photo", "position") else word for word in chosen.needs.split()]
    return replace(chosen, needs=" ".join(words))
