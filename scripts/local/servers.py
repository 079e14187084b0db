"""The private PostgreSQL and Redis.

Whoever needs them (run, manage, test) holds a shared lock on `users.lock`. One keeper process
starts them as its children and waits for the exclusive lock: it gets it when the last user has
gone, by whatever way, and then stops them cleanly. So no stale process stays behind a kill -9,
and two users of the same state directory never stop each other's servers.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from locks import is_free, lock_now, open_lock, share_lock, try_lock, wait_for_lock
from places import Trouble, as_service, short_hash
from processes import clear_out, die_with_parent, open_log, stop
from waiting import wait_until

START_SECONDS = 300
DATABASE = "gridcity"
OWNER_ROLE = "gridcity_owner"
WEB_ROLE = "gridcity_web"
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
# A test's database may vanish with the machine. Nobody measures its tables either: what a test has
# rolled back leaves pages without rows, and a planner who is told so expects none ever after.
FORGETFUL = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"),
    *("wal_level=minimal", "max_wal_senders=0"),
)


def needed_servers():
    """What the user does not bring along."""
    return [
        name
        for name, variable in {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}.items()
        if not os.environ.get(variable)
    ]


def addresses(places):
    """The environment variables that lead to the servers."""
    found = {}
    if "postgres" in needed_servers():
        folder = quote(str(places.run), safe="")
        found["DATABASE_URL"] = f"postgis://{WEB_ROLE}@{folder}/{DATABASE}"
        found["DATABASE_OWNER_URL"] = f"postgis://{OWNER_ROLE}@{folder}/{DATABASE}"
    if "redis" in needed_servers():
        found["REDIS_URL"] = f"unix://{places.run}/redis.sock?db=0"
    return found


def hold(places, *, forgetful=False):
    """Have the private servers run; they do for as long as the handle stays open."""
    if not needed_servers():
        return None
    users = share_lock(places.run / "users.lock")
    starting = wait_for_lock(places.run / "start.lock")
    try:
        if not servers_run(places):
            start_keeper(places, forgetful)
    finally:
        os.close(starting)
    return users


def servers_run(places):
    return not is_free(places.run / "keeper.lock") and (places.run / "ready").exists()


def start_keeper(places, forgetful):
    (places.run / "ready").unlink(missing_ok=True)
    # A keeper that lost a server is on its way out.
    wait_until(lambda: is_free(places.run / "keeper.lock"), 30)
    with open_log(places, "keeper") as log:
        keeper = subprocess.Popen(
            [sys.executable, str(places.code / "scripts" / "local"), "keep", str(places.base)]
            + [str(places.home), "forgetful" if forgetful else "careful"],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **as_service(),
        )
    ready = places.run / "ready"
    # After a power cut PostgreSQL may have much to repair.
    wait_until(lambda: ready.exists() or keeper.poll() is not None, START_SECONDS)
    if not ready.exists():
        raise Trouble(
            f"PostgreSQL or Redis did not start; {places.logs} says why:\n"
            + last_lines(places.logs / "postgres.log")
            + last_lines(places.logs / "keeper.log")
        )


def last_lines(log, count=8):
    if not log.exists():
        return ""
    return "".join(log.read_text(errors="replace").splitlines(keepends=True)[-count:])


# --- In the keeper's process --------------------------------------------------------------


def keep(places, *, forgetful=False):
    """Start the servers, stay until nobody uses them or one of them ends, stop them."""
    # Others take this lock for an instant to see whether it is free.
    if not wait_until(lambda: try_lock(places.run / "keeper.lock") is not None, 5):
        return
    ready = places.run / "ready"
    leave = []
    signal.signal(signal.SIGTERM, lambda *_: leave.append(True))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children = []
    try:
        if "redis" in needed_servers():
            children.append(start_redis(places))
        if "postgres" in needed_servers():
            children.append(start_postgres(places, forgetful))
        ready.touch()
        users = open_lock(places.run / "users.lock")
        while not leave and all(child.poll() is None for child in children):
            if lock_now(users):  # the last user has gone
                break
            time.sleep(0.2)
    finally:
        ready.unlink(missing_ok=True)
        # Fast shutdown: PostgreSQL rolls back what is open and writes a checkpoint.
        for child in reversed(children):
            stop(child, signal.SIGINT, patience=30)


def start_redis(places):
    sock = places.run / "redis.sock"
    # A Redis that is still ending would take the new one's socket along.
    clear_out(places.home / "redis")
    sock.unlink(missing_ok=True)
    program = shutil.which("redis-server")
    with open_log(places, "redis") as log:
        redis = subprocess.Popen(
            # Debian's redis-tools holds the server too, under a name that its argv[0] decides;
            # the package redis-server would add a system service.
            ["redis-server", "--port", "0", "--unixsocket", str(sock), "--unixsocketperm", "700"]
            + ["--dir", str(places.home / "redis"), "--save", "60 1", "--daemonize", "no"]
            + ["--maxmemory-policy", "noeviction"],
            executable=program or shutil.which("redis-check-rdb"),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
    if not wait_until(lambda: accepts(sock) or redis.poll() is not None, 20):
        raise Trouble("Redis does not answer.")
    return redis


def accepts(sock):
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(sock))
        except OSError:
            return False
    return True


def postgres_programs(data):
    """The newest PostgreSQL that has PostGIS, or the version that made the data."""
    marker = data / "PG_VERSION"
    wanted = marker.read_text().strip() if marker.exists() else None
    found = [
        folder.parent.name
        for folder in Path("/usr/share/postgresql").glob("*/extension")
        if (folder / "postgis.control").exists()
    ]
    usable = [version for version in found if wanted in (None, version)]
    if not usable:
        raise Trouble(f"No PostgreSQL {wanted or ''} with PostGIS is installed.")
    return Path("/usr/lib/postgresql") / max(usable, key=int) / "bin"


def start_postgres(places, forgetful):
    data = places.home / "postgres"
    programs = postgres_programs(data)
    fresh = not (data / "PG_VERSION").exists() or not (data / "gridcity-made").exists()
    if fresh:
        shutil.rmtree(places.home / "marks" / short_hash("private"), ignore_errors=True)
        make_cluster(programs, data)
    # After kill -9 or a power cut these files may name a process that is somebody else by now.
    clear_out(data)
    (data / "postmaster.pid").unlink(missing_ok=True)
    for stale in places.run.glob(".s.PGSQL.*"):
        stale.unlink()
    settings = [
        "listen_addresses=",
        f"unix_socket_directories={places.run}",
        "unix_socket_permissions=0700",
        "shared_buffers=256MB",
        "max_connections=100",
        "max_wal_size=1GB",
        "random_page_cost=1.1",
        *(FORGETFUL if forgetful else ()),
    ]
    with open_log(places, "postgres") as log:
        postgres = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data)]
            + [part for setting in settings for part in ("-c", setting)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # The postmaster's SIGINT is a fast, clean shutdown.
            preexec_fn=die_with_parent(signal.SIGINT),
        )
    is_ready = [str(programs / "pg_isready"), "-q", "-h", str(places.run), "-U", "postgres"]
    wait_until(lambda: postgres.poll() is not None or answers(is_ready), START_SECONDS)
    if postgres.poll() is not None:
        raise Trouble("PostgreSQL ended while starting.")
    if fresh:
        make_database(places, programs)
        (data / "gridcity-made").touch()
    return postgres


def answers(command):
    return subprocess.run(command).returncode == 0


def make_cluster(programs, data):
    """initdb; what a start that was cut short left behind is thrown away."""
    shutil.rmtree(data, ignore_errors=True)
    subprocess.run(
        [str(programs / "initdb"), "-D", str(data), "--username", "postgres"]
        # The sockets' folder is closed to others, so its owner needs no password. A bare
        # Debian has no locale but C.UTF-8; names sort by ICU collations of their columns.
        + ["--auth", "trust", "--locale", "C.UTF-8", "--encoding", "UTF8", "--no-sync"],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def make_database(places, programs):
    """The owner has all tables, the web's role has none."""
    extensions = "".join(f"CREATE EXTENSION IF NOT EXISTS {name};" for name in EXTENSIONS)
    run_sql(
        places,
        programs,
        "template1",  # so that the owner's test databases have the extensions too
        extensions
        + f"CREATE ROLE {OWNER_ROLE} LOGIN CREATEDB;"
        + f"CREATE ROLE {WEB_ROLE} LOGIN;"
        + f"GRANT {WEB_ROLE} TO {OWNER_ROLE};",
    )
    run_sql(places, programs, "postgres", f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE};")


def run_sql(places, programs, database, sql):
    subprocess.run(
        [str(programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(places.run)]
        + ["-U", "postgres", "-d", database, "-f", "-"],
        input=sql,
        text=True,
        check=True,
        env=os.environ | {"PGOPTIONS": "-c client_min_messages=warning"},
    )
