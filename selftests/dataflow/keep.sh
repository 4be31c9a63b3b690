#!/bin/bash
# SPDX-License-Identifier: MIT
# rill sim --keep-weights, as a user has it: from pass to pass and run to run the same, and what is refused. TAP.
. "$(dirname "$0")/../tap.sh"

# sim FILE OPTION...
sim()
{
	local file=$1
	shift
	"$rill" sim --rules learned --strategy fse-dp --tokens 16 --timing-only --no-trials --keep-weights "$file" "$@"
}

# refused PATTERN FILE OPTION...: and the file stays as it was
refused()
{
	local pattern=$1 file=$2
	shift
	cp "$file" "$work/before"
	says 1 "$pattern" sim "$@" && cmp "$file" "$work/before" && test ! -e "$file.new"
}

refuse()
{
	local name=$1
	shift
	ok "$name" refused "$@"
}

differ()
{
	! cmp "$1" "$2"
}

# Three passes in one run, and in three
ok 'begun anew' says 0 "begun anew, kept in $work/a$" sim "$work/a" --passes 3
for first in 0 16 32; do
	sim "$work/b" --first $first --json "$work/$first.json" >"$work/log"
	[ $first = 0 ] && cp "$work/b" "$work/first"
done
ok 'three passes are as three runs' cmp "$work/a" "$work/b"
ok 'passes learn' differ "$work/a" "$work/first"
ok 'and so they are with arithmetic' bash -c "
	cp '$work/first' '$work/c' &&
	'$rill' sim --rules learned --strategy fse-dp --tokens 16 --no-trials --passes 2 --first 16 \
		--verify sample --keep-weights '$work/c' && cmp '$work/a' '$work/c'"

# Layers, where the next one's known slices are loaded ahead
ok 'layers, one after the other' says 0 'begun anew' sim "$work/l" --layers 1-3
cp "$work/l" "$work/l1"
ok 'and once more' says 0 "went on from those there, kept in $work/l$" sim "$work/l" --layers 1-3
ok 'they go on learning' differ "$work/l" "$work/l1"

# Files that do not fit stay as they were.
head -c 20 "$work/a" >"$work/short"
refuse 'shorter than a header' 'short: bytes: 20 are less than the 24 of a header$' "$work/short"
head -c -1 "$work/a" >"$work/cut"
refuse 'cut off' 'cut: bytes: 959 of weights, not 960$' "$work/cut"
cat "$work/a" - <<<x >"$work/long"
refuse 'too long' 'long: bytes: 962 of weights, not 960$' "$work/long"
: >"$work/empty"
refuse 'empty' 'empty: magic: it is no file of weights of rules$' "$work/empty"
cp "$rill" "$work/other"
refuse 'another file' 'other: magic: it is no file of weights of rules$' "$work/other"
refuse 'another array' 'a: array: weights of 2x2 chiplets, not 3x3$' "$work/a" --array 3x3
# poke FILE AT: file a with another byte there
poke()
{
	cp "$work/a" "$1"
	printf '\377' | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

poke "$work/program" 8
refuse 'another program' 'program: program: weights of rules with CRC [0-9a-f]*, not [0-9a-f]*$' "$work/program"
poke "$work/reserved" 20
refuse 'what is reserved' 'reserved: reserved: 255 is not 0$' "$work/reserved"
head -c 24 "$work/a" >"$work/stuck"
head -c 960 /dev/zero >>"$work/stuck"
refuse 'weights with which nothing moves' 'nothing moves' "$work/stuck"

# What does not go together
keep()
{
	ok "$1" says "$2" "$3" "$rill" sim --timing-only --no-trials --tokens 16 --keep-weights "$work/new" "${@:4}"
	ok "$1: no file" test ! -e "$work/new"
}

keep 'no rules' 2 'keep-weights: needs --rules that learn$' --strategy fse-dp
keep 'rules that do not learn' 1 "rules: 'fse_dp' has nothing that learns$" --strategy fse-dp --rules ndf
keep 'two strategies' 2 'keep-weights: is for one --strategy at a time$' --rules learned
ok 'no such folder' says 1 'keep-weights: /nowhere/w: No such file or directory$' sim /nowhere/w
ok 'a folder' says 1 "keep-weights: $work: Is a directory$" sim "$work"
finish
