"""A PostgreSQL and a Redis of a test's own, which it may kill, stop and start as it likes, and the
processes of the engine that work on them."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic
from urllib.parse import quote

import redis
from django.conf import settings
from django.db import connection

CHECKOUT = Path(__file__).resolve().parents[2]
sys.path.append(str(CHECKOUT / "scripts" / "local"))

from places import as_service, own  # noqa: E402 - the project's own scripts
from processes import die_with_parent, stop  # noqa: E402
from servers import postgres_programs  # noqa: E402

DATABASE = "faults"
ROLES = (
    "CREATE ROLE gridcity_owner LOGIN; CREATE ROLE gridcity_web LOGIN;"
    "GRANT gridcity_web TO gridcity_owner;"
)
FORGETFUL = ("max_connections=60", "fsync=off", "full_page_writes=off", "listen_addresses=")


def wait_for(condition, seconds=30):
    """Until condition() is true; an AssertionError when the seconds are over."""
    end, pause = monotonic() + seconds, Event()
    while not condition():
        assert monotonic() < end, f"not within {seconds} s"
        pause.wait(0.05)


def pass_seconds(seconds):
    """How long a fault lasts: nobody can be asked whether it is over."""
    Event().wait(seconds)


def faked(offset):
    """The variables that set a process's clock, "+1h"; its timeouts go on as ever."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": offset,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DONT_RESET": "1",
    }


class Servers:
    """Both servers, in a folder of their own."""

    def __init__(self, folder, buffers):
        self.folder, self.buffers = Path(folder), buffers
        for path in (self.folder, self.run, self.folder / "redis", self.folder / "beat"):
            path.mkdir()
            own(path, 0o755)
        self.data = self.folder / "postgres"
        self.programs = postgres_programs(self.data)
        self.postgres = self.redis = None
        self.log = (self.folder / "log").open("wb")

    @property
    def run(self):
        return self.folder / "run"

    def _spawn(self, command, **more):
        return subprocess.Popen(
            [str(part) for part in command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            preexec_fn=die_with_parent(signal.SIGKILL),
            **as_service(),
            **more,
        )

    def make(self):
        """A cluster with the tables of pytest's own database."""
        init = [self.programs / "initdb", "-D", self.data, "--username", "postgres"]
        init += ["--auth", "trust", "--locale", "C.UTF-8", "--encoding", "UTF8", "--no-sync"]
        assert self._spawn(init).wait() == 0
        self.start_postgres()
        self._sql("postgres", ROLES + f"CREATE DATABASE {DATABASE} OWNER gridcity_owner;")
        there = connection.settings_dict
        dump = subprocess.run(
            [self.programs / "pg_dump", "-h", there["HOST"], "-U", there["USER"], there["NAME"]],
            capture_output=True,
            check=True,
        )
        self._sql(DATABASE, dump.stdout)

    def _sql(self, database, text):
        subprocess.run(
            [self.programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self.run]
            + ["-U", "postgres", "-d", database],
            input=text.encode() if isinstance(text, str) else text,
            stdout=self.log,
            check=True,
        )

    def start_postgres(self, **environment):
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        values = (f"unix_socket_directories={self.run}", f"shared_buffers={self.buffers}")
        command = [self.programs / "postgres", "-D", self.data]
        command += [part for value in (*values, *FORGETFUL) for part in ("-c", value)]
        self.postgres = self._spawn(command, env=os.environ | environment)
        ready = [self.programs / "pg_isready", "-q", "-h", self.run, "-U", "postgres"]
        wait_for(lambda: subprocess.run(ready).returncode == 0, 60)

    def stop_postgres(self, number=signal.SIGINT):
        """SIGINT as when a machine is shut down, SIGQUIT as in a crash."""
        stop(self.postgres, number, patience=30)

    def start_redis(self):
        sock = self.run / "redis.sock"
        sock.unlink(missing_ok=True)
        program = "/usr/bin/redis-server"
        self.redis = self._spawn(
            ["redis-server", "--port", 0, "--unixsocket", sock, "--save", "", "--dir", self.folder],
            executable=program if Path(program).exists() else "/usr/bin/redis-check-rdb",
        )
        wait_for(self._pings)

    def _pings(self):
        try:
            return self.queue().ping()
        except redis.RedisError:
            return False

    def queue(self):
        return redis.Redis(unix_socket_path=str(self.run / "redis.sock"))

    def stop(self):
        for server in (self.redis, self.postgres):
            if server is not None:
                stop(server, signal.SIGINT)
        self.log.close()

    def environment(self):
        """For a process of the engine: bound as the web is, and none of pytest's."""
        place = quote(str(self.run), safe="")
        pytests = [name for name in os.environ if name.startswith("PYTEST")]
        return {k: v for k, v in os.environ.items() if k not in pytests} | {
            "DATABASE_URL": f"postgis://gridcity_web@{place}/{DATABASE}",
            "DATABASE_OWNER_URL": f"postgis://gridcity_owner@{place}/{DATABASE}",
            "REDIS_URL": f"unix://{self.run}/redis.sock?db=0",
            "GRIDCITY_DB": "web",
            "GRIDCITY_HOME": str(self.folder),
            "SECRET_KEY": "only-for-tests",
            "DJANGO_SETTINGS_MODULE": "gridcity.settings",
        }

    def borrow_connection(self):
        """Lead this process's own connection here; returns a function that leads it back."""
        before = connection.settings_dict
        connection.close()
        connection.settings_dict = before | {
            "NAME": DATABASE,
            "HOST": str(self.run),
            "USER": "gridcity_owner",
            "PORT": "",
            "PASSWORD": "",
        }

        def give_back():
            connection.close()
            connection.settings_dict = before

        return give_back


class Settler:
    """A process of the engine that forks for each run and says how the runs ended."""

    def __init__(self, servers, **environment):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.concurrency.settler"],
            cwd=CHECKOUT,
            env=servers.environment() | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )

    def run(self, *, at=0, when="", workers=1, most=500, batches=1000):
        """Settle until nothing is due or so many batches are done, by so many workers at once; each
        kills itself (kill -9) `when` ("before" or "after") its statement number `at` is carried
        out, if it comes so far. Returns [-9 or 0 of each]."""
        asked = {"at": at, "when": when, "workers": workers, "most": most, "batches": batches}
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.stdout.close()
        stop(self.process)


