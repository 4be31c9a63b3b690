#!/bin/bash
# SPDX-License-Identifier: MIT
#
# TAP: what rill's commands refuse, with which exit status, and that the words name the field and its limit.
. "$(dirname "$0")/../tap.sh"
sample=$PWD/runtime/data/sample.csv
cd "$work" || exit 1

# refuses STATUS PATTERN ARGUMENT...: of rill
refuses()
{
	ok "${*:3}" says "$1" "$2" "$rill" "${@:3}"
}

# takes ARGUMENT...: and succeeds
takes()
{
	ok "$*" "$rill" "$@"
}

# Values
refuses 2 "tokens: '4097' is not a number in 1..4096" sim --tokens 4097
refuses 2 "array: '9x1' is not RxC with 1..8 each" sim --array 9x1
refuses 2 "array: '4294967298x2' is not RxC" sim --array 4294967298x2
refuses 2 "strategy: there is no 'abc'" sim --strategy tp,abc
refuses 1 "layers: '-1' is not a number or a range" sim --layers -1
refuses 1 "layers: '4294967297' is not a number" sim --layers 4294967297
refuses 1 "the chip's mac_khz: 1000 to 10000000" sim --timing-only --mac-khz 1
refuses 1 'chiplet mask 0x10: the chip has 4' sim --timing-only --chiplets 0x10
refuses 1 "links are down or not the context's: no way from chiplet 1 to 2" sim --timing-only --tokens 4 --chiplets 6

# Options that do not go together, or go nowhere
refuses 2 'no-prefetch: needs --layers' sim --no-prefetch
refuses 2 'age, slack: need --buffer' sim --age 3
refuses 2 'age, slack: need --buffer' sim --passes 2 --slack 0.5
refuses 2 'order, redispatch, group: are of fse-dp' sim --strategy ep,tp --redispatch
refuses 2 'order, redispatch, group: are of fse-dp' sim --strategy ep --group 2
refuses 2 'order, redispatch, group: are of fse-dp' sim --strategy ep --order paired
refuses 2 'trade: needs plans to be tried' sim --trade 3 --no-trials
refuses 2 'routing, zipf: there is --trace as well' sim --trace "$sample" --layer 9 --zipf 1
refuses 2 'profile: needs --json' sim --profile 10
takes sim --timing-only --tokens 4 --strategy ep,fse-dp --group 2 --profile 10 --json profile.json
refuses 2 "unrecognized option '--tokens'" info --tokens 4
refuses 2 "unrecognized option '--strategy'" reference --strategy ep --reference x.ref
refuses 2 "unrecognized option '--json'" routing --json x
takes timeline --tokens 4
takes sim --timing-only --tokens 4 --rules ndf

# Files
homes() { printf '3\n3\n%s\n3\n' "$1" >homes; }
homes 4294967296
refuses 1 'homes: token 2' sim --timing-only --tokens 4 --homes homes
homes 4
refuses 1 'homes: token 2: chiplet 4 is not allowed' sim --timing-only --tokens 4 --homes homes
homes 0
takes sim --timing-only --tokens 4 --homes homes
layer="--model olmoe-1b-7b --tokens 2"
takes reference $layer --reference whole.ref
takes sim $layer --reference whole.ref
head -c 1000 whole.ref >cut.ref
refuses 1 'cut.ref is not a whole file of rill reference' sim $layer --reference cut.ref
refuses 1 'whole.ref is of another layer, batch or seed' sim $layer --reference whole.ref --seed 2
for option in json svg timeline; do
	refuses 1 '/dev/full: No space left on device' sim --timing-only --tokens 4 --$option /dev/full
done
refuses 1 '/dev/full: No space left on device' reference $layer --reference /dev/full

# Sweeps and charts
refuses 1 'sweep: the list is empty' bench --sweep , --list
refuses 1 'trace-dir: nosuch: No such file' bench --trace-dir nosuch --list
refuses 2 'no-charts: without --template' plot --no-charts /dev/null
refuses 2 'page: needs --template' plot --page x.md /dev/null
refuses 1 'no results' plot /dev/null
finish
