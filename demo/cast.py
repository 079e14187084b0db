"""The demo accounts: passwords for the cast, told in `accounts.json`, and where they meet."""

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.models import F

from demo import accounts
from demo.staffing import CAST
from grids.models import Post
from staff.models import Member


def give_accounts(city):
    """See that each of the cast can sign in with the password in `accounts.json`; returns the
    accounts, none outside demo mode.

    A password that is there is kept. The file is written before the passwords are committed: if
    the power fails between, the next run finds them there and gives them to the same members.
    """
    if not settings.DEMO:
        return {}
    posts = _posts(city)
    if set(posts) != set(CAST):
        return {}  # the cast belongs to another city
    known, wanted = accounts.read(), {}
    place = meeting_place(city)
    with transaction.atomic():
        members = Member.objects.select_for_update().filter(username__in=CAST)
        new = {}
        for member in members:
            password = known.get(member.username, {}).get("password")
            if password is None or not member.has_usable_password():
                new[member.pk] = password or accounts.new_password()
        hashes = _hashes(new)
        for member in members:
            role, post = member.username, posts[member.username]
            password = new.get(member.pk) or known[role]["password"]
            if member.pk in new:
                member.password = hashes[member.pk]
                member.save(update_fields=["password"])
            wanted[role] = {
                "password": password,
                "role": role,
                "name": member.name,
                **_place_of(post, place),
            }
        wanted = {role: wanted[role] for role in CAST}
        if any(known.get(role) != account for role, account in wanted.items()):
            accounts.write(wanted)
    return wanted


def _hashes(passwords):
    """{member: the hash of the password}, made on all cores: a hash is meant to be dear, and the
    interpreter is free while it is made."""
    with ThreadPoolExecutor() as pool:
        return dict(zip(passwords, pool.map(make_password, passwords.values()), strict=True))


def _posts(city):
    """The first post of each of the cast in a city, by user name; one in an area before others."""
    posts = Post.objects.filter(city=city, member__username__in=CAST)
    found = {}
    for post in posts.select_related("area", "unit", "duty_grid", "member").order_by(
        F("area").asc(nulls_last=True), "pk"
    ):
        found.setdefault(post.member.username, post)
    return found


def _place_of(post, place):
    """Where a post is held, by codes, and a point there. Whoever works for the whole city gets
    the city's area; all get the same point, where the worker of the cast is at home."""
    longitude, latitude, community, top = place
    held = {"area": post.area.code if post.area else top}
    if post.unit:
        held = {"unit": post.unit.code}
    if post.duty_grid:
        held = {"area": community, "duty_grid": post.duty_grid.code}
    return held | {"longitude": longitude, "latitude": latitude}


def meeting_place(city):
    """(longitude, latitude, community code, city area code) in the duty grid of the cast's worker:
    the middle of its roomiest unit grid that has no water, as far as can be from every border."""
    with connection.cursor() as cursor:
        cursor.execute(_ROOMIEST, {"city": city.pk})
        return cursor.fetchone()


_ROOMIEST = """
    WITH grid AS (
        SELECT c.code AS community, v.geometry, ST_MaximumInscribedCircle(v.geometry) AS circle
          FROM grids_post p
          JOIN staff_member m ON m.id = p.member_id AND m.username = 'worker'
          JOIN grids_dutygrid d ON d.id = p.duty_grid_id
          JOIN grids_area c ON c.id = d.community_id
          JOIN grids_dutygridmember g ON g.duty_grid_id = d.id AND g.valid_until IS NULL
          JOIN grids_areaversion v ON v.area_id = g.grid_id AND v.valid_until IS NULL
         WHERE p.city_id = %(city)s
    )
    SELECT round(ST_X((circle).center)::numeric, 6)::float8,
           round(ST_Y((circle).center)::numeric, 6)::float8, community,
           (SELECT code FROM grids_area WHERE city_id = %(city)s AND level = 'city' LIMIT 1)
      FROM grid
     ORDER BY EXISTS (SELECT 1 FROM grids_landfeature l
                       WHERE l.city_id = %(city)s AND l.kind = 'water'
                         AND ST_Intersects(l.geometry, (circle).center)),
              (circle).radius DESC
     LIMIT 1
"""
