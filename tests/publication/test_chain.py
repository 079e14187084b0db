"""A bulletin every morning: in order, once, as a chain that only grows."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from assessment.models import Progress
from lib import now
from publication import publishing
from publication.models import Bulletin, Schedule
from publication.tasks import publish_bulletins
from tests.cast import MORNING
from tests.publication.conftest import MONDAY, full_day, write

pytestmark = pytest.mark.django_db
EIGHT_ON_TUESDAY = MORNING - timedelta(hours=1)
OF_EVERYDAYS = ("maintained", "supervised", "managed", "enforced", "evaluated")


def bodies(city):
    return [json.loads(each.body) for each in Bulletin.objects.of(city).order_by("number")]


def days_later(number):
    return MORNING + timedelta(days=number)


def test_yesterday_is_published_at_eight_and_not_before(counted):
    full_day(counted, MONDAY)
    with now.at(EIGHT_ON_TUESDAY - timedelta(seconds=1)):
        assert publishing.publish_due(counted.city) == []
    with now.at(EIGHT_ON_TUESDAY):
        (entry,) = publishing.publish_due(counted.city)
        assert (entry.number, entry.day, entry.previous) == (1, MONDAY, "")
        assert publishing.publish_due(counted.city) == []


def test_a_city_without_a_schedule_publishes_nothing(counted):
    Schedule.objects.all().delete()
    publish_bulletins()
    assert not Bulletin.objects.exists()


def test_it_says_what_was_taken_in_filed_due_closed_on_time_and_late(counted):
    full_day(counted, MONDAY)
    publish_bulletins()
    (body,) = bodies(counted.city)
    whole = {"intake": 37, "filed": 35, "closed": 34, "on_time": 30, "late": 4, "overdue": 5}
    everydays = {name: body["total"].pop(name) for name in OF_EVERYDAYS}
    assert body["total"] == whole | {"due": 39, "patrol": 17} and set(everydays.values()) == {None}
    (street,) = body["streets"]
    assert street == whole | {"due": 39, "code": counted.street.code, "name": "书院街道"}
    # What stands overdue with the one unit that has any is the city's own count.
    water = next(unit for unit in body["units"] if unit["code"] == "WATER")
    assert (water["dispatched"], water["due"], water["closed"]) == (34, None, 30)
    assert body["day"] == "2026-03-02" and body["week"] is None


def test_missed_days_follow_in_order_each_with_the_hash_before(counted):
    for number in range(5):
        full_day(counted, MONDAY + timedelta(days=number))
    with now.at(days_later(4)):
        publish_bulletins()
    entries = list(Bulletin.objects.of(counted.city).order_by("number"))
    assert [e.day for e in entries] == [MONDAY + timedelta(days=n) for n in range(5)]
    for before, entry in zip([None, *entries], entries, strict=False):
        assert entry.previous == (before.sha256 if before else "")
        assert json.loads(entry.body)["previous"] == entry.previous
        assert hashlib.sha256(entry.body.encode()).hexdigest() == entry.sha256


def test_a_body_is_canonical(counted):
    full_day(counted, MONDAY)
    publish_bulletins()
    text = Bulletin.objects.get().body
    assert text == json.dumps(
        json.loads(text), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def test_communities_are_told_of_with_the_sunday_of_their_week(counted):
    for number in range(7):
        full_day(counted, MONDAY + timedelta(days=number))
    with now.at(days_later(6)):
        publish_bulletins()
    *others, sunday = bodies(counted.city)
    assert all(body["week"] is None for body in others)
    assert sunday["week"]["week"] == "2026-W10"
    rows = {row["name"]: row for row in sunday["week"]["communities"]}
    assert rows["书院社区"]["intake"] == 7 * 23 and rows["北外社区"]["intake"] == 7 * 17
    assert rows["书院社区"]["street"] == counted.street.code


def test_a_week_that_was_begun_late_has_no_communities(counted):
    Schedule.objects.update(first_day=MONDAY + timedelta(days=2))
    for number in range(2, 7):
        full_day(counted, MONDAY + timedelta(days=number))
    with now.at(days_later(6)):
        publish_bulletins()
    assert [body["week"] for body in bodies(counted.city)] == [None] * 5


def test_a_small_count_is_withheld_with_what_would_tell_of_it(counted):
    full_day(counted, MONDAY, late=2)
    publish_bulletins()
    (body,) = bodies(counted.city)
    for row in (body["total"], body["streets"][0]):
        assert (row["late"], row["on_time"], row["closed"]) == (None, None, 34)


def test_it_waits_until_the_roll_ups_have_come_to_the_hour(counted):
    full_day(counted, MONDAY)
    Progress.objects.update(rolled_at=EIGHT_ON_TUESDAY - timedelta(seconds=1))
    assert publishing.publish_due(counted.city) == []
    Progress.objects.update(rolled_at=EIGHT_ON_TUESDAY)
    assert len(publishing.publish_due(counted.city)) == 1


# --- corrections ---------------------------------------------------------------------------------


def test_a_correction_is_a_new_entry_that_says_what_changed(counted):
    full_day(counted, MONDAY)
    full_day(counted, MONDAY + timedelta(days=1))
    publish_bulletins()
    for kind, subject in (("city", counted.city), ("street", counted.street)):
        write(counted.city, MONDAY, kind, subject, filed=41)
    with now.at(days_later(1)):
        publish_bulletins()
        publish_bulletins()
    first, correction, second = Bulletin.objects.of(counted.city).order_by("number")
    assert (correction.corrects, correction.day, second.day.day) == (first, MONDAY, 3)
    body = json.loads(correction.body)
    assert body["corrects"] == 1 and body["total"]["filed"] == 41
    assert body["changes"] == [
        {"table": "total", "code": "", "figure": "filed", "before": 35, "after": 41},
        {
            "table": "streets",
            "code": counted.street.code,
            "figure": "filed",
            "before": 35,
            "after": 41,
        },
    ]
    assert second.previous == correction.sha256 and correction.previous == first.sha256
    assert list(Bulletin.objects.newest_of_days().values_list("number", flat=True)) == [2, 3]


def test_what_was_withheld_stays_withheld_in_a_correction(counted):
    full_day(counted, MONDAY, late=2)
    publish_bulletins()
    full_day(counted, MONDAY, late=6)
    for kind, subject in (("city", counted.city), ("street", counted.street)):
        write(counted.city, MONDAY, kind, subject, filed=41)
    full_day(counted, MONDAY + timedelta(days=1))
    with now.at(days_later(1)):
        publish_bulletins()
    correction = bodies(counted.city)[1]
    assert correction["corrects"] == 1 and correction["total"]["late"] is None
    assert correction["total"]["filed"] == 41


def test_a_week_is_corrected_in_the_entry_of_its_sunday(counted):
    for number in range(8):
        full_day(counted, MONDAY + timedelta(days=number))
    with now.at(days_later(6)):
        publish_bulletins()
    for kind, subject in (
        ("city", counted.city),
        ("street", counted.street),
        ("community", counted.community),
    ):
        write(counted.city, MONDAY, kind, subject, intake=60)
    with now.at(days_later(7)):
        publish_bulletins()
    monday, sunday = bodies(counted.city)[7:9]
    assert (monday["day"], sunday["day"]) == ("2026-03-02", "2026-03-08")
    assert [change["table"] for change in sunday["changes"]] == ["communities"]


# --- the database holds the chain ----------------------------------------------------------------


def refuses(function):
    with pytest.raises((IntegrityError, InternalError, Exception)) as refusal, transaction.atomic():
        function()
    return str(refusal.value)


def test_nobody_changes_or_deletes_an_entry(counted):
    full_day(counted, MONDAY)
    publish_bulletins()
    assert "Cannot update or delete" in refuses(lambda: Bulletin.objects.update(sha256="0" * 64))
    assert "Cannot update or delete" in refuses(lambda: Bulletin.objects.all().delete())


@pytest.mark.parametrize(
    "wrong", [{"number": 3}, {"previous": "0" * 64}, {"sha256": "0" * 64}, {"body": "{}"}]
)
def test_the_database_takes_no_entry_that_does_not_follow(counted, wrong):
    full_day(counted, MONDAY)
    publish_bulletins()
    last = Bulletin.objects.get()
    body = publishing.canonical({"previous": last.sha256})
    given = {
        "city": counted.city,
        "number": 2,
        "day": MONDAY + timedelta(days=1),
        "published_at": now.now(),
        "previous": last.sha256,
        "body": body,
        "sha256": hashlib.sha256(body.encode()).hexdigest(),
    }
    assert "follows the last one" in refuses(lambda: Bulletin.objects.create(**given | wrong))
    Bulletin.objects.create(**given)


def test_the_webs_own_role_may_add_but_not_change(counted, as_web):
    as_web.execute("SELECT has_table_privilege('publication_bulletin', 'UPDATE')")
    assert as_web.fetchone() == (False,)
