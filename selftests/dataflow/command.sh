#!/bin/bash
# SPDX-License-Identifier: MIT
# rill ndf, as a user has it: assemble, print, run, draw, compare. TAP.
set -uo pipefail
cd "$(dirname "$0")/../.."
rill=$PWD/build/rill
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 bad=0

# check NAME COMMAND...
check()
{
	local name=$1
	shift
	n=$((n + 1))
	if "$@" >"$work/log" 2>&1; then
		echo "ok $n $name"
	else
		echo "not ok $n $name"
		sed 's/^/# /' "$work/log"
		bad=1
	fi
}

# says PATTERN STATUS COMMAND...: the command ends so, with these words
says()
{
	local pattern=$1 status=$2 rc=0
	shift 2
	"$@" >"$work/out" 2>&1 || rc=$?
	cat "$work/out"
	[ "$rc" = "$status" ] && grep -q -e "$pattern" "$work/out"
}

same_binary()
{
	"$rill" ndf as "$1" -o "$work/a" && "$rill" ndf dis "$work/a" -o "$work/t" &&
		"$rill" ndf as "$work/t" -o "$work/b" && cmp "$work/a" "$work/b"
}

stats()
{
	"$rill" ndf stats --json "$work/json" && python3 - "$work/json" <<-'END'
	import json, sys
	programs = json.load(open(sys.argv[1]))["programs"]
	keys = "name ops control_nodes classic_control_nodes arcs crosspoints table_bytes firings classic_firings steps classic_steps"
	assert len(programs) == 13
	assert all(set(keys.split()) <= set(p) for p in programs)
	assert sum(p["control_nodes"] for p in programs) <= 65
	assert all(p["steps"] * 100 <= p["classic_steps"] * 102 for p in programs)
	END
}

# What was learned is right at least `least` times in a thousand, and costs less than half.
learns()
{
	"$rill" ndf run "$1" >"$work/out" && cat "$work/out" && awk -v least="$2" '
	/^y: right|^server: right/ { right = $3 * 1000 / $6 }
	/^firings:/ { learned = $2; exact = $7 }
	END { exit !(right >= least && learned * 2 < exact) }' "$work/out"
}

frozen()
{
	"$rill" ndf run learned_threshold --save-weights "$work/w" &&
		says '^y = 0, 0, 1, 1$' 0 "$rill" ndf run learned_threshold --learning frozen --weights "$work/w" \
			--input x=0,36,37,63
}

# The same binary, whether they go into the program or into the text of its graph
weights_for_graph()
{
	"$rill" ndf dis learned_threshold -o "$work/t.ndf" &&
		"$rill" ndf as "$work/t.ndf" --weights "$work/w" -o "$work/a" &&
		"$rill" ndf as learned_threshold --weights "$work/w" -o "$work/b" && cmp "$work/a" "$work/b" &&
		"$rill" ndf as learned_threshold -o "$work/c" && ! cmp "$work/a" "$work/c"
}

# Mapped to an array, and as a binary mapped before; both as on the host
mapped()
{
	"$rill" ndf run "$1" --array "$2" --compare && "$rill" ndf map "$1" --array "$2" -o "$work/m.rndf" &&
		says '^as on the host$' 0 "$rill" ndf run "$work/m.rndf" --array "$2" --compare
}

for program in gcd sieve minsky learned_route; do
	check "$program: binary, text and binary again" same_binary $program
done
check 'run a text' says '^gcd = 21$' 0 "$rill" ndf run gcd
check 'run it as a binary' says '^gcd = 6$' 0 bash -c \
	"'$rill' ndf as gcd -o '$work/gcd.rndf' && '$rill' ndf run '$work/gcd.rndf' --input a=54 --input b=24 --capacity 1"
check 'arrays in, memory out' says '^a = 1, 2, 3, 5, 7, 7, 8, 9$' 0 "$rill" ndf run insertion_sort \
	--input a=9,8,7,7,5,3,2,1 --memory
check 'what is expected is compared' says "'gcd' is not what the text expects" 1 bash -c \
	"sed 's/expect gcd = 21/expect gcd = 22/' runtime/ndf/programs/gcd.ndf >'$work/x.ndf' && '$rill' ndf run '$work/x.ndf'"
