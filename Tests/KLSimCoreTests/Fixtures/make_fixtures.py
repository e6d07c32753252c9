# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference trajectories and gradients from PyTorch, in double precision.

    python make_fixtures.py                   writes the CSV files beside this script
    python make_fixtures.py --check KLSIM     compares every run with the klsim executable

Losses are written with log_softmax, differentiated by autograd and minimised by torch.optim: no
gradient formula of klsim is used. A run is named by klsim's canonical specs; epoch e is the state
after e updates. Divergences are in nats; `loss` follows the objective, reduction included.

Which epochs are written (seed 1 is the seed of the published experiments):
    metrics.csv     seed 1: all; other seeds: 0 to 20, then every 20th
    snapshots.csv   seed 1: 0, 1, 2, 5, 10, 50, 200, 800; other seeds: 1 and the last
Last digits depend on the machine and the version of PyTorch.
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F

TOLERANCE = 1e-10
SNAPSHOT_EPOCHS = {0, 1, 2, 5, 10, 50, 200, 800}
MIXTURES = {"bimodal": (25, 75, 10), "unimodal": (50, 50, 15), "overlapping": (25, 74, 15)}
BOTH_KL = ["fkl", "rkl"]
BOTH_REDUCTIONS = ["fkl", "fkl:reduction=mean", "rkl", "rkl:reduction=mean"]
SGD_SETUPS = [("sgd", 1.0), ("sgd:momentum=0.9", 0.5), ("sgd:momentum=0.9:nesterov=true", 0.5)]
GRADIENT_OBJECTIVES = [*BOTH_KL, "soft-ce", "mix:lambda=0.9", "jeffreys", "akl", "akl:mu=0.8",
                       "akl:head-rule=inclusive"]
RNG_SEEDS = [0, 1, 42, 12345, 2**32 - 1, 2**32, 2**32 + 1]


class Run(NamedTuple):
    """One experiment, named as klsim names it; all but `epochs` are the key columns."""

    teacher: str
    objective: str
    optimizer: str = "adam"
    learning_rate: float = 0.2
    init: str = "torch-uniform"
    seed: int = 1
    epochs: int = 200


KEYS = Run._fields[:-1]


def reference_runs():
    """Every run: experiment B and its variants, then experiment A."""
    for seed, objective in product([1, 2, 0, 12345], BOTH_REDUCTIONS):
        yield Run("longtail", objective, seed=seed, epochs=800)
    for objective in ["soft-ce", "mix", "jeffreys", "akl"]:
        yield Run("longtail", objective)
    for objective, setup in product(BOTH_KL, SGD_SETUPS):
        yield Run("longtail", objective, *setup)
    # One stream gives six students in turn: one per teacher for 1 epoch, then one for 200.
    for block, (epochs, teacher) in enumerate(product([1, 200], MIXTURES)):
        init = f"torch-uniform:skip={50 * block}" if block else "torch-uniform"
        for objective in BOTH_REDUCTIONS:
            yield Run(teacher, objective, "adam", 0.1, init, epochs=epochs)
    for teacher, objective in product(MIXTURES, BOTH_REDUCTIONS):
        yield Run(teacher, objective, "adam", 0.1, seed=7)


def parse(spec):
    """The name and the settings of `name:key=value:…`."""
    name, *settings = spec.split(":")
    return name, dict(setting.split("=") for setting in settings)


def teacher_distribution(name):
    """Experiment B's half-Gaussian or one of experiment A's mixtures, on x = i·100/V."""
    size = 50 if name in MIXTURES else 80
    x = torch.arange(size, dtype=torch.float64) * 100 / size
    if name == "longtail":
        density = torch.exp(-0.5 * (x / 16) ** 2)
    else:
        first, second, width = MIXTURES[name]
        density = (0.3 * torch.exp(-0.5 * ((x - first) / width) ** 2)
                   + 0.5 * torch.exp(-0.5 * ((x - second) / width) ** 2))
    return density / density.sum()


def head_weight(p, q, mu, rule):
    """AKL's weight of FKL: the share of the head in sum |p - q|."""
    ranked, order = torch.sort(p, descending=True, stable=True)
    mass = torch.cumsum(ranked, 0)
    is_head = mass <= mu if rule == "exclusive" else mass.roll(1) < mu
    is_head[0] = True
    error = (p - q).abs()[order]
    return error[is_head].sum() / error.sum()


def objective_loss(spec, p, z):
    """The objective's loss at the logits z, differentiable."""
    name, settings = parse(spec)
    log_p, log_q = p.log(), F.log_softmax(z, dim=0)
    q = log_q.exp()
    fkl, rkl = F.kl_div(log_q, p, reduction="sum"), (q * (log_q - log_p)).sum()
    weight = 1 - float(settings.get("lambda", 0.5))
    if name == "akl":
        mu, rule = float(settings.get("mu", 0.5)), settings.get("head-rule", "exclusive")
        weight = head_weight(p, q.detach(), mu, rule)
    mixture = weight * fkl + (1 - weight) * rkl
    loss = {"fkl": fkl, "rkl": rkl, "soft-ce": -(p * log_q).sum(), "jeffreys": fkl + rkl,
            "mix": mixture, "akl": mixture}[name]
    return loss / len(p) if settings.get("reduction") == "mean" else loss


