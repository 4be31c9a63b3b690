#!/bin/bash
# SPDX-License-Identifier: MIT
# rill ndf, as a user has it: assemble, print, run, draw, compare. TAP.
. "$(dirname "$0")/../tap.sh"

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
		says 0 '^y = 0, 0, 1, 1$' "$rill" ndf run learned_threshold --learning frozen --weights "$work/w" \
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
		says 0 '^as on the host$' "$rill" ndf run "$work/m.rndf" --array "$2" --compare
}

for program in gcd sieve minsky learned_route; do
	ok "$program: binary, text and binary again" same_binary $program
done
ok 'run a text' says 0 '^gcd = 21$' "$rill" ndf run gcd
ok 'run it as a binary' says 0 '^gcd = 6$' bash -c \
	"'$rill' ndf as gcd -o '$work/gcd.rndf' && '$rill' ndf run '$work/gcd.rndf' --input a=54 --input b=24 --capacity 1"
ok 'arrays in, memory out' says 0 '^a = 1, 2, 3, 5, 7, 7, 8, 9$' "$rill" ndf run insertion_sort \
	--input a=9,8,7,7,5,3,2,1 --memory
ok 'what is expected is compared' says 1 "'gcd' is not what the text expects" bash -c \
	"sed 's/expect gcd = 21/expect gcd = 22/' runtime/ndf/programs/gcd.ndf >'$work/x.ndf' && '$rill' ndf run '$work/x.ndf'"
ok 'a limit of firings' says 1 'not finished after the limit of 20 firings' "$rill" ndf run gcd --firings 20
ok 'a deadlock names its arc' says 1 "'y' waits for a token: arc x:0 -> y:0 holds 0 of 4" bash -c \
	"printf 'graph g source x { 1 } sink y count 2 arc x:0 -> y:0' >'$work/d.ndf' && '$rill' ndf run '$work/d.ndf'"
ok 'a fault names its node' says 1 "address out of bounds at 'load': 800" bash -c \
	"printf 'program f\narray m[2]\ninput i = 100\noutput x = m[i]' >'$work/f.ndf' && '$rill' ndf run '$work/f.ndf'"
ok 'an error says where' says 1 "e.ndf:3:3: 'c' is not declared above" bash -c \
	"printf 'program e\na = 1\nb=c' >'$work/e.ndf' && '$rill' ndf run '$work/e.ndf'"
for program in learned_example_gradient learned_example_reward learned_branch; do
	ok "$program: all words right with every seed" says 0 'all 64 right to the end: 20 seeds of 20' \
		"$rill" ndf learn "$program"
done
ok 'points of learning' says 0 '^learned_route,2,8000,[0-9]*,4096$' "$rill" ndf learn learned_route --seeds 2 --csv -
ok 'nothing to learn from' says 1 'there is no random stream to learn from' "$rill" ndf learn gcd
ok 'no such file' says 1 'nothing: No such file' "$rill" ndf run nothing
ok 'no such input' says 1 "there is no input, stream or array 'c'" "$rill" ndf run gcd --input c=1
ok 'too many words for an input' says 1 "'a' is one word, not 2" "$rill" ndf run gcd --input a=1,2
ok 'nothing to learn from in a binary' says 1 'gcd.rndf: a binary' "$rill" ndf learn "$work/gcd.rndf"
ok 'a wrong capacity' says 2 "capacity: '0' is not a number in 1..4096" "$rill" ndf run gcd --capacity 0
ok 'mapped to 2x2' mapped gcd 2x2
ok 'mapped to 4x4' mapped matmul 4x4
ok 'mapped to 8x8' mapped minsky 8x8
ok 'a placement, chiplet by chiplet' says 0 '^      5 .* 100$' "$rill" ndf map gcd --array 3x3 --chiplets 5
ok 'a list of chiplets' says 0 '^between chiplets: 0 arcs' "$rill" ndf map factorial --array 2x2 --chiplets 1-1
ok 'a chiplet that there is not' says 1 'chiplets: 4 is not in 0..3' "$rill" ndf map gcd --array 2x2 --chiplets 4
ok 'too large an array' says 2 "array: '9x8' is not RxC with 1..64 chiplets" "$rill" ndf map gcd --array 9x8
ok 'no array' says 2 'array: it must be given' "$rill" ndf map gcd
ok 'too many nodes' says 1 'whens: 1 on a chiplet are not enough for 2 on 1' "$rill" ndf map gcd --array 1x1 --whens 1
ok 'a placed graph in DOT' says 0 'label="chiplet 3"' bash -c \
	"'$rill' ndf map gcd --array 2x2 -o '$work/p.rndf' >'$work/p.log' && '$rill' ndf graph '$work/p.rndf'"
ok 'a graph in DOT' says 0 '^digraph "gcd" {$' "$rill" ndf graph gcd
ok 'a graph in SVG' says 0 '<svg' bash -c "'$rill' ndf graph gcd -o '$work/g.svg' && cat '$work/g.svg'"
ok 'no graphviz' says 1 "there is no program 'dot'" env PATH=/nowhere "$rill" ndf graph gcd -o "$work/h.svg"
ok 'statistics' stats
ok 'a learned branch' learns learned_branch 990
ok 'a learned route' learns learned_route 970
ok 'learned weights, saved and used' frozen
ok 'weights of another program' says 1 "weights of 'large': there is no plastic when of that name" \
	"$rill" ndf run learned_route --weights "$work/w"
ok 'weights of a program for its graph' weights_for_graph
finish
