#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every combination of choices for two epochs: it runs, or is refused with a reason.

    python3 Scripts/every_combination.py [--klsim .build/release/klsim] [--quick] [--seed 1] [--workers 1]
        [--together .build/release/klsim-lines]

Objective × optimizer × schedule × student × teacher × batch, and of sequences signal × optimizer × schedule ×
student × teacher, each by its name with what it needs. A warning must say how many runs have an infinite loss, or
one that is not a number, and no other run may have such numbers. Prints how many combinations ran, diverged and
were refused, and why. Exit 1 if anything else happened. `--quick` draws one choice of the first three for each of
the others. `--together` runs them in one process, which takes less time. How far it is stands on a terminal.
"""

import argparse
import collections
import concurrent.futures
import csv
import io
import itertools
import random
import re
import shlex
import sys

from fuzz_bench import SECONDS, Bench, Finding
from grammar import Catalog, Grammar

bench = None
# A command, the axes whose choices stand in one list, and the others.
PRODUCTS = {
    "run": (("objective", "optimizer", "schedule"), ("teacher", "student", "batch")),
    "sequence": (("signal", "optimizer", "schedule"), ("teacher", "student")),
}
KINDS = {
    ("run", "teacher"): "teacher", ("run", "student"): "student", ("sequence", "teacher"): "world",
    ("sequence", "student"): "sequence-student", ("sequence", "signal"): "any-signal"}
MEASURES = ("loss", "seq_fkl", "seq_rkl")


def prepare(klsim, lines):
    global bench
    bench = Bench(klsim, lines=lines)


def choices(grammar, command, axis):
    """Every choice on an axis."""
    if axis == "batch":
        return ["all", "2"]
    kind = KINDS.get((command, axis), axis)
    return [grammar.plain(kind, item) for item in grammar.catalog.kinds[kind]]


def attempt(command, choices):
    """Runs a product of choices; its parts if it is refused. Counts of outcomes, and findings."""
    words = [command, "--epochs", "2", "--jobs", "1", "--quiet"]
    for axis, values in choices.items():
        words += [f"--{axis}", ",".join(values)]
    count, (longest, values) = 1, max(choices.items(), key=lambda pair: len(pair[1]))
    for several in choices.values():
        count *= len(several)
    ended, finding = looked_at(bench.run_beside_others if bench.lines else bench.run, words)
    if finding and count == 1 and bench.lines:
        ended, finding = looked_at(bench.run, words)
    if finding and (count == 1 or ended and not ended.is_stopped):
        return collections.Counter({"finding": count}), [f"{finding}\n  klsim {shlex.join(words)}"]
    if not finding and ended.code == 0:
        return outcome(words, ended, count)
    if count == 1:
        return collections.Counter({reason(ended.errors): 1}), []
    outcomes, findings = collections.Counter(), []
    half = len(values) // 2
    for part in (values[:half], values[half:]):
        counts, found = attempt(command, {**choices, longest: part})
        outcomes += counts
        findings += found
    return outcomes, findings


def looked_at(run, words):
    """How a command line ended, None if it did not, and the finding, None if all is well."""
    ended = None
    try:
        ended = run(words, None, SECONDS)
        bench.check_end(words, ended, bench.changed(), is_huge=False)
    except Finding as finding:
        bench.changed()
        return ended, finding
    return ended, None


def outcome(words, ended, count):
    """How runs that were not refused ended: a warning must count those that diverged."""
    rows = list(csv.DictReader(io.StringIO(ended.output.decode())))
    keys = list(rows[0])[: list(rows[0]).index("seed")] + [key for key in ("schedule", "batch") if key in rows[0]]
    diverged, strange, runs, diverged_contexts = set(), set(), set(), set()
    for row in rows:
        run = tuple(row[key] for key in keys)
        runs.add(run)
        if any(row.get(measure) in ("nan", "inf", "-inf") for measure in MEASURES[: 1 if "loss" in row else 3]):
            diverged.add(run)
            if row.get("context"):
                diverged_contexts.add((run, row["context"]))
        elif "nan" in row.values():
            strange.add(run)
    said = re.search(rb"not a number in (\d+) of (\d+)", ended.errors)
    said, total = map(int, said.groups()) if said else (0, count)
    # Contexts that share no parameters are runs of their own.
    found = diverged if total == count else diverged_contexts
    text = f"\n  klsim {shlex.join(words)}"
    findings = []
    if len(runs) != count:
        findings.append(f"{len(runs)} of {count} combinations are in the records{text}")
    if strange:
        findings.append(f"nan beside a finite loss, first {next(iter(strange))}{text}")
    if said != len(found):
        findings.append(f"{len(found)} runs are not finite, and {said} are said to be{text}")
    return collections.Counter({"runs": count - len(diverged), "diverges, with a warning": len(diverged)}), findings


def reason(errors):
    """A message without names and numbers: the first error."""
    line = next(line for line in errors.decode().splitlines() if "error: " in line).split("error: ", 1)[1]
    line = re.sub(r"'[^']*'|[\w-]+(?:[:=][^\s,;]*)+|[\d.]+", "…", line)
    return "refused: " + re.sub(r"^[\w-]+(?= (needs|is infinite|takes|reads))|(?<=of )[\w-]+$", "…", line)[:110]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--klsim", default=".build/release/klsim")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--together", metavar="PROGRAM")
    options = parser.parse_args()
    draw = random.Random(options.seed)
    grammar = Grammar(Catalog(options.klsim), draw)
    is_clean = True
    with concurrent.futures.ProcessPoolExecutor(options.workers, initializer=prepare,
        initargs=(options.klsim, options.together)) as pool:
        for command, (listed, others) in PRODUCTS.items():
            known = {axis: choices(grammar, command, axis) for axis in listed + others}
            tasks = []
            for fixed in itertools.product(*(known[axis] for axis in others)):
                lists = {axis: draw.sample(known[axis], 1) if options.quick else known[axis] for axis in listed}
                tasks.append(pool.submit(
                    attempt, command, lists | {axis: [value] for axis, value in zip(others, fixed)}))
            outcomes = collections.Counter()
            for done, task in enumerate(concurrent.futures.as_completed(tasks), 1):
                counts, findings = task.result()
                outcomes += counts
                is_clean &= not findings
                for finding in findings:
                    print(finding[:1500], flush=True)
                if sys.stderr.isatty():
                    print(f"\r{command}: {done} of {len(tasks)} ", end="", file=sys.stderr)
            print(f"{command}: {sum(outcomes.values())} combinations")
            for name, count in outcomes.most_common():
                print(f"  {count} {name}")
    sys.exit(0 if is_clean else 1)


if __name__ == "__main__":
    main()
