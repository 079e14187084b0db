"""Makes a year of cases out of some that the loop itself has made, by SQL alone.

Each copy is a whole life — steps, units, demands, clocks, ledgers — moved by whole weeks to days
whose calendars agree with the original's, so that every due time and verdict still follows from its
ledger; `manage.py check_loop --stopped` is the proof. Photos, notices and spot checks' draws are
not copied. For measuring only: while it works, the tables' triggers, foreign keys and indexes are
away, in the same transaction.
"""

import random
from collections import Counter, defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from incidents.models import Case, CaseUnit, Clock, ClockEntry, Demand, NumberCounter, Step
from staff.models import CalendarVersion, calendar_of

TABLES = (Case, Step, CaseUnit, Demand, Clock, ClockEntry)
MEMORY = "512MB"  # for building indexes and joining
WEEK = timedelta(days=7)


class TooFew(Exception):
    """Nothing to copy from."""


@dataclass(frozen=True)
class Template:
    """A simulated case that may be copied: its day, whether it is over, and its last moment."""

    pk: int
    day: date
    reported_at: datetime
    is_over: bool
    until: datetime


def multiply(city, *, cases, days, seed, until, say=lambda words: None):
    """Add `cases` copies, spread over the `days` days that end at `until`; returns {what: rows}."""
    found = templates_of(city)
    if not found:
        raise TooFew
    chosen = choose(city, found, cases, days, seed, until)
    there = len({template.day + timedelta(days=move) for template, move, _place in chosen})
    say(f"{len(chosen):,} copies of {len(found):,} cases on {there} of {days} days")
    made = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for setting in ("maintenance_work_mem", "work_mem"):
            cursor.execute(f"SET LOCAL {setting} = '{MEMORY}'")
        with _bare(cursor, say):
            _prepare(cursor, city, chosen)
            for model in TABLES:
                made[model._meta.db_table] = _copy(cursor, model)
                say(f"{made[model._meta.db_table]:,} rows of {model._meta.db_table}")
            _count_numbers(city, chosen)
    return made


# --- which, and to which day ---------------------------------------------------------------------


def templates_of(city):
    """The cases that may be copied: simulated, neither merged nor merged into."""
    with connection.cursor() as cursor:
        cursor.execute(_TEMPLATES, {"city": city.pk})
        return [
            Template(pk, city.local_date(reported_at), reported_at, is_over, until)
            for pk, reported_at, is_over, until in cursor.fetchall()
        ]


def choose(city, found, cases, days, seed, until):
    """[(template, days to move it, place among the day's copies)], by day and hour.

    The days on which the loop's own cases were reported get copies of these, where they stand;
    earlier days those of the same weekday that are over, had the calendars agree."""
    rng = random.Random(f"bulk {seed} {city.slug} {cases} {days}")
    by_day, by_weekday = defaultdict(list), defaultdict(list)
    for each in found:
        by_day[each.day].append(each)
        if each.is_over:
            by_weekday[each.day.weekday()].append(each)
    today = city.local_date(until)
    agree = _Agreement(city)
    fitting = {}
    for day in (today - timedelta(days=back) for back in range(days)):
        fits = by_day.get(day) or [
            each
            for each in by_weekday[day.weekday()]
            if each.until + (day - each.day) <= until and agree(each, day)
        ]
        if fits:
            fitting[day] = fits
    if not fitting:
        raise TooFew
    chosen = []
    for day, number in sorted(Counter(rng.choices(sorted(fitting), k=cases)).items()):
        copies = rng.choices(fitting[day], k=number)
        copies.sort(key=lambda each: (each.reported_at - _midnight(each.day), each.pk))
        chosen += [(each, (day - each.day).days, place) for place, each in enumerate(copies, 1)]
    return chosen


def _midnight(day):
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("UTC"))


class _Agreement:
    """Whether all calendars of a city treat the days of a case's life as they treat those on which
    a copy would live."""

    def __init__(self, city):
        self._city, self._zone = city, ZoneInfo(city.time_zone)
        versions = CalendarVersion.objects.filter(calendar__city=city).values_list("pk", flat=True)
        self._calendars = [calendar_of(pk) for pk in versions]
        self._kinds = {}

    def __call__(self, template, day):
        move = day - template.day
        last = self._city.local_date(template.until)
        span = (last - template.day).days + 1
        return move % WEEK == timedelta() and all(
            self._kind(template.day + timedelta(days=n)) == self._kind(day + timedelta(days=n))
            for n in range(span + 1)
        )

    def _kind(self, day):
        if day not in self._kinds:
            noon = datetime(day.year, day.month, day.day, 12, tzinfo=self._zone)
            works = [calendar.is_work_day(day) for calendar in self._calendars]
            self._kinds[day] = (works, noon.utcoffset())
        return self._kinds[day]


