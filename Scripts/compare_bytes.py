#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare what two builds of klsim write for a broad matrix of commands, column by column.

Usage: compare_bytes.py OLD NEW, the paths of two commands; or
       compare_bytes.py --ref COMMIT NEW, which builds the old one from a commit.

Every column that OLD writes must have the same bytes in NEW; NEW may have more columns. All that differs
is listed, and the exit code is 1. Only the standard library is needed.
"""

import argparse
import csv
import io
import os
import pathlib
import subprocess
import sys
import tempfile

TEACHERS = [
    "longtail", "bimodal", "unimodal", "overlapping", "mixture:size=40", "zipf:size=300",
    "geometric", "uniform:jitter=0.1", "dirichlet", "lognormal", "pareto", "gamma", "softmax-normal",
    "longtail:temperature=2", "longtail:top-k=9:smooth=1e-6", "zipf:size=50:samples=400:smoothing=1",
    'ensemble:of="zipf:size=80,longtail"', "dirichlet:contexts=3:size=9",
]
STUDENTS = ["gaussian:mean=20:width=5", "gaussian-mixture", "zipf", "linear", "low-rank:rank=2"]
OPTIMIZERS = [
    "adam", "adam:beta1=0.5", "adamw", "sgd", "sgd:momentum=0.9", "sgd:momentum=0.9:nesterov=true",
    "rmsprop", "gradient-flow",
]
INITS = ["torch-uniform", "uniform", "normal:sigma=10", "zeros", "teacher-noise:sigma=0.5"]
METRICS = "js,log-ratio,top1,mode-mass,nucleus,relative-error,progress,gradient-share,void-mass"
HEADS = "mass=0.5,mass=0.9,rank=0.1,count=1"
# What needs a parameter, and what some teachers refuse.
PARAMETERS = {"hinton": "hinton:target=argmax", "topk-kl": "topk-kl:k=5"}


def objectives(klsim):
    """Every objective, and some with parameters."""
    text = subprocess.run([klsim, "list", "objectives"], capture_output=True, text=True, check=True).stdout
    names = [line.split()[0] for line in text.splitlines() if line.startswith("  ") and line[2] != " "]
    names = [PARAMETERS.get(name, name) for name in names if name != "every"]
    return names + [
        "fkl:temperature=2", "rkl:reduction=mean", "akl:mu=0.8", "mix:lambda=0.9", "topk-kl:k=5:mode=bucket",
        "topk-kl:k=5:direction=reverse", "topk-kl:k=5:select=student", "sinkhorn:debiased=true", "gjsd:beta=0.1",
        "renyi:alpha=2", "dkd:target=3", "csiszar", "hinton:target=1:alpha=0.2", "tvd:temperature=0.5",
    ]


def commands(klsim):
    """The matrix: arguments of one command each."""
    short = ["--epochs", "12", "--quiet"]
    for objective in objectives(klsim):
        own = ["--objective", objective]
        yield [*own, "--seeds", "2", "--metric", METRICS, *short]
        yield [*own, "--teacher", "dirichlet:size=20", "--optimizer", "sgd", *short]
        yield [*own, "--teacher", "zipf:size=300:temperature=2", "--init", "normal:sigma=5", *short]
        yield [*own, "--student", "linear", "--learning-rate", "0.05", *short]
        yield ["gradient", *own, "--seed", "3"]
    for teacher in TEACHERS:
        yield ["--teacher", teacher, "--seeds", "70", "--record", "every=5", "--head", HEADS, *short]
        yield ["--teacher", teacher, "--snapshots", "0,12", "--snapshot-output", "-", "--output", os.devnull, *short]
        yield ["--teacher", teacher, "--seeds", "5", "--aggregate", "--metric", METRICS, *short]
    for student in STUDENTS:
        for optimizer in [*OPTIMIZERS, "natural-gradient"]:
            yield ["--student", student, "--optimizer", optimizer, "--learning-rate", "0.02", *short]
    for optimizer in OPTIMIZERS:
        for init in INITS:
            yield ["--optimizer", optimizer, "--init", init, "--objective", "fkl,rkl,js,akl", *short]
    for contexts in ["each", "mean", "both"]:
        yield ["--teacher", "dirichlet:contexts=4:size=7", "--contexts", contexts, "--seeds", "3", *short]
        yield ["--teacher", "dirichlet:contexts=4:size=7", "--contexts", contexts, "--student", "low-rank:rank=2",
               "--objective", "fkl,sinkhorn-batch", "--aggregate", *short]
    yield ["--seeds", "3", "--epochs", "300"]
    yield ["--teacher", "longtail,zipf:size=50", "--objective", "fkl,rkl,akl", "--optimizer", "adam,sgd",
           "--learning-rate", "0.05,0.2", "--seeds", "70", "--record", "0,1,5,10", "--epochs", "10"]
    for claim in ["convergence", "fkl-is-cross-entropy", "sinkhorn-bias", "gjsd-endpoints"]:
        yield ["reproduce", claim, "--seeds", "64"]


def run(klsim, arguments, kernels, jobs):
    """Exit code, standard output and errors of a command."""
    environment = dict(os.environ, KLSIM_KERNELS=kernels) if kernels else dict(os.environ)
    extra = [] if arguments[0] == "gradient" else ["--jobs", str(jobs)]
    with tempfile.TemporaryDirectory() as folder:
        if arguments[0] == "reproduce":
            extra += ["--quiet", "--no-figures", "--output", folder]
        done = subprocess.run([klsim, *arguments, *extra], capture_output=True, env=environment, check=False)
        evidence = pathlib.Path(folder, f"{arguments[1]}.csv")
        output = evidence.read_bytes() if evidence.exists() else done.stdout
    return done.returncode, output, done.stderr


def differences(old, new):
    """What differs in two results, in words; nothing if all old columns are the same."""
    if old == new:
        return []
    if old[0] != new[0]:
        return [f"exit code {old[0]} and {new[0]}"]
    if old[0] != 0:
        return []
    tables = [list(csv.reader(io.StringIO(result[1].decode()))) for result in (old, new)]
    found = ["messages"] if old[2] != new[2] else []
    if old[1] == new[1]:
        return found
    if not tables[0] or len(tables[0]) != len(tables[1]):
        return [*found, "number of rows"]
    if any(len(row) != len(table[0]) for table in tables for row in table):
        return [*found, "text"]
    for place, name in enumerate(tables[0][0]):
        if name not in tables[1][0]:
            found.append(f"no column {name}")
        elif any(row[place] != other[tables[1][0].index(name)] for row, other in zip(*tables)):
            found.append(f"column {name}")
    return found


def build(commit, folder):
    """The release build of a commit."""
    subprocess.run(["git", "worktree", "add", "--detach", folder, commit], check=True)
    subprocess.run(["swift", "build", "-c", "release", "--product", "klsim"], cwd=folder, check=True)
    return str(pathlib.Path(folder, ".build/release/klsim"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("commands", nargs="+", help="OLD and NEW, or NEW with --ref")
    parser.add_argument("--ref", help="build OLD from this commit")
    parser.add_argument("--kernels", default=",avx2,baseline", help="instruction sets of NEW; empty for the best")
    parser.add_argument("--jobs", default="1,3", help="numbers of jobs of NEW")
    options = parser.parse_args()
    if len(options.commands) != (1 if options.ref else 2):
        parser.error("OLD and NEW are needed, or --ref COMMIT and NEW")
    with tempfile.TemporaryDirectory() as folder:
        old = options.commands[0] if not options.ref else build(options.ref, f"{folder}/old")
        count, failed, refused = 0, 0, 0
        for place, arguments in enumerate(commands(old)):
            expected = run(old, arguments, "", 1)
            refused += expected[0] != 0
            kernels, jobs = options.kernels.split(","), options.jobs.split(",")
            # Every command once, and the instruction sets and numbers of jobs in turn.
            actual = run(options.commands[-1], arguments, kernels[place % len(kernels)], jobs[place % len(jobs)])
            count += 1
            found = differences(expected, actual)
            if found:
                failed += 1
                print(f"{' '.join(arguments)}: {'; '.join(found)}")
        if options.ref:
            subprocess.run(["git", "worktree", "remove", "--force", f"{folder}/old"], check=True)
    print(f"{count} commands, {refused} of them refused by the old one, {failed} differ")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
