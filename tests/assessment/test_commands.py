"""The commands of scores say in words what they cannot read."""

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["2026-13", "2026-Q9", "2026-W99", "2026-02-30", "soon", ""])
def test_what_is_no_period_is_named(town, tmp_path, text):
    for command in (
        ("list_indicators", text),
        ("export_scores", text, str(tmp_path / "scores")),
        ("check_scores", f"--period={text}"),
    ):
        if text or command[0] != "check_scores":  # without a period it checks the days alone
            with pytest.raises(CommandError, match="2026-Q4"):
                call_command(*command)
    assert not list(tmp_path.iterdir())


def test_a_city_that_is_not_there_is_refused(town, tmp_path):
    for command in (
        ("list_indicators", "2026-02"),
        ("export_scores", "2026-02", str(tmp_path / "scores")),
        ("simulate",),
    ):
        with pytest.raises(CommandError, match="没有这个城市"):
            call_command(*command, "--city=nowhere")
