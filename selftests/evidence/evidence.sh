#!/bin/bash
# SPDX-License-Identifier: MIT
#
# TAP: rill bench goes on where it was stopped, shards are a partition, merged shards give the same
# tables, what fails is told, and what rill plot and rill timeline write is what it should be.
. "$(dirname "$0")/../tap.sh"
here=$PWD/selftests/evidence
sample=$PWD/runtime/data/sample.csv
folder=build/check/evidence
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder" || exit 1

# refuses WORDS COMMAND...: fails, and says so with these words
refuses()
{
	local words=$1
	shift
	if "$@" >refused.log 2>&1; then
		echo "it did not fail"
		return 1
	fi
	cat refused.log
	grep -qF -- "$words" refused.log
}

keys() { python3 "$here/lines.py" keys "$@"; }
bench() { "$rill" bench --file sweep --trace "deepseek-v2-lite=$sample" "$@"; }
same() { cmp <(sort "$1") <(sort "$2"); }

cat >sweep <<'END'
sweep small
model deepseek-v2-lite
tokens 8 16
array 1x1 2x2
routing synthetic trace
sample 1 2
strategy fse-dp ep
END
bench --list | sort >all
count=$(wc -l <all)
ok "the sweep has 32 points, each once" test "$count" = 32 -a "$(sort -u all | wc -l)" = 32

bench --verify-every 4 --output whole.jsonl 2>whole.log
ok "every point runs, every line is JSON" same <(keys whole.jsonl) all
ok "some were verified, none differs" python3 "$here/lines.py" verified whole.jsonl
ok "the summary counts them" grep -q 'compared with the dense reference, 0 differ' whole.log

# A file whose writer was stopped while it wrote the eleventh line
head -n 10 whole.jsonl >torn.jsonl
cp torn.jsonl first.jsonl
sed -n 11p whole.jsonl | head -c 200 >>torn.jsonl
bench --output torn.jsonl 2>torn.log
ok "a torn line is cut off" grep -q 'cut off a torn last line of 200 bytes' torn.log
ok "what was there is not run again" cmp <(head -n 10 torn.jsonl) first.jsonl
ok "the rest is, each point once" same <(keys torn.jsonl) all
cp torn.jsonl before.jsonl
bench --output torn.jsonl 2>/dev/null
ok "a finished file stays as it is" cmp torn.jsonl before.jsonl

"$rill" bench --file sweep --trace "deepseek-v2-lite=$sample" --jobs 1 --output stopped.jsonl 2>stopped.log &
pid=$!
for _ in $(seq 200); do
	[ "$(cat stopped.jsonl 2>/dev/null | wc -l)" -ge 3 ] && break
	sleep 0.02
done
kill -TERM $pid 2>/dev/null
wait $pid
ok "a signal stops it in the middle" test "$(wc -l <stopped.jsonl)" -lt 32
ok "with a word" grep -q 'stopped; the same command goes on from here' stopped.log
bench --output stopped.jsonl 2>/dev/null
ok "stopped by a signal, it goes on, each point once" same <(keys stopped.jsonl) all

for i in 1 2 3; do
	bench --shard $i/3 --list >shard.$i
	bench --shard $i/3 --output shard.$i.jsonl 2>/dev/null
done
ok "shards are a partition" same <(cat shard.[123]) all
ok "each runs its own" same <(keys shard.[123].jsonl) all
printf '@%s@\n' runs 'speedup ep' 'sram ep' arrays errors >tables.in
# Without the line that tells how many were verified: not all runs here verify as many
plot() { "$rill" plot --no-charts --template tables.in "$@" | grep -v compared; }
ok "merged shards give the tables of the whole" diff <(plot shard.[123].jsonl) <(plot whole.jsonl)
ok "and they are not empty" grep -q '^| deepseek-v2-lite | 16 |' <(plot whole.jsonl)

sed 's/"build":"[0-9a-f]*"/"build":"0"/' whole.jsonl >old.jsonl
bench --output old.jsonl 2>old.log
ok "what another build made is run again" test "$(wc -l <old.jsonl)" = $((2 * count))
ok "and rill plot leaves the old out" diff <(plot old.jsonl) <(plot torn.jsonl)

# Outputs that differ: a reference with one bit changed
layer="--model deepseek-v2-lite --tokens 8 --seed 1"
"$rill" reference $layer --reference good.ref >/dev/null
python3 "$here/lines.py" flip good.ref bad.ref
cat >differ <<'END'
sweep differ
model deepseek-v2-lite
tokens 8
strategy fse-dp
reference bad.ref
END
ok "outputs that differ fail the run" refuses ': got ' \
	"$rill" bench --file differ --verify-every 1 --output differ.jsonl
ok "and are told in the point's line" grep -q '"verify":"failed"' differ.jsonl
ok "with the numbers" grep -q '"error":"fse-dp[^"]* token [0-9]*, element [0-9]*: got .* want ' differ.jsonl
ok "and its timing" grep -q '"finish_ps":' differ.jsonl
sed 's/bad.ref/good.ref/' differ >agree
ok "the unchanged one agrees" "$rill" bench --file agree --verify-every 1 --output agree.jsonl

cat >errors <<'END'
sweep errors
model phi-3.5-moe
tokens 16
strategy fse-dp ep
sram - 2097152
END
"$rill" bench --file errors --output errors.jsonl 2>/dev/null
ok "EP that does not fit is told, and run with more SRAM" \
	grep -q '"error":"ep: .*"sram_enlarged":[0-9]' errors.jsonl
ok "a size that was asked for is not enlarged" \
	python3 "$here/lines.py" unlike errors.jsonl 'sram=2097152' sram_enlarged

ok "no sweep of that name" refuses "there is no 'nosuch'" "$rill" bench --sweep nosuch --list
ok "a shard of nothing" refuses "shard: '4/3'" "$rill" bench --shard 4/3
ok "a model that is none" refuses "model: there is no 'x'" \
	"$rill" bench --list --file <(printf 'sweep a\nmodel x\nstrategy ep\n')
ok "a file that is not there" refuses nosuch.jsonl "$rill" plot nosuch.jsonl
ok "a table that is none" refuses "no table 'nosuch" \
	"$rill" plot --no-charts --template <(echo @nosuch@) whole.jsonl

ok "tables of known numbers" diff <("$rill" plot --no-charts --template "$here/canned.in" "$here/canned.jsonl") \
	"$here/canned.md"
ok "charts of known numbers" "$rill" plot --out figures "$here/canned.jsonl" whole.jsonl --any-build
ok "they are well-formed" python3 "$here/lines.py" xml figures/speedup-over-ep.svg figures/arrays.svg \
	figures/distance-to-bound.svg figures/peak-sram.svg figures/balance-ep.svg
# gnuplot draws points of size 0 so, and librsvg then draws nothing at all
ok "nothing is scaled to nothing" eval '! grep -l "scale(0\.00)" figures/*.svg'
ok "and PNG" python3 "$here/lines.py" png figures/speedup-over-ep.png
ok "a timeline of two strategies" "$rill" timeline --trace "$sample" --layer 9 --svg '<t&>.svg'
ok "is well-formed and has what it should" python3 "$here/lines.py" timeline '<t&>.svg'
ok "a timeline of 64 chiplets" "$rill" timeline --array 8x8 --tokens 16 --svg large.svg
ok "is well-formed too" python3 "$here/lines.py" xml large.svg
finish
