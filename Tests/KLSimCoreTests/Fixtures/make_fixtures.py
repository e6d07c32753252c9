# SPDX-License-Identifier: GPL-3.0-or-later
"""Reference trajectories and gradients from PyTorch, in double precision.

    python make_fixtures.py                   writes the CSV files beside this script
    python make_fixtures.py --check KLSIM     compares every run with the klsim executable

Losses are written with log_softmax, differentiated by autograd and minimised by torch.optim: no
formula of klsim is used. A run is named by klsim's canonical specs; epoch e is the state after e
updates. Divergences are in nats; `loss` follows the objective, reduction included.

Which epochs are written (seed 1 is the seed of the published experiments):
    metrics.csv     seed 1: all; other seeds: 0 to 20, then every 20th
    snapshots.csv   seed 1: 0, 1, 2, 5, 10, 50, 200, 800; other seeds: 1 and the last
Last digits depend on the machine and the version of PyTorch.
"""

import argparse
import csv
import itertools
import os
import subprocess
import sys
import tempfile
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

HERE = Path(__file__).resolve().parent
TOLERANCE = 1e-10
SNAPSHOT_EPOCHS = {0, 1, 2, 5, 10, 50, 200, 800}
PAPER_MIXTURES = {"bimodal": (25, 75, 10), "unimodal": (50, 50, 15), "overlapping": (25, 74, 15)}
BOTH_KL = ["fkl", "rkl"]
BOTH_REDUCTIONS = ["fkl", "fkl:reduction=mean", "rkl", "rkl:reduction=mean"]
RNG_SEEDS = [0, 1, 42, 12345, 2**32 - 1, 2**32, 2**32 + 1]
GRADIENT_OBJECTIVES = BOTH_KL + ["soft-ce", "mix:lambda=0.9", "jeffreys", "akl", "akl:mu=0.8",
                                 "akl:head-rule=inclusive"]


@dataclass(frozen=True)
class Run:
    """One experiment, named as klsim names it."""

    teacher: str
    objective: str
    optimizer: str = "adam"
    learning_rate: float = 0.2
    init: str = "torch-uniform"
    seed: int = 1
    epochs: int = 200

    @property
    def key(self):
        """The run's key columns."""
        return astuple(self)[:-1]


RUN_COLUMNS = [field.name for field in fields(Run)][:-1]


def reference_runs():
    """Every run: experiment B and its variants, then experiment A."""
    for seed, objective in itertools.product([1, 2, 0, 12345], BOTH_REDUCTIONS):
        yield Run("longtail", objective, seed=seed, epochs=800)
    for objective in ["soft-ce", "mix", "jeffreys", "akl"]:
        yield Run("longtail", objective)
    for objective in BOTH_KL:
        yield Run("longtail", objective, "sgd", 1.0)
        yield Run("longtail", objective, "sgd:momentum=0.9", 0.5)
        yield Run("longtail", objective, "sgd:momentum=0.9:nesterov=true", 0.5)
    # One stream gives six students in turn: one per teacher for 1 epoch, then one for 200.
    for block, (epochs, teacher) in enumerate(itertools.product([1, 200], PAPER_MIXTURES)):
        init = f"torch-uniform:skip={50 * block}" if block else "torch-uniform"
        for objective in BOTH_REDUCTIONS:
            yield Run(teacher, objective, "adam", 0.1, init, epochs=epochs)
    for teacher, objective in itertools.product(PAPER_MIXTURES, BOTH_REDUCTIONS):
        yield Run(teacher, objective, "adam", 0.1, seed=7)


def parse(spec):
    """The name and the settings of `name:key=value:…`."""
    name, *settings = spec.split(":")
    return name, dict(setting.split("=") for setting in settings)


def teacher_distribution(name):
    """Experiment B's half-Gaussian or one of experiment A's mixtures, on i·100/V."""
    if name == "longtail":
        density = torch.exp(-0.5 * (torch.arange(80, dtype=torch.float64) * 1.25 / 16) ** 2)
    else:
        first, second, width = PAPER_MIXTURES[name]
        x = torch.arange(50, dtype=torch.float64) * 2
        density = (0.3 * torch.exp(-0.5 * ((x - first) / width) ** 2)
                   + 0.5 * torch.exp(-0.5 * ((x - second) / width) ** 2))
    return density / density.sum()


def initial_logits(run, size):
    """The float32 stream of the seed after `skip` values, as doubles."""
    torch.manual_seed(run.seed)
    skip = int(parse(run.init)[1].get("skip", 0))
    return torch.rand(skip + size)[skip:].double()


def head_mask(p, mu, rule):
    """AKL's head: True where the token is head."""
    ranked, order = torch.sort(p, descending=True, stable=True)
    mass = torch.cumsum(ranked, 0)
    if rule == "exclusive":
        ranked_head = mass <= mu
    else:
        ranked_head = torch.cat([torch.zeros(1, dtype=p.dtype), mass[:-1]]) < mu
    ranked_head[0] = True
    return torch.empty_like(ranked_head).scatter_(0, order, ranked_head)


