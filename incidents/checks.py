"""What a closing is judged by: is the evidence of this place, in this order, by different parties,
and new; and why this supervisor closes. Each check says its result first and its tolerance second;
none of them decides, a failed one asks the approver for a reason."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection

from grids.backends import posts_with
from grids.models import Post
from incidents.evidence import metres
from incidents.models import Case, Fingerprint
from lib import likeness
from lib import now as clock

# A phone among tall houses is wrong by so much; closer than that is the same place.
PLACE_TOLERANCE_M = 30
# A phone's clock may be wrong by so much beside the server's.
ORDER_TOLERANCE = timedelta(minutes=5)
# A phone may come back from a weekend without a signal; a photo older than that when it was sent
# says little of the day.
MOST_AGE = timedelta(days=3)
MOST_REUSES = 5
# Beyond so many photos their number is the database's own estimate: counting them all would cost
# more than finding the copies.
COUNTED_TO = 10_000

# The three parts that an approver reads; a rework's photo shows work undone and is none of them.
PARTS = {
    "report": "report",
    "confirm": "report",
    "handle": "handle",
    "verify": "verify",
    "self_handle": "handle",
}


@dataclass(frozen=True)
class Check:
    """One check: `kind` place, order, parties or reuse; `passed`; `facts` for its two lines."""

    kind: str
    passed: bool
    facts: dict = field(default_factory=dict)


def evidence_checks(case, steps, photos, seen_by=None):
    """The four Checks of a case that waits for closing, in a fixed order. `steps` are its steps
    with `by` and `unit`, `photos` its Evidence, both by time; only those of this round count.
    `seen_by` is the member to whom a reused photo's case may be named and who is told with how many
    photos they were compared."""
    steps = [step for step in steps if step.round == case.round]
    keys = {step.pk: step for step in steps}
    photos = [photo for photo in photos if photo.step_id in keys]
    proof = _last(steps, "verify") or _last(steps, "self_handle")
    return [
        place_check(case, proof, photos, _last(steps, "handle")),
        order_check(steps, photos),
        parties_check(case, steps, proof),
        reuse_check(case, photos, seen_by),
    ]


def failed(checks):
    """Those that did not pass."""
    return [check for check in checks if not check.passed]


def place_check(case, proof, photos, work=None):
    """What was done was looked at, and photographed after the work, where the case is: within
    PLACE_TOLERANCE_M of it."""
    where = _place_of(proof, photos)
    if where is None:
        return Check("place", False, {"metres": None, "tolerance": PLACE_TOLERANCE_M})
    away, worked = metres(where, case.point), _place_of(work, photos, device=False)
    work_away = metres(worked, case.point) if worked is not None else 0
    facts = {
        "metres": round(away),
        "tolerance": PLACE_TOLERANCE_M,
        "where": where,
        "work_metres": round(work_away) if work_away > PLACE_TOLERANCE_M else None,
    }
    return Check("place", max(away, work_away) <= PLACE_TOLERANCE_M, facts)


def _place_of(step, photos, device=True):
    """Where the last photo of a step was taken, else where its device was; or None."""
    if step is None:
        return None
    own = [photo.position for photo in photos if photo.step_id == step.pk and photo.position]
    return own[-1] if own else step.position if device else None


def order_check(steps, photos):
    """Photos were taken in the order of the work, each not after its own step and not long before
    it: a photo of the verification older than that of the handling proves nothing. A photo without
    a capture time counts by its step."""
    times, wrong, old, before = [], [], [], None
    for step in steps:
        part = PARTS.get(step.move)
        if part is None:
            continue
        taken = [photo.taken_at or step.at for photo in photos if photo.step_id == step.pk]
        first, last = min(taken, default=step.at), max(taken, default=step.at)
        if (before and first < before - ORDER_TOLERANCE) or last > step.at + ORDER_TOLERANCE:
            wrong.append(part)
        if first < step.at - MOST_AGE:
            old.append((part, (step.at - first).days))
        times.append((part, last))
        before = last
    facts = {
        # The last of each part is what the approver sees.
        "times": list(dict(times).items()),
        "wrong": wrong,
        "old": old,
        "minutes": int(ORDER_TOLERANCE.total_seconds() // 60),
        "all_told": all(photo.taken_at for photo in photos),
    }
    return Check("order", not wrong and not old, facts)


def parties_check(case, steps, proof):
    """Who handled did not verify (invariant 3). That the finder verified too is told, not held
    against anybody: a duty grid has one worker."""
    work = _last(steps, "handle")
    if work is None:  # handled on the spot by whoever found it: the approver is the second party
        return Check("parties", True, {"alone": True, "finder": getattr(proof, "by", None)})
    found = next((step for step in steps if step.move in ("report", "confirm")), None)
    facts = {
        "unit": work.unit or case.unit,
        "verifier": getattr(proof, "by", None),
        "found_it": bool(proof and found and proof.by_id == found.by_id),
    }
    return Check("parties", proof is not None and proof.by_id != work.by_id, facts)


# --- used before ---------------------------------------------------------------------------------

# How a photo is like an older one, the plainest first.
FILE, PICTURE, MIRRORED, PART = "file", "picture", "mirrored", "part"


@dataclass
class Reuse:
    """A photo that was used before: `photo`, how it is like the older one (FILE, PICTURE, MIRRORED
    or PART), in how many of 64 bits they differ, which photo that was, of which case and when;
    `seen` is that case if who asks may see it."""

    photo: object
    how: str
    bits: int
    other: object
    case_id: int
    at: object
    seen: object = None


def reuse_check(case, photos, seen_by=None):
    """No photo of this case was used before: neither the same file nor the same picture saved
    again, trimmed or mirrored, over all cases of all time. Which case it was is told to who may
    see that case."""
    hits = reuses_of(case, photos)
    facts = {"hits": hits, "photos": len(photos)}
    if seen_by is not None:
        numbers = Case.objects.visible_to(seen_by).in_bulk([hit.case_id for hit in hits])
        for hit in hits:
            hit.seen = numbers.get(hit.case_id)
        facts["compared"], facts["counted"] = photos_compared(case)
    return Check("reuse", not hits, facts)


def reuses_of(case, photos):
    """The newest Reuses, one for each pair of photos. A file that stands twice in this case, with
    two steps, counts; of pictures of this very case only one that was plainly made of the other,
    for before and after look alike by nature. Two queries, both through indexes."""
    if not photos:
        return []
    prints = Fingerprint.objects.in_bulk([photo.pk for photo in photos])
    parts, values = (
        [_SAME_FILE],
        {
            "ids": [photo.pk for photo in photos],
            "bits": likeness.PRINT_BITS,
            "grain_bits": likeness.GRAIN_BITS,
            "most": 10 * MOST_REUSES,
        },
    )
    for place, own in enumerate(prints.values()):
        parts.append(_LIKE_IT.format(n=place))
        values |= {
            f"id{place}": own.pk,
            f"keys{place}": likeness.keys_near(own.prints),
            f"prints{place}": own.prints[: likeness.MIRRORED + 1],
            f"grains{place}": own.grains[: likeness.MIRRORED + 1],
        }
    with connection.cursor() as cursor:
        cursor.execute(_OLDER.format(found=" UNION ALL ".join(parts)), values)
        rows = cursor.fetchall()
    by_key = {photo.pk: photo for photo in photos}
    found = {}
    for mine, other, case_id, at, same_file, their_prints, their_grains in rows:
        theirs = (their_prints, their_grains)
        how = (FILE, 0) if same_file else _how(prints[mine], theirs, case_id == case.pk)
        if how and (mine, other) not in found:
            found[mine, other] = Reuse(by_key[mine], *how, other, case_id, at)
    return list(found.values())[:MOST_REUSES]


def _how(mine, theirs, same_case):
    """(PICTURE, MIRRORED or PART, bits apart), or None for pictures of one case that are only
    alike."""
    near = []
    for place, (each, grain) in enumerate(zip(*theirs, strict=True)):
        for side in (likeness.WHOLE, likeness.MIRRORED):
            bits = likeness.bits_apart(mine.prints[side], each)
            grain_bits = likeness.bits_apart(mine.grains[side], grain)
            if bits <= likeness.PRINT_BITS and grain_bits <= likeness.GRAIN_BITS:
                near.append((place != likeness.WHOLE, side, bits, grain_bits))
    if not near:
        return None
    trimmed, side, bits, grain_bits = min(near)
    if same_case and (
        trimmed or bits > likeness.SAME_SPOT_BITS or grain_bits > likeness.SAME_SPOT_GRAIN_BITS
    ):
        return None
    return (PART if trimmed else (PICTURE, MIRRORED)[side]), bits


def photos_compared(case):
    """(how many photos of other cases there are, whether they were counted): beyond COUNTED_TO the
    database's estimate."""
    with connection.cursor() as cursor:
        cursor.execute(_COMPARED, {"case": case.pk, "most": COUNTED_TO})
        estimate, counted = cursor.fetchone()
    return (estimate, False) if counted is None else (counted, True)


