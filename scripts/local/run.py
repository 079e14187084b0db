"""scripts/run: prepare everything, then start the application and stay with it."""

import argparse
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import install
from commands import service_environment
from locks import is_free, try_lock
from places import Trouble, as_service, find
from processes import die_with_parent, open_log, stop
from servers import hold, last_lines, needed_servers, servers_run
from steps import elapsed, say, step
from waiting import wait_until

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
DEFAULT_PORT = 8000
WEB_PROCESSES = 2
WORKER_PROCESSES = 2
# The deadlines; and what goes out of the house by three ways, each of which may hang on others'
# servers and then holds up neither the other two nor anything else: a thread each.
QUEUES_OF_THEIR_OWN = {"deadlines": ["solo"], "messages": ["threads", "--concurrency", "3"]}
START_SECONDS = 60
# A part that ends by itself is started again, but not in a mad circle.
RESTART_PAUSE_SECONDS = 2


def run_main(arguments):
    options = parse(arguments)
    # A shell script that starts this in the background has SIGINT ignored.
    for number in STOP_SIGNALS:
        signal.signal(number, signal.default_int_handler)
    places = find(options.home)
    lock = try_lock(places.run / "run.lock")
    if lock is None:
        return tell_running(places)
    (places.run / "address").unlink(missing_ok=True)
    listener = claim_port(options.port)
    parts = {}
    users = None
    try:
        users = prepare(places, options)
        with step("web, worker and beat"):
            parts = start_parts(places, listener)
            wait_for_health(places, listener, parts)
        greet(places, listener)
        watch(places, listener, parts)
    except KeyboardInterrupt:
        say("\nStopping …")
        return 0
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        (places.run / "address").unlink(missing_ok=True)
        stop_parts(parts)
        if users is not None:
            os.close(users)
            wait_until(lambda: is_free(places.run / "keeper.lock"), 30)
        say("Stopped.")


def parse(arguments):
    parser = argparse.ArgumentParser(prog="scripts/run", add_help=False)
    parser.add_argument("--port", type=int)
    parser.add_argument("--home")
    parser.add_argument("--empty", action="store_true")
    return parser.parse_args(arguments)


def tell_running(places):
    address = places.run / "address"
    if not wait_until(address.exists, 1):
        say("gridcity is being started by another scripts/run with the same state directory.")
        return 0
    say(f"gridcity is already running at {address.read_text()}")
    return 0


def claim_port(wanted):
    """Before the long work: a port that is taken shows at once, and nobody takes it meanwhile.

    Whoever calls early waits for the answer instead of being refused.
    """
    if wanted is not None:
        try:
            return bind(wanted)
        except OSError as error:
            raise Trouble(f"Port {wanted} cannot be used: {error.strerror}.") from error
    for port in range(DEFAULT_PORT, DEFAULT_PORT + 100):
        try:
            return bind(port)
        except OSError:
            say(f"Port {port} is taken; trying the next one.")
    raise Trouble("No free port; name one with --port.")


