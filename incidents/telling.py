"""From what must be told to messages: outbox rows are taken up, and each becomes one message a
person and destination, in one set-based statement and one transaction.

Any number of workers may do it at once, and each of its steps may be repeated: the rows are claimed
with SKIP LOCKED, a message's key follows from its row, person and destination, and the database
holds one message to each. A row that cannot be told is set aside with the reason and never keeps
others waiting.
"""

import logging
import time
import uuid
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from grids.querysets import LocalDate
from incidents.models import Message, Outbox, Plan
from incidents.notices import NOTICES
from incidents.plans import show_progress
from lib import now as clock

log = logging.getLogger(__name__)

BATCH = 500
# A run ends then and the next goes on: it shares its worker with the deadlines.
LONGEST_SECONDS = 2
# What is told later than that, after the machine or the queue was away, is folded into one a
# person; the fold stays open for so long, so that all of it comes in.
LATE = timedelta(minutes=10)
FOLD_OPEN_FOR = timedelta(seconds=60)
# More than so many at one time to one person by one way are folded too.
CROWD = 5
# What another system did before its cases came here is history: nobody is told of it.
HISTORY = timedelta(days=1)
# Marks missed longer ago than that are no news (house rule).
OLD_PLANS = timedelta(days=60)

_CLAIM = """
SELECT id, notice FROM incidents_outbox WHERE told_at IS NULL AND error = ''
 ORDER BY made_at, step_id LIMIT %s FOR UPDATE SKIP LOCKED
"""

