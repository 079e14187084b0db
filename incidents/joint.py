"""Joint tasks (吹哨报到): a street calls departments to a place, each says when it came, the street
rates each. Nothing here moves a case."""

from django.db import transaction
from django.utils.translation import gettext as _

from grids.backends import posts_with
from grids.models import Area
from incidents import notices
from incidents.facts import BadFacts, Conflict, Forbidden
from incidents.models import JointCall, JointTask
from lib import now as clock
from lib.lights import light_of
from staff.models import Unit

# Departments and companies answer for a subject; areas are called through their own ladder.
CALLED_KINDS = (Unit.Kind.DEPARTMENT, Unit.Kind.COMPANY)
WORST_FIRST = ("red", "yellow", "green", "done")


def caller_of(user):
    """(unit, area) of the street in whose name a member may call, or None: the street office's
    handlers and its leader, and the leaders of the areas above."""
    for post in posts_with(user, "incidents.add_jointtask"):
        if post.area_id and post.area.level in ("street", "district"):
            if post.area.unit is not None:
                return post.area.unit, post.area
        elif post.unit_id and post.unit.kind == Unit.Kind.STREET:
            area = Area.objects.filter(unit=post.unit_id, level="street").first()
            if area is not None:
                return post.unit, area
    return None


def departments_of(city_id):
    """The units of a city that may be called."""
    return Unit.objects.filter(city=city_id, kind__in=CALLED_KINDS).in_work()


@transaction.atomic
def call(by, *, units, due_at, subject, place, case=None, point=None):
    """Call departments to a place by a time; returns the JointTask.

    Forbidden for whoever is no street's; BadFacts for no department or a time that is past."""
    calling = caller_of(by)
    if calling is None:
        raise Forbidden(_("Only a street office calls departments."))
    wrong = {}
    if not units:
        wrong["units"] = [_("Call at least one department.")]
    if due_at <= clock.now():
        wrong["due_at"] = [_("The arrival must lie ahead.")]
    if wrong:
        raise BadFacts(wrong)
    unit, area = calling
    task = JointTask.objects.create(
        city_id=area.city_id,
        caller=unit,
        area=area,
        case=case,
        subject=subject,
        place=place,
        point=point,
        called_by=by,
        called_at=clock.now(),
    )
    JointCall.objects.bulk_create(
        [JointCall(task=task, unit=each, due_at=due_at) for each in units]
    )
    notices.tell_called(task, [each.pk for each in units])
    return task


def may_arrive(call, user):
    """True for the called department's own members while it has not come."""
    if call.arrived_at or call.rated_at or call.task.called_off_at:
        return False
    own = posts_with(user, "incidents.change_jointcall")
    return call.unit_id in {post.unit_id for post in own if post.unit_id}


def may_rate(call, user):
    """True for the calling street once a department has come, or was due."""
    if call.rated_at or call.task.called_off_at:
        return False
    if call.arrived_at is None and clock.now() <= call.due_at:
        return False
    return is_caller(call.task, user)


def is_caller(task, user):
    """True if a member may speak for the street that called."""
    calling = caller_of(user)
    return calling is not None and calling[0].pk == task.caller_id


def _locked(call_id):
    return JointCall.objects.select_for_update(of=("self",)).select_related("task").get(pk=call_id)


@transaction.atomic
def arrive(call, by, *, position=None):
    """The department is at the place: the time of now, and where the phone says it is."""
    call = _locked(call.pk)
    if call.arrived_at:
        raise Conflict(
            _("The arrival was said already."), who=call.arrived_by, when=call.arrived_at
        )
    if not may_arrive(call, by):
        raise Forbidden(_("Only the called department says that it has come."))
    call.arrived_at, call.arrived_by, call.position = clock.now(), by, position
    call.save(update_fields=["arrived_at", "arrived_by", "position"])
    return call


@transaction.atomic
def rate(call, by, *, rating, words=""):
    """The street rates a department, 1 to 5, once; a poor rating (1 or 2) says why."""
    call = _locked(call.pk)
    if call.rated_at:
        raise Conflict(
            _("This department was rated already."), who=call.rated_by, when=call.rated_at
        )
    if not may_rate(call, by):
        raise Forbidden(_("The street rates a department that has come or was due."))
    if rating not in range(1, 6):
        raise BadFacts({"rating": [_("A rating is 1 to 5.")]})
    if rating <= 2 and not words.strip():
        raise BadFacts({"words": [_("Say why the rating is this low.")]})
    call.rating, call.words, call.rated_at, call.rated_by = rating, words, clock.now(), by
    call.save(update_fields=["rating", "words", "rated_at", "rated_by"])
    return call


@transaction.atomic
def call_off(task, by):
    """The street needs nobody any more; what was said stays."""
    task = JointTask.objects.select_for_update().get(pk=task.pk)
    if not is_caller(task, by):
        raise Forbidden(_("Only the street that called may call it off."))
    if task.called_off_at is None:
        task.called_off_at = clock.now()
        task.save(update_fields=["called_off_at"])
        on_the_way = task.calls.filter(arrived_at__isnull=True)
        notices.tell_called_off(task, list(on_the_way.values_list("unit", flat=True)))
    return task


# --- lights --------------------------------------------------------------------------------------


def light_of_call(call, moment=None):
    """Green, yellow or red on the way; `done` for who came in time, `red` for who came late."""
    moment = moment or clock.now()
    if call.arrived_at is not None:
        return "done" if call.arrived_at <= call.due_at else "red"
    if call.task.called_off_at is not None:
        return "done"
    return light_of(call.task.called_at, call.due_at, moment)


def show_lights(tasks, moment=None):
    """Put `light` on every call and the worst of them on every task, whose `calls` are prefetched
    with their units. Returns the list."""
    tasks = list(tasks)
    for task in tasks:
        task.shown = list(task.calls.all())
        for each in task.shown:
            each.task = task
            each.light = light_of_call(each, moment)
        waits = [each for each in task.shown if each.rated_at is None]
        task.is_over = task.called_off_at is not None or not waits
        task.light = min((c.light for c in task.shown), key=WORST_FIRST.index, default="done")
        task.came = sum(1 for each in task.shown if each.arrived_at)
    return tasks
