#!/usr/bin/env bash
# Install Debian packages and leave every system service as it is. Run by root, from lib.sh; the
# lists of packages are fetched first, unless the first word is --lists-are-fresh.
set -euo pipefail

no_cluster=/etc/postgresql-common/createcluster.d/gridcity.conf
policy=/usr/sbin/policy-rc.d
made=()

restore() { [ ${#made[@]} = 0 ] || rm -f "${made[@]}"; }
trap restore EXIT

# Debian's postgresql makes and starts a cluster of its own unless told not to.
if [ ! -e "$no_cluster" ]; then
  mkdir -p "${no_cluster%/*}"
  echo "create_main_cluster = false" >"$no_cluster"
  made+=("$no_cluster")
fi
# 101 forbids maintainer scripts to start, stop or restart any service.
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  made+=("$policy")
fi

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
apt_get() { apt-get -q -q -o DPkg::Lock::Timeout=300 "$@"; }
if [ "$1" = --lists-are-fresh ]; then
  shift
else
  apt_get update
fi
apt_get install --yes --no-install-recommends --no-upgrade "$@" >/dev/null
