# SPDX-License-Identifier: GPL-3.0-or-later
"""A small sweep on trial: what kill_sweep.py and break_sweep.py have in common."""

import filecmp
import os
import pathlib
import subprocess
import tempfile
import time

COMPLETE = ["datapackage.json", "journal.jsonl", "records.csv", "study.yaml"]


class Trial:
    """A study of `chunks` chunks, of more than 25,000 rows each, and its tables from one run."""

    def __init__(self, klsim, chunks=20):
        self.klsim = str(pathlib.Path(klsim).resolve())
        self.chunks = chunks
        self.home = tempfile.TemporaryDirectory(prefix="klsim-trial-")
        self.root = pathlib.Path(self.home.name)
        self.study = self.root / "study.yaml"
        rates = ",".join(f"{0.01 * (i + 1):.2f}" for i in range(chunks))
        # Two setups have more rows than fit into a chunk: each is one.
        line = f"run --teacher uniform:size=2 --objective fkl --learning-rate {rates} --epochs 49"
        line += " --record every=1 --head count=1,mass=0.9 --seeds 251 --print-study"
        self.study.write_text(self.output(line.split()))
        start = time.monotonic()
        self.whole = self.root / "whole"
        self.expect(0, self.start(self.whole))
        self.seconds = time.monotonic() - start

    def output(self, arguments):
        return subprocess.run(
            [self.klsim, *arguments], stdout=subprocess.PIPE, check=True, text=True
        ).stdout

    def start(self, folder, *options, **how):
        """Starts the sweep in a folder."""
        return subprocess.Popen(
            [self.klsim, "sweep", self.study, "--output", folder, "--quiet", *options],
            stderr=subprocess.PIPE, text=True, **how)

    def expect(self, code, process, *says):
        """Waits for the end, and checks the code and the message."""
        errors = process.communicate()[1]
        assert process.returncode == code, f"code {process.returncode}, not {code}: {errors}"
        for text in says:
            assert text in errors, f"no '{text}' in: {errors}"
        return errors

    def finished(self, folder):
        """The number of chunks that the journal has as finished."""
        try:
            lines = (folder / "journal.jsonl").read_text().splitlines()
        except FileNotFoundError:
            return 0
        return sum('"chunk":' in line and '"tables":' in line for line in lines)

    def expect_whole(self, folder):
        """Checks that the tables are those of one run, and that nothing else is left."""
        assert sorted(os.listdir(folder)) == COMPLETE, sorted(os.listdir(folder))
        for name in COMPLETE:
            if name != "journal.jsonl":
                assert filecmp.cmp(folder / name, self.whole / name, shallow=False), name
