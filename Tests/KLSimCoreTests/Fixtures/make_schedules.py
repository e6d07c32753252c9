# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes schedules.csv: what torch.optim.lr_scheduler multiplies a learning rate by, update by update."""

import csv
import math
from pathlib import Path

import torch
from torch.optim import lr_scheduler as schedulers

EPOCHS = 40


def factors(make):
    """The factors of all updates of a schedule; `make` makes it of an optimizer."""
    parameter = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = torch.optim.SGD([parameter], lr=1.0)
    schedule = make(optimizer)
    result = []
    for _ in range(EPOCHS):
        result.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return result


def warmed(updates, make):
    """A linear warm-up over so many updates, then another schedule."""
    return lambda optimizer: schedulers.SequentialLR(optimizer, [
        schedulers.LinearLR(optimizer, 1 / updates, total_iters=updates - 1), make(optimizer)], [updates])


SCHEDULES = {
    "constant": lambda o: schedulers.ConstantLR(o, 1.0),
    "warmup:epochs=7": lambda o: schedulers.LinearLR(o, 1 / 7, total_iters=6),
    "linear": lambda o: schedulers.LinearLR(o, 1.0, 0.0, EPOCHS),
    "linear:final=0.1": lambda o: schedulers.LinearLR(o, 1.0, 0.1, EPOCHS),
    "linear:warmup=8": warmed(8, lambda o: schedulers.LinearLR(o, 1.0, 0.0, EPOCHS - 8)),
    "cosine": lambda o: schedulers.CosineAnnealingLR(o, EPOCHS),
    "cosine:final=0.25": lambda o: schedulers.CosineAnnealingLR(o, EPOCHS, 0.25),
    "step:every=9": lambda o: schedulers.StepLR(o, 9),
    "step:every=5:gamma=0.7": lambda o: schedulers.StepLR(o, 5, 0.7),
    "inverse-sqrt": lambda o: schedulers.LambdaLR(o, lambda e: 1 / math.sqrt((e + 10) / 10)),
    "inverse-sqrt:timescale=6:warmup=6": warmed(
        6, lambda o: schedulers.LambdaLR(o, lambda e: 1 / math.sqrt((e + 6) / 6))),
}

if __name__ == "__main__":
    with open(Path(__file__).parent / "schedules.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["schedule", "epochs", "epoch", "factor"])
        for name, make in SCHEDULES.items():
            for epoch, factor in enumerate(factors(make)):
                writer.writerow([name, EPOCHS, epoch, repr(float(factor))])
