#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs Scripts/sweep_slurm.sh on a Slurm of two nodes on this machine, lets the time of a task run out, kills a
# task and a node in the middle, merges, and compares with the bytes of one process. Needs root, for which it installs Debian's Slurm.
#
#   KLSIM=.build/release/klsim SEEDS=400000 Scripts/try_slurm.sh
#
# Exit 0 with a message where Slurm cannot be installed; 1 if something does not hold.
set -euo pipefail
cd "$(dirname "$0")/.."
KLSIM=$(realpath "${KLSIM:-.build/release/klsim}")
export KLSIM
tasks=4

skip() {
  echo "try_slurm: skipped: $1"
  exit 0
}

if ! command -v slurmctld slurmd munged sbatch >/dev/null; then
  [ "$(id -u)" = 0 ] || skip "Slurm is not installed, and only root can install it"
  command -v apt-get >/dev/null || skip "Slurm is not installed, and there is no apt-get"
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    slurmctld slurmd slurm-client munge; } >/dev/null 2>&1 || skip "apt-get cannot install Slurm"
fi
[ "$(id -u)" = 0 ] || skip "Slurm's daemons need root to start tasks"

work=$(mktemp -d)
host=$(hostname -s)
# Ends what the two nodes run, and them.
stop() {
  scancel --user=root 2>/dev/null || true
  sleep 2
  for file in "$work"/*.pid; do [ -s "$file" ] && kill "$(cat "$file")" 2>/dev/null || true; done
  sleep 1
  for file in "$work"/*.pid; do [ -s "$file" ] && kill -9 "$(cat "$file")" 2>/dev/null || true; done
  rm -rf "$work"
}
trap stop EXIT

# Other ports than those of a Slurm that may be on this machine.
port=$((20000 + RANDOM % 20000))
export SLURM_CONF=$work/slurm.conf
cat >"$SLURM_CONF" <<END
ClusterName=klsim
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$work/munge.socket
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool-%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmdParameters=config_overrides
SlurmdTimeout=5
KillWait=2
MessageTimeout=5
ReturnToService=2
JobRequeue=1
MailProg=/bin/true
NodeName=node1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1
NodeName=node2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
END
mkdir "$work/state"
head -c 1024 /dev/urandom >"$work/munge.key"
chmod 400 "$work/munge.key"
chmod 755 "$work"
munged --force --key-file="$work/munge.key" --socket="$work/munge.socket" --pid-file="$work/munged.pid" \
  --log-file="$work/munged.log" --seed-file="$work/munged.seed" 2>/dev/null
slurmctld
slurmd -N node1
slurmd -N node2

# Waits until a command succeeds.
await() {
  local limit=$((SECONDS + $1))
  shift
  until "$@"; do
    if [ $SECONDS -ge $limit ]; then
      echo "try_slurm: waited in vain for: $*"
      sinfo -N || true
      squeue || true
      tail -n 20 "$work"/*.log || true
      exit 1
    fi
    sleep 0.2
  done
}
# The process of klsim that a task's lease names.
process() { cut -d' ' -f1 "$work/sweep/$1/leases/"[0-9]* 2>/dev/null | head -n 1; }
finished() { cat "$work/sweep/$1/journal.jsonl" 2>/dev/null | grep -c '"chunk":' || true; }
is_at_work() { [ "$(finished "$1")" -ge 1 ] && kill -0 "$(process "$1")" 2>/dev/null; }
parent() { cut -d' ' -f4 "/proc/$1/stat"; }
is_at_work_on_node2() {
  task=$(squeue --noheader --array --states=RUNNING --nodelist=node2 --format=%K | head -n 1)
  [ -n "$task" ] && is_at_work "$task"
}
# Whether a task waits or runs for the second time. Slurm lets it wait for two minutes unless told otherwise.
is_queued_again() {
  scontrol show job "${job}_$1" 2>/dev/null | grep -q 'Restarts=[1-9]' || return 1
  scontrol update jobid="${job}_$1" StartTime=now 2>/dev/null || true
}
has_ended() { [ -z "$(squeue --noheader --jobs="$job" 2>/dev/null)" ]; }
both_idle() { [ "$(sinfo -hN -o %T | grep -c idle)" = 2 ]; }

await 30 both_idle
echo "try_slurm: $(sinfo --version), nodes node1 and node2"
# With 400,000 seeds 27 chunks of about a second.
seeds=${SEEDS:-400000}
"$KLSIM" run --objective fkl,rkl,js --epochs 200 --seeds "$seeds" --head count=8 --record 200 --print-study \
  >"$work/study.yaml"
"$KLSIM" sweep "$work/study.yaml" --dry-run

job=$(sbatch --parsable --array="1-$tasks" --chdir="$work" Scripts/sweep_slurm.sh study.yaml sweep)

await 120 is_at_work 2
echo "try_slurm: tells task 2 that its time is up, with $(finished 2) chunks finished"
# It asks again and again for some seconds.
scancel --batch --signal=TERM "${job}_2" 2>/dev/null &
await 120 is_at_work 1
echo "try_slurm: kills the process of task 1 with $(finished 1) chunks finished"
kill -9 "$(process 1)"
await 60 is_queued_again 1
await 60 is_queued_again 2

await 120 is_at_work_on_node2
echo "try_slurm: kills node2 in task $task with $(finished "$task") chunks finished"
klsim=$(process "$task")
script=$(parent "$klsim")
step=$(parent "$script")
kill -9 "$(cat "$work/node2.pid")" "$step" "$script" "$klsim"
await 60 is_queued_again "$task"
slurmd -N node2

await 600 has_ended
cat "$work"/klsim-*.log
"$KLSIM" merge "$work"/sweep/[0-9]* --output "$work/merged"
"$KLSIM" sweep "$work/study.yaml" --output "$work/single" --quiet
for file in records.csv datapackage.json study.yaml; do cmp "$work/merged/$file" "$work/single/$file"; done
echo "try_slurm: $(wc -c <"$work/merged/records.csv") bytes of records are those of a single run"
