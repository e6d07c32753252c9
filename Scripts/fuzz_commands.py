#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws command lines from the catalog and checks how they end.

    python3 Scripts/fuzz_commands.py [--klsim .build/release/klsim] [--seed 1] [--first 0] [--lines 1000] [--workers 1]

Every line ends within 10 s of processor time and in bounded memory, with a documented exit code; if it is refused,
with a message and nothing on standard output or in a file; else with a table without silent `nan`, the same for
`--jobs 1` and `2`. A finding is printed as a line for the shell, with its number: `--seed 1 --first NUMBER --lines 1`
does it again. Exit 1 if there is one. `--show` prints every line and its exit code. `--sanitized` says that
klsim was built with AddressSanitizer. With `--together PROGRAM`, a klsim-lines, most lines run in one process, in less
than half of the time; every twentieth, and what takes long, has a process of its own.
"""

import argparse
import collections
import concurrent.futures
import random
import shlex
import sys
import time

from fuzz_bench import Bench, Finding
from grammar import Catalog, Grammar

CHUNK = 250
bench = catalog = None


def prepare(klsim, is_sanitized, lines):
    global bench, catalog
    bench = Bench(klsim, is_sanitized, lines)
    catalog = Catalog(bench.klsim)


def drawn(seed, number):
    """The line with a number: its words, its standard input, and whether it may ask for very much."""
    grammar = Grammar(catalog, random.Random(f"{seed} {number}"))
    words, stdin = grammar.line()
    # No argument of a process can have these.
    words = [word.replace("\0", "") for word in words]
    return words, stdin, grammar.is_huge


def chunk(seed, first, count, shows):
    """Draws and checks lines; the number of each exit code, and the findings."""
    codes, findings = collections.Counter(), []
    for number in range(first, first + count):
        words, stdin, is_huge = drawn(seed, number)
        text = shlex.join(words) + (f" <{stdin}" if stdin else "")
        try:
            code = bench.check(words, stdin, is_huge, is_alone=number % 20 == 0)
        except Finding as finding:
            bench.changed()
            code = "memory" if str(finding) == "memory" else "finding"
            if code == "finding":
                findings.append((number, finding, text))
        codes[code] += 1
        if shows:
            print(code, text[:300], flush=True)
    return codes, findings


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--klsim", default=".build/release/klsim")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--lines", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--sanitized", action="store_true")
    parser.add_argument("--together", metavar="PROGRAM")
    options = parser.parse_args()
    start, codes, found = time.monotonic(), collections.Counter(), 0
    with concurrent.futures.ProcessPoolExecutor(options.workers, initializer=prepare,
        initargs=(options.klsim, options.sanitized, options.together)) as pool:
        end = options.first + options.lines
        chunks = [
            pool.submit(chunk, options.seed, first, min(CHUNK, end - first), options.show)
            for first in range(options.first, end, CHUNK)]
        for done in concurrent.futures.as_completed(chunks):
            counts, findings = done.result()
            codes += counts
            for number, finding, text in findings:
                found += 1
                print(f"seed {options.seed}, line {number}: {finding}\n  klsim {text[:2000]}", flush=True)
    seconds = time.monotonic() - start
    ends = ", ".join(f"{count} × {code}" for code, count in sorted(codes.items(), key=lambda pair: -pair[1]))
    print(
        f"seed {options.seed}, lines {options.first}…{end - 1}: {ends};"
        f" {options.lines / seconds:.0f} lines a second, {found} findings")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
