"""Nothing is forgotten: what must hold of every case, clock and demand, asked of the database.

Each rule is one statement over the whole table that yields its offenders as (name, what is wrong);
a sound system yields none (invariants 1 to 3 of the loop). `replay_clocks` compares each clock
with its ledger, in batches. Nothing here changes anything.
"""

from dataclasses import dataclass
from itertools import groupby

from django.core.cache import cache
from django.db import connection
from django.utils.translation import gettext_lazy as _

from incidents.clocks import replayed
from incidents.models import Clock, ClockEntry
from incidents.querysets import ENDS
from lib import now as clock
from lib import worktime

MOST_SHOWN = 20
BATCH = 5_000
# By which moves each kind of demand ends; the table says from which stages they are made.
EXITS = {
    "request": ("grant", "refuse", "adjudicate"),
    "answer": ("answer",),
    "reply": ("reply",),
    "opine": ("opine",),
    "decide": ("decide",),
    "spot_check": ("spot_check",),
}
# Domain rule, "Demands": the end of a case ends these.
END_WITH_THE_CASE = ("request", "answer", "reply")


@dataclass(frozen=True)
class Rule:
    """One thing that must hold; `sql` yields (name, what is wrong) of every offender."""

    key: str
    says: object
    sql: str


@dataclass
class Found:
    """What a rule found: how many offenders, and the first of them as (name, what is wrong)."""

    rule: Rule
    count: int
    shown: list


_OPEN = "c.stage <> '' AND c.stage <> ALL(%(ends)s)"
_ENDED = "NOT c.stage <> ALL(%(ends)s)"
_HERE = "(%(city)s::bigint IS NULL OR c.city_id = %(city)s)"
_LOOP = "k.kind <> 'demand'"