def bind(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # uvicorn sets this only on sockets it makes itself; without it every answer takes 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(1024)
    return listener


def address_of(listener):
    return f"http://127.0.0.1:{listener.getsockname()[1]}/"


def prepare(places, options):
    """Everything before the first process of the application; the servers' lock comes back."""
    install.everything(places)
    with step("PostgreSQL and Redis"):
        users = hold(places)
    # On the core that the database leaves free.
    with ThreadPoolExecutor(1) as beside:
        files = beside.submit(install.static_files, places)
        install.database(places)
        install.city(places, empty=options.empty)
        files.result()
    return users


# --- The parts of the application ---------------------------------------------------------


def part_commands(places, listener):
    python = str(places.python)
    celery = [python, "-m", "celery", "-A", "gridcity"]
    web = [python, "-m", "uvicorn", "gridcity.asgi:application", "--fd", str(listener.fileno())]
    web += ["--no-access-log", "--timeout-graceful-shutdown", "5", "--lifespan", "off"]
    worker = [*celery, "worker", "--concurrency", str(WORKER_PROCESSES), "--loglevel", "INFO"]
    return {
        # They share the listening socket: the kernel hands a request to one that is free.
        **{f"web{number}": web for number in range(1, WEB_PROCESSES + 1)},
        "worker": [*worker, "--without-gossip", "--without-mingle", *pool_options()],
        **{name: [*celery, *worker_of(name, pool)] for name, pool in QUEUES_OF_THEIR_OWN.items()},
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile="],
    }


def worker_of(queue, pool):
    """One process alone, which no slow task of another queue can keep waiting."""
    only = ["worker", "--queues", queue, "--hostname", f"{queue}@%h", "--pool", *pool]
    return [*only, "--without-gossip", "--without-mingle", "--loglevel", "INFO"]


def pool_options():
    """The worker's processes share semaphores in /dev/shm, which a bare chroot may not have: there
    threads take their place."""
    shared = subprocess.run(["test", "-w", "/dev/shm"], cwd="/", **as_service())
    return ["--pool", "threads"] if shared.returncode else []


def start_parts(places, listener):
    return {name: start_part(places, listener, name) for name in part_commands(places, listener)}


def start_part(places, listener, name):
    command = part_commands(places, listener)[name]
    with open_log(places, name) as log:
        return subprocess.Popen(
            command,
            cwd=places.code,
            # SIGTERM to the worker puts an unfinished task back instead of waiting for it.
            env=service_environment(places) | {"REMAP_SIGTERM": "SIGQUIT"} | site_url(listener),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[listener.fileno()] if name.startswith("web") else [],
            # Ctrl-C reaches this process alone, which stops the others in order.
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
            **as_service(),
        )


def site_url(listener):
    """Where links in e-mails lead: here, unless the user says how people reach the site."""
    if os.environ.get("GRIDCITY_URL") or os.environ.get("CSRF_TRUSTED_ORIGINS"):
        return {}
    return {"GRIDCITY_URL": f"http://127.0.0.1:{listener.getsockname()[1]}"}


def stop_parts(parts):
    """All at once, then wait for each."""
    for child in parts.values():
        if child.poll() is None:
            child.terminate()
    for child in parts.values():
        stop(child, patience=15)


def health(listener):
    """The answer of /healthz, or None while nothing answers."""
    try:
        with urllib.request.urlopen(f"{address_of(listener)}healthz", timeout=5) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error) if error.code == 503 else None
    except (OSError, ValueError):
        return None


def wait_for_health(places, listener, parts):
    end = time.monotonic() + START_SECONDS
    state = None
    while time.monotonic() < end:
        for name, child in parts.items():
            if child.poll() is not None:
                raise Trouble(f"{name} ended:\n{last_lines(places.logs / f'{name}.log', 20)}")
        state = health(listener)
        if state and state["status"] == "ok":
            return
        time.sleep(0.2)
    raise Trouble(f"Not everything answers after {START_SECONDS} s: {state}\nLogs: {places.logs}")


def greet(places, listener):
    address = address_of(listener)
    (places.run / "address").write_text(address)
    say(f"\ngridcity runs at {address} (started in {elapsed():.0f} s)")
    accounts = places.home / "accounts.json"
    if accounts.exists():
        for name, account in json.loads(accounts.read_text()).items():
            where = account.get("area") or account.get("unit") or ""
            say(f"  {name:<12} {account['password']:<20} {account.get('role', '')} {where}")
        say(f"These accounts stand in {accounts}.")
    say(f"Logs are in {places.logs}. Ctrl-C stops everything.")


def watch(places, listener, parts):
    """Start again what ends by itself, the private servers included."""
    while True:
        time.sleep(RESTART_PAUSE_SECONDS)
        if needed_servers() and not servers_run(places):
            say("PostgreSQL or Redis ended; starting them again.")
            os.close(hold(places))
        for name, child in parts.items():
            if child.poll() is not None:
                say(f"{name} ended with status {child.returncode}; starting it again.")
                parts[name] = start_part(places, listener, name)
