"""Every address for people × every role and strangers. A new address without a line here fails.

The API has a table of its own (tests/incidents/test_api_permissions.py), the pages of scores too
(tests/assessment/test_pages.py); the administration asks Django's permissions of each model.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from assessment.models import Progress
from incidents import drawing, evidence, joint, workflow
from incidents.draws import DrawRule
from incidents.models import Evidence, Message, Plan
from lib import now
from publication import publishing
from publication.models import Bulletin, Digest
from staff.roles import ROLES
from tests import cast
from tests.assessment.test_pages import TABLE as SCORES
from tests.incidents import play, post
from tests.incidents.conftest import phone_photo, upload
from tests.publication.conftest import MONDAY, full_day

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 3)


@pytest.fixture
def place(town, settings, tmp_path):
    """The cast's city on the second day, with one of everything that has an address."""
    cache.clear()
    local = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    local["OPTIONS"] = {"location": tmp_path, "base_url": None}
    settings.STORAGES = settings.STORAGES | {"default": local}
    settings.MEDIA_ROOT = tmp_path
    DrawRule.objects.create(city=town.city, share=100)
    town.ended = play.closed(town)
    drawing.seal_ahead(town.city)
    Progress.objects.create(city=town.city, rolled_at=now.now() + timedelta(days=400))
    publishing.open_schedule(town.city, MONDAY)
    full_day(town, MONDAY)
    publishing.publish_due(town.city)
    town.late = play.dispatched(town, town.urgent)
    now.set_to(cast.MORNING + timedelta(days=1))
    drawing.draw_due(town.city)
    drawing.seal_ahead(town.city)
    town.late = play.handle(town, town.late.number)
    town.late = workflow.move(play.verify(town, town.late), "close", town.supervisor)
    town.waiting, town.case = play.verified(town), _case(town)
    town.photo = Evidence.objects.get(case=town.case)
    town.plan = _plan(town)
    town.task = joint.call(
        town.street_handler,
        units=[town.water],
        due_at=now.now() + timedelta(minutes=30),
        subject="x",
        place="y",
    )
    town.digest = Digest.objects.create(
        city=town.city,
        period="2026-02",
        language="en",
        version=1,
        made_by=town.leader,
        asked_at=now.now(),
        state="done",
        paper=ContentFile(b"%PDF-1.7", name="x.pdf"),
    )
    post.told()
    return town


def _case(town):
    """A case with the water bureau, whose photo has a file behind it."""
    photo = evidence.take_in(upload(phone_photo()), town.worker, city=town.city)
    case = workflow.report(
        town.worker,
        city=town.city,
        point=town.inside,
        evidence=[photo.pk],
        category=town.rubbish.code,
    )
    workflow.move(case, "accept", town.intake, category=town.rubbish.code)
    workflow.move(case, "file", town.chief, condition=town.quick.code)
    return workflow.move(case, "dispatch", town.dispatcher, unit="WATER")


def _plan(town):
    return Plan.objects.create(
        city=town.city,
        made_by=town.leader,
        made_at=now.now(),
        name="x",
        area=town.street,
        unit=town.street_office,
        category=town.rubbish,
        target=2,
        starts=DAY,
        ends=DAY + timedelta(days=9),
    )


# --- the table -----------------------------------------------------------------------------------

CENTRES = {"intake", "chief", "dispatcher", "adjudicator"}
LEADERS = {"leader", "water_leader"}
SUPERVISORS = {"supervisor", "street_supervisor"}
UNIT = {"handler", "water_leader"}
# Of other units and another community: the case of the table is none of theirs.
STRANGERS = {"far_worker", "gardener", "street_handler"}
PEOPLE = {"secadmin", "auditor"}  # administrators of people see no case
SEES = CENTRES | LEADERS | SUPERVISORS | UNIT | {"worker", "grid_head", "assessor", "sysadmin"}
EVERYBODY = SEES | STRANGERS | PEOPLE
WORKERS = {"worker", "far_worker", "grid_head"}
REPORTS = {"worker", "far_worker", "intake"}
OVERSEES = CENTRES | LEADERS | SUPERVISORS | {"assessor", "sysadmin"}
DIGESTS = LEADERS | {"assessor"}
ANYBODY = EVERYBODY | {"nobody"}
OK, EMPTY, MOVED, UNKNOWN, FORBIDDEN, HIDDEN, CONFLICT, WRONG = (
    200, 204, 302, 401, 403, 404, 409, 422
)  # fmt: skip
STALE = {"move": "void", "version": 1, "reason": "x"}
HERE = {"longitude": 113.9005, "latitude": 30.9005}