# told     what is told, with its city, its case's places, and the area it is told in: the street
#          closes what the community itself handled, or where its supervisors are all parties or
#          absent (as `checks.closings_of` says for one member)
# reports  who reported what has ended, and whatever was merged into it
# people   who is told: by name, or by a post of today in the place that the row names, its deputy
#          too while the holder is absent; where the row names no place, a post that is for an area
#          counts only if the case lies in it
# wants    each person's ways and destinations by the table of notices and their own wishes
# timed    when it goes: digest first, then quiet hours; an urgent case waits for neither
_MAKE = """
WITH RECURSIVE absent AS MATERIALIZED (
    SELECT a.member_id FROM grids_absence a WHERE a.starts_at <= %(now)s AND a.ends_at > %(now)s
), told AS MATERIALIZED (
    SELECT o.id, o.step_id, o.notice, o.made_at, o.to_role, o.to_unit_id, o.to_member_id,
           CASE WHEN o.to_role = 'supervisor' AND o.to_area_id = c.community_id
                 AND (h.unit_id = c.unit_id OR NOT EXISTS (
                     SELECT 1 FROM grids_post p
                      WHERE p.role = 'supervisor' AND p.area_id = o.to_area_id
                        AND p.valid_from <= d.day
                        AND (p.valid_until IS NULL OR p.valid_until > d.day)
                        AND CASE WHEN p.member_id IN (SELECT member_id FROM absent)
                                 THEN p.deputy_id ELSE p.member_id END
                            NOT IN (SELECT member_id FROM absent UNION ALL
                                    VALUES (COALESCE(c.handled_by_id, 0)),
                                           (COALESCE(c.verified_by_id, 0)))))
                THEN c.street_id ELSE o.to_area_id END AS to_area_id,
           CASE WHEN o.to_role IN ('worker', 'grid_head') AND num_nonnulls(
                     o.to_area_id, o.to_unit_id, o.to_duty_grid_id) = 0
                THEN c.duty_grid_id ELSE o.to_duty_grid_id END AS to_duty_grid_id,
           y.id AS city_id, d.day,
           COALESCE(c.priority = 'urgent', false) AS urgent, c.id AS case_id,
           ARRAY[c.grid_id, c.community_id, c.street_id, c.district_id] AS places
      FROM incidents_outbox o
      LEFT JOIN incidents_step s ON s.id = o.step_id
      LEFT JOIN incidents_case c ON c.id = s.case_id
      LEFT JOIN grids_area h ON h.id = c.community_id
      LEFT JOIN incidents_jointtask j ON j.id = o.joint_task_id
      LEFT JOIN incidents_plan l ON l.id = o.plan_id
      JOIN staff_city y ON y.id = COALESCE(c.city_id, j.city_id, l.city_id)
     CROSS JOIN LATERAL (SELECT (%(now)s AT TIME ZONE y.time_zone)::date AS day) d
     WHERE o.id = ANY(%(ids)s)
       AND NOT (COALESCE(c.source, '') = 'import' AND o.made_at < %(history)s)
), reports AS (
    SELECT t.id AS told, c.id AS case_id, c.reported_by_id, c.reporter_id
      FROM told t JOIN incidents_case c ON c.id = t.case_id WHERE t.notice = 'ended'
     UNION
    SELECT r.told, c.id, c.reported_by_id, c.reporter_id
      FROM reports r JOIN incidents_case c ON c.merged_into_id = r.case_id
), people AS (
    SELECT t.id AS told, t.to_member_id AS member FROM told t WHERE t.to_member_id IS NOT NULL
     UNION
    SELECT r.told, r.reported_by_id FROM reports r
      JOIN told t ON t.id = r.told AND t.case_id <> r.case_id
     UNION
    SELECT s.told, r.member_id FROM reports s JOIN incidents_reporter r ON r.id = s.reporter_id
     WHERE r.member_id IS NOT NULL AND r.erased_at IS NULL
     UNION
    SELECT t.id, who.member_id
      FROM told t
      JOIN grids_post p ON p.role = t.to_role AND p.city_id = t.city_id
       AND p.valid_from <= t.day AND (p.valid_until IS NULL OR p.valid_until > t.day)
      JOIN LATERAL (
           SELECT p.member_id UNION ALL
           SELECT p.deputy_id WHERE p.member_id IN (SELECT member_id FROM absent)) who
        ON who.member_id IS NOT NULL
      LEFT JOIN grids_area a ON a.id = p.area_id
     WHERE t.to_member_id IS NULL
       AND (t.to_area_id IS NULL OR p.area_id = t.to_area_id)
       AND (t.to_duty_grid_id IS NULL OR p.duty_grid_id = t.to_duty_grid_id)
       AND (t.to_unit_id IS NULL OR p.unit_id = t.to_unit_id
            OR (p.role = 'leader' AND a.unit_id = t.to_unit_id))
       AND (num_nonnulls(t.to_area_id, t.to_unit_id, t.to_duty_grid_id) > 0
            OR p.area_id IS NULL OR a.level = 'city' OR p.area_id = ANY(t.places))
), wants AS (
    SELECT t.id AS outbox, t.step_id, t.notice, t.made_at, t.urgent, t.city_id, m.id AS member,
           NULL::bigint AS reporter, w.way, d.destination, f.quiet_from, f.quiet_until,
           CASE WHEN w.waits THEN COALESCE(f.digest, '') ELSE '' END AS digest, f.digest_hour,
           y.time_zone
      FROM told t
      JOIN people q ON q.told = t.id
      JOIN staff_member m ON m.id = q.member AND m.is_active
       AND m.username NOT IN ('system', 'public')
      JOIN staff_city y ON y.id = t.city_id
      JOIN unnest(%(notices)s::text[], %(ways)s::text[], %(if_urgent)s::bool[], %(waits)s::bool[])
           AS w (notice, way, if_urgent, waits)
        ON w.notice = t.notice AND (t.urgent OR NOT w.if_urgent)
      LEFT JOIN incidents_preference f ON f.member_id = m.id
     CROSS JOIN LATERAL (
           SELECT '' AS destination
            WHERE w.way = 'page'
               OR w.way = 'email' AND %(email)s AND m.email <> '' AND COALESCE(f.email, true)
            UNION ALL
           SELECT v.id::text FROM incidents_pushdevice v
            WHERE w.way = 'push' AND %(push)s AND v.member_id = m.id AND COALESCE(f.push, true)
            UNION ALL
           SELECT g.id::text FROM incidents_gateway g
            WHERE w.way = 'sms' AND g.city_id = t.city_id AND g.is_active AND m.phone <> ''
              AND COALESCE(f.sms, true)
           ) d
    UNION ALL
    SELECT t.id, t.step_id, t.notice, t.made_at, false, t.city_id, NULL, r.id, 'sms', g.id::text,
           time '21:00', time '08:00', '', NULL, y.time_zone
      FROM told t
      JOIN reports s ON s.told = t.id
      JOIN incidents_reporter r ON r.id = s.reporter_id AND r.member_id IS NULL
       AND r.erased_at IS NULL AND r.phone <> ''
      JOIN incidents_gateway g ON g.city_id = t.city_id AND g.is_active
      JOIN staff_city y ON y.id = t.city_id
), timed AS (
    SELECT w.*, e.goes > b.here AS held,
           CASE WHEN e.goes > b.here THEN e.goes AT TIME ZONE w.time_zone
                ELSE %(now)s END AS send_at,
           e.goes > b.here OR w.made_at < %(late)s
           OR (w.way <> 'page' AND count(*) OVER (
               PARTITION BY w.member, w.way, w.destination, w.urgent) > %(crowd)s) AS many
      FROM wants w
     CROSS JOIN LATERAL (SELECT %(now)s AT TIME ZONE w.time_zone AS here) b
     CROSS JOIN LATERAL (
           SELECT CASE WHEN w.way = 'page' OR w.urgent THEN b.here
                       WHEN w.digest = 'hour' THEN date_trunc('hour', b.here) + interval '1 hour'
                       WHEN w.digest = 'day' THEN date_trunc('day', b.here)
                            + make_interval(hours => w.digest_hour)
                            + CASE WHEN extract(hour FROM b.here) >= w.digest_hour
                                   THEN interval '1 day' ELSE interval '0' END
                       ELSE b.here END AS asked
           ) g
     CROSS JOIN LATERAL (
           SELECT w.way <> 'page' AND NOT w.urgent AND CASE
                  WHEN w.quiet_from < w.quiet_until
                  THEN g.asked::time >= w.quiet_from AND g.asked::time < w.quiet_until
                  WHEN w.quiet_from > w.quiet_until
                  THEN g.asked::time >= w.quiet_from OR g.asked::time < w.quiet_until
                  ELSE false END AS quiet
           ) u
     CROSS JOIN LATERAL (
           SELECT CASE WHEN NOT u.quiet THEN g.asked
                       ELSE date_trunc('day', g.asked) + w.quiet_until
                            + CASE WHEN g.asked::time >= w.quiet_until
                                   THEN interval '1 day' ELSE interval '0' END
                       END AS goes
           ) e
), singles AS (
    INSERT INTO incidents_message (key, city_id, member_id, reporter_id, channel, destination,
           notice, outbox_id, urgent, number_of, collects, made_at, send_at, state, tries, sent_at,
           receipt, error)
    SELECT md5(concat_ws(':', outbox, member, 'r' || reporter, way, destination))::uuid,
           city_id, member, reporter, way, destination, notice, outbox, urgent, 1, false, made_at,
           send_at, CASE way WHEN 'page' THEN 'sent' ELSE 'waiting' END, 0,
           CASE way WHEN 'page' THEN %(now)s END, '{}', ''
      FROM timed WHERE NOT many OR member IS NULL
     ORDER BY member, way, made_at, step_id
    ON CONFLICT DO NOTHING
    RETURNING 1
), folds AS (
    INSERT INTO incidents_message (key, city_id, member_id, channel, destination, notice, urgent,
           number_of, collects, made_at, send_at, state, tries, sent_at, receipt, error)
    SELECT gen_random_uuid(), min(city_id), member, way, destination, 'several', urgent, count(*),
           true, min(made_at),
           min(CASE WHEN held THEN send_at ELSE %(now)s + %(open)s END),
           CASE way WHEN 'page' THEN 'sent' ELSE 'waiting' END, 0,
           CASE way WHEN 'page' THEN %(now)s END, '{}', ''
      FROM timed WHERE many AND member IS NOT NULL
     GROUP BY member, way, destination, urgent
     ORDER BY member, way, destination, urgent
    ON CONFLICT (member_id, channel, destination, urgent) WHERE collects
    DO UPDATE SET number_of = incidents_message.number_of + EXCLUDED.number_of,
           send_at = LEAST(incidents_message.send_at, EXCLUDED.send_at)
    RETURNING id, member_id, channel, destination, urgent
), items AS (
    INSERT INTO incidents_folded (message_id, outbox_id)
    SELECT f.id, t.outbox FROM timed t
      JOIN folds f ON f.member_id = t.member AND f.channel = t.way
       AND f.destination = t.destination AND f.urgent = t.urgent
     WHERE t.many
    RETURNING 1
), done AS (
    UPDATE incidents_outbox SET told_at = %(now)s WHERE id = ANY(%(ids)s) RETURNING 1
)
SELECT (SELECT count(*) FROM singles) + (SELECT count(*) FROM folds)
"""


