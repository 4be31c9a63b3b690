#!/bin/bash
# SPDX-License-Identifier: MIT
#
# TAP: dataflow programs on the chip behind the driver in the guest, on chips of 4 and of 16 chiplets: librill's tests of
# them, then each program at capacities 1, 2 and 4, as it is and mapped to all chiplets, by io_uring and by ioctl, equal
# to the flat engine and, to the picosecond, to the model here.
set -euo pipefail
cd "$(dirname "$0")/../.."
n=0

fill_share()
{
	rm -rf "$share"
	mkdir -p "$share/runtime/ndf" "$share/mapped"
	cp build/selftests/unit/test_ndf_device build/rill "$share/"
	cp -r runtime/ndf/programs "$share/runtime/ndf/"
	ldd "$share/test_ndf_device" | sed -nE 's|.*=> (/[^ ]*cmocka[^ ]*) .*|\1|p' | xargs cp -L -t "$share"
}

list_cases()
{
	local array=$1 program name capacity mapped
	for program in runtime/ndf/programs/*.ndf; do
		name=$(basename "$program" .ndf)
		mapped=mapped/$name.rndf
		"$share/rill" ndf map "$program" --array "$array" -o "$share/$mapped" >"$share/mapped/$name.txt" 2>&1 ||
			echo "# $name: not mapped" >&2
		for capacity in 1 2 4; do
			echo "$name.$capacity $program --capacity $capacity"
			echo "$name.mapped.$capacity $mapped --capacity $capacity"
		done
		echo "$name.mapped $mapped"
		echo "$name.waves $mapped --waves"
	done
}

compare()
{
	local array=$1 label args path
	while read -r label args; do
		# shellcheck disable=SC2086
		(cd "$share" && ./rill ndf run $args --memory --model --array "$array" --compare) \
			>"$share/$label.model" 2>&1 || echo "# $label: the model failed"
		for path in uring ioctl; do
			n=$((n + 1))
			diff "$share/$label.model" "$share/$label.$path" >"$share/diff" 2>&1 || true
			if [ ! -s "$share/diff" ] && grep -q '^as on the host' "$share/$label.$path"; then
				echo "ok $n - $array, $path: $label"
			else
				rc=1
				echo "not ok $n - $array, $path: $label"
				sed 's/^/# /' "$share/diff" | head -20
			fi
		done
	done <"$share/cases"
}

for array in 2x2 4x4; do
	share=$PWD/build/check/ndf-$array
	fill_share
	list_cases "$array" >"$share/cases"
	tools/vm/boot.sh --need rill --need driver --share "$share" --timeout 600 \
		--device "rows=${array%x*},cols=${array#*x}" selftests/vm/ndf.guest.sh "$array" || rc=$?
	compare "$array"
done
echo "1..$n"
exit "${rc:-0}"
