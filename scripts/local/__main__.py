"""What scripts/run, manage, test and screens do once Python is there; stdlib only."""

import os
import subprocess
import sys
from pathlib import Path

import install
import places as where
from manage import manage_main
from run import run_main
from screens import screens_main
from servers import keep
from steps import complain
from test import test_main


def keep_main(arguments):
    """The process that keeps PostgreSQL and Redis; see servers.py."""
    base, home, care = arguments
    places = where.Places(base=Path(base), home=Path(home))
    keep(places, forgetful=care == "forgetful")


def fetch_main(arguments):
    """Python's and npm's packages, while Debian's are still being installed."""
    install.packages(where.find(), tests="tests" in arguments)


MAINS = {
    "run": run_main,
    "manage": manage_main,
    "test": test_main,
    "screens": screens_main,
    "keep": keep_main,
    "fetch": fetch_main,
}


def main():
    os.umask(0o022)
    if sys.version_info < (3, 11):  # noqa: UP036 - the system's Python, which may be any
        complain(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
        return 1
    try:
        return MAINS[sys.argv[1]](sys.argv[2:])
    except where.Trouble as trouble:
        complain(str(trouble))
        return 1
    except KeyboardInterrupt:
        return 130
    except subprocess.CalledProcessError as failure:
        complain(f"Failed: {' '.join(map(str, failure.cmd))}")
        return failure.returncode or 1


sys.exit(main())
