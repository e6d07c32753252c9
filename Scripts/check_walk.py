#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""From logits as trainers store them to the answer: which objective leads, each at its own best rate?

    python check_walk.py KLSIM [--contexts N] [--vocabulary V] [--torch]

NumPy writes bfloat16 teacher logits and float16 student logits, klsim fits five objectives at six
learning rates for 50 steps of AdamW, compares them and draws a figure. With --torch, PyTorch fits two
contexts in double precision, and head and tail errors must agree to 1e-10.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

OBJECTIVES = ["fkl", "rkl", "mix", "akl", "js"]
RATES = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
STEPS = [5, 20, 50]
TOLERANCE = 1e-10


def bfloat16(values):
    """The upper halves of float32 numbers, rounded to even."""
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def save_bfloat16(path, halves):
    """An NPY file as ml_dtypes and NumPy write it: two opaque bytes a number."""
    with open(path, "wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "<V2", "fortran_order": False, "shape": halves.shape})
        halves.tofile(file)


def errors_of_torch(teacher, student, objective, rate, head):
    """Head and tail error after each of STEPS, by autograd and torch.optim.AdamW."""
    import torch
    import torch.nn.functional as F
    sys.path.insert(0, str(Path(__file__).parent.parent / "Tests/KLSimCoreTests/Fixtures"))
    from make_fixtures import objective_loss

    p = torch.softmax(torch.from_numpy(teacher), 0)
    is_head = torch.zeros(len(p), dtype=torch.bool)
    is_head[torch.argsort(p, descending=True, stable=True)[:head]] = True
    z = torch.from_numpy(student).clone().requires_grad_()
    optimizer = torch.optim.AdamW([z], lr=rate)

    def loss():
        if objective != "js":
            return objective_loss(objective, p, z)
        log_q = F.log_softmax(z, dim=0)
        q = log_q.exp()
        log_m = ((p + q) / 2).log()
        return ((p * (p.log() - log_m)).sum() + (q * (log_q - log_m)).sum()) / 2

    found = {}
    for step in range(1, max(STEPS) + 1):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        if step in STEPS:
            gap = (torch.softmax(z.detach(), 0) - p).abs()
            found[step] = (gap[is_head].sum().item(), gap[~is_head].sum().item())
    return found


def compare_with_torch(records, teacher, student, head):
    """The largest difference between the errors of klsim and of PyTorch in two contexts."""
    rows = {}
    with open(records, newline="") as file:
        for row in csv.DictReader(file):
            if row["context"]:
                key = (row["objective"], float(row["learning_rate"]), int(row["context"]), int(row["epoch"]))
                rows[key] = (float(row["head_error"]), float(row["tail_error"]))
    worst = 0.0
    for context in (0, len(teacher) - 1):
        for objective in OBJECTIVES:
            for rate in RATES[::2]:
                found = errors_of_torch(teacher[context], student[context], objective, rate, head)
                for step, pair in found.items():
                    own = rows[objective, rate, context, step]
                    worst = max(worst, abs(own[0] - pair[0]), abs(own[1] - pair[1]))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("klsim")
    parser.add_argument("--contexts", type=int, default=32)
    parser.add_argument("--vocabulary", type=int, default=151936)
    parser.add_argument("--torch", action="store_true", help="compare two contexts with PyTorch")
    options = parser.parse_args()
    klsim = Path(options.klsim).resolve()

    generator = np.random.default_rng(1)
    shape = (options.contexts, options.vocabulary)
    halves = bfloat16(2.5 * generator.standard_normal(shape, dtype=np.float32))
    teacher = (halves.astype(np.uint32) << 16).view(np.float32)
    student = (teacher + generator.standard_normal(shape, dtype=np.float32)).astype(np.float16)
    head = options.vocabulary // 150

    with tempfile.TemporaryDirectory() as folder:
        save_bfloat16(f"{folder}/teacher.npy", halves)
        np.save(f"{folder}/student.npy", student)

        def run(*arguments):
            return subprocess.run([klsim, *arguments], cwd=folder, check=True, text=True,
                                  stdout=subprocess.PIPE).stdout

        start = time.monotonic()
        run("--teacher-file", "teacher.npy", "--teacher-values", "logits",
            "--init", "file:path=student.npy", "--objective", ",".join(OBJECTIVES),
            "--optimizer", "adamw", "--learning-rate", ",".join(map(str, RATES)),
            "--epochs", str(max(STEPS)), "--record", ",".join(map(str, [0] + STEPS)),
            "--head", f"count={head}", "--output", "records.csv", "--quiet")
        print(f"fits: {time.monotonic() - start:.1f} s")
        print(run("compare", "records.csv", "--metric", "tail_error,head_error",
                  "--at", ",".join(map(str, STEPS)), "--best", "learning_rate",
                  "--against", "leader", "--table"))
        run("plot", "records.csv", "--figure", "rates", "--output", "rates.svg")
        assert Path(f"{folder}/rates.svg").read_text().startswith("<?xml")
        print(f"with the comparison and the figure: {time.monotonic() - start:.1f} s")
        if options.torch:
            worst = compare_with_torch(f"{folder}/records.csv", teacher.astype(np.float64),
                                       student.astype(np.float64), head)
            print(f"largest difference from PyTorch: {worst:.1e}")
            if not worst <= TOLERANCE:
                sys.exit("klsim and PyTorch disagree")


if __name__ == "__main__":
    main()
