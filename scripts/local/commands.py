"""manage.py in the right environment, with the right database role."""

import os
import subprocess

from places import as_service, running_as_root
from servers import addresses

# Only these act as the owner of the tables; everything else is bound like the web.
OWNER_COMMANDS = {"migrate", "grant_web", "sync_moves", "makemigrations", "showmigrations"}
OWNER_COMMANDS |= {"prepare_database"}


def environment(places):
    return (
        os.environ
        | addresses(places)
        | {
            "GRIDCITY_HOME": str(places.home),
            "GRIDCITY_NODE_MODULES": str(places.npm_folder / "node_modules"),
            "DJANGO_SETTINGS_MODULE": "gridcity.settings",
            "PYTHONUNBUFFERED": "1",
        }
        | ({"GRIDCITY_DEMO": "1"} if (places.home / "demo").exists() else {})
    )


def service_environment(places):
    """For processes of the servers' user, to whom root's home is closed."""
    return environment(places) | ({"HOME": str(places.home)} if running_as_root() else {})


def role_of(command, arguments=()):
    """As whom a command acts; cases in bulk are written by the owner alone."""
    in_bulk = any(word.partition("=")[0] == "--bulk" for word in arguments)
    as_owner = command in OWNER_COMMANDS or command == "simulate" and in_bulk
    return {"GRIDCITY_DB": "owner" if as_owner else "web"}


def manage(places, command, *arguments):
    """Run a command as the servers' user, on the code that the servers run."""
    subprocess.run(
        [str(places.python), "manage.py", command, *arguments],
        cwd=places.code,
        env=service_environment(places) | role_of(command),
        check=True,
        **as_service(),
    )
