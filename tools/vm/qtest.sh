#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs the device tests, selftests/device/*-test.c, against QEMU without a guest; TAP on standard output.
. "$(dirname "$0")/common.sh"

qemu=$("$vm/qemu.sh")
export QTEST_QEMU_BINARY=$qemu/bin/qemu-system-x86_64
rc=0
for t in "$qemu"/tests/*; do
	[ -x "$t" ] || die "no device tests"
	echo "# ${t##*/}"
	timeout 300 "$t" --tap -k || rc=1
done
exit $rc