# The database counts only where its estimate says that it is soon done.
_COMPARED = """
    SELECT k.reltuples::bigint, CASE WHEN k.reltuples <= %(most)s THEN (
           SELECT count(*) FROM incidents_evidence
            WHERE step_id IS NOT NULL AND case_id <> %(case)s) END
      FROM pg_class k WHERE k.oid = 'incidents_evidence'::regclass
"""


# Older photos that a step named, the newest first, through an index each: the same file, and for
# each photo those whose prints and grains are near its own or its mirror's (`photos_like` stands
# in the migration 0011).
_OLDER = """
    WITH mine AS (
        SELECT id, sha256, uploaded_at, step_id FROM incidents_evidence WHERE id = ANY(%(ids)s)
    )
    SELECT o.mine, o.id, o.case_id, o.uploaded_at, o.same_file, o.prints, o.grains
      FROM ({found}) o ORDER BY o.same_file DESC, o.uploaded_at DESC, o.id LIMIT %(most)s
"""
_SAME_FILE = """
    SELECT m.id AS mine, e.id, e.case_id, e.uploaded_at, true AS same_file,
           NULL::bigint[] AS prints, NULL::bigint[] AS grains
      FROM mine m JOIN incidents_evidence e ON e.sha256 = m.sha256
     WHERE e.step_id IS NOT NULL AND e.step_id <> m.step_id
       AND (e.uploaded_at, e.id) < (m.uploaded_at, m.id)
"""
_LIKE_IT = """
    SELECT m.id, e.id, e.case_id, e.uploaded_at, false, f.prints, f.grains
      FROM mine m CROSS JOIN photos_like(%(keys{n})s::int[], %(prints{n})s::bigint[],
               %(grains{n})s::bigint[], %(bits)s, %(grain_bits)s) f
      JOIN incidents_evidence e ON e.id = f.evidence_id
     WHERE m.id = %(id{n})s AND e.step_id IS NOT NULL AND e.step_id <> m.step_id
       AND (e.uploaded_at, e.id) < (m.uploaded_at, m.id)
"""


