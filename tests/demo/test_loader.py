"""The demo city in the database: complete, staffed, and the same after a second load."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.contrib.gis.geos import Point
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from demo import accounts, catalogue, loader, matrix
from demo.cast import give_accounts
from demo.generator import generate, load_profile
from demo.staffing import CAST
from grids.coverage import containing
from grids.models import (
    Area,
    AreaVersion,
    Component,
    Crossing,
    DutyGrid,
    DutyGridMember,
    Post,
    Roster,
)
from incidents import routing, workflow
from incidents.models import Category, Condition, MatrixRow
from lib import now, worktime
from staff import roles
from staff.models import City, Member, Unit
from tests.cast import photo_of

pytestmark = pytest.mark.django_db
CENTRES = ("supervision", "command")


@pytest.fixture(scope="module")
def plan():
    return generate(load_profile("yizhang"), 1)


@pytest.fixture(scope="module")
def city(plan, django_db_setup, django_db_blocker):
    """Yizhang, loaded once for this file and gone after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        city, is_new = loader.load("yizhang", lambda: plan)
        assert is_new
        yield city
        transaction.set_rollback(True)


@pytest.fixture
def home(settings, tmp_path):
    """A state directory of its own, in demo mode."""
    settings.HOME, settings.DEMO = tmp_path, True
    return tmp_path


def place_of(grid):
    """What routing asks of a case, for one that lies in a unit grid."""
    community, street = grid.parent, grid.parent.parent
    return {
        "city": grid.city,
        "city_id": grid.city_id,
        "grid_id": grid.pk,
        "community_id": community.pk,
        "street_id": street.pk,
        "district_id": street.parent_id,
    }


def step_aside():
    """Let what is loaded bear other names, so that the same city can be loaded beside it."""
    City.objects.filter(slug="yizhang").update(slug="other", number_prefix="OT")
    Member.objects.exclude(username__in=catalogue.WITHOUT_PASSWORD).update(
        username=Concat(Value("old-"), "username")
    )


def counts():
    models = (Area, AreaVersion, DutyGrid, Member, Post, Roster, Unit, MatrixRow, Component)
    return {model.__name__: model.objects.count() for model in models}


# --- the catalogue -------------------------------------------------------------------------------


def test_the_catalogue_is_complete_and_loading_it_again_adds_nothing():
    catalogue.load()
    assert Category.objects.filter(city=None).count() == 181
    assert Condition.objects.filter(category__city=None).count() == 515
    assert catalogue.load() == {"categories": 0, "conditions": 0, "formulas": 0, "members": 0}


def test_what_a_city_edited_in_the_catalogue_stays():
    catalogue.load()
    Category.objects.filter(code="E-01-13").update(name_en="Potholes", is_active=False)
    catalogue.load()
    assert Category.objects.get(code="E-01-13").name_en == "Potholes"


def test_the_system_and_the_public_have_no_password():
    catalogue.load()
    for name in ("system", "public"):
        assert not Member.objects.get(username=name).has_usable_password()


# --- the map -------------------------------------------------------------------------------------


def test_every_area_of_the_plan_is_there_with_one_border(city, plan):
    assert Counter(Area.objects.filter(city=city).values_list("level", flat=True)) == {
        "city": 1,
        "district": 1,
        "street": len(plan.streets),
        "community": 4,
        "grid": len(plan.grids),
    }
    borders = AreaVersion.objects.on(city.today()).filter(area__city=city)
    assert borders.count() == Area.objects.filter(city=city).count()
    assert all(border.geometry.valid for border in borders)


def test_every_unit_grid_is_in_one_duty_grid_of_its_community(city, plan):
    rows = (
        DutyGridMember.objects.on(city.today())
        .filter(grid__city=city)
        .select_related("duty_grid", "grid")
    )
    assert Counter(row.grid.code for row in rows) == Counter(grid.code for grid in plan.grids)
    assert all(row.duty_grid.community_id == row.grid.parent_id for row in rows)
    assert DutyGrid.objects.filter(community__city=city).count() == 24


def test_the_map_says_that_it_is_invented(city, plan):
    assert plan.notice.zh in city.invented and plan.notice.en in city.invented


