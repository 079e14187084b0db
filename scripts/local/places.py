"""Where everything lies, and as whom the servers run."""

import hashlib
import os
import pwd
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from waiting import wait_until

CHECKOUT = Path(__file__).resolve().parents[2]
SERVICE_USER = "gridcity"
NAME_IS_THERE = 9  # useradd's exit status
# In every state directory. What root adds to media or static belongs to the servers' group too.
FOLDERS = {"beat": 0o750, "logs": 0o750, "mail": 0o770, "marks": 0o770, "media": 0o2770}
FOLDERS |= {"redis": 0o700, "static": 0o2770}
# A unix socket's path has at most 107 bytes; PostgreSQL appends "/.s.PGSQL.5432.lock".
LONGEST_SOCKET_FOLDER = 107 - len("/.s.PGSQL.5432.lock")


class Trouble(Exception):
    """What the user must know; told without a traceback."""


def running_as_root():
    return os.geteuid() == 0


def short_hash(path):
    return hashlib.sha256(str(path).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Places:
    base: Path  # what all state directories of this checkout share: packages, code copy
    home: Path  # one state directory: database, photos, keys, logs

    @property
    def venv(self):
        return self.base / "venv"

    @property
    def python(self):
        return self.venv / "bin" / "python"

    @property
    def npm_folder(self):
        return self.base / "npm"

    @property
    def code(self):
        """What the servers run: the checkout, or under root a copy that they can read."""
        return self.base / "code" if running_as_root() else CHECKOUT

    @property
    def run(self):
        """Sockets and locks; elsewhere if the path is too long for a socket."""
        folder = self.home / "run"
        if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER:
            return folder
        return Path("/tmp") / f"gridcity-{service_uid()}-{short_hash(self.home)}"

    @property
    def logs(self):
        return self.home / "logs"


def service_uid():
    """Whose processes the servers are: PostgreSQL refuses to run as root."""
    if not running_as_root():
        return os.geteuid()
    try:
        return pwd.getpwnam(SERVICE_USER).pw_uid
    except KeyError:
        create_service_user()
        return pwd.getpwnam(SERVICE_USER).pw_uid


def service_gid():
    return pwd.getpwuid(service_uid()).pw_gid


def create_service_user():
    command = ["useradd", "--system", "--user-group", "--no-create-home"]
    command += ["--home-dir", "/var/lib/gridcity", "--shell", "/usr/sbin/nologin", SERVICE_USER]
    # Debian's packages, installed meanwhile, lock the list of users for an instant.
    if not wait_until(lambda: subprocess.run(command).returncode in {0, NAME_IS_THERE}, 60, 1):
        raise Trouble(f"The user {SERVICE_USER!r} cannot be made.")


def as_service():
    """Arguments for subprocess that make the child an unprivileged process."""
    if not running_as_root():
        return {}
    return {"user": service_uid(), "group": service_gid(), "extra_groups": []}


def own(path, mode=None):
    """Give a path to the servers' user."""
    if running_as_root():
        os.chown(path, service_uid(), service_gid(), follow_symlinks=False)
    if mode is not None:
        Path(path).chmod(mode)


def find(home=None):
    link = CHECKOUT / ".local"
    if running_as_root():
        # What root runs must not lie where the servers' user could exchange it.
        base = Path("/usr/local/lib/gridcity") / short_hash(CHECKOUT)
        base.mkdir(parents=True, exist_ok=True)
        state = link_state(link)
    else:
        base = state = link
        if link.is_symlink() and not os.access(link, os.W_OK):
            raise Trouble(f"{link} belongs to root: run this as root, or remove the link first.")
    places = Places(base=base, home=Path(home).expanduser().absolute() if home else state)
    make_home(places, is_named=home is not None)
    return places


def link_state(link):
    """Under root the state lies outside the checkout, and .local is a link to it: a checkout
    below root's home is closed to the servers' user, and stays so."""
    state = Path("/var/lib/gridcity") / short_hash(CHECKOUT)
    if link.is_symlink() and link.readlink() == state:
        return state
    # A copied or moved checkout brings the link of another one along; all else is somebody's.
    if os.path.lexists(link) and not (link.is_symlink() and link.readlink().parent == state.parent):
        raise Trouble(f"{link} was not made by root: run this as its owner, or move it away.")
    link.unlink(missing_ok=True)
    link.symlink_to(state)
    return state


def make_home(places, *, is_named):
    """The folders of a state directory, readable by the servers' user and nobody else."""
    mark = places.home / ".gridcity"
    if is_named and not mark.exists() and places.home.exists() and any(places.home.iterdir()):
        raise Trouble(f"{places.home} holds other things; --home needs a folder of its own.")
    places.base.mkdir(parents=True, exist_ok=True)
    places.home.mkdir(parents=True, exist_ok=True)
    own(places.home, 0o750)
    check_reachable(places.home)
    mark.touch()
    for name, mode in FOLDERS.items():
        folder = places.home / name
        folder.mkdir(exist_ok=True)
        own(folder, mode)
    make_private(places.run)


def give_back(places):
    """What a command run by root left in the state belongs to the servers' user."""
    if not running_as_root():
        return
    for top in ("media", "static"):
        for parent, folders, files in os.walk(places.home / top):
            for path in (Path(parent, name) for name in folders + files):
                if path.lstat().st_uid == 0:
                    own(path)
    accounts = places.home / "accounts.json"
    if accounts.exists():
        own(accounts)


def make_private(folder):
    """A folder for sockets; in /tmp somebody else may have been there first."""
    folder.mkdir(exist_ok=True)
    seen = folder.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid not in {os.geteuid(), service_uid()}:
        raise Trouble(f"{folder} is not mine; remove it.")
    own(folder, 0o700)


def check_reachable(home):
    test = subprocess.run(["test", "-w", str(home)], cwd="/", **as_service())
    if test.returncode:
        raise Trouble(
            f"The user {SERVICE_USER!r}, as whom the servers run, cannot reach {home}.\n"
            "Choose a --home below /var/lib, /srv or /opt: folders above it must be open (o+x)."
        )