def _last(steps, move):
    """The last step of a move, or None; `steps` by time."""
    return next((step for step in reversed(steps) if step.move == move), None)


# --- whose closing it is -------------------------------------------------------------------------

OWN, LED_BY_COMMUNITY, NOBODY_THERE = "own", "led by community", "nobody there"


def closings_of(cases, user):
    """{key of a case: why it is this member's to close}: OWN, the community's supervisor;
    LED_BY_COMMUNITY, the street's because the community handled it itself; NOBODY_THERE, the
    street's because the community has no supervisor free for it (invariant 3). Others' cases are
    left out. `cases` come with `community`; one query at most. `telling` says the same in SQL."""
    areas = {post.area_id for post in posts_with(user, "incidents.close_case")}
    free = _free_supervisors(cases, areas)
    found = {}
    for case in cases:
        hands = {case.verified_by_id, case.handled_by_id}
        if user.pk not in hands and (why := _why(case, areas, hands, free)):
            found[case.pk] = why
    return found


def _why(case, areas, hands, free):
    community = case.community
    leads = bool(case.unit_id and community and case.unit_id == community.unit_id)
    if case.community_id in areas:
        return None if leads else OWN
    if case.street_id not in areas:
        return None
    if leads:
        return LED_BY_COMMUNITY
    return None if free.get(case.community_id, set()) - hands else NOBODY_THERE


def _free_supervisors(cases, areas):
    """{community: who acts on its supervisors' posts now}, for others' communities."""
    others = {case.community_id for case in cases} - areas - {None}
    return Post.objects.closers_in(clock.now(), areas=others) if others else {}
