"""scripts/manage: one command of manage.py, on the checkout itself, as who calls it."""

import os
import signal
import subprocess
import sys

import install
import steps
from commands import OWNER_COMMANDS, environment, role_of
from places import CHECKOUT, Trouble, find, give_back
from processes import die_with_parent
from servers import hold

WRITES_TO_THE_CHECKOUT = {"makemigrations", "makemessages"}
WITHOUT_TABLES = WRITES_TO_THE_CHECKOUT | OWNER_COMMANDS | {"help", "check", "compilemessages"}


def take_home(arguments):
    """--home DIR may stand anywhere: no command of the project's has an option of that name."""
    rest, home = [], os.environ.get("GRIDCITY_HOME")
    words = iter(arguments)
    for word in words:
        if word == "--home":
            home = next(words, None)
            if home is None:
                raise Trouble("--home needs a folder.")
        elif word.startswith("--home="):
            home = word.partition("=")[2]
        else:
            rest.append(word)
    return rest, home


def manage_main(arguments):
    steps.stream = sys.stderr
    arguments, home = take_home(arguments)
    places = find(home)
    install.everything(places)
    users = hold(places)  # until this process ends
    command = arguments[0] if arguments else "help"
    if command not in WITHOUT_TABLES:
        install.first_tables(places)
    # Under root the servers' user must be able to change what a command leaves in the state.
    os.umask(0o022 if command in WRITES_TO_THE_CHECKOUT else 0o007)
    # The command decides what Ctrl-C means to it; this process only waits.
    signal.signal(signal.SIGINT, lambda *_: None)
    status = call(places, command, arguments)
    if command == "migrate" and status == 0:
        status = call(places, "grant_web", ["grant_web"]) or call(
            places, "sync_moves", ["sync_moves"]
        )
    give_back(places)
    if users is not None:
        os.close(users)
    return status


def call(places, command, arguments):
    status = subprocess.run(
        [str(places.python), str(CHECKOUT / "manage.py"), *arguments],
        env=environment(places) | role_of(command, arguments),
        preexec_fn=die_with_parent(signal.SIGTERM),
    ).returncode
    return status if status >= 0 else 128 - status  # as a shell tells of a signal