_TEMPLATES = """
    SELECT c.id, c.reported_at,
           c.ended_at IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM incidents_clock k WHERE k.case_id = c.id AND k.state <> 'stopped'),
           greatest((SELECT max(s.at) FROM incidents_step s WHERE s.case_id = c.id),
                    (SELECT max(greatest(k.due_at, k.warn_at)) FROM incidents_clock k
                      WHERE k.case_id = c.id))
      FROM incidents_case c
      JOIN incidents_step f ON f.case_id = c.id AND f.seq = 1
                           AND f.idempotency_key LIKE 'simulated %%'
     WHERE c.city_id = %(city)s AND c.merged_into_id IS NULL
       AND NOT EXISTS (SELECT 1 FROM incidents_case m WHERE m.merged_into_id = c.id)
     ORDER BY c.id
"""


# --- copying -------------------------------------------------------------------------------------

# What each column of a copy holds, where it is not what the original's does.
_MOVED = "{column} + o.shift"
_COPIED = {
    Case: {
        "id": "o.case_id",
        "number": "o.number",
        **dict.fromkeys(
            ("reported_at", "ended_at", "warn_at", "due_at", "suspended_until"), _MOVED
        ),
    },
    Step: {
        "id": "o.step_0 + t.place",
        "case_id": "o.case_id",
        "idempotency_key": "''",
        "at": _MOVED,
        "facts": "CASE WHEN {column} ?| ARRAY['until', 'due'] THEN {column} || jsonb_strip_nulls("
        "jsonb_build_object('until', ({column} ->> 'until')::timestamptz + o.shift,"
        " 'due', ({column} ->> 'due')::timestamptz + o.shift)) ELSE {column} END",
    },
    CaseUnit: {"id": "o.caseunit_0 + t.place", "case_id": "o.case_id", "until_at": _MOVED},
    Demand: {
        "id": "o.demand_0 + t.place",
        "case_id": "o.case_id",
        "until": _MOVED,
        "cause_id": "o.step_0 + t.cause",
        "ended_by_id": "o.step_0 + t.ended",
    },
    Clock: {
        "id": "o.clock_0 + t.place",
        "case_id": "o.case_id",
        "demand_id": "o.demand_0 + t.demand",
        **dict.fromkeys(("started_at", "stopped_at", "warn_at", "due_at", "next_at"), _MOVED),
    },
    ClockEntry: {
        "id": "o.clockentry_0 + t.place",
        "clock_id": "o.clock_0 + t.clock",
        "step_id": "o.step_0 + t.step",
        "at": _MOVED,
        "due_at": _MOVED,
    },
}
# The parts of a case in the order in which they point to each other; what a row of each points to,
# as the place within its case.
_PARTS = {
    Step: {},
    CaseUnit: {},
    Demand: {"cause": ("step", "cause_id"), "ended": ("step", "ended_by_id")},
    Clock: {"demand": ("demand", "demand_id")},
    ClockEntry: {"clock": ("clock", "clock_id"), "step": ("step", "step_id")},
}


def _short(model):
    return model._meta.model_name


def _prepare(cursor, city, chosen):
    """Temporary tables: bulk_copy, one row a copy with its template, shift and number, and the
    first new key of each of its parts; for each kind of part its rows' places within their case."""
    cursor.execute(
        "CREATE TEMPORARY TABLE bulk_chosen (n bigint, template bigint, days int, place int)"
        " ON COMMIT DROP"
    )
    with cursor.copy("COPY bulk_chosen FROM STDIN") as copy:
        for n, (template, days, place) in enumerate(chosen, 1):
            copy.write_row((n, template.pk, days, place))
    for model, points in _PARTS.items():
        _place_parts(cursor, model, points)
    _number_copies(cursor, city)