def tell(batch=BATCH):
    """Take up what must be told, oldest first; how many rows were taken up. A batch that fails is
    taken up row by row, and what fails by itself is set aside."""
    try:
        with transaction.atomic():
            rows = _claim(batch)
            _set_aside([pk for pk, notice in rows if notice not in NOTICES], _("no such notice"))
            _make([pk for pk, notice in rows if notice in NOTICES])
        return len(rows)
    except (OperationalError, InterfaceError):
        raise  # the database is away: its return is waited for, nothing is set aside
    except DatabaseError:
        log.exception("a batch of notices cannot be told; each is tried by itself")
    return _one_by_one(batch)


def tell_all():
    """Tell what waits, for as long as a run may take."""
    began = time.monotonic()
    while tell() >= BATCH and time.monotonic() - began < LONGEST_SECONDS:
        pass


def _one_by_one(batch):
    with transaction.atomic():
        rows = _claim(batch)
        for pk, notice in rows:
            if notice not in NOTICES:
                _set_aside([pk], _("no such notice"))
                continue
            try:
                with transaction.atomic():
                    _make([pk])
            except (OperationalError, InterfaceError):
                raise
            except DatabaseError as error:
                _set_aside([pk], str(error).splitlines()[0])
    return len(rows)


def _claim(batch):
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [batch])
        return cursor.fetchall()