class Parts:
    """Celery's worker and beat, started again when they end, as scripts/run does."""

    COMMANDS = {
        "worker": ["worker", "--concurrency", "2", "--without-gossip", "--without-mingle"],
        "beat": ["beat", "--pidfile="],
    }

    def __init__(self, servers):
        self.servers, self.running = servers, {}

    def keep(self):
        for name, arguments in self.COMMANDS.items():
            if name not in self.running or self.running[name].poll() is not None:
                self.running[name] = subprocess.Popen(
                    [sys.executable, "-m", "celery", "-A", "tests.concurrency.engine", *arguments],
                    cwd=CHECKOUT,
                    env=self.servers.environment() | {"REMAP_SIGTERM": "SIGQUIT"},
                    stdin=subprocess.DEVNULL,
                    stdout=self.servers.log,
                    stderr=self.servers.log,
                    start_new_session=True,
                    preexec_fn=die_with_parent(signal.SIGKILL),
                )

    def kill(self, name):
        """Kill -9 with all its children, in the middle of whatever they do."""
        os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()

    def end(self):
        for name, child in self.running.items():
            if child.poll() is None:
                self.kill(name)


@contextmanager
def served(blocker, buffers="64MB"):
    """Servers with the tables of pytest's own database, to which this process's connection leads
    meanwhile, in a folder that the servers' user can reach."""
    folder = Path(settings.HOME) / f"private-{os.getpid()}"
    shutil.rmtree(folder, ignore_errors=True)
    servers = Servers(folder, buffers)
    with blocker.unblock():
        try:
            servers.make()
            servers.start_redis()
            give_back = servers.borrow_connection()
            try:
                yield servers
            finally:
                give_back()
        finally:
            servers.stop()
            shutil.rmtree(folder, ignore_errors=True)