RULES = (
    Rule(
        "party",
        _("an open case has exactly one party"),
        f"""
        SELECT c.number, c.stage FROM incidents_case c
         WHERE {_HERE} AND {_OPEN} AND NOT CASE
               WHEN c.stage IN ('reported', 'accepted', 'filed') THEN true  -- a role of the city
               WHEN c.stage IN ('confirming', 'handled') THEN c.worker_id IS NOT NULL
               WHEN c.stage IN ('dispatched', 'suspended') THEN c.unit_id IS NOT NULL AND EXISTS (
                    SELECT 1 FROM incidents_caseunit u WHERE u.case_id = c.id AND u.is_lead
                       AND u.until_step IS NULL AND u.unit_id = c.unit_id)
               WHEN c.stage IN ('verified') THEN num_nonnulls(c.community_id, c.street_id) > 0
               ELSE false END
        """,
    ),
    Rule(
        "loop_clock",
        _("an open case has one running loop clock, a suspended one an end and a resting clock"),
        f"""
        SELECT c.number, c.stage || ': ' || count(k.id) FILTER (WHERE k.state = 'running')
          FROM incidents_case c LEFT JOIN incidents_clock k
            ON k.case_id = c.id AND k.state <> 'stopped' AND {_LOOP}
         WHERE {_HERE} AND {_OPEN} GROUP BY c.id
        HAVING CASE WHEN c.stage IN ('suspended') THEN c.suspended_until IS NULL
                      OR count(k.id) FILTER (WHERE k.state = 'running') <> 0
                      OR count(k.id) FILTER (WHERE k.kind = 'handle') <> 1
                    ELSE count(k.id) FILTER (WHERE k.state = 'running') <> 1 END
        """,
    ),
    Rule(
        "stage_clock",
        _("the running loop clock is the one of the stage and of the round"),
        f"""
        SELECT c.number, c.stage || ': ' || k.kind || ' ' || k.round FROM incidents_case c
          JOIN incidents_clock k ON k.case_id = c.id AND k.state = 'running' AND {_LOOP}
         WHERE {_HERE} AND {_OPEN} AND (k.round <> c.round OR k.kind IS DISTINCT FROM
               CASE c.stage WHEN 'reported' THEN 'intake' WHEN 'accepted' THEN 'intake'
                    WHEN 'confirming' THEN 'confirm' WHEN 'filed' THEN 'dispatch'
                    WHEN 'dispatched' THEN 'handle' WHEN 'handled' THEN 'verify'
                    WHEN 'verified' THEN 'close' END)
        """,
    ),
    Rule(
        "exit",
        _("an open case has an exit in the table of moves"),
        f"""
        SELECT c.number, c.stage FROM incidents_case c
         WHERE {_HERE} AND {_OPEN} AND NOT EXISTS (SELECT 1 FROM incidents_transition t
               WHERE t.from_stage = c.stage AND t.to_stage <> c.stage)
        """,
    ),
    Rule(
        "ended",
        _("a case at an end has no open loop clock"),
        f"""
        SELECT c.number, c.stage || ': ' || k.kind FROM incidents_clock k
          JOIN incidents_case c ON c.id = k.case_id
         WHERE {_HERE} AND {_ENDED} AND k.state <> 'stopped' AND {_LOOP}
        """,
    ),
    Rule(
        "ended_demand",
        _("a case at an end has no open request, escalation or supervise order"),
        f"""
        SELECT c.number, d.kind FROM incidents_demand d JOIN incidents_case c ON c.id = d.case_id
         WHERE {_HERE} AND {_ENDED} AND d.outcome = ''
           AND d.kind = ANY(%(end_with_the_case)s)
        """,
    ),
    Rule(
        "demand_owner",
        _("an open demand has one owner"),
        f"""
        SELECT c.number, d.kind FROM incidents_demand d JOIN incidents_case c ON c.id = d.case_id
         WHERE {_HERE} AND d.outcome = '' AND (d.owner_id IS NULL AND d.owner_role = ''
               OR num_nonnulls(d.owner_area_id, d.owner_unit_id, d.owner_duty_grid_id) > 1)
        """,
    ),
    Rule(
        "demand_clock",
        _("a demand has one clock, running while it is open and stopped when it ended"),
        f"""
        SELECT c.number, d.kind || ': ' || coalesce(k.state, '-') FROM incidents_demand d
          JOIN incidents_case c ON c.id = d.case_id
          LEFT JOIN incidents_clock k ON k.demand_id = d.id
         WHERE {_HERE} AND k.state IS DISTINCT FROM
               CASE WHEN d.outcome = '' THEN 'running' ELSE 'stopped' END
        """,
    ),
    Rule(
        "demand_exit",
        _("an open demand has an exit in the table of moves"),
        f"""
        SELECT c.number, d.kind || ', ' || c.stage FROM incidents_demand d
          JOIN incidents_case c ON c.id = d.case_id
         WHERE {_HERE} AND d.outcome = '' AND NOT EXISTS (SELECT 1 FROM incidents_transition t
               WHERE t.from_stage = c.stage AND t.move IN (
                     SELECT jsonb_array_elements_text(%(exits)s::jsonb -> d.kind)))
        """,
    ),
    Rule(
        "sequence",
        _("the steps of a case are numbered without a gap and follow one another"),
        f"""
        SELECT c.number, s.seq || ' ' || s.move FROM (
               SELECT case_id, seq, move, from_stage, at,
                      lag(seq, 1, 0) OVER w AS last, lag(to_stage, 1, '') OVER w AS stood,
                      lag(at) OVER w AS before
                 FROM incidents_step WINDOW w AS (PARTITION BY case_id ORDER BY seq)) s
          JOIN incidents_case c ON c.id = s.case_id
         WHERE {_HERE} AND (s.seq <> s.last + 1 OR s.from_stage <> s.stood OR s.at < s.before)
        """,
    ),
    Rule(
        "last_step",
        _("a case stands where its last step left it"),
        f"""
        SELECT c.number, c.stage || ' ' || c.version FROM incidents_case c
          LEFT JOIN (SELECT case_id, max(seq) AS seq FROM incidents_step GROUP BY case_id) m
            ON m.case_id = c.id
          LEFT JOIN incidents_step s ON s.case_id = c.id AND s.seq = m.seq
         WHERE {_HERE} AND (c.version, c.stage, c.round)
               IS DISTINCT FROM (s.seq, s.to_stage, s.round)
        """,
    ),
    Rule(
        "cached_due",
        _("the due time on a case is that of its running loop clock, or of the resting one"),
        f"""
        SELECT c.number, coalesce(c.due_at::text, '-') FROM incidents_case c
          LEFT JOIN incidents_clock k ON k.case_id = c.id AND {_LOOP}
           AND (k.state = 'running' OR k.state = 'paused' AND c.stage IN ('suspended'))
         WHERE {_HERE} AND (c.clock_kind, c.due_at, c.warn_at) IS DISTINCT FROM
               (CASE k.state WHEN 'running' THEN k.kind ELSE '' END, k.due_at, k.warn_at)
        """,
    ),
    Rule(
        "hands",
        _("who handled, who verified and who closed are three"),
        f"""
        SELECT c.number, c.stage FROM incidents_case c
         WHERE {_HERE} AND (c.verified_by_id = c.handled_by_id
               OR c.closed_by_id = c.verified_by_id OR c.closed_by_id = c.handled_by_id)
        """,
    ),
    Rule(
        "merged",
        _("a merged case follows one that was neither dismissed nor voided"),
        f"""
        SELECT c.number, followed.number || ': ' || followed.stage FROM incidents_case c
          JOIN incidents_case followed ON followed.id = c.merged_into_id
         WHERE {_HERE} AND c.stage IN ('merged') AND followed.stage IN ('dismissed', 'voided')
        """,
    ),
    Rule(
        "ledger",
        _("a clock's ledger begins with a start, has no gap and ends as the clock stands"),
        f"""
        SELECT c.number, k.kind || ' ' || k.state FROM incidents_clock k
          JOIN incidents_case c ON c.id = k.case_id
          LEFT JOIN (SELECT clock_id, count(*) AS n, min(seq) AS first, max(seq) AS last,
                      (array_agg(kind ORDER BY seq))[1] AS begins,
                      (array_agg(kind ORDER BY seq DESC) FILTER (
                       WHERE kind IN ('start', 'pause', 'resume', 'stop')))[1] AS ends
                 FROM incidents_clockentry GROUP BY clock_id) e ON e.clock_id = k.id
         WHERE {_HERE} AND (e.n IS NULL OR e.first <> 1 OR e.n <> e.last OR e.begins <> 'start'
               OR k.state <> CASE e.ends WHEN 'stop' THEN 'stopped' WHEN 'pause' THEN 'paused'
                                         ELSE 'running' END)
        """,
    ),
)
REPLAYED = Rule("replay", _("what a clock says is what its ledger replays to"), "")


