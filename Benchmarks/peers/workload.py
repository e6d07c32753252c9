# SPDX-License-Identifier: GPL-3.0-or-later
"""What the peers have in common: the work, its arguments, and what is reported of it.

A peer fits softmax students of all seeds under FKL, then under RKL, with Adam at 0.2, and computes
fkl, rkl, tvd, entropy, head and tail error at every epoch from 0 to the last. It uses as many
threads as the affinity of its process has processors (taskset).
"""

import argparse
import csv
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

METRICS = ["fkl", "rkl", "tvd", "entropy", "head_error", "tail_error"]
LEARNING_RATE, BETA1, BETA2, EPSILON = 0.2, 0.9, 0.999, 1e-8
# Seeds are fitted in blocks of about so many elements: the state of a block stays in the cache.
BLOCK = 1 << 17


class Problem(NamedTuple):
    """What a block of seeds is fitted to."""
    p: np.ndarray
    head: int
    is_reverse: bool
    epochs: int


def teacher(name, size):
    """The probabilities, descending, and how many of them, with mass up to 0.5, are the head."""
    x = np.arange(size)
    log_weights = {"longtail": -0.5 * (x * 100 / size / 16) ** 2,
                   "zipf": -1.1 * np.log(x + 1)}[name]
    weights = np.exp(log_weights)
    p = weights / weights.sum()
    return p, max(1, int(np.searchsorted(np.cumsum(p), 0.5, side="right")))


def start(seed, size):
    """The logits that torch.rand gives after torch.manual_seed(seed)."""
    raw = np.frombuffer(np.random.RandomState(seed).bytes(4 * size), dtype="<u4")
    return (raw & 0xFFFFFF) * 2.0**-24


def adam_coefficients(epoch):
    """The scalars c and e of z -= c * m / (sqrt(v) + e), m <- BETA1 m + g, v <- BETA2 v + g².

    Moments without their factors 1 - beta need fewer passes; the step is PyTorch's.
    """
    root = np.sqrt(1 - BETA2 ** (epoch + 1)) / np.sqrt(1 - BETA2)
    step = LEARNING_RATE / (1 - BETA1 ** (epoch + 1))
    return step * (1 - BETA1) * root, EPSILON * root


def fit_blocks(fit, problem, starts):
    """Fits all seeds, one thread a block; returns epochs × metrics × seeds."""
    threads = len(os.sched_getaffinity(0))
    count = threads * -(-starts.size // (threads * BLOCK))
    blocks = np.array_split(starts, min(count, len(starts)))
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(partial(fit, problem), blocks)), axis=2)


def write_csv(path, results):
    """A row per objective, seed and epoch."""
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["objective", "seed", "epoch", *METRICS])
        for objective, values in results.items():
            for seed, trajectory in enumerate(values.transpose(2, 0, 1).tolist(), start=1):
                writer.writerows([objective, seed, epoch, *row]
                                 for epoch, row in enumerate(trajectory))


def main(fit):
    """Runs a peer; `fit(problem, starts)` returns epochs × metrics × seeds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--teacher", choices=["longtail", "zipf"], default="longtail")
    parser.add_argument("--size", type=int, default=80)
    parser.add_argument("--epochs", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--output", help="fit once and write all metrics as CSV, no timing")
    args = parser.parse_args()
    p, head = teacher(args.teacher, args.size)
    starts = np.stack([start(seed, args.size) for seed in range(1, args.seeds + 1)])
    problems = {name: Problem(p, head, name == "rkl", args.epochs) for name in ["fkl", "rkl"]}

    def fit_all():
        return {name: fit_blocks(fit, problem, starts) for name, problem in problems.items()}

    if args.output:
        write_csv(args.output, fit_all())
        return
    fit_all()
    begin = time.perf_counter()
    results = fit_all()
    seconds = time.perf_counter() - begin
    final = {name: values[-1, 0].tolist() for name, values in results.items()}
    print(json.dumps({"seconds": seconds, "final_fkl": final}))
