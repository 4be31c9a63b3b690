#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [NAME...]: the tests of rill.ko, all or those named (query, bo, ...), in the guest as
# root with the module loaded. TAP; fails if anything failed.

dir=${RILL_TESTS:-/rill/tests}
failed=''

# The one that takes the module away comes last.
names=$*
if [ -z "$names" ]; then
	names='query bo ctx submit_ioctl submit_uring pass d2d ndf cancel two_procs module'
	for t in "$dir"/test_*; do
		name=$(basename "$t" .sh)
		case " $names " in
		*" ${name#test_} "*) ;;
		*)
			echo "# run.sh does not know $t"
			failed="$failed $name"
			;;
		esac
	done
fi

for name in $names; do
	t=$dir/test_$name
	echo "# $name"
	echo "selftests: $name" >/dev/kmsg
	if [ -e "$t.sh" ]; then
		sh "$t.sh"
	else
		"$t"
	fi || failed="$failed $name"
done
[ -z "$failed" ] || {
	echo "# failed:$failed"
	exit 1
}
