# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034
# Sourced by the scripts beside it: the cache, its locks, and steps with a log and a time.

set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
vm=$top/tools/vm
cache=${RILL_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rill}
log=$cache/log/$(basename "$0" .sh).log
mkdir -p "$cache/log"

die()
{
	printf '%s: %s\n' "$(basename "$0")" "$*" >&2
	exit 1
}

# Milliseconds since some moment.
now()
{
	local t=${EPOCHREALTIME/./}
	echo $((t / 1000))
}

# took START WORDS...: the one line that a finished step leaves.
took()
{
	local ms=$(($(now) - $1))
	shift
	printf '[%5d.%d s] %s\n' $((ms / 1000)) $((ms % 1000 / 100)) "$*" >&2
}

# step NAME COMMAND...: runs it quietly; on failure shows the end of the log and stops.
step()
{
	local name=$1 start rc=0
	shift
	start=$(now)
	[ ! -t 2 ] || printf '[  ...  ] %s\r' "$name" >&2
	printf '\n== %s\n' "$name" >>"$log"
	# A subshell of its own, so that "set -e" holds inside functions too.
	set +e
	(set -e; "$@") </dev/null >>"$log" 2>&1
	rc=$?
	set -e
	if [ $rc -ne 0 ]; then
		took "$start" "$name: FAILED" >&2
		tail -n 25 "$log" | sed 's/^/    /' >&2
		die "$name failed, log: $log"
	fi
	took "$start" "$name"
}

# lock NAME: held until the script ends, however it ends.
lock()
{
	local fd
	exec {fd}>"$cache/$1.lock"
	if ! flock -n "$fd"; then
		echo "waiting for another build of $1" >&2
		flock "$fd"
	fi
}

# A digest of the given words, files and folders (names and contents).
digest()
{
	local x
	for x; do
		if [ -d "$x" ]; then
			(cd "$x" && find . -type f ! -name '.*' -print0 | sort -z |
				xargs -0r sha256sum)
		elif [ -f "$x" ]; then
			sha256sum <"$x"
		else
			echo "$x"
		fi
	done | sha256sum | cut -c 1-16
}