def objective_loss(spec, p, z):
    """The objective's loss at the logits z, differentiable."""
    name, settings = parse(spec)
    log_p, log_q = p.log(), F.log_softmax(z, dim=0)
    q = log_q.exp()
    fkl, rkl = F.kl_div(log_q, p, reduction="sum"), (q * (log_q - log_p)).sum()
    if name == "fkl":
        loss = fkl
    elif name == "rkl":
        loss = rkl
    elif name == "soft-ce":
        loss = -(p * log_q).sum()
    elif name == "jeffreys":
        loss = fkl + rkl
    elif name == "mix":
        weight = float(settings.get("lambda", 0.5))
        loss = (1 - weight) * fkl + weight * rkl
    elif name == "akl":
        head = head_mask(p, float(settings.get("mu", 0.5)), settings.get("head-rule", "exclusive"))
        error = (p - q).abs().detach()
        weight = error[head].sum() / error.sum()
        loss = weight * fkl + (1 - weight) * rkl
    else:
        raise ValueError(f"no reference for the objective {spec}")
    return loss / len(p) if settings.get("reduction") == "mean" else loss


def make_optimizer(run, parameters):
    """The run's torch.optim optimizer."""
    name, settings = parse(run.optimizer)
    if name == "adam":
        return torch.optim.Adam(parameters, lr=run.learning_rate)
    return torch.optim.SGD(parameters, lr=run.learning_rate,
                           momentum=float(settings.get("momentum", 0)),
                           nesterov=settings.get("nesterov") == "true")


def trajectory(run):
    """Yields (epoch, [loss, fkl, rkl, tvd, entropy], q) for epochs 0 to run.epochs."""
    p = teacher_distribution(run.teacher)
    z = initial_logits(run, len(p)).requires_grad_()
    optimizer = make_optimizer(run, [z])
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


def trajectory_rows():
    """The rows of metrics.csv and of snapshots.csv."""
    metrics_rows, snapshot_rows = [], []
    for run in reference_runs():
        for epoch, metrics, q in trajectory(run):
            if run.seed == 1 or epoch <= 20 or epoch % 20 == 0:
                metrics_rows.append([*run.key, epoch, *metrics])
            if epoch in (SNAPSHOT_EPOCHS if run.seed == 1 else {1, run.epochs}):
                snapshot_rows += [[*run.key, epoch, *pair] for pair in enumerate(q)]
    return metrics_rows, snapshot_rows


def rng_rows():
    """The first uniform values of each seed, in both precisions."""
    for seed in RNG_SEEDS:
        single, double = (torch.rand(8, dtype=dtype, generator=torch.manual_seed(seed)).tolist()
                          for dtype in (torch.float32, torch.float64))
        for index, values in enumerate(zip(single, double)):
            yield seed, index, *values


def gradient_cases():
    """Names, teachers and logits: moderate ones, and ones that span 30 decades."""
    generator = np.random.default_rng(2024)
    for size in [2, 5, 80]:
        yield f"moderate-{size}", generator.dirichlet(np.ones(size)), generator.normal(size=size)
        decades = generator.permutation(np.linspace(-30, 0, size))
        spread = 3 if size == 2 else 30  # two tokens far apart leave a gradient of rounding only
        logits = generator.permutation(np.linspace(-spread, spread, size))
        yield f"extreme-{size}", 10**decades / np.sum(10**decades), logits


def gradient_rows():
    """Loss and gradient of each objective at each case."""
    for (case, p, logits), objective in itertools.product(gradient_cases(), GRADIENT_OBJECTIVES):
        z = torch.tensor(logits, requires_grad=True)
        loss = objective_loss(objective, torch.tensor(p), z)
        loss.backward()
        for token, values in enumerate(zip(p.tolist(), logits.tolist(), z.grad.tolist())):
            yield case, objective, token, *values[:2], loss.item(), values[2]


def write(name, header, rows):
    """Writes a CSV file; floats as the shortest text that reads back to the same double."""
    with open(HERE / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def klsim_gap(klsim, run, folder):
    """The largest |q_klsim - q_torch| of a run, over every token and epoch."""
    output = Path(folder, "snapshots.csv")
    keys = [f"--{column.replace('_', '-')}={value}" for column, value in zip(RUN_COLUMNS, run.key)]
    subprocess.run([klsim, "run", *keys, f"--epochs={run.epochs}", "--record=0", "--quiet",
                    f"--output={os.devnull}", "--snapshots=all", f"--snapshot-output={output}"],
                   check=True)
    expected = np.array([q for _, _, q in trajectory(run)])
    actual = np.full_like(expected, np.nan)
    with open(output, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            actual[int(row["epoch"]), int(row["token"])] = float(row["q"])
    return np.abs(actual - expected).max()  # NaN where a token or an epoch is missing


def check(klsim):
    """Compares klsim with every run; True if all agree."""
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for run in reference_runs():
            gap = klsim_gap(klsim, run, folder)
            worst = np.maximum(worst, gap)
            print(f"{gap:.1e}", *run.key, run.epochs, flush=True)
    print(f"{worst:.1e} overall; the tolerance is {TOLERANCE}")
    return bool(worst <= TOLERANCE)


def main():
    """Writes the fixtures, or checks an executable against them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", metavar="KLSIM", type=Path, help="compare this executable")
    klsim = parser.parse_args().check
    torch.set_num_threads(1)
    if klsim:
        sys.exit(0 if check(klsim.resolve()) else 1)
    metrics_rows, snapshot_rows = trajectory_rows()
    write("metrics.csv", [*RUN_COLUMNS, "epoch", "loss", "fkl", "rkl", "tvd", "entropy"],
          metrics_rows)
    write("snapshots.csv", [*RUN_COLUMNS, "epoch", "token", "q"], snapshot_rows)
    write("rng.csv", ["seed", "index", "float32", "float64"], rng_rows())
    write("gradients.csv", ["case", "objective", "token", "p", "z", "loss", "gradient"],
          gradient_rows())


if __name__ == "__main__":
    main()
