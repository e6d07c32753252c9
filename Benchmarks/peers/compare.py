# SPDX-License-Identifier: GPL-3.0-or-later
"""Times klsim and its peers on the same work, in turns, and prints tables in Markdown.

    python Benchmarks/peers/compare.py --klsim .build/release/klsim

Needs Linux, swift, and the packages of requirements.txt. The README beside tells what a row means.
"""

import argparse
import csv
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np

PEERS = {"NumPy": "numpy_fit.py", "PyTorch": "torch_fit.py", "JAX": "jax_fit.py"}
HERE = Path(__file__).resolve().parent
CORES = sorted(os.sched_getaffinity(0))
THREADS = sorted({1, len(CORES)})


class Workload(NamedTuple):
    """Seeds of a teacher under FKL and under RKL."""
    teacher: str
    size: int
    epochs: int
    seeds: int

    def klsim_arguments(self, record):
        name = f"{self.teacher}:size={self.size}"
        return ["--teacher", name, "--epochs", str(self.epochs), "--seeds", str(self.seeds),
                "--record", record, "--quiet"]

    def peer_arguments(self):
        return ["--teacher", self.teacher, "--size", str(self.size), "--epochs", str(self.epochs),
                "--seeds", str(self.seeds)]


# What an objective cannot do without, and those whose work grows with the square of the tokens.
REQUIRED = {"csiszar": ":f=modified-gan", "hinton": ":target=argmax", "topk-kl": ":k=100"}
QUADRATIC = {"sinkhorn", "sinkhorn-batch", "rank-logistic", "rank-hinge"}
SINGLE = Workload("longtail", 80, 200, 1)
WORKLOADS = {"W2": Workload("longtail", 80, 200, 2000), "W3": Workload("zipf", 32_000, 200, 8),
             "W4": Workload("zipf", 128_256, 50, 8)}


class Run(NamedTuple):
    """A finished process."""
    seconds: float
    mebibytes: float
    output: str


class Turn(NamedTuple):
    """The floor in nanoseconds, klsim's and a peer's seconds, klsim's memory, at one time."""
    floor: float
    own: float
    mebibytes: float
    theirs: float


def run(command, threads=len(CORES)):
    """Runs a command on so many processors, the last ones there are.

    NumPy's peer has its own threads; those of its matrix products would only get in their way.
    """
    os.sched_setaffinity(0, CORES[-threads:])
    begin = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.PIPE, text=True,
                               env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stdout.close()
    os.sched_setaffinity(0, CORES)
    if process.returncode != 0:
        sys.exit(f"compare: {command} failed")
    return Run(seconds, usage.ru_maxrss / 1024, output)