def look(city=None):
    """A Found of every rule of the database, in their order; of one city or of all."""
    values = {
        "city": city and city.pk,
        "ends": list(ENDS),
        "end_with_the_case": list(END_WITH_THE_CASE),
        "exits": connection.ops.adapt_json_value(EXITS, None),
    }
    for rule in RULES:
        yield ask(rule, values)


def ask(rule, values):
    """The Found of a rule of the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) OVER (), * FROM ({rule.sql}) found LIMIT {MOST_SHOWN}", values
        )
        rows = cursor.fetchall()
    return Found(rule, rows[0][0] if rows else 0, [row[1:] for row in rows])


# --- clocks against their ledgers ----------------------------------------------------------------


def replay_clocks(city=None, *, stopped=False, say=lambda done: None):
    """The Found of clocks whose cached columns differ from the replayed ledger: the open ones, and
    the stopped ones too if asked. `say` hears after each batch how many are done."""
    clocks = Clock.objects.all() if stopped else Clock.objects.open()
    if city is not None:
        clocks = clocks.filter(case__city=city)
    found, done, last = Found(REPLAYED, 0, []), 0, 0
    keys = clocks.order_by("pk").values_list("pk", flat=True)
    while batch := list(keys.filter(pk__gt=last)[:BATCH]):
        for each, entries in _ledgers(batch):
            if wrong := _difference(each, entries):
                found.count += 1
                if len(found.shown) < MOST_SHOWN:
                    found.shown.append((each.case.number, f"{each.kind}: {wrong}"))
        last, done = batch[-1], done + len(batch)
        say(done)
    return found


def _ledgers(keys):
    """(clock, its entries in their order) of each key. One query: a move that happens meanwhile
    is in both or in neither. A clock without any entry is found by the rule on ledgers."""
    rows = ClockEntry.objects.filter(clock__in=keys).select_related("clock")
    for _key, entries in groupby(rows.order_by("clock_id", "seq"), lambda entry: entry.clock_id):
        ledger = list(entries)
        yield ledger[0].clock, ledger


def _difference(each, entries):
    """What differs between a clock and its ledger; nothing if it is sound."""
    try:
        state = replayed(entries)
    except worktime.ClockError as error:
        return str(error)
    says = {name: getattr(state, name) for name in ("started_at", "due_at", "warn_at", "next_at")}
    if each.state == "stopped":
        says |= {"verdict": state.verdict, "stopped_at": state.stopped_at, "late_by": state.late_by}
    wrong = [name for name, value in says.items() if getattr(each, name) != value]
    return ", ".join(f"{name} {getattr(each, name)} ≠ {says[name]}" for name in wrong)


# --- the daily check -----------------------------------------------------------------------------

KEPT_AS = "incidents.orphans.last"
KEPT_FOR_SECONDS = 3 * 24 * 3600


def keep(finds):
    """Keep what a whole check found, for those who look after the system."""
    offenders = {found.rule.key: found.count for found in finds if found.count}
    cache.set(KEPT_AS, {"at": clock.now(), "offenders": offenders}, KEPT_FOR_SECONDS)


def last_check():
    """{"at": when, "offenders": {rule: how many}} of the last daily check; None if there was none
    for three days."""
    return cache.get(KEPT_AS)