def trajectory(run):
    """Yields (epoch, [loss, fkl, rkl, tvd, entropy], q) for epochs 0 to run.epochs."""
    p = teacher_distribution(run.teacher)
    skip = int(parse(run.init)[1].get("skip", 0))
    torch.manual_seed(run.seed)
    z = torch.rand(skip + len(p))[skip:].double().requires_grad_()
    name, settings = parse(run.optimizer)
    if name == "adam":
        optimizer = torch.optim.Adam([z], lr=run.learning_rate)
    else:
        optimizer = torch.optim.SGD([z], lr=run.learning_rate, nesterov="nesterov" in settings,
                                    momentum=float(settings.get("momentum", 0)))
    for epoch in range(run.epochs + 1):
        loss = objective_loss(run.objective, p, z)
        with torch.no_grad():
            log_q = F.log_softmax(z, dim=0)
            q = log_q.exp()
            metrics = [loss, objective_loss("fkl", p, z), objective_loss("rkl", p, z),
                       (p - q).abs().sum() / 2, -(q * log_q).sum()]
        yield epoch, [value.item() for value in metrics], q.tolist()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def gradient_cases():
    """Name, teacher and logits: moderate ones, and ones whose p spans 30 decades."""
    generator = np.random.default_rng(2024)
    for size in [2, 5, 80]:
        yield f"moderate-{size}", generator.dirichlet(np.ones(size)), generator.normal(size=size)
        powers = 10 ** generator.permutation(np.linspace(-30, 0, size))
        spread = 3 if size == 2 else 30  # two tokens far apart leave a gradient of rounding only
        logits = generator.permutation(np.linspace(-spread, spread, size))
        yield f"extreme-{size}", powers / powers.sum(), logits


def write(name, columns, rows):
    """Writes a CSV file beside this script; a float as the shortest text that restores it."""
    with open(Path(__file__).with_name(name), "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([columns.split(), *rows])


def write_fixtures():
    """Writes the four CSV files."""
    metrics_rows, snapshots, draws, gradients = [], [], [], []
    for run in reference_runs():
        for epoch, metrics, q in trajectory(run):
            if run.seed == 1 or epoch <= 20 or epoch % 20 == 0:
                metrics_rows.append([*run[:-1], epoch, *metrics])
            if epoch in (SNAPSHOT_EPOCHS if run.seed == 1 else {1, run.epochs}):
                snapshots += [[*run[:-1], epoch, *pair] for pair in enumerate(q)]
    for seed in RNG_SEEDS:
        single, double = (torch.rand(8, dtype=dtype, generator=torch.manual_seed(seed)).tolist()
                          for dtype in (torch.float32, torch.float64))
        draws += [[seed, *row] for row in zip(range(8), single, double)]
    for (case, p, logits), objective in product(gradient_cases(), GRADIENT_OBJECTIVES):
        z = torch.tensor(logits, requires_grad=True)
        loss = objective_loss(objective, torch.tensor(p), z)
        loss.backward()
        rows = zip(p.tolist(), logits.tolist(), [loss.item()] * len(p), z.grad.tolist())
        gradients += [[case, objective, token, *row] for token, row in enumerate(rows)]
    keys = " ".join(KEYS)
    write("metrics.csv", f"{keys} epoch loss fkl rkl tvd entropy", metrics_rows)
    write("snapshots.csv", f"{keys} epoch token q", snapshots)
    write("rng.csv", "seed index float32 float64", draws)
    write("gradients.csv", "case objective token p z loss gradient", gradients)


def klsim_trajectory(klsim, run, folder):
    """The q of every epoch from klsim; NaN where a token or an epoch is missing."""
    output = Path(folder, "snapshots.csv")
    options = [f"--{key.replace('_', '-')}={value}" for key, value in zip(KEYS, run)]
    subprocess.run([klsim, "run", *options, f"--epochs={run.epochs}", "--record=0", "--quiet",
                    f"--output={os.devnull}", "--snapshots=all", f"--snapshot-output={output}"],
                   check=True, cwd=folder)
    q = np.full((run.epochs + 1, len(teacher_distribution(run.teacher))), np.nan)
    with open(output, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            q[int(row["epoch"]), int(row["token"])] = float(row["q"])
    return q


def check(klsim):
    """Compares klsim with every run; True if all agree."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for run in reference_runs():
            expected = np.array([q for _, _, q in trajectory(run)])
            gap = np.abs(klsim_trajectory(klsim, run, folder) - expected).max()
            worst = np.maximum(worst, gap)  # keeps NaN
            print(f"{gap:.1e}", *run, flush=True)
    print(f"{worst:.1e} overall; the tolerance is {TOLERANCE}")
    return bool(worst <= TOLERANCE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", metavar="KLSIM", type=Path, help="compare this executable")
    executable = parser.parse_args().check
    torch.set_num_threads(1)
    if executable:
        sys.exit(0 if check(executable.resolve()) else 1)
    write_fixtures()