def _make(ids):
    if not ids:
        return
    moment = clock.now()
    table = [
        (kind, way.removesuffix("!"), way.endswith("!"), notice.waits)
        for kind, notice in NOTICES.items()
        for way in notice.ways
    ]
    names = ("notices", "ways", "if_urgent", "waits")
    columns = {
        name: list(column) for name, column in zip(names, zip(*table, strict=True), strict=True)
    }
    with connection.cursor() as cursor:
        cursor.execute(
            _MAKE,
            columns
            | {
                "ids": ids,
                "now": moment,
                "late": moment - LATE,
                "history": moment - HISTORY,
                "open": FOLD_OPEN_FOR,
                "crowd": CROWD,
                "email": settings.EMAIL_IS_ON,
                "push": bool(settings.PUSH_HOSTS),
            },
        )


def _set_aside(ids, why):
    if ids:
        Outbox.objects.filter(pk__in=ids).update(error=why[:200])


def close_folds():
    """What was folded in the page stays one message until its time is over; the next is another."""
    open_now = Message.objects.filter(collects=True, channel="page", send_at__lte=clock.now())
    open_now.update(collects=False)


def hush(before):
    """Nobody is told of what was played before a moment: a demo's past is made up."""
    old = Outbox.objects.not_told().filter(made_at__lt=before)
    return old.update(told_at=clock.now())


def tell_of_plans():
    """The head of the unit that answers hears once of each mark that a plan has missed: the row's
    key follows from the mark."""
    moment = clock.now()
    plans = Plan.objects.filter(
        starts__lte=LocalDate(moment, "city__time_zone"),
        ends__gte=LocalDate(moment - OLD_PLANS, "city__time_zone"),
    )
    Outbox.objects.bulk_create(
        [
            Outbox(
                id=uuid.uuid5(uuid.NAMESPACE_OID, f"plan:{plan.pk}:{mark.day}:{mark.percent}"),
                plan=plan,
                notice="plan_red",
                made_at=moment,
                to_role="leader",
                to_unit_id=plan.unit_id,
            )
            for plan in show_progress(plans.select_related("city").prefetch_related("milestones"))
            for mark in plan.marks
            if mark.light == "red"
        ],
        ignore_conflicts=True,
    )
