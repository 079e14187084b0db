"""The processes that scripts/run starts: every queue has somebody who waits for nothing else."""

import sys
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.conf import settings

LOCAL = settings.BASE_DIR / "scripts" / "local"


@pytest.fixture
def commands(monkeypatch):
    """{part: its command line}."""
    monkeypatch.syspath_prepend(str(LOCAL))
    before = set(sys.modules)
    run = import_module("run")
    yield run.part_commands(SimpleNamespace(python="python"), SimpleNamespace(fileno=lambda: 3))
    # Names as short as these are others' too.
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(LOCAL)):
            del sys.modules[name]


def queues_of(command):
    return [command[at + 1] for at, word in enumerate(command) if word == "--queues"]


def test_every_queue_but_the_usual_one_has_a_worker_of_its_own(commands):
    alone = [queue for command in commands.values() for queue in queues_of(command)]
    assert sorted(alone) == sorted({q.name for q in settings.CELERY_TASK_QUEUES} - {"celery"})


def test_one_worker_takes_from_all(commands):
    assert queues_of(commands["worker"]) == []
    assert "worker" in commands["worker"]
