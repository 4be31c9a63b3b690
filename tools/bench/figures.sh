#!/bin/bash
# SPDX-License-Identifier: MIT
# figures.sh: runs the sweeps that the evaluation needs, and makes the charts and docs/evaluation.md from them.
#
# FIGURES=quick (minutes on two cores) or full. TRACES=DIR: real routing, MODEL.csv or MODEL.jsonl;
# without it all routing is synthetic, and the page says so. Results are kept in build/figures, and what
# is there is not run again. RESULTS='FILE...': use these (of shards run elsewhere), run nothing.
set -euo pipefail
cd "$(dirname "$0")/../.."
out=build/figures
rill=build/rill
mkdir -p "$out"

# The pages' figures are of the chip's own defaults: nothing else belongs to the command line here.
traces=()
[ -z "${TRACES:-}" ] || traces=(--trace-dir "$TRACES")

run_sweeps()
{
	local quick=(--quick)
	case ${FIGURES:-quick} in
	quick) ;;
	full) quick=() ;;
	*) echo "figures.sh: FIGURES=$FIGURES is neither quick nor full" >&2; exit 2 ;;
	esac
	"$rill" bench --sweep all "${quick[@]}" "${traces[@]}" --verify-every 20 --output "$out/results.jsonl"
}

# draw NAME MODEL LAYER TOKENS STRATEGIES
draw()
{
	local routing=()
	for ending in csv jsonl; do
		[ -z "${TRACES:-}" ] || [ ! -e "$TRACES/$2.$ending" ] || routing=(--trace "$TRACES/$2.$ending")
	done
	"$rill" timeline --model "$2" --layer "$3" --tokens "$4" --strategy "$5" "${routing[@]}" \
		--svg "$out/timeline-$1.svg" >/dev/null
}

if [ -n "${RESULTS:-}" ]; then
	read -r -a results <<<"$RESULTS"
else
	run_sweeps
	results=("$out/results.jsonl")
fi
rm -f "$out"/*.{svg,png,gp}
draw deepseek-64 deepseek-v2-lite 9 64 fse-dp,ep
draw deepseek-1024 deepseek-v2-lite 9 1024 fse-dp,ep
"$rill" plot --out "$out" --template tools/bench/evaluation.md.in --page docs/evaluation.md "${results[@]}"

# Those that the page shows stand beside it.
mkdir -p docs/figures
rm -f docs/figures/*.svg
grep -o '(figures/[^)]*)' docs/evaluation.md | tr -d '()' | while read -r figure; do
	cp "$out/${figure#figures/}" docs/figures/
done

# What plastic whens learn
"$rill" ndf learn --csv "$out/ndf-learning.csv" --chart "$out" >"$out/ndf-learning.txt"
cp "$out/ndf-learning.svg" docs/figures/
echo "figures: all charts in $out (SVG, PNG, gnuplot), the page is docs/evaluation.md"
