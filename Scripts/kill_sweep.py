# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills sweeps at random moments, goes on with them, and compares with the bytes of one run.

    python3 Scripts/kill_sweep.py [--klsim .build/release/klsim] [--rounds 100] [--seed 1] [--kinds alone]

Three kinds of rounds: SIGKILL to the only process; SIGKILL to one of two in a folder, after which the other
one ends the sweep; SIGTERM or SIGINT, of which the codes must be 143 and 130. Exit 1 if something does not
hold.
"""

import argparse
import random
import shutil
import signal
import statistics
import time

from sweep_trial import Trial


def alone(trial, folder, moment, _):
    process = trial.start(folder)
    time.sleep(moment)
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


def one_of_two(trial, folder, moment, _):
    killed, other = trial.start(folder, "--jobs", "1"), trial.start(folder, "--jobs", "1")
    time.sleep(moment)
    killed.kill()
    killed.communicate()
    trial.expect(0, other)
    trial.expect_whole(folder)
    return killed.returncode == -signal.SIGKILL


def interrupted(trial, folder, moment, number):
    sign = (signal.SIGTERM, signal.SIGINT)[number % 2]
    process = trial.start(folder)
    time.sleep(moment)
    process.send_signal(sign)
    errors = process.communicate()[1]
    # Before the command looks out for signals, they end it as any process.
    assert process.returncode in (0, 128 + sign, -sign), (process.returncode, errors)
    if process.returncode == 128 + sign:
        left = [path for path in folder.rglob(".klsim-*")] + list(folder.glob("leases/*"))
        assert not left, left
    return process.returncode == 128 + sign


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--klsim", default=".build/release/klsim")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    kinds = [alone, one_of_two, interrupted]
    names = [kind.__name__ for kind in kinds]
    parser.add_argument("--kinds", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    trial = Trial(options.klsim)
    print(f"{trial.chunks} chunks, {trial.seconds:.1f} s without interruption")
    for kind in (kind for kind in kinds if kind.__name__ in options.kinds):
        moments = random.Random(options.seed)
        stopped, chunks, litter = 0, [], 0
        for number in range(options.rounds):
            folder = trial.root / "sweep"
            is_stopped = kind(trial, folder, moments.uniform(0, trial.seconds), number)
            stopped += is_stopped
            if is_stopped:
                chunks.append(trial.finished(folder))
                litter += any(folder.rglob(".klsim-*"))
            trial.expect(0, trial.start(folder))
            trial.expect_whole(folder)
            shutil.rmtree(folder)
        print(
            f"{kind.__name__}: {options.rounds} rounds, {stopped} stopped before the end,"
            f" with {min(chunks, default=0)} to {max(chunks, default=0)} chunks finished"
            f" (median {statistics.median(chunks or [0]):g}),"
            f" {litter} left temporary files: the same bytes each time",
            flush=True)


if __name__ == "__main__":
    main()
