#!/bin/bash
# SPDX-License-Identifier: MIT
#
# A job array whose tasks each run one shard of rill bench. From the top of the tree, after make:
#   sbatch [--array=1-N] tools/bench/slurm-array.sh [OPTION OF RILL BENCH...]
# Results: build/shard-I-of-N.jsonl. A task that was stopped goes on when it is submitted again; with
# fewer tasks than the first time, say how many shards there are: RILL_SHARDS=N sbatch --array=3 ...
# Then: make figures RESULTS="$(echo build/shard-*-of-N.jsonl)", or rill plot with all of them.
#
#SBATCH --job-name=rill-bench
#SBATCH --array=1-8
#SBATCH --cpus-per-task=1
#SBATCH --output=build/bench-%A-%a.log
set -euo pipefail

: "${SLURM_ARRAY_TASK_ID:?is not set: submit this with sbatch}"
shards=${RILL_SHARDS:-$SLURM_ARRAY_TASK_COUNT}
if [ "$SLURM_ARRAY_TASK_ID" -lt 1 ] || [ "$SLURM_ARRAY_TASK_ID" -gt "$shards" ]; then
	echo "slurm-array.sh: task $SLURM_ARRAY_TASK_ID is not in 1..$shards; see RILL_SHARDS" >&2
	exit 2
fi
[ -x build/rill ] || { echo "slurm-array.sh: no build/rill in $PWD; run make there first" >&2; exit 2; }
exec build/rill bench --shard "$SLURM_ARRAY_TASK_ID/$shards" --jobs "${SLURM_CPUS_PER_TASK:-1}" \
	--output "build/shard-$SLURM_ARRAY_TASK_ID-of-$shards.jsonl" "$@"
