#!/bin/bash
# SPDX-License-Identifier: MIT
# Installs the Debian packages that the project needs and this host lacks.
# deps.sh slurm: those of tools/bench/slurm-local.sh, which nothing else needs.
set -euo pipefail

packages=(
	# the command, the library, their tests
	gcc libc6-dev make pkgconf liburing-dev libdrm-dev libjansson-dev libdnnl-dev libcmocka-dev
	gnuplot-nox graphviz clang sparse perl
	# QEMU
	dpkg-dev patch rsync ninja-build python3 python3-venv libglib2.0-dev libattr1-dev
	# the driver, the kernel, the guest
	bc bison flex libelf-dev libssl-dev kmod cpio xz-utils zstd busybox-static
)
if [ "${1:-}" = slurm ]; then
	packages=(slurmctld slurmd slurm-client munge)
fi

missing=$(comm -23 <(printf '%s\n' "${packages[@]}" | sort) \
	<(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${packages[@]}" 2>/dev/null |
		sed -n 's/^installed //p' | sort))
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	sudo=$(command -v sudo) || {
		echo "deps.sh: not root and no sudo; as root: apt-get install ${missing//$'\n'/ }" >&2
		exit 1
	}
fi
echo "deps: installing ${missing//$'\n'/ }" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086
if ! { $sudo apt-get -qq update && $sudo env DEBIAN_FRONTEND=noninteractive \
	apt-get -qq install --no-install-recommends $missing; } </dev/null >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	exit 1
fi