def _number_copies(cursor, city):
    """The table bulk_copy; keys go on from the last one of each table."""
    counts = ", ".join(
        f"(SELECT count(*) FROM bulk_{_short(m)} p WHERE p.template = t.template) AS {_short(m)}"
        for m in _PARTS
    )
    firsts = ", ".join(
        f"((SELECT coalesce(max(id), 0) FROM {m._meta.db_table})"
        f" + sum(t.{_short(m)}) OVER before - t.{_short(m)})::bigint AS {_short(m)}_0"
        for m in _PARTS
    )
    cursor.execute(
        f"""
        CREATE TEMPORARY TABLE bulk_copy ON COMMIT DROP AS
        WITH t AS MATERIALIZED (
            SELECT t.template, {counts} FROM (SELECT DISTINCT template FROM bulk_chosen) t
        ), numbered AS (
            SELECT c.*, (r.reported_at AT TIME ZONE %(zone)s)::date + c.days AS day
              FROM bulk_chosen c JOIN incidents_case r ON r.id = c.template
        )
        SELECT c.template, make_interval(days => c.days) AS shift,
               (SELECT max(id) FROM incidents_case) + c.n AS case_id,
               %(prefix)s || '-' || to_char(c.day, 'YYYYMMDD') || '-'
               || lpad((c.place + coalesce(l.last, 0))::text,
                       greatest(4, length((c.place + coalesce(l.last, 0))::text)), '0') AS number,
               {firsts}
          FROM numbered c JOIN t USING (template)
          LEFT JOIN incidents_numbercounter l ON l.city_id = %(city)s AND l.day = c.day
        WINDOW before AS (ORDER BY c.n)
         ORDER BY c.n;
        """,
        {"zone": city.time_zone, "prefix": city.number_prefix, "city": city.pk},
    )
    cursor.execute("ANALYZE bulk_copy")


def _place_parts(cursor, model, points):
    of_case, join = "r.case_id", ""
    if model is ClockEntry:
        of_case, join = "k.case_id", "JOIN incidents_clock k ON k.id = r.clock_id"
    pointed = "".join(
        f", (SELECT p.place FROM bulk_{part} p WHERE p.id = r.{column}) AS {name}"
        for name, (part, column) in points.items()
    )
    cursor.execute(f"""
        CREATE TEMPORARY TABLE bulk_{_short(model)} ON COMMIT DROP AS
        SELECT r.id, {of_case} AS template,
               row_number() OVER (PARTITION BY {of_case} ORDER BY r.id) AS place{pointed}
          FROM {model._meta.db_table} r {join}
         WHERE {of_case} IN (SELECT template FROM bulk_chosen)
    """)
    cursor.execute(f"CREATE INDEX ON bulk_{_short(model)} (id)")
    cursor.execute(f"ANALYZE bulk_{_short(model)}")


def _copy(cursor, model):
    """Insert the copies of one table's rows; how many."""
    table, given = model._meta.db_table, _COPIED[model]
    columns = [field.column for field in model._meta.concrete_fields]
    values = ", ".join(given.get(c, "{column}").format(column=f"r.{c}") for c in columns)
    source = f"FROM bulk_copy o JOIN {table} r ON r.id = o.template"
    if model is not Case:
        source = (
            f"FROM bulk_copy o JOIN bulk_{_short(model)} t ON t.template = o.template"
            f" JOIN {table} r ON r.id = t.id"
        )
    names = ", ".join(f'"{c}"' for c in columns)
    # Where clocks are never changed a shift by whole days is one by whole hours.
    cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {values} {source}")
    number = cursor.rowcount
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
    )
    return number


def _count_numbers(city, chosen):
    """The counters of the days go on after the copies."""
    last = Counter(template.day + timedelta(days=days) for template, days, _place in chosen)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {NumberCounter._meta.db_table} AS counter (city_id, day, last)
                SELECT %s, * FROM unnest(%s::date[], %s::int[])
                ON CONFLICT (city_id, day) DO UPDATE SET last = counter.last + excluded.last""",
            [city.pk, list(last), list(last.values())],
        )


# --- tables laid bare ----------------------------------------------------------------------------


@contextmanager
def _bare(cursor, say):
    """Without triggers, foreign keys and indexes but the primary ones, which are made again after
    the rows: a check of all at once costs a tenth of one for each row. Only the owner may."""
    tables = [model._meta.db_table for model in TABLES]
    # What waits for the end of the transaction would hold the tables as they are.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    cursor.execute(_CONSTRAINTS, [tables])
    constraints = cursor.fetchall()
    cursor.execute(_INDEXES, [tables])
    indexes = cursor.fetchall()
    for table, name, _definition in constraints:
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _definition in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    for table in tables:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    for _name, definition in indexes:
        cursor.execute(definition)
    say(f"{len(indexes)} indexes")
    # Unique ones first: foreign keys lean on them.
    for table, name, definition in sorted(constraints, key=lambda c: c[2].startswith("FOREIGN")):
        cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    say(f"{len(constraints)} constraints")
    cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for table in tables:
        cursor.execute(f"ANALYZE {table}")


# Checks stay: they cost little and say no at once.
_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
      FROM pg_constraint
     WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u')
"""
_INDEXES = """
    SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
      FROM pg_index i
     WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary
       AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid
                         AND c.contype IN ('u', 'p'))
"""
