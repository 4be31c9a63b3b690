#!/bin/bash
# SPDX-License-Identifier: MIT
#
# slurm-local.sh COMMAND...: a Slurm of one node, this machine, for as long as COMMAND runs; to try
#   tools/bench/slurm-local.sh sbatch --wait --array=1-4 tools/bench/slurm-array.sh --quick
# Its daemons have ports, keys, state and logs of their own in build/slurm and touch no Slurm that is installed
# here. Needs root, which slurmd wants to be. Packages: tools/vm/deps.sh slurm.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || { sed -n '4,8s/^# \?//p' "$0" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "slurm-local.sh: needs root" >&2; exit 1; }
tools/vm/deps.sh slurm
export PATH=$PATH:/usr/sbin

dir=$PWD/build/slurm
host=$(hostname -s)
rm -rf "$dir"
# munged and slurmctld want folders that nobody else can write to.
install -d -m 755 "$dir" "$dir/state" "$dir/spool"
(umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
export SLURM_CONF=$dir/slurm.conf
cat >"$SLURM_CONF" <<END
ClusterName=rill
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
ReturnToService=2
KillWait=2
MailProg=/bin/true
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=rill Nodes=$host Default=YES MaxTime=INFINITE State=UP
END

pids=()
stop()
{
	local pid
	for pid in "${pids[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	wait || true
}
trap stop EXIT

munged --foreground --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --seed-file="$dir/munge.seed" \
	--pid-file="$dir/munge.pid" --log-file="$dir/munge.log" &>"$dir/munged.out" &
pids+=($!)

slurmctld -D -f "$SLURM_CONF" >"$dir/slurmctld.out" 2>&1 &
pids+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" >"$dir/slurmd.out" 2>&1 &
pids+=($!)

for _ in $(seq 150); do
	state=$(sinfo --noheader --format=%T 2>/dev/null || true)
	[ "$state" != idle ] || break
	sleep 0.2
done
if [ "${state:-}" != idle ]; then
	echo "slurm-local.sh: the node is '${state:-not there}' after 30 s, not idle; logs: $dir" >&2
	exit 1
fi
"$@"