class Comparison:
    """All measurements of one call."""

    def __init__(self, klsim, repeats, folder):
        self.klsim = klsim
        self.repeats = repeats
        self.records = Path(folder) / "records.csv"
        os.environ["KLSIM_BENCHMARKS"] = "1"
        root = HERE.parent.parent
        package = ["--package-path", root, "--scratch-path", root / ".build-bench", "-c", "release"]
        run(["swift", "build", *package, "--product", "floor"])
        binaries = run(["swift", "build", *package, "--show-bin-path"]).output.strip()
        self.floor_command = [Path(binaries) / "floor"]

    def run_klsim(self, workload, threads=len(CORES), *, record=None, objective="fkl,rkl"):
        arguments = workload.klsim_arguments(record or f"0,{workload.epochs}")
        return run([self.klsim, *arguments, "--objective", objective, "--jobs", threads,
                    "--output", self.records], threads)

    def run_peer(self, peer, *arguments, threads=len(CORES)):
        return run([sys.executable, HERE / PEERS[peer], *arguments], threads)

    def check(self, workload, peer, final_fkl):
        """Stops unless the records and a peer end alike, run by run."""
        with open(self.records, newline="") as file:
            for row in csv.DictReader(file):
                if int(row["epoch"]) == workload.epochs:
                    theirs = final_fkl[row["objective"]][int(row["seed"]) - 1]
                    if not abs(float(row["fkl"]) - theirs) < 1e-6:
                        sys.exit(f"compare: {peer} ends at an fkl of {theirs}, klsim at {row}")

    def fits(self):
        """Rows of W2 to W4 on one and on all processors."""
        for name, workload in WORKLOADS.items():
            turns = {(threads, peer): [] for threads in THREADS for peer in PEERS}
            for _ in range(self.repeats):
                for (threads, peer), done in turns.items():
                    done.append(self.turn(workload, threads, peer))
            unit = 1e9 / (2 * workload.size * workload.seeds * workload.epochs)
            alone = [turn for peer in PEERS for turn in turns[1, peer]]
            for threads in THREADS:
                every = [turn for peer in PEERS for turn in turns[threads, peer]]
                theirs = {peer: unit * median(turn.theirs for turn in turns[threads, peer])
                          for peer in PEERS}
                ratios = {peer: median(turn.theirs / turn.own for turn in turns[threads, peer])
                          for peer in PEERS}
                yield [name, threads, f"{median(turn.floor for turn in every):.3f}",
                       f"{unit * median(turn.own for turn in every):.2f}",
                       f"{unit * median(turn.own / turn.floor for turn in every):.2f}",
                       *(f"{theirs[peer]:.1f} ({ratios[peer]:.1f}×)" for peer in PEERS),
                       f"{min(ratios.values()):.1f}×",
                       f"{median(one.own / turn.own for one, turn in zip(alone, every)):.2f}×",
                       f"{max(turn.mebibytes for turn in every):.0f}"]

    def turn(self, workload, threads, peer):
        floor = float(run(self.floor_command, 1).output.split()[0])
        own = self.run_klsim(workload, threads)
        theirs = json.loads(
            self.run_peer(peer, *workload.peer_arguments(), threads=threads).output)
        self.check(workload, peer, theirs["final_fkl"])
        return Turn(floor, own.seconds, own.mebibytes, theirs["seconds"])

    def whole_processes(self):
        """Rows of W1: one seed, every epoch written."""
        own, theirs = [], {peer: [] for peer in PEERS}
        for _ in range(self.repeats):
            for peer in PEERS:
                own += [self.run_klsim(SINGLE, record="all").seconds for _ in range(5)]
                arguments = [*SINGLE.peer_arguments(), "--output", self.records]
                theirs[peer].append(self.run_peer(peer, *arguments).seconds)
        yield ["klsim", f"{median(own) * 1000:.1f}", ""]
        for peer, seconds in theirs.items():
            yield [peer, f"{median(seconds) * 1000:.0f}", f"{median(seconds) / median(own):.0f}×"]

    def tables(self):
        """Rows of W2 with every epoch of every seed written."""
        copy = self.records.with_name("copy.csv")
        own, theirs = {threads: [] for threads in THREADS}, []
        for _ in range(self.repeats):
            for threads, seconds in own.items():
                seconds.append(self.run_klsim(WORKLOADS["W2"], threads, record="all").seconds)
            command = [sys.executable, HERE / "pandas_csv.py", self.records, copy]
            theirs.append(float(run(command, 1).output))
        for threads, seconds in own.items():
            yield [f"klsim, fits and writes, {threads} thread{'s' * (threads > 1)}",
                   f"{median(seconds):.2f}", f"{median(theirs) / median(seconds):.1f}×"]
        yield ["pandas, writes", f"{median(theirs):.2f}", ""]

    def minibatches(self):
        """Rows of a log-bilinear student of 5,000 histories, 5,000 words and the rest, for two epochs."""
        text = self.records.with_name("text.txt")
        weights = 1 / (np.arange(6000) + 10)
        words = np.random.default_rng(1).choice(6000, size=600_000, p=weights / weights.sum())
        text.write_text(" ".join(f"w{word}" for word in words), encoding="utf-8")
        teacher = f"ngram:path={text}:size=5000:histories=5000"
        turns = {threads: [] for threads in THREADS}
        for _ in range(self.repeats):
            for threads, done in turns.items():
                own = run([self.klsim, "run", "--teacher", teacher, "--student", "log-bilinear:rank=64",
                           "--batch", "64", "--epochs", "2", "--objective", "fkl", "--learning-rate", "0.01",
                           "--record", "0,2", "--contexts", "mean", "--jobs", threads, "--quiet",
                           "--output", self.records], threads)
                theirs = json.loads(run(
                    [sys.executable, HERE / "torch_minibatch.py", "--text", text, "--size", "5000",
                     "--rank", "64", "--batch", "64", "--epochs", "2"], threads).output)
                with open(self.records, newline="") as file:
                    final = float(list(csv.DictReader(file))[-1]["fkl"])
                # Starts and orders are drawn by other generators.
                if not abs(final / theirs["final_fkl"] - 1) < 0.1:
                    sys.exit(f"compare: PyTorch ends at an fkl of {theirs['final_fkl']}, klsim at {final}")
                done.append(Turn(0, own.seconds, own.mebibytes, theirs["seconds"]))
        for threads, done in turns.items():
            yield [threads, f"{median(turn.own for turn in done):.2f}",
                   f"{median(turn.theirs for turn in done):.2f}",
                   f"{median(turn.own / turn.theirs for turn in done):.2f}",
                   f"{max(turn.mebibytes for turn in done):.0f}"]

    def sequences(self):
        """Rows of a student of sequences that samples move, 32 million tokens a run."""
        text = HERE.parent.parent / "Sources" / "CKLSimTexts" / "alice.txt"
        length, samples, epochs = 32, 1000, 1000
        turns = []
        for _ in range(self.repeats):
            own = run([self.klsim, "sequence", "--teacher",
                       f"markov:order=2:length={length}:path={text}:unit=characters:size=26",
                       "--student", "markov:order=1", "--signal", "policy-gradient",
                       "--samples", samples, "--epochs", epochs, "--init", "zeros",
                       "--learning-rate", "0.02", "--record", f"0,{epochs}", "--jobs", "1",
                       "--quiet", "--output", self.records], 1)
            theirs = json.loads(run(
                [sys.executable, HERE / "jax_sequence.py", "--text", text, "--size", "26", "--length",
                 length, "--samples", samples, "--epochs", epochs], 1).output)
            with open(self.records, newline="") as file:
                first, final = (float(row["seq_rkl"]) for row in csv.DictReader(file))
            # The start is the same; samples are drawn by other generators.
            if not (abs(first / theirs["first_rkl"] - 1) < 1e-9
                    and abs(final / theirs["final_rkl"] - 1) < 0.15):
                sys.exit(f"compare: JAX has a seq-rkl of {theirs}, klsim {first} and {final}")
            turns.append(Turn(0, own.seconds, own.mebibytes, theirs["seconds"]))
        unit = 1e9 / (length * samples * epochs)
        yield [f"{unit * median(turn.own for turn in turns):.1f}",
               f"{unit * median(turn.theirs for turn in turns):.0f}",
               f"{median(turn.theirs / turn.own for turn in turns):.0f}×",
               f"{max(turn.mebibytes for turn in turns):.0f}"]

    def objectives(self):
        """Rows of every objective at W3 on one processor."""
        listed = run([self.klsim, "list", "objectives"]).output
        names = [name + REQUIRED.get(name, "")
                 for name in re.findall(r"^  ([\w-]+)  ", listed, re.MULTILINE)
                 if name not in QUADRATIC]
        workload = WORKLOADS["W3"]
        nanoseconds = 1e9 / (workload.size * workload.seeds * workload.epochs)
        seconds = {name: [] for name in names}
        for _ in range(self.repeats):
            for name in names:
                seconds[name].append(self.run_klsim(workload, 1, objective=name).seconds)
        for name in names:
            yield [name, f"{median(seconds[name]) * nanoseconds:.2f}",
                   f"{median(a / b for a, b in zip(seconds[name], seconds['fkl'])):.2f}×"]


