"""A process of the engine that may be killed at any statement; `private.Settler` speaks with it.

It reads one line of JSON for each run, forks, and answers with how each child ended. Nothing of the
engine is changed for it: statements are counted by Django's own hook round them.
"""

import json
import os
import signal
import sys

import django

django.setup()

from django.db import connection  # noqa: E402 - after the set-up

from incidents import settling  # noqa: E402


class Death:
    """Counts statements, the commit included, and kills the process at one of them."""

    def __init__(self, at, when):
        self.at, self.when, self.count = at, when, 0

    def __call__(self, execute, sql, params, many, context):
        self.count += 1
        self.strike("before")
        result = execute(sql, params, many, context)
        self.strike("after")
        return result

    def strike(self, when):
        if self.count == self.at and self.when == when:
            os.kill(os.getpid(), signal.SIGKILL)

    def round_the_commit(self, commit):
        def counted():
            self.count += 1
            self.strike("before")
            commit()
            self.strike("after")

        return counted


def settle(at, when, most, batches):
    death = Death(at, when)
    connection._commit = death.round_the_commit(connection._commit)
    with connection.execute_wrapper(death):
        while batches and settling.settle(most):
            batches -= 1


def run(workers, **asked):
    children = []
    for _each in range(workers):
        child = os.fork()
        if not child:
            code = 1
            try:
                settle(**asked)
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]


for line in sys.stdin:
    print(json.dumps(run(**json.loads(line))), flush=True)
