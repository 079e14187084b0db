"""The two commands and what they install from."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
COMMANDS = ["scripts/run", "scripts/test", "scripts/manage"]
SCRIPTS = [*COMMANDS, "scripts/install_packages.sh", ".ci/run"]
LOCKS = ["requirements.lock", "requirements-test.lock"]


@pytest.mark.parametrize("script", [*SCRIPTS, "scripts/lib.sh"])
def test_a_script_is_valid_bash(script):
    subprocess.run(["bash", "-n", script], cwd=CHECKOUT, check=True)


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_can_be_executed(script):
    assert (CHECKOUT / script).stat().st_mode & 0o111


def test_the_pictures_need_no_application_of_their_own():
    """They are taken from one that runs."""
    subprocess.run([sys.executable, "-c", "import tests.browser.screens"], cwd=CHECKOUT, check=True)


@pytest.mark.parametrize("script", COMMANDS)
def test_help_says_how_to_call_a_script_and_does_nothing_else(script):
    told = subprocess.run(
        [CHECKOUT / script, "--help"], capture_output=True, text=True, check=True, timeout=5
    )
    assert script in told.stdout
    assert told.stderr == ""


@pytest.mark.parametrize("option", ["--port N", "--home DIR", "--empty", "--help"])
def test_the_help_of_run_names_every_option(option):
    told = subprocess.run(["scripts/run", "--help"], cwd=CHECKOUT, capture_output=True, text=True)
    assert option in told.stdout


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_version_and_a_hash(lock):
    text = (CHECKOUT / lock).read_text().replace("\\\n", " ")
    entries = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
    assert len(entries) > 50
    assert [line for line in entries if "==" not in line or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("lock", [*LOCKS, "package-lock.json"])
def test_a_lock_file_names_no_registry(lock):
    """A clone behind another registry installs from that one."""
    text = (CHECKOUT / lock).read_text()
    assert "--index-url" not in text
    assert '"resolved"' not in text
    if lock in LOCKS:
        assert "://" not in text


def locked_versions(lock):
    pinned = re.compile(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==(\S+)", re.MULTILINE)
    return dict(pinned.findall((CHECKOUT / lock).read_text()))


def test_both_python_locks_agree_on_what_they_share():
    assert (
        locked_versions("requirements.lock").items()
        <= locked_versions("requirements-test.lock").items()
    )


def test_every_front_end_package_is_locked_with_its_integrity():
    packages = json.loads((CHECKOUT / "package-lock.json").read_text())["packages"]
    assert [name for name, entry in packages.items() if name and "integrity" not in entry] == []


def test_front_end_versions_are_exact():
    wanted = json.loads((CHECKOUT / "package.json").read_text())["dependencies"]
    assert [name for name, version in wanted.items() if not version[0].isdigit()] == []