@dataclass(frozen=True)
class Line:
    """What an address answers: `by` names the roles of each status, all others get `others`, who is
    not signed in `nobody`. `args` are asked of the city, `sent` goes along."""

    by: dict
    others: int = FORBIDDEN
    nobody: int = MOVED
    args: object = None
    sent: dict = field(default_factory=dict)

    def expected(self, role):
        if role == "nobody" and not any("nobody" in roles for roles in self.by.values()):
            return self.nobody
        return next((status for status, roles in self.by.items() if role in roles), self.others)


def line(roles, others=FORBIDDEN, ok=OK, args=None, sent=None, **more):
    return Line({ok: roles}, others, args=args, sent=sent or {}, **more)


def of_case(town):
    return [town.case.number]


def of_waiting(town):
    return [town.waiting.number]


def of_late(town):
    return [town.late.number]


def of_photo(town):
    return [town.case.number, town.photo.pk, "shown"]


def of_day(town):
    return [DAY]


def of_monday(town):
    return [MONDAY]


def of_calendar(town):
    return [town.city.calendar_id]


def of_plan(town):
    return [town.plan.pk]


def of_task(town):
    return [town.task.pk]


def of_notice(town):
    return [Message.objects.filter(member=town.handler, channel="page").first().key]


def of_bulletin(town):
    return [Bulletin.objects.get().number]


def of_digest(town):
    return [town.digest.pk]


def of_paper(town):
    return [town.digest.pk, "pdf"]


def of_tile(town):
    return [14, 13376, 6720]


def of_base_tile(town):
    return ["base", *of_tile(town)]


PAGE = line(EVERYBODY)
OPEN = line(ANYBODY)
OF_CASE = line(SEES, HIDDEN, args=of_case)
MOVES_IT = Line({CONFLICT: {"chief"}, FORBIDDEN: SEES}, HIDDEN, args=of_case, sent=STALE)
SEALED = line({"assessor", "auditor"})
REPORTING = line(REPORTS)
CALENDAR = line({"sysadmin"}, args=of_calendar)
PLANS = line({"leader", "water_leader", "sysadmin"})
READS_PLAN = CENTRES | {"street_handler", "street_supervisor", "leader", "assessor", "sysadmin"}
EDITS_PLAN = Line({OK: {"leader", "sysadmin"}, FORBIDDEN: READS_PLAN}, HIDDEN, args=of_plan)
READS_TASK = CENTRES | UNIT | {"street_handler", "street_supervisor", "leader", "assessor"}
READS_TASK |= {"sysadmin"}

