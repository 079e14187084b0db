"""`accounts.json` in the state directory: the accounts whose passwords the project made itself."""

import json
import os
import secrets

from django.conf import settings

FILE = "accounts.json"
PASSWORD_BYTES = 9  # 72 random bits, twelve letters: short enough to type, beyond guessing


def read():
    """{user name: {"password", …}}, empty where there is no file."""
    path = settings.HOME / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(accounts):
    """Add or replace accounts. Only the file's owner may read it, from its first byte on."""
    path = settings.HOME / FILE
    half = path.with_name(f".{FILE}.{os.getpid()}")
    half.unlink(missing_ok=True)
    handle = os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(read() | accounts, file, ensure_ascii=False, indent=2)
    half.replace(path)


def new_password():
    """A random password."""
    return secrets.token_urlsafe(PASSWORD_BYTES)
