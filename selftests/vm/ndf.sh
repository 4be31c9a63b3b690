#!/bin/bash
# SPDX-License-Identifier: MIT
#
# TAP: dataflow programs on the chip behind the driver in the guest: librill's tests of them, then each program at
# capacities 1, 2 and 4, by io_uring and by ioctl, equal to the flat engine and, to the picosecond, to the model here.
set -euo pipefail
cd "$(dirname "$0")/../.."
share=build/check/ndf
rm -rf "$share"
mkdir -p "$share/runtime/ndf"
cp build/selftests/unit/test_ndf_device build/rill "$share/"
cp -r runtime/ndf/programs "$share/runtime/ndf/"
ldd "$share/test_ndf_device" | sed -nE 's|.*=> (/[^ ]*cmocka[^ ]*) .*|\1|p' | xargs cp -L -t "$share"
for program in runtime/ndf/programs/*.ndf; do
	for capacity in 1 2 4; do
		echo "$(basename "$program" .ndf) $capacity"
	done
done >"$share/cases"
tools/vm/boot.sh --need rill --need driver --share "$share" --timeout 600 selftests/vm/ndf.guest.sh || rc=$?

n=0
while read -r name capacity; do
	"$share/rill" ndf run "$share/runtime/ndf/programs/$name.ndf" --capacity "$capacity" --memory --model --compare \
		>"$share/$name.$capacity.model" 2>&1 || echo "# $name $capacity: the model failed"
	for path in uring ioctl; do
		n=$((n + 1))
		if grep -q '^as on the host' "$share/$name.$capacity.$path" &&
		   diff "$share/$name.$capacity.model" "$share/$name.$capacity.$path" >"$share/diff"; then
			echo "ok $n - $path: $name, capacity $capacity"
		else
			rc=1
			echo "not ok $n - $path: $name, capacity $capacity"
			sed 's/^/# /' "$share/diff" "$share/$name.$capacity.$path" | head -20
		fi
	done
done <"$share/cases"
echo "1..$n"
exit "${rc:-0}"
