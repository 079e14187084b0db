"""Pages made from tables say what the tables say, and every link in the documentation leads
somewhere."""

import re

import pytest
from django.conf import settings

from incidents.management.commands import describe_loop
from incidents.workflow import TABLE
from staff.management.commands import describe_roles
from staff.roles import ROLES

ROOT = settings.BASE_DIR
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("source", [describe_loop, describe_roles], ids=["loop", "roles"])
def test_a_page_made_from_a_table_is_current(source):
    command = source.__name__.rpartition(".")[2]
    assert source.PAGE.read_text(encoding="utf-8") == source.page(), (
        f"{source.PAGE.name} is stale: run ./scripts/manage {command}"
    )


def test_every_move_and_every_role_is_told():
    loop, roles = describe_loop.page(), describe_roles.page()
    assert [row.move for row in TABLE if f"`{row.move}`" not in loop] == []
    assert [key for key in ROLES if f"`{key}`" not in roles] == []


def test_the_diagrams_hold_every_change_of_stage():
    drawn = describe_loop.road_edges() | describe_loop.end_edges()
    told = {(move, start, end) for (start, end), moves in drawn.items() for move, _when in moves}
    meant = {(r.move, s, r.target(s)) for r in TABLE for s in r.stages if r.target(s) != s}
    assert told == meant


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page):
    links = LINK.findall(page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_chinese_readme_has_the_sections_and_commands_of_the_english_one():
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md")
    )
    for pattern in (r"^#+ ", r"^```", r"^\| "):
        count = [len(re.findall(pattern, text, re.MULTILINE)) for text in (english, chinese)]
        assert count[0] == count[1], pattern
    commands = [set(re.findall(r"^\./scripts/\S+", t, re.MULTILINE)) for t in (english, chinese)]
    assert commands[0] == commands[1]
