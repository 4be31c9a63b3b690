#!/bin/sh
# SPDX-License-Identifier: MIT
# In the guest: the demo's layer through the kernel driver. $1: trace, $2: layer
set -e
rill info
echo
rill run --model deepseek-v2-lite --layer "$2" --tokens 64 --trace "$1" --strategy fse-dp,ep \
	--verify full --json report.json --timeline timeline.json
