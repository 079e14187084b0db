"""scripts/test: the checks and the tests, on a database and a Redis of their own."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import install
from commands import environment
from locks import is_free
from places import CHECKOUT, Places, find, make_home
from servers import hold
from steps import complain, step
from waiting import wait_until

CHECKS = {
    "ruff": ["ruff", "check", "."],
    "ruff format": ["ruff", "format", "--check", "--output-format", "concise", "."],
    "djlint": ["djlint", "templates", "--check", "--lint", "--quiet"],
    "import-linter": ["lint-imports", "--no-cache", "--no-logo"],
    "migrations": ["python", "manage.py", "makemigrations", "--check", "--dry-run"],
}


def test_main(arguments):
    # What the user has for the application is none of the tests' business.
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        os.environ.pop(name, None)
    places = find()
    install.everything(places, tests=True)
    own_place = fresh_place(places)
    users = hold(own_place, forgetful=True)
    try:
        return run_all(own_place, arguments)
    finally:
        if users is not None:
            os.close(users)
        leave(own_place)


def fresh_place(places):
    """A state directory for this one run, so that any number of them go beside each other."""
    folder = places.home / "test"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if not Path("/proc", old.name.partition("-")[0]).exists():
            shutil.rmtree(old, ignore_errors=True)
    name = tempfile.mkdtemp(dir=folder, prefix=f"{os.getpid()}-")
    own_place = Places(base=places.base, home=Path(name))
    make_home(own_place, is_named=False)
    return own_place


def leave(own_place):
    keeper = own_place.run / "keeper.lock"
    wait_until(lambda: is_free(keeper), 30)
    shutil.rmtree(own_place.home, ignore_errors=True)


def run_all(places, arguments):
    """All checks and tests; with arguments, which pytest gets, the tests alone."""
    surroundings = environment(places) | {"GRIDCITY_DB": "owner", "SECRET_KEY": "only-for-tests"}
    surroundings["PATH"] = f"{places.venv / 'bin'}:{surroundings['PATH']}"
    failed = []
    if not arguments:
        # File by file, in the order of tests/conftest.py instead of the number of their tests.
        arguments = ["-n", "auto", "--dist", "loadfile", "--no-loadscope-reorder"]
        for name, command in CHECKS.items():
            with step(name):
                if subprocess.run(command, cwd=CHECKOUT, env=surroundings).returncode:
                    failed.append(name)
    if failed:
        complain(f"FAILED checks: {', '.join(failed)}")
    tests = subprocess.run(["pytest", *arguments], cwd=CHECKOUT, env=surroundings)
    return tests.returncode or (1 if failed else 0)
