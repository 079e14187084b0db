"""What a simulated city undertakes beside the loop: streets call departments to a place, who come
and are rated, and campaigns count down."""

import random
from datetime import timedelta

from demo.wording import CAMPAIGNS
from grids.models import Area
from incidents import joint
from incidents.facts import Refused
from incidents.models import JointCall, Milestone, Plan
from lib import now as clock

UNPUNCTUAL, ABSENT = 0.18, 0.06  # shares of the called departments
# Days before and after today on which a campaign begins and ends, and its milestones as
# {per cent: share of the time}; the last kind has none and no target.
SPANS = ((21, 9), (12, 18), (5, 25), (26, 4))
MILESTONES = {30: 0.35, 60: 0.65, 85: 0.85}
TARGET_SHARE = 0.8  # of what is usually reported in the time: enough is closed by its end


def call(case, people, rng):
    """The street calls the department that has a case and one or two others to the place; what
    comes of it `carry_on` plays. Always None: the case itself goes on."""
    by = people.at("leader", f"a{case.street_id}", rng)
    lead = people.unit(case.unit_id)
    others = people.departments(besides=case.unit_id)
    units = rng.sample(others, min(len(others), rng.choice((1, 2, 2))))
    if lead.kind in joint.CALLED_KINDS:
        units.insert(0, lead)
    if not people.may_act(by) or not units:
        return
    joint.call(
        people.ready(by),
        units=units,
        due_at=clock.now() + timedelta(minutes=rng.choice((40, 60, 90, 120))),
        subject=people.say("joint", rng).format(case.category.name_zh),
        place=case.place,
        case=case,
        point=case.point,
    )


def carry_on(city, people, until):
    """Departments that were called come, most in time; each is rated when it has come or should
    have. Each call has random numbers of its own, so that later runs agree."""
    waiting = JointCall.objects.filter(
        task__city=city, task__called_off_at__isnull=True, rated_at__isnull=True
    )
    for each in waiting.select_related("task", "unit").order_by("pk"):
        # What a person at the demo called, its own people see through.
        if not people.may_act(each.task.called_by):
            continue
        rng = random.Random(f"{each.task.called_at.isoformat()} {each.unit.code}")
        _arrive(each, people, rng, until)
        _rate(each, people, rng, until)


def _arrive(each, people, rng, until):
    given = each.due_at - each.task.called_at
    share = rng.uniform(1.05, 1.8) if rng.random() < UNPUNCTUAL else rng.uniform(0.3, 0.97)
    at, absent = each.task.called_at + given * share, rng.random() < ABSENT
    by = people.handler(each.unit_id, rng)
    if each.arrived_at is None and not absent and at <= until and by is not None:
        clock.set_to(at)
        each.arrived_at = joint.arrive(each, people.ready(by), position=each.task.point).arrived_at


def _rate(each, people, rng, until):
    late = each.arrived_at is None or each.arrived_at > each.due_at
    rating = rng.choice((1, 2, 3)) if late else rng.choice((3, 4, 4, 5, 5))
    words, pause = people.say("rated_low" if rating < 3 else "rated", rng), rng.uniform(20, 90)
    at = (each.arrived_at or each.due_at + timedelta(hours=1)) + timedelta(minutes=pause)
    if at > until:
        return
    clock.set_to(at)
    try:
        by = people.ready(each.task.called_by)
        joint.rate(each, by, rating=rating, words=words if rating < 4 else "")
    except Refused:  # somebody at the demo was quicker
        return


def begin_plans(city, people, until):
    """Campaigns against what is reported most, once in a city's life."""
    if Plan.objects.filter(city=city).exists():
        return
    rng = random.Random(f"campaigns {city.slug}")
    today = city.local_date(until)
    kinds = people.usual_categories(len(SPANS))
    for number, (span, category) in enumerate(zip(SPANS, kinds, strict=False)):
        area = _area(city, "district" if number % 2 == 0 else "street", rng)
        by = area and people.at("leader", f"a{area.pk}", rng)
        if by is not None:
            _begin_plan(city, people, category, area, by, span, today, number == len(SPANS) - 1)


def _begin_plan(city, people, category, area, by, span, today, is_open_ended):
    before, after = span
    days = before + after + 1
    alike = Area.objects.filter(city=city, level=area.level).count()
    usual = people.reports_a_day() * people.share_of(category) * days / alike
    starts, ends = today - timedelta(days=before), today + timedelta(days=after)
    plan = Plan.objects.create(
        city=city,
        name=CAMPAIGNS["name"].format(category.name_zh),
        goal=CAMPAIGNS["goal"].format(category.name_zh),
        area=area,
        unit=area.unit,
        category=category,
        target=None if is_open_ended else max(2, round(usual * TARGET_SHARE)),
        starts=starts,
        ends=ends,
        made_by=by,
        made_at=clock.now(),
    )
    Milestone.objects.bulk_create(
        Milestone(plan=plan, day=starts + timedelta(days=round(days * part)), percent=percent)
        for percent, part in ({} if is_open_ended else MILESTONES).items()
    )


def _area(city, level, rng):
    found = list(Area.objects.filter(city=city, level=level, unit__isnull=False).order_by("code"))
    return rng.choice(found) if found else None