check 'a limit of firings' says 'not finished after the limit of 20 firings' 1 "$rill" ndf run gcd --firings 20
check 'a deadlock names its arc' says "'y' waits for a token: arc x:0 -> y:0 holds 0 of 4" 1 bash -c \
	"printf 'graph g source x { 1 } sink y count 2 arc x:0 -> y:0' >'$work/d.ndf' && '$rill' ndf run '$work/d.ndf'"
check 'a fault names its node' says "address out of bounds at 'load': 800" 1 bash -c \
	"printf 'program f\narray m[2]\ninput i = 100\noutput x = m[i]' >'$work/f.ndf' && '$rill' ndf run '$work/f.ndf'"
check 'an error says where' says "e.ndf:3:3: 'c' is not declared above" 1 bash -c \
	"printf 'program e\na = 1\nb=c' >'$work/e.ndf' && '$rill' ndf run '$work/e.ndf'"
for program in learned_example_gradient learned_example_reward learned_branch; do
	check "$program: all words right with every seed" says 'all 64 right to the end: 20 seeds of 20' 0 \
		"$rill" ndf learn "$program"
done
check 'points of learning' says '^learned_route,2,8000,[0-9]*,4096$' 0 "$rill" ndf learn learned_route --seeds 2 --csv -
check 'nothing to learn from' says 'there is no random stream to learn from' 1 "$rill" ndf learn gcd
check 'no such file' says 'nothing: No such file' 1 "$rill" ndf run nothing
check 'no such input' says "there is no input, stream or array 'c'" 1 "$rill" ndf run gcd --input c=1
check 'too many words for an input' says "'a' is one word, not 2" 1 "$rill" ndf run gcd --input a=1,2
check 'nothing to learn from in a binary' says 'gcd.rndf: a binary' 1 "$rill" ndf learn "$work/gcd.rndf"
check 'a wrong capacity' says "capacity: '0' is not a number in 1..4096" 2 "$rill" ndf run gcd --capacity 0
check 'mapped to 2x2' mapped gcd 2x2
check 'mapped to 4x4' mapped matmul 4x4
check 'mapped to 8x8' mapped minsky 8x8
check 'a placement, chiplet by chiplet' says '^      5 .* 100$' 0 "$rill" ndf map gcd --array 3x3 --chiplets 5
check 'a list of chiplets' says '^between chiplets: 0 arcs' 0 "$rill" ndf map factorial --array 2x2 --chiplets 1-1
check 'a chiplet that there is not' says 'chiplets: 4 is not in 0..3' 1 "$rill" ndf map gcd --array 2x2 --chiplets 4
check 'too large an array' says "array: '9x8' is not RxC with 1..64 chiplets" 2 "$rill" ndf map gcd --array 9x8
check 'no array' says 'array: it must be given' 2 "$rill" ndf map gcd
check 'too many nodes' says 'whens: 1 on a chiplet are not enough for 2 on 1' 1 "$rill" ndf map gcd --array 1x1 --whens 1
check 'a placed graph in DOT' says 'label="chiplet 3"' 0 bash -c \
	"'$rill' ndf map gcd --array 2x2 -o '$work/p.rndf' >'$work/p.log' && '$rill' ndf graph '$work/p.rndf'"
check 'a graph in DOT' says '^digraph "gcd" {$' 0 "$rill" ndf graph gcd
check 'a graph in SVG' says '<svg' 0 bash -c "'$rill' ndf graph gcd -o '$work/g.svg' && cat '$work/g.svg'"
check 'no graphviz' says "there is no program 'dot'" 1 env PATH=/nowhere "$rill" ndf graph gcd -o "$work/h.svg"
check 'statistics' stats
check 'a learned branch' learns learned_branch 990
check 'a learned route' learns learned_route 970
check 'learned weights, saved and used' frozen
check 'weights of another program' says "weights of 'large': there is no plastic when of that name" 1 \
	"$rill" ndf run learned_route --weights "$work/w"
check 'weights of a program for its graph' weights_for_graph
echo "1..$n"
exit $bad
