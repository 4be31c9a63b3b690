# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Sourced by tests of commands: TAP. The working folder is the top of the tree, $work an empty one that goes away.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
rill=$PWD/build/rill
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tap_count=0 tap_failed=0

# ok NAME COMMAND...: a test, which passes if the command succeeds
ok()
{
	local name=$1
	shift
	tap_count=$((tap_count + 1))
	if "$@" >"$work/ok.log" 2>&1; then
		echo "ok $tap_count - $name"
	else
		echo "not ok $tap_count - $name"
		tail -n 20 "$work/ok.log" | sed 's/^/# /'
		tap_failed=1
	fi
}

# says STATUS PATTERN COMMAND...: the command ends so, with these words
says()
{
	local status=$1 pattern=$2 rc=0
	shift 2
	"$@" >"$work/says.log" 2>&1 || rc=$?
	cat "$work/says.log"
	echo "status $rc of $*"
	[ "$rc" = "$status" ] && grep -q -e "$pattern" "$work/says.log"
}

# The end of a script
finish()
{
	echo "1..$tap_count"
	exit $tap_failed
}
