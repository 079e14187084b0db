"""What pre-commit runs before a commit is what scripts/test runs: one list in two files."""

import ast

import yaml
from django.conf import settings

ROOT = settings.BASE_DIR


def checks_of_the_suite():
    tree = ast.parse((ROOT / "scripts/local/test.py").read_text(encoding="utf-8"))
    values = (
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "CHECKS"
    )
    return ast.literal_eval(next(values))


def test_pre_commit_runs_the_checks_of_the_suite():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entries = {hook["name"]: hook["entry"].split() for hook in hooks["repos"][0]["hooks"]}
    checks = checks_of_the_suite()
    assert set(entries) == set(checks)
    for name, command in checks.items():
        # How a tool is called differs ("python manage.py", "scripts/manage"), its arguments never.
        arguments = [word for word in command[1:] if word != "manage.py"]
        assert entries[name][1:] == arguments
        if command[0] != "python":
            assert entries[name][0] == f".local/venv/bin/{command[0]}"
