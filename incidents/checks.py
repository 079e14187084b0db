"""What a closing is judged by: is the evidence of this place, in this order, by different parties,
and new; and why this supervisor closes. Each check says its result first and its tolerance second;
none of them decides, a failed one asks the approver for a reason."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection

from grids.backends import posts_of
from grids.models import Post
from incidents.evidence import metres
from incidents.models import Case
from lib import now as clock

# A phone among tall houses is wrong by so much; closer than that is the same place.
PLACE_TOLERANCE_M = 30
# A phone's clock may be wrong by so much beside the server's.
ORDER_TOLERANCE = timedelta(minutes=5)
# Two pictures whose 64-bit perceptual hashes differ in at most so many bits are one picture saved
# again; in the demo city's 16,434 photos, no two that were taken apart are nearer than 10.
REUSE_BITS = 6
MOST_REUSES = 5

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
    `seen_by` is the member to whom a reused photo's case may be named. One query."""
    steps = [step for step in steps if step.round == case.round]
    keys = {step.pk: step for step in steps}
    photos = [photo for photo in photos if photo.step_id in keys]
    proof = _last(steps, "verify") or _last(steps, "self_handle")
    return [
        place_check(case, proof, photos),
        order_check(steps, photos),
        parties_check(case, steps, proof),
        reuse_check(case, photos, seen_by),
    ]


def failed(checks):
    """Those that did not pass."""
    return [check for check in checks if not check.passed]


def place_check(case, proof, photos):
    """The last look was taken where the case is: within PLACE_TOLERANCE_M of it."""
    own = [p for p in photos if proof is not None and p.step_id == proof.pk and p.position]
    where = own[-1].position if own else getattr(proof, "position", None)
    if where is None:
        return Check("place", False, {"metres": None, "tolerance": PLACE_TOLERANCE_M})
    away = metres(where, case.point)
    facts = {"metres": round(away), "tolerance": PLACE_TOLERANCE_M, "where": where}
    return Check("place", away <= PLACE_TOLERANCE_M, facts)


def order_check(steps, photos):
    """Photos were taken in the order of the work, each not after its own step: a photo of the
    verification older than that of the handling proves nothing. A photo without a capture time
    counts by its step."""
    times, wrong, before = [], [], None
    for step in steps:
        part = PARTS.get(step.move)
        if part is None:
            continue
        taken = [photo.taken_at or step.at for photo in photos if photo.step_id == step.pk]
        first, last = min(taken, default=step.at), max(taken, default=step.at)
        if (before and first < before - ORDER_TOLERANCE) or last > step.at + ORDER_TOLERANCE:
            wrong.append(part)
        times.append((part, last))
        before = last
    facts = {
        # The last of each part is what the approver sees.
        "times": list(dict(times).items()),
        "wrong": wrong,
        "minutes": int(ORDER_TOLERANCE.total_seconds() // 60),
        "all_told": all(photo.taken_at for photo in photos),
    }
    return Check("order", not wrong, facts)


def parties_check(case, steps, proof):
    """Who handled did not verify, by name and by unit (invariant 3)."""
    work = _last(steps, "handle")
    if work is None:  # handled on the spot by whoever found it: the approver is the second party
        return Check("parties", True, {"alone": True, "finder": getattr(proof, "by", None)})
    apart = proof is not None and proof.by_id != work.by_id
    facts = {"unit": work.unit or case.unit, "verifier": getattr(proof, "by", None)}
    return Check("parties", apart, facts)


def reuse_check(case, photos, seen_by=None):
    """No photo of this case was used before: neither the same file nor the same picture saved
    again, over all cases of all time. Which case it was is told to who may see that case."""
    hits, compared = reuses_of(case, photos)
    if hits and seen_by is not None:
        numbers = Case.objects.visible_to(seen_by).in_bulk([hit["case"] for hit in hits])
        for hit in hits:
            hit["seen"] = numbers.get(hit["case"])
    facts = {"hits": hits, "compared": compared, "photos": len(photos)}
    return Check("reuse", not hits, facts)


def reuses_of(case, photos):
    """([{"photo", "case", "exact"}], how many photos it was compared with). A file that stands
    twice in this case, with two steps, counts; a similar picture of the same spot does not."""
    if not photos:
        return [], 0
    with connection.cursor() as cursor:
        cursor.execute(
            _REUSES,
            {
                "ids": [photo.pk for photo in photos],
                "case": case.pk,
                "bits": REUSE_BITS,
                "most": MOST_REUSES,
            },
        )
        rows = cursor.fetchall()
    by_key = {photo.pk: photo for photo in photos}
    hits = [
        {"photo": by_key[key], "case": other, "exact": exact, "seen": None}
        for key, other, exact, _compared in rows
        if key is not None
    ]
    return hits, rows[0][3]


# One walk over all photos; an older one that was named by a step counts.
_REUSES = """
    WITH mine AS (
        SELECT id, sha256, phash, uploaded_at, step_id
          FROM incidents_evidence WHERE id = ANY(%(ids)s)
    ), found AS (
        SELECT m.id, e.case_id, e.sha256 = m.sha256 AS exact, e.uploaded_at
          FROM incidents_evidence e JOIN mine m
            ON e.id <> m.id AND e.step_id IS NOT NULL
           AND (e.uploaded_at, e.id) < (m.uploaded_at, m.id)
           AND (e.sha256 = m.sha256 AND e.step_id <> m.step_id
                OR e.case_id <> %(case)s
                   AND bit_count((e.phash # m.phash)::bit(64)) <= %(bits)s)
         ORDER BY e.uploaded_at DESC LIMIT %(most)s
    ), counted AS (
        SELECT count(*) AS n FROM incidents_evidence
         WHERE step_id IS NOT NULL AND case_id <> %(case)s
    )
    SELECT found.id, found.case_id, found.exact, counted.n
      FROM counted LEFT JOIN found ON true ORDER BY found.uploaded_at DESC NULLS LAST
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
    left out. `cases` come with `community`; one query at most."""
    areas = {post.area_id for post in posts_of(user) if post.role == "supervisor"}
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
    """{community: members on its supervisors' posts today and present}, for others' communities."""
    others = {case.community_id for case in cases} - areas - {None}
    if not others:
        return {}
    now = clock.now()
    posts = Post.objects.on(now.date()).with_role("supervisor").filter(area__in=others)
    found = {}
    for area, member in posts.present(now).values_list("area", "member"):
        found.setdefault(area, set()).add(member)
    return found
