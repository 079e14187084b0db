"""A case goes once round the loop."""

from incidents.models import Clock
from tests.incidents import play


def test_a_case_goes_round_the_loop(town):
    case = play.closed(town)
    assert case.stage == "closed"
    assert list(case.steps.order_by("seq").values_list("move", flat=True)) == [
        "report",
        "accept",
        "file",
        "dispatch",
        "handle",
        "verify",
        "close",
    ]


def test_every_clock_of_a_closed_case_is_stopped_and_judged(town):
    case = play.closed(town)
    clocks = {c.kind: c for c in Clock.objects.filter(case=case)}
    assert set(clocks) == {"intake", "dispatch", "handle", "verify", "close"}
    assert {c.verdict for c in clocks.values()} == {"on_time"}