def test_crossings_lie_on_both_of_their_roads(city):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM grids_crossing c WHERE city_id = %s AND (one = other OR EXISTS ("
            " SELECT 1 FROM unnest(ARRAY[c.one, c.other]) AS n(name) WHERE NOT EXISTS ("
            "  SELECT 1 FROM grids_road r WHERE r.city_id = c.city_id AND r.name = n.name"
            "   AND ST_DWithin(r.line, c.point, 1e-6))))",
            [city.pk],
        )
        assert cursor.fetchone() == (0,)
    assert Crossing.objects.filter(city=city).count() > 10


def test_components_lie_in_their_grid_and_someone_is_in_charge(city, plan):
    found = Component.objects.filter(city=city)
    assert found.count() == len(plan.components)
    assert not found.filter(in_charge=None).exists()
    inside = found.filter(grid__versions__geometry__covers=F("point"))
    assert inside.count() == found.count()


# --- calendars -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day, is_workday", [("2026-02-28", True), ("2026-10-01", False), ("2024-02-04", True)]
)
def test_the_office_knows_the_national_days(city, day, is_workday):
    version = city.calendar.current()
    assert version.exceptions[day] is is_workday
    assert version.known_until.isoformat() == "2026-12-31"


def test_one_work_day_before_the_national_holiday_is_due_after_it(city):
    office = city.calendar.current().worktime()
    start = datetime(2026, 9, 30, 1, 0, tzinfo=UTC)
    due = worktime.due_at(start, worktime.Limit(1, worktime.WORK_DAY), office)
    assert due == datetime(2026, 10, 8, 1, 0, tzinfo=UTC)


# --- the matrix ----------------------------------------------------------------------------------


def test_the_matrix_has_no_holes(city):
    assert routing.holes(city) == []


def test_every_level_and_every_width_wins_somewhere(city):
    wins, whats = Counter(), Counter()
    answers = all_answers(city)
    grids = Area.objects.filter(city=city, level="grid").select_related(
        "parent__parent__parent__parent"
    )
    for category in Category.objects.of_city(city):
        for grid in grids:
            row = answers.row(category, grid)
            wins[row.area.level] += 1
            whats["subclass" if row.category_id else "class" if row.class_code else "kind"] += 1
    assert set(wins) == {"city", "district", "street", "community", "grid"}
    assert set(whats) == {"subclass", "class", "kind"}


def all_answers(city):
    rows = MatrixRow.objects.filter(city=city).select_related("area", "lead", "category")
    return matrix.Answers((row, ()) for row in rows)