TABLE = {
    "entry": OPEN,
    "enter_demo post": line(set(), HIDDEN, nobody=HIDDEN),  # this is no demonstration
    "leave post": line(ANYBODY, ok=MOVED),
    "fill": OPEN,
    "start": line(ANYBODY, ok=MOVED),
    "set_language post": line(ANYBODY, ok=MOVED, sent={"language": "en"}),
    "favicon.ico": line(ANYBODY, ok=MOVED),
    "board": PAGE,
    "board_rows": PAGE,
    "board_bulk post": line(EVERYBODY, sent={"move": "void"}),
    "board_preview": OF_CASE,
    "board_move": OF_CASE,
    "board_move post": MOVES_IT,
    "live": line(EVERYBODY, nobody=UNKNOWN),
    "live_notices": line(EVERYBODY, nobody=UNKNOWN),
    "notices": PAGE,
    "notices_read post": line(EVERYBODY, ok=MOVED),
    "bell": PAGE,
    "notice_settings": PAGE,
    "notice_settings post": PAGE,
    "push_device post": line(EVERYBODY, ok=WRONG),
    "push_forget post": line(EVERYBODY, ok=MOVED),
    "push_worker": OPEN,
    "undelivered": line({"sysadmin"}),
    "undelivered post": line({"sysadmin"}, ok=MOVED),
    "notice": line({"handler"}, HIDDEN, ok=MOVED, args=of_notice),
    "approvals": Line({OK: {"street_supervisor"}, MOVED: {"supervisor"}}),
    "approval_done": line(SUPERVISORS),
    "approval": Line({OK: {"supervisor"}, MOVED: {"street_supervisor"}}, args=of_waiting),
    "approval post": line(
        SUPERVISORS, ok=WRONG, args=of_waiting, sent={"move": "send_back", "version": 0}
    ),
    "appeals": line(EVERYBODY - WORKERS - PEOPLE),
    "appeal": Line({OK: {"handler"}, FORBIDDEN: WORKERS | PEOPLE}, HIDDEN, args=of_late),
    "appeal post": Line(
        {WRONG: {"handler"}, FORBIDDEN: WORKERS | PEOPLE},
        HIDDEN,
        args=of_late,
        sent={"move": "appeal"},
    ),
    "spot_checks": SEALED,
    "spot_check_rule": line({"assessor"}),
    "spot_check_rule post": line({"assessor"}, ok=WRONG),
    "spot_check_script": SEALED,
    "spot_check_day": line({"assessor", "auditor"}, args=of_day),
    "spot_check_export": line({"assessor", "auditor"}, args=of_day),
    "report_case": REPORTING,
    "report_case post": line(REPORTS, ok=WRONG),
    "upload post": line(REPORTS, ok=WRONG),
    "places": REPORTING,
    "here": line(REPORTS, sent=HERE),
    "categories": REPORTING,
    "conditions": REPORTING,
    "similar": REPORTING,
    "report_sent": Line({OK: {"worker", "intake"}, HIDDEN: {"far_worker"}}, args=of_case),
    "calendars": line({"sysadmin"}, ok=MOVED),
    "calendar": CALENDAR,
    "calendar_edit": CALENDAR,
    "calendar_edit post": CALENDAR,
    "cases": PAGE,
    "case": OF_CASE,
    "case_move": OF_CASE,
    "case_move post": MOVES_IT,
    "unmask": Line({FORBIDDEN: UNIT, OK: SEES}, HIDDEN, args=of_case),
    "unmask post": Line(
        {OK: {"intake", "chief", "dispatcher"}, FORBIDDEN: SEES},
        HIDDEN,
        args=of_case,
        sent={"reason": "because"},
    ),
    "case_related": OF_CASE,
    "case_print": OF_CASE,
    "case_photo": line(SEES, HIDDEN, args=of_photo),
    "time": line(OVERSEES),
    "ladder": line(OVERSEES),
    "warnings": line(EVERYBODY - PEOPLE),
    "orders": line(EVERYBODY - PEOPLE),
    "plans": line(EVERYBODY - PEOPLE - WORKERS),
    "plan_new": PLANS,
    "plan_new post": PLANS,
    "plan": Line({OK: READS_PLAN, FORBIDDEN: WORKERS | PEOPLE}, HIDDEN, args=of_plan),
    "plan_edit": EDITS_PLAN,
    "plan_edit post": EDITS_PLAN,
    "joint": line(EVERYBODY - PEOPLE - WORKERS),
    "joint_new": line({"street_handler"}),
    "joint_new post": line({"street_handler"}),
    "joint_task": Line({OK: READS_TASK, FORBIDDEN: WORKERS | PEOPLE}, HIDDEN, args=of_task),
    "joint_say post": Line(
        {FORBIDDEN: READS_TASK | WORKERS | PEOPLE}, HIDDEN, args=of_task, sent={"say": "x"}
    ),
    "duty": line({"intake", "chief", "dispatcher"}),
    "map": line(EVERYBODY - PEOPLE),
    "map_table": line(EVERYBODY - PEOPLE),
    "case_tile": line(EVERYBODY - PEOPLE, ok=EMPTY, nobody=FORBIDDEN, args=of_tile),
    "tile": line(EVERYBODY - {"auditor"}, ok=EMPTY, nobody=FORBIDDEN, args=of_base_tile),
    "bulletin": OPEN,
    "bulletin_day": line(ANYBODY, args=of_monday),
    "bulletin_archive": OPEN,
    "bulletin_month": line(ANYBODY, args=of_monday),
    "bulletin_data": OPEN,
    "bulletin_en": OPEN,
    "bulletin_day_en": line(ANYBODY, args=of_monday),
    "bulletin_archive_en": OPEN,
    "bulletin_month_en": line(ANYBODY, args=of_monday),
    "bulletin_data_en": OPEN,
    "bulletin_home": line(ANYBODY, ok=MOVED),
    "bulletin_index": OPEN,
    "bulletin_json": line(ANYBODY, args=of_bulletin),
    "bulletin_csv": line(ANYBODY, args=of_bulletin),
    "bulletin_verifier": OPEN,
    "digests": line(DIGESTS),
    "digest_ask post": line(DIGESTS, ok=MOVED),
    "digest_row": line(DIGESTS, args=of_digest),
    "digest_file": line(DIGESTS, args=of_paper),
    "health": line(LEADERS | {"sysadmin"}),
    "admin:index": PAGE,
}
UNNAMED = {"favicon.ico": "/favicon.ico"}
# What it answers depends on which processes run (tests/infra/test_health.py).
ELSEWHERE = {"healthz"}


