#!/bin/bash
# SPDX-License-Identifier: MIT
#
# make demo: one MoE layer of deepseek-v2-lite at full size, in the guest, on the emulated chip, through
# the driver and io_uring; every output bit checked there against the dense reference; then the
# same on the host with the model alone, which must tell the same device time.
#
# RILL_TRACE: a routing trace with layer 9 of the model; else ../shared/data's, else our sample.
set -euo pipefail
cd "$(dirname "$0")/../.."

layer=9
share=build/demo
trace=${RILL_TRACE:-../shared/data/deepseek-v2-lite.csv}
[ -n "${RILL_TRACE:-}" ] || [ -f "$trace" ] || trace=runtime/data/sample.csv
rm -rf "$share"
mkdir -p "$share"
cp "$trace" "$share/${trace##*/}"
echo "routing trace: $trace"

tools/vm/boot.sh --need rill --need driver --share "$share" tools/demo/guest.sh "${trace##*/}" $layer

build/rill sim --model deepseek-v2-lite --layer $layer --tokens 64 --trace "$trace" \
	--strategy fse-dp,ep --timing-only --json "$share/sim.json" >"$share/sim.txt"
python3 tools/demo/judge.py "$share/report.json" "$share/sim.json"
echo "report: $share/report.json, timeline (open it in ui.perfetto.dev): $share/timeline.json"
echo "demo: OK"
