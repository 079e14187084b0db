"""What a start needs: packages, front-end libraries, code, database, static files.

Each part is skipped while its fingerprint is the one of the last time.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from commands import manage, service_environment
from locks import wait_for_lock
from places import CHECKOUT, Trouble, as_service, own, running_as_root, short_hash
from steps import step

# Today and the two days before at once; the rest of the month is a task of the worker's.
DEMO_CITY = ["load_demo", "--profile", "xiaonan", "--days", "3"]
NOT_CODE = {".git", ".local", ".venv", "node_modules", "__pycache__", ".ruff_cache"}
NOT_CODE |= {".pytest_cache", ".hypothesis", ".import_linter_cache", ".schemathesis"}


def fingerprint(paths, *more):
    """Of the contents, so that a fresh clone of the same commit needs nothing new."""
    digest = hashlib.sha256(repr(more).encode())
    for path in sorted(paths):
        digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def is_done(mark, wanted):
    return mark.exists() and mark.read_text() == wanted


def packages(places, *, tests=False):
    """Python's and npm's, once for all state directories of this checkout."""
    lock = wait_for_lock(places.base / "install.lock")
    try:
        python_packages(places, CHECKOUT / "requirements.lock", "runtime")
        if tests:
            python_packages(places, CHECKOUT / "requirements-test.lock", "tests")
        npm_packages(places)
    finally:
        os.close(lock)


def everything(places, *, tests=False):
    """What a command needs before the servers."""
    packages(places, tests=tests)
    lock = wait_for_lock(places.base / "install.lock")
    try:
        translations()
        code(places)
        secret_key(places)
    finally:
        os.close(lock)


def python_packages(places, lock_file, name):
    mark = places.venv / f".gridcity-{name}"
    wanted = fingerprint([lock_file], sys.version)
    if is_done(mark, wanted):
        return
    with step(f"Python packages ({name})", slow=True):
        if not places.python.exists() or not has_this_python(places):
            subprocess.run([sys.executable, "-m", "venv", "--clear", str(places.venv)], check=True)
        subprocess.run(
            [str(places.python), "-m", "pip", "install", "--quiet", "--require-hashes"]
            + ["--disable-pip-version-check", "--no-input", "-r", str(lock_file)],
            check=True,
        )
        mark.write_text(wanted)


def has_this_python(places):
    """A system upgrade (Debian 12 to 13) takes the old Python away from under the venv."""
    libraries = places.venv / "lib" / f"python3.{sys.version_info.minor}"
    return libraries.is_dir() and not subprocess.run([str(places.python), "-c", ""]).returncode


def npm_packages(places):
    wishes = [CHECKOUT / "package.json", CHECKOUT / "package-lock.json"]
    mark = places.npm_folder / ".gridcity"
    wanted = fingerprint(wishes)
    if is_done(mark, wanted):
        return
    with step("front-end libraries", slow=True):
        places.npm_folder.mkdir(exist_ok=True)
        for source in wishes:
            shutil.copyfile(source, places.npm_folder / source.name)
        # The wheel's npm, so that every machine has the same one.
        tools = str(places.venv / "bin")
        subprocess.run(
            [f"{tools}/npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
            cwd=places.npm_folder,
            env=os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"},
            check=True,
        )
        mark.write_text(wanted)


def code(places):
    """Under root, copy the checkout to where the servers' user can read it.

    A checkout below /root is closed to that user; opening root's home is no way out.
    """
    if not running_as_root():
        return
    wanted = {path.relative_to(CHECKOUT): path for path in code_files(CHECKOUT)}
    for name, source in wanted.items():
        # Somebody may be editing: a file that has gone since needs no copy.
        with contextlib.suppress(FileNotFoundError):
            copy_if_changed(source, places.code / name)
    for path in code_files(places.code):
        if path.relative_to(places.code) not in wanted:
            path.unlink()


def code_files(folder):
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_CODE]
        yield from (Path(parent) / name for name in files)


def copy_if_changed(source, target):
    seen = source.stat()
    if target.exists():
        there = target.stat()
        if (there.st_size, there.st_mtime_ns) == (seen.st_size, seen.st_mtime_ns):
            return
    target.parent.mkdir(parents=True, exist_ok=True)
    # A running server must never read half a file.
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    shutil.copy2(source, part)
    part.chmod(0o755 if seen.st_mode & 0o100 else 0o644)
    part.replace(target)


def secret_key(places):
    key = places.home / "secret_key"
    if not key.exists():
        part = key.with_suffix(".part")
        part.touch(0o600)
        part.write_text(secrets.token_urlsafe(50))
        own(part, 0o600)
        part.replace(key)


def translations():
    """gettext's compiled files stand beside their sources and are never committed."""
    for source in sources("locale/*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["msgfmt", "-o", str(compiled), str(source)], check=True)


def mark_path(places, name):
    """What has been done to a database; the private one's marks go when it is made anew."""
    database = os.environ.get("DATABASE_URL", "private")
    folder = places.home / "marks" / short_hash(database)
    folder.mkdir(parents=True, exist_ok=True)
    own(folder)
    return folder / name


def sources(pattern):
    found = (path for path in CHECKOUT.glob(pattern) if path.is_file())
    return [path for path in found if "__pycache__" not in path.parts]


def database(places):
    """Tables, triggers and grants. A database that the user brings may have changed since."""
    mark = mark_path(places, "migrations")
    wanted = fingerprint(
        [
            CHECKOUT / "requirements.lock",
            CHECKOUT / "incidents/workflow.py",  # its table is copied into the database
            CHECKOUT / "incidents/rows.py",
            *sources("*/migrations/*.py"),
        ]
    )
    if is_done(mark, wanted) and not os.environ.get("DATABASE_URL"):
        return
    with step("database tables", slow=True):
        manage(places, "prepare_database")
    mark.write_text(wanted)


def first_tables(places):
    """A state directory in which nothing was ever started gets its tables and the catalogue before
    a command that may ask for them. A database that the user brings is theirs to prepare."""
    if mark_path(places, "migrations").exists() or os.environ.get("DATABASE_URL"):
        return
    database(places)
    with step("catalogue"):
        manage(places, "load_catalogue")


def city(places, *, empty):
    """The catalogue always; then, once, either the demo city or an administrator."""
    mark = mark_path(places, "city")
    wanted = "empty" if empty else "demo"
    there = mark.read_text() if mark.exists() else None
    if empty and there == "demo":
        raise Trouble("The demo city is here already; --empty needs a --home of its own.")
    catalogue = mark_path(places, "catalogue"), fingerprint(sources("demo/**/*"))
    # The demo city brings it along.
    if not is_done(*catalogue) and (there or empty):
        with step("catalogue"):
            manage(places, "load_catalogue")
        catalogue[0].write_text(catalogue[1])
    if there:
        return
    if not empty:
        (places.home / "demo").touch()
    with step("administrator" if empty else "demo city"):
        manage(places, *(["create_administrator"] if empty else DEMO_CITY))
        if not empty:
            analyze(places)
            catalogue[0].write_text(catalogue[1])
    mark.write_text(wanted)


def analyze(places):
    """Tell the planner about the tables that were just filled: the first queries would be planned
    as if they were empty. Only their owner may."""
    subprocess.run(
        [str(places.python), "manage.py", "dbshell", "--", "--quiet", "--command", "ANALYZE"],
        cwd=places.code,
        env=service_environment(places)
        | {"GRIDCITY_DB": "owner", "PGOPTIONS": "-c client_min_messages=error"},
        check=True,
        **as_service(),
    )


def static_files(places):
    mark = places.home / "static" / ".gridcity"
    files = sources("static/**/*") + sources("gridcity/s*.py")  # settings, storage
    wanted = fingerprint([*files, CHECKOUT / "requirements.lock", CHECKOUT / "package-lock.json"])
    if is_done(mark, wanted):
        return
    with step("static files", slow=True):
        manage(places, "collectstatic", "--noinput", "--verbosity", "0")
        mark.write_text(wanted)