def test_the_answers_in_memory_are_those_of_routing(city):
    answers = all_answers(city)
    grids = Area.objects.filter(city=city, level="grid").select_related(
        "parent__parent__parent__parent"
    )
    for category in Category.objects.of_city(city):
        for grid in grids[:: len(grids) // 2]:
            case = SimpleNamespace(category=category, category_id=category.pk, **place_of(grid))
            assert routing.route(case).row == answers.row(category, grid)


def test_components_go_to_departments_and_streets_lead_events(city):
    leads = MatrixRow.objects.filter(city=city, area__level="street")
    kinds = {
        kind: set(leads.filter(kind=kind).values_list("lead__kind", flat=True))
        for kind in ("component", "event")
    }
    assert kinds == {"component": {"department", "company"}, "event": {"street"}}


# --- people --------------------------------------------------------------------------------------


def test_every_duty_grid_has_workers_and_a_head(city, plan):
    workers = Post.objects.filter(city=city, role="worker", duty_grid__isnull=False)
    assert Counter(workers.values_list("duty_grid__code", flat=True)) == Counter(
        {duty.code: duty.workers for duty in plan.duty_grids}
    )
    assert workers.values("member").distinct().count() == 36
    heads = Post.objects.filter(city=city, role="grid_head")
    assert set(Counter(heads.values_list("duty_grid", flat=True)).values()) == {1}
    assert heads.count() == 24


def test_every_community_and_street_has_a_supervisor_and_a_deputy(city):
    for area in Area.objects.filter(city=city, level__in=("street", "community")):
        pair = {post.member_id: post.deputy_id for post in area.posts.filter(role="supervisor")}
        assert len(pair) == 2 and {pair[m] for m in pair} == set(pair)


def test_every_unit_has_a_leader_and_every_handling_unit_a_handler(city):
    for unit in Unit.objects.filter(city=city):
        held = Counter(Post.objects.filter(unit=unit).values_list("role", flat=True))
        assert held["leader"] == 1
        assert (held["handler"] > 0) is (unit.kind not in CENTRES)


def test_every_area_above_the_grid_has_a_leader(city):
    led = Post.objects.filter(city=city, role="leader", area__isnull=False)
    assert set(led.values_list("area", flat=True)) == set(
        Area.objects.filter(city=city).exclude(level="grid").values_list("pk", flat=True)
    )


def test_two_workers_are_on_duty_in_every_community_in_patrol_hours(city):
    rosters = list(Roster.objects.filter(area__city=city, area__level="community"))
    for area in Area.objects.filter(city=city, level="community"):
        own = [row for row in rosters if row.area_id == area.pk]
        for day in range(1, 8):
            for minute in range(7 * 60, 21 * 60, 30):
                there = {
                    row.post_id
                    for row in own
                    if day in row.weekdays and row.from_minute <= minute < row.until_minute
                }
                assert len(there) >= 2, (area.code, day, minute)


def test_every_street_has_its_duty_worker_at_night(city):
    for area in Area.objects.filter(city=city, level="street"):
        hours = Roster.objects.filter(area=area, post__role="worker", post__area=area)
        assert sorted((row.from_minute, row.until_minute) for row in hours) == [
            (0, 420),
            (1260, 1440),
        ]


def test_every_post_names_a_deputy_who_is_somebody_else(city):
    for post in Post.objects.filter(city=city):
        assert post.deputy_id not in (None, post.member_id), str(post)


def test_nobody_holds_posts_that_exclude_one_another(city):
    held = {}
    for member, role in Post.objects.filter(city=city).values_list("member", "role"):
        held.setdefault(member, set()).add(role)
    for pair in roles.exclusions():
        assert not [
            member for member, those in held.items() if set(pair) <= those and pair[0] != pair[1]
        ]


def test_nobody_invented_bears_the_same_name_or_a_password(city):
    people = Member.objects.filter(pk__in=Post.objects.filter(city=city).values("member"))
    assert len({member.name for member in people}) == len(people)
    assert not any(member.has_usable_password() for member in people)


# --- again, and halfway --------------------------------------------------------------------------


def test_loading_again_changes_nothing_and_draws_no_map(city):
    before = counts()
    again, is_new = loader.load("yizhang", lambda: pytest.fail("the map was drawn again"))
    assert (again, is_new) == (city, False)
    assert counts() == before


def test_the_command_leaves_a_city_that_is_there_alone(city, home, capsys):
    before = counts()
    call_command("load_demo", profile="yizhang", seed=7)
    assert counts() == before
    assert "city is there already" in capsys.readouterr().out
    assert (home / accounts.FILE).exists()


def test_a_load_that_dies_halfway_leaves_nothing(plan):
    def die_last(part):
        if part == "components":
            raise KeyboardInterrupt

    catalogue.load()
    step_aside()
    before = counts()
    with pytest.raises(KeyboardInterrupt):
        loader.load("yizhang", lambda: plan, say=die_last)
    assert counts() == before
    assert not City.objects.filter(slug="yizhang").exists()


def test_the_same_seed_makes_the_same_people(city, plan):
    names = dict(Post.objects.filter(city=city).values_list("member__username", "member__name"))
    step_aside()
    again, _is_new = loader.load("yizhang", lambda: plan)
    assert names == dict(
        Post.objects.filter(city=again).values_list("member__username", "member__name")
    )


# --- the cast ------------------------------------------------------------------------------------


def test_the_cast_can_sign_in_and_the_file_is_nobody_elses_to_read(city, home):
    given = give_accounts(city)
    file = home / accounts.FILE
    assert tuple(given) == CAST
    assert json.loads(file.read_text()) == given
    assert file.stat().st_mode & 0o777 == 0o600
    assert given["leader"]["area"] == Area.objects.get(city=city, level="city").code
    for name, account in given.items():
        member = Member.objects.get(username=name)
        assert member.check_password(account["password"])
        assert Post.objects.filter(member=member, role=account["role"]).exists()


def test_running_again_keeps_the_passwords(city, home):
    assert give_accounts(city) == give_accounts(city)


def test_a_new_database_takes_the_passwords_that_are_in_the_file(city, home):
    given = give_accounts(city)
    for member in Member.objects.filter(username__in=CAST):
        member.set_unusable_password()
        member.save()
    assert give_accounts(city) == given
    assert Member.objects.get(username="chief").check_password(given["chief"]["password"])


def test_outside_demo_mode_there_are_no_accounts(city, home, settings):
    settings.DEMO = False
    assert give_accounts(city) == {}
    assert not (home / accounts.FILE).exists()


def test_the_cast_meets_well_inside_a_grid_of_its_worker(city, home):
    account = give_accounts(city)["worker"]
    point = Point(account["longitude"], account["latitude"], srid=4326)
    place = containing(point, city)
    worker = Post.objects.get(member__username="worker")
    assert place.duty_grid == worker.duty_grid
    assert place.community.code == account["area"]
    assert place.on_border == []
    near = AreaVersion.objects.near(point, "grid", 20, city.today())
    assert [version.area_id for version in near] == [place.grid.pk]


def test_the_cast_alone_answers_for_every_category_in_its_duty_grid(city):
    worker = Post.objects.get(member__username="worker")
    assert worker.duty_grid.posts.filter(role="worker").count() == 1
    own = set(Post.objects.filter(member__username="handler").values_list("unit", flat=True))
    supervisor = Post.objects.get(member__username="supervisor")
    assert supervisor.area_id == worker.duty_grid.community_id
    grids = worker.duty_grid.grids.select_related("grid__parent__parent__parent")
    for row in grids.filter(pk__in=[grids.first().pk, grids.last().pk]):
        for category in Category.objects.of_city(city):
            case = SimpleNamespace(category=category, category_id=category.pk, **place_of(row.grid))
            lead = routing.route(case).lead
            assert lead.pk in own
            assert lead.kind != "community"


def test_the_worker_of_the_cast_is_on_duty_day_and_night(city):
    roster = Roster.objects.get(post__member__username="worker")
    assert (roster.weekdays, roster.from_minute, roster.until_minute) == (
        [1, 2, 3, 4, 5, 6, 7],
        0,
        1440,
    )


@pytest.mark.parametrize("code", ["C-01-01", "C-01-50", "C-01-24", "E-02-01", "E-04-06", "E-05-02"])
@pytest.mark.parametrize("hour", [1, 15])  # nine in the morning and eleven at night, there
def test_the_cast_alone_takes_a_case_round_the_loop(city, home, code, hour):
    account = give_accounts(city)["worker"]
    point = Point(account["longitude"], account["latitude"], srid=4326)
    start = datetime(2026, 11, 24, hour, tzinfo=UTC)
    conditions = Condition.objects.filter(category__code=code).order_by("-priority", "code")
    with now.at(start):
        play = {member.username: member for member in Member.objects.filter(username__in=CAST)}

        def photo(role):
            made = SimpleNamespace(city=city)
            return [photo_of(play[role], made, at=now.now(), point=point).pk]

        case = workflow.report(
            play["worker"],
            city=city,
            point=point,
            category=code,
            position=point,
            condition=conditions.first().code,
            evidence=photo("worker"),
        )
        steps = [
            ("intake", "ask_confirm", {}),
            ("worker", "confirm", {"found": True, "evidence": photo("worker")}),
            ("intake", "accept", {"category": code}),
            ("chief", "file", {"condition": conditions.first().code}),
            ("dispatcher", "dispatch", {}),
            ("handler", "handle", {"result": "done", "evidence": photo("handler")}),
            ("worker", "verify", {"evidence": photo("worker"), "position": point}),
            ("supervisor", "close", {}),
        ]
        for minutes, (role, move, facts) in enumerate(steps, 1):
            now.set_to(start + timedelta(minutes=minutes))
            if move == "dispatch":
                facts = {"unit": routing.route(case).lead.code}
            case = workflow.move(case, move, play[role], **facts)
    assert case.stage == "closed"


# --- an empty city -------------------------------------------------------------------------------


def test_the_administrator_is_made_once(home, capsys):
    call_command("create_administrator")
    told = capsys.readouterr().out
    password = json.loads((home / accounts.FILE).read_text())["admin"]["password"]
    assert password in told
    admin = Member.objects.get(username="admin")
    assert admin.is_superuser and admin.check_password(password)
    call_command("create_administrator")
    assert Member.objects.get(username="admin").password == admin.password
