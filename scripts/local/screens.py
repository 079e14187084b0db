"""scripts/screens: the pictures of docs/screens, from a running demo city."""

import subprocess

import install
from commands import environment
from places import CHECKOUT, find


def screens_main(arguments):
    places = find()
    install.everything(places, tests=True)
    asked = arguments or ["http://127.0.0.1:8000"]
    command = [str(places.python), "-m", "tests.browser.screens", *asked]
    return subprocess.run(command, cwd=CHECKOUT, env=environment(places)).returncode
