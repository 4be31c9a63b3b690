#!/bin/bash
# SPDX-License-Identifier: MIT
#
# TAP: the chip behind the driver in the guest and its model on the host give the same bits
# (both equal the dense reference) and the same picoseconds, by io_uring and by ioctl.
set -euo pipefail
cd "$(dirname "$0")/../.."
share=build/check/equality
rm -rf "$share"
mkdir -p "$share"
cp runtime/data/sample.csv "$share/"
cat >"$share/cases" <<'END'
--model deepseek-v2-lite --layer 9 --tokens 16 --trace sample.csv --strategy fse-dp,ep
--model deepseek-v2-lite --layer 3 --tokens 5 --zipf 1.2 --seed 7 --strategy fse-dp,ep --slices 5
--model olmoe-1b-7b --tokens 16 --zipf 0 --seed 3 --strategy fse-dp --slices 64 --slots 4
--model qwen3-30b-a3b --tokens 8 --zipf 0.8 --seed 4 --strategy fse-dp,ep --slices 1
--model deepseek-v2-lite --layers 5-6 --tokens 3 --strategy fse-dp,ep
--model olmoe-1b-7b --tokens 8 --passes 2 --buffer 30 --homes skewed:0.8 --redispatch --group 2 --strategy fse-dp
--model olmoe-1b-7b --tokens 4 --passes 3 --strategy fse-dp --rules learned
END
tools/vm/boot.sh --need rill --need driver --share "$share" --timeout 600 selftests/vm/equality.guest.sh |
	sed 's/^/# /'

learns() { [[ $args == *'--rules learned'* ]]; }

# same WHO WHO: and what learns has learned the same
same()
{
	diff <(grep -E "$keys" "$1.json") <(grep -E "$keys" "$2.json") &&
		{ ! learns || cmp "$1.weights" "$2.weights"; }
}

keys='"(strategy|finish_ps|bound_ps|peak_sram_bytes|ddr_bytes|d2d_bytes|verified|verify_failed|slices|slots|events)"'
i=0 n=0
rows=$(wc -l <"$share/cases")
echo "1..$((rows * 2))"
while read -r args; do
	keep=
	! learns || keep="--keep-weights $i.sim.weights"
	(cd "$share" && ../../rill sim $args $keep --verify full --json "$i.sim.json" >"$i.sim.txt" 2>&1) || true
	for path in uring ioctl; do
		n=$((n + 1))
		if [ -s "$share/$i.sim.json" ] && [ -s "$share/$i.$path.json" ] &&
		   (cd "$share" && same "$i.sim" "$i.$path") >"$share/diff" 2>&1; then
			echo "ok $n - $path: $args"
		else
			echo "not ok $n - $path: $args"
			sed 's/^/# /' "$share/diff" "$share/$i.sim.txt" | head -20
		fi
	done
	i=$((i + 1))
done <"$share/cases"
