#!/bin/bash
# SPDX-License-Identifier: MIT
#
# TAP: dataflow programs on the chip behind the driver in the guest: librill's tests of them, then each program at
# capacities 1, 2 and 4 and mapped to all chiplets, by io_uring and by ioctl, equal to the flat engine and, to the
# picosecond, to the model here.
set -euo pipefail
cd "$(dirname "$0")/../.."
share=$PWD/build/check/ndf
rm -rf "$share"
mkdir -p "$share/runtime/ndf" "$share/mapped"
cp build/selftests/unit/test_ndf_device build/rill "$share/"
cp -r runtime/ndf/programs "$share/runtime/ndf/"
ldd "$share/test_ndf_device" | sed -nE 's|.*=> (/[^ ]*cmocka[^ ]*) .*|\1|p' | xargs cp -L -t "$share"
for program in runtime/ndf/programs/*.ndf; do
	name=$(basename "$program" .ndf)
	for capacity in 1 2 4; do
		echo "$name.$capacity $program --capacity $capacity"
	done
	"$share/rill" ndf map "$program" --array 2x2 -o "$share/mapped/$name.rndf" >"$share/mapped/$name.txt" 2>&1 ||
		echo "# $name: not mapped" >&2
	echo "$name.mapped mapped/$name.rndf"
	echo "$name.waves mapped/$name.rndf --waves"
done >"$share/cases"
tools/vm/boot.sh --need rill --need driver --share "$share" --timeout 600 selftests/vm/ndf.guest.sh || rc=$?

n=0
while read -r label args; do
	# shellcheck disable=SC2086
	(cd "$share" && ./rill ndf run $args --memory --model --compare) >"$share/$label.model" 2>&1 ||
		echo "# $label: the model failed"
	for path in uring ioctl; do
		n=$((n + 1))
		diff "$share/$label.model" "$share/$label.$path" >"$share/diff" 2>&1 || true
		if [ ! -s "$share/diff" ] && grep -q '^as on the host' "$share/$label.$path"; then
			echo "ok $n - $path: $label"
		else
			rc=1
			echo "not ok $n - $path: $label"
			sed 's/^/# /' "$share/diff" | head -20
		fi
	done
done <"$share/cases"
echo "1..$n"
exit "${rc:-0}"
