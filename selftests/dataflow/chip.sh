#!/bin/bash
# SPDX-License-Identifier: MIT
# rill ndf run on the chip's model, as a user has it: the same as on the host, and what is refused. TAP.
. "$(dirname "$0")/../tap.sh"

# expect STATUS PATTERN COMMAND...
expect()
{
	ok "$2" says "$@"
}

run()
{
	expect "$1" "$2" "$rill" ndf run --model "${@:3}"
}

run 0 '^as on the host$' gcd --compare
run 0 '^gcd = 6$' gcd --input a=54 --input b=24 --compare
run 0 '^a = 1, 2, 3, 5, 7, 7, 8, 9$' insertion_sort --input a=9,8,7,7,5,3,2,1 --memory --compare
run 0 '^y: right 1000 times of 1000$' learned_branch --compare
expect 0 '^between chiplets' "$rill" ndf map sieve --array 3x3 -o "$work/sieve.rndf"
run 0 '^chiplet [4-8]: ' "$work/sieve.rndf" --array 3x3 --compare
run 0 '^end found by [0-9]* waves' "$work/sieve.rndf" --array 3x3 --waves --compare
run 1 "is on chiplet [4-8], which the context lacks$" "$work/sieve.rndf" --array 2x2
expect 0 '^between chiplets' "$rill" ndf map gcd --array 2x2 --chiplets 0,1 -o "$work/gcd.rndf"
run 0 '^as on the host$' "$work/gcd.rndf" --chiplets 3 --compare
run 1 'which the context lacks$' "$work/gcd.rndf" --chiplets 1
run 1 "links are down or not the context's: no way from chiplet" "$work/gcd.rndf" --chiplets 3 --waves

# What a binary has learned, saved, and taken up again
"$rill" ndf as learned_threshold -o "$work/t.rndf"
run 0 '^as on the host$' "$work/t.rndf" --save-weights "$work/w" --compare
expect 0 '^plastic large frac 8 x_frac 6 inputs 1 dims 1$' cat "$work/w"
run 0 '^as on the host$' "$work/t.rndf" --weights "$work/w" --compare
sed 's/large/small/' "$work/w" >"$work/v"
run 1 "weights of 'small': there is no plastic when of that name" "$work/t.rndf" --weights "$work/v"

run 1 'not finished after the limit of 20 firings' gcd --firings 20
printf 'graph g source x { 1 } sink y count 2 arc x:0 -> y:0' >"$work/d.ndf"
run 1 "'y' waits for a token: arc x:0 -> y:0 holds 0 of 4" "$work/d.ndf"
printf 'program f\narray m[2]\ninput i = 100\noutput x = m[i]' >"$work/f.ndf"
run 1 "address out of bounds at 'load': 800" "$work/f.ndf"
run 2 'order, steps: of runs on the host only' gcd --order 3
run 2 'order, steps: of runs on the host only' gcd --steps 3
run 2 'path: of --device only' gcd --path ioctl
run 2 'device, model: one of them is enough' gcd --device
expect 2 'compare: what ' "$rill" ndf run gcd --compare
expect 2 'waves: of --device and --model only' "$rill" ndf run gcd --waves
expect 2 'array: not of --device' "$rill" ndf run gcd --device --array 2x2
expect 1 '/nowhere/accel0' "$rill" ndf run gcd --device=/nowhere/accel0
finish