def test_every_address_has_its_line():
    named = set(names_of(get_resolver().url_patterns))
    lines = {key.partition(" ")[0] for key in TABLE} - {"admin:index"}
    assert named == lines | set(SCORES) | ELSEWHERE


def names_of(patterns):
    """The names of all addresses but those of API and administration."""
    for entry in patterns:
        if not isinstance(entry, URLResolver):
            yield entry.name or str(entry.pattern)
        elif str(entry.pattern) not in ("api/", "admin/"):
            yield from names_of(entry.url_patterns)


def test_the_table_speaks_of_every_role():
    assert {ROLE_OF[name] for name in EVERYBODY} == set(ROLES) - {"building_head"}


ROLE_OF = {name: role for name, role, _place in cast.ACCOUNTS}
# In parts, which may run beside each other.
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_every_address_for_every_role(place, part):
    clients = {name: signed_in(getattr(place, name)) for name in EVERYBODY}
    clients["nobody"] = signed_in(None)
    wrong = {}
    for key, expected in list(TABLE.items())[part::PARTS]:
        path, method = path_of(place, key), key.partition(" ")[2] or "get"
        for name, client in clients.items():
            got = status_of(client, method, path, expected.sent)
            if got != expected.expected(name):
                wrong[key, name] = got, expected.expected(name)
    assert not wrong


def path_of(place, key):
    name = key.partition(" ")[0]
    args = TABLE[key].args
    return UNNAMED.get(name) or reverse(name, args=args(place) if args else ())


def status_of(client, method, path, sent):
    """The status of one request; what it did, also to the client's session, is undone."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        answer = getattr(client, method)(path, sent)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer.status_code


def signed_in(member):
    client = Client(headers={"Accept-Language": "en"}, raise_request_exception=False)
    if member is not None:
        client.force_login(
            type(member).objects.get(pk=member.pk), backend="grids.backends.PostBackend"
        )
    return client


def test_nobody_opens_a_page_of_scores_without_signing_in(town):
    for name, (method, args, sent, _roles, _others) in SCORES.items():
        args = [str(arg).replace("{worker}", str(town.worker.pk)) for arg in args]
        answer = getattr(signed_in(None), method)(reverse(name, args=args), sent)
        assert answer.status_code == MOVED, name
        assert "/?next=" in answer["Location"] or answer["Location"].startswith("/?"), name