def show(title, columns, rows):
    print(f"\n{title}\n")
    print("|", " | ".join(columns), "|")
    print("|---" * len(columns) + "|")
    for row in rows:
        print("|", " | ".join(str(cell) for cell in row), "|", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--klsim", type=Path, required=True, help="the executable")
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    processor = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    with tempfile.TemporaryDirectory() as folder:
        comparison = Comparison(args.klsim.resolve(), args.repeats, folder)
        print(f"{datetime.date.today()}, {processor and processor[1]}, {len(CORES)} processors,"
              f" load {os.getloadavg()[0]:.1f}, medians of {args.repeats} repeats")
        show("Nanoseconds per token, run and epoch; in brackets how much faster klsim is",
             ["work", "threads", "floor", "klsim", "× floor", *PEERS, "fastest", "speed-up",
              "peak MiB"], comparison.fits())
        show("W1: one seed, every epoch written, whole process",
             ["", "ms", "klsim is faster"], comparison.whole_processes())
        show("W2 with every epoch of every seed written, 804,000 rows",
             ["", "s", "klsim is faster"], comparison.tables())
        show("W5: minibatches of 64 of 5,000 histories, 5,001 tokens, rank 64, two epochs, whole process",
             ["threads", "klsim, s", "PyTorch, s", "klsim / PyTorch", "peak MiB"],
             comparison.minibatches())
        show("W6: policy gradient of sequences, nanoseconds per sampled token, one thread",
             ["klsim, whole process", "JAX, compiled", "klsim is faster", "peak MiB"],
             comparison.sequences())
        show("Every objective at W3, one thread",
             ["objective", "ns", "to fkl"], comparison.objectives())
        print(f"\nload at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
