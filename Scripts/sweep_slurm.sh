#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A sweep as a Slurm job array: each task works on every n-th chunk, in a folder of its own.
#
#   sbatch --array=1-100 Scripts/sweep_slurm.sh study.yaml sweep    # tasks write sweep/1, sweep/2, ...
#   klsim merge sweep/[0-9]* --output sweep/whole                   # once all tasks have ended
#
# Submitted again with the same arguments, it goes on where it was. The number of tasks must stay the same
# only for their share to stay the same: finished chunks count wherever they are.
#
# The same by GNU parallel, on this machine or with --sshlogin on others that share the folder:
#
#   parallel --retries 5 klsim sweep study.yaml --output sweep/{} --shard {}/8 --jobs 1 --quiet ::: {1..8}
#
#SBATCH --job-name=klsim
#SBATCH --cpus-per-task=1
#SBATCH --time=04:00:00
# After the failure of a node the task starts again, and its log goes on.
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%A_%a.log
# SIGTERM to this script two minutes before the time is up.
#SBATCH --signal=B:TERM@120
set -u

study=$1
folder=$2/$SLURM_ARRAY_TASK_ID
mkdir -p "$2"
"${KLSIM:-klsim}" sweep "$study" --output "$folder" --shard slurm \
  --jobs "${SLURM_CPUS_PER_TASK:-1}" --quiet &
trap 'kill -TERM $!' TERM
wait $!
code=$?
# The first wait ends when the trap has run; the second one gives the code of klsim.
if kill -0 $! 2>/dev/null; then
  wait $!
  code=$?
fi
# 143: the time is up; 137: killed, for example for want of memory. Finished chunks are kept.
if { [ $code -eq 143 ] || [ $code -eq 137 ]; } && [ "${SLURM_RESTART_COUNT:-0}" -lt 20 ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
fi
exit $code
