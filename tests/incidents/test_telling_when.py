"""When somebody is told: quiet hours, digests, and what a missed hour is folded into."""

from datetime import time, timedelta

import pytest

from incidents import telling, workflow
from incidents.letters import Message, Preference
from incidents.models import Outbox
from lib import now
from tests.incidents import play, post

pytestmark = pytest.mark.django_db


def later(**span):
    now.set_to(now.now() + timedelta(**span))


def wishes(member, **given):
    return Preference.objects.create(member=member, **given)


def clock_times(member, channel="email"):
    """When what waits for a member goes, in the city's clock time."""
    rows = Message.objects.filter(member=member, channel=channel).order_by("pk")
    hours = timedelta(hours=8)
    return [f"{row.send_at + hours:%d %H:%M}" for row in rows]


def escalate(town, urgent=False):
    """Something that the water bureau's head is told of at once by every way."""
    case = play.dispatched(town, town.urgent if urgent else town.quick)
    post.quiet()
    Outbox.objects.create(
        step=case.steps.last(),
        notice="answer",
        made_at=now.now(),
        to_role="leader",
        to_unit=town.water,
    )
    post.told()


def test_quiet_hours_hold_what_is_sent_but_not_the_page(town):
    post.reach(town.water_leader)
    wishes(town.water_leader, quiet_from=time(8), quiet_until=time(12, 30))
    for _time in range(2):
        escalate(town)
    assert clock_times(town.water_leader) == ["03 12:30"]
    assert post.messages(town.water_leader, "email") == [("several", 2)]
    assert post.kinds(town.water_leader) == ["answer", "answer"]


def test_quiet_hours_over_midnight_end_in_the_morning(town):
    post.reach(town.water_leader)
    wishes(town.water_leader, quiet_from=time(22), quiet_until=time(7))
    later(hours=14)  # 23:00
    escalate(town)
    assert clock_times(town.water_leader) == ["04 07:00"]
    Message.objects.update(collects=False)
    later(hours=6)  # 05:00
    escalate(town)
    assert clock_times(town.water_leader) == ["04 07:00"] * 2
    later(hours=2)  # 07:00, which is quiet no more
    escalate(town)
    assert clock_times(town.water_leader)[-1] == "04 07:00"
    assert post.messages(town.water_leader, "email")[-1] == ("answer", 1)


def test_an_urgent_case_breaks_through_quiet_hours(town):
    post.reach(town.water_leader)
    wishes(town.water_leader, quiet_from=time(8), quiet_until=time(12), digest="day")
    escalate(town)
    escalate(town, urgent=True)
    assert clock_times(town.water_leader) == ["03 12:00", "03 09:00"]
    assert post.kinds(town.water_leader, "email") == ["several", "answer"]


@pytest.mark.parametrize(
    ("digest", "hour", "goes"),
    [
        ("hour", 17, "03 10:00"),
        ("day", 17, "03 17:00"),
        ("day", 9, "04 09:00"),
        ("", 17, "03 09:00"),
    ],
)
def test_what_may_wait_goes_with_the_digest(town, digest, hour, goes):
    post.reach(town.worker)
    wishes(town.worker, digest=digest, digest_hour=hour)
    play.closed(town)
    post.told()
    assert clock_times(town.worker)[-1] == goes


def test_a_digest_in_quiet_hours_waits_for_their_end(town):
    post.reach(town.worker)
    wishes(town.worker, digest="day", digest_hour=23, quiet_from=time(22), quiet_until=time(6, 30))
    play.closed(town)
    post.told()
    assert clock_times(town.worker)[-1] == "04 06:30"


def test_a_missed_hour_is_folded_into_one_a_person(town):
    post.reach(town.water_leader)
    play.dispatched(town)
    for _each in range(30):
        step = play.dispatched(town).steps.last()
        Outbox.objects.create(
            step=step, notice="answer", made_at=now.now(), to_role="leader", to_unit=town.water
        )
    later(hours=1)
    while telling.tell(batch=7):
        pass
    assert post.messages(town.water_leader) == [("several", 30)]
    assert post.messages(town.water_leader, "email") == [("several", 30)]
    assert post.messages(town.handler) == [("several", 31)]
    message = Message.objects.get(member=town.water_leader, channel="page")
    assert message.folded.count() == 30
    later(minutes=2)
    telling.close_folds()
    escalate(town)
    assert post.messages(town.water_leader) == [("several", 30), ("answer", 1)]


def test_a_crowd_at_one_time_is_one_e_mail(town):
    post.reach(town.water_leader)
    step = play.dispatched(town).steps.last()
    Outbox.objects.bulk_create(
        Outbox(step=step, notice="answer", made_at=now.now(), to_role="leader", to_unit=town.water)
        for _each in range(9)
    )
    post.told()
    assert post.messages(town.water_leader, "email") == [("several", 9)]
    assert len(post.messages(town.water_leader)) == 9


def test_nobody_is_told_of_an_import_s_history_and_all_of_its_present(town):
    case = play.reported(town, by=town.intake, source="import", source_id="7")
    Outbox.objects.update(made_at=now.now() - timedelta(days=2))
    post.told()
    assert not Message.objects.exists()
    workflow.move(case, "accept", town.intake, category=town.rubbish.code)
    post.told()
    assert post.kinds(town.chief) == ["your_turn"]


def test_a_demo_s_made_up_past_is_hushed(town):
    play.reported(town)
    assert telling.hush(now.now()) == 0
    assert telling.hush(now.now() + timedelta(seconds=1)) == 1
    post.told()
    assert not Message.objects.exists()
