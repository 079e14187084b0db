# Shared by run, manage and test: Debian's packages. What follows them is Python (scripts/local).

here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# PostGIS brings PostgreSQL, GDAL, GEOS and PROJ along. Redis comes from redis-tools: see
# scripts/local/servers.py.
runtime_packages="postgresql-postgis redis-tools gettext fonts-noto-cjk libpangoft2-1.0-0 libharfbuzz-subset0"

GRIDCITY_BEGAN=$(date +%s.%N)
export GRIDCITY_BEGAN

# What this shell has started beside itself ends with it.
background=()
stop_background() {
  [ ${#background[@]} = 0 ] || kill "${background[@]}" 2>/dev/null || true
}
trap stop_background EXIT

# The comment at the head of a script is its help.
show_help_if_asked() {
  local word
  for word in "${@:2}"; do
    case "$word" in
      -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$1"; exit 0 ;;
    esac
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "Root is needed for this: $*" >&2
    return 1
  fi
}

missing_of() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null)" = "install ok installed" ] ||
      printf '%s ' "$package"
  done
}

# Install what is missing, without a system service being made, started or restarted.
lists=
need_packages() {
  if ! command -v dpkg-query >/dev/null; then
    echo "This is no Debian; it goes on in the hope that you have installed: $*" >&2
    return
  fi
  local missing
  missing=$(missing_of "$@")
  [ -n "$missing" ] || return 0
  echo "Installing Debian packages (about a minute): $missing" >&2
  local began=$SECONDS
  tick "$began" &
  local ticker=$!
  background+=("$ticker")
  as_root bash "$here/scripts/install_packages.sh" $lists $missing
  lists=--lists-are-fresh
  kill "$ticker"
  echo "Debian packages: done in $((SECONDS - began)) s" >&2
}

tick() {
  while sleep 10; do echo "  … still installing Debian packages, $((SECONDS - $1)) s" >&2; done
}

# Two cores: Python's and npm's packages come while Debian's are still being installed.
need_everything() {
  local tests=$1
  shift
  need_packages python3 python3-venv
  if [ -n "$(missing_of "$@")" ]; then
    /usr/bin/python3 "$here/scripts/local" fetch "$tests" &
    local fetching=$!
    background+=("$fetching")
    need_packages "$@"
    wait "$fetching"
  fi
}

start_python() {
  exec /usr/bin/python3 "$here/scripts/local" "$@"
}
