"""How many queries the door may cost."""

from incidents import workflow
from tests.cast import photo_of
from tests.incidents import play


def test_a_report_and_a_move_keep_their_budget(town, django_assert_max_num_queries):
    photo = photo_of(town.worker, town).pk
    with django_assert_max_num_queries(26):
        case = workflow.report(
            town.worker, city=town.city, point=town.inside, category="E-01-13", evidence=[photo]
        )
    with django_assert_max_num_queries(22):
        workflow.move(case, "accept", town.intake, category="E-01-13")
    case = play.filed(town)
    with django_assert_max_num_queries(36):
        workflow.move(case, "dispatch", town.dispatcher, unit="WATER")
