# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands, and what a fault may leave of their files: what faults.py does its faults to."""

import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import time

# Those of the documentation; 1 is for verdicts alone.
CODES = {0, 64, 65, 66, 69, 70, 73, 74}
# Of finished claims, until the report is whole; the next start takes or removes it.
UNFINISHED = ("report/.unfinished/",)


class Job:
    """A command line that runs in a folder of its own, with what it reads and what it writes there.

    `change` are options with which it writes other bytes into the same files: the earlier ones.
    """

    def __init__(self, bench, name, line, change, inputs=None):
        self.name, self.arguments, self.inputs = name, line.split(), inputs or {}
        self.change = change.split()
        self.earlier = self.record(bench, self.change)[0]
        start = time.monotonic()
        self.outputs, self.printed = self.record(bench, [])
        self.seconds = time.monotonic() - start
        assert self.outputs.keys() == self.earlier.keys()

    def record(self, bench, change):
        """The files that it writes, and what it prints."""
        folder = bench.folder()
        write(self.inputs, folder)
        ended = subprocess.run(
            [bench.klsim, *self.arguments, *change], cwd=folder, stdout=subprocess.PIPE, check=True)
        files = {name: bytes for name, bytes in contents(folder).items() if name not in self.inputs}
        shutil.rmtree(folder)
        return files, ended.stdout

    def prepare(self, folder):
        """Writes what it reads, and earlier files where its outputs will be."""
        write(self.inputs | self.earlier, folder)


def write(files, folder):
    """Writes files into a folder."""
    for name, bytes in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(bytes)


def contents(folder):
    """The bytes of all files in a folder, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*") if path.is_file()}


class Count:
    """How often a fault was tried, and what it did."""

    def __init__(self, name):
        self.name, self.tries, self.refused, self.remarks = name, 0, 0, []
        self.losses = self.leftovers = self.unexplained = 0
        # Temporary files that were there until the next start.
        self.between = 0

    def lose(self, remark):
        self.losses += 1
        self.remarks.append(remark)

    def leave(self, remark):
        self.leftovers += 1
        self.remarks.append(remark)

    def explain_not(self, remark):
        self.unexplained += 1
        self.remarks.append(remark)

    def check_end(self, code, errors, expected=()):
        """A fault ends in success, or in a documented code with a message, or as is expected."""
        self.tries += 1
        self.refused += code != 0
        if code not in expected and (code not in CODES or (code and b"klsim: error: " not in errors)):
            self.explain_not(f"code {code}: {errors.decode(errors='replace')[:200]!r}")

    def check_files(self, job, folder, code, may_have=()):
        """A file is the earlier one or whole, and whole after a success; `may_have` may start other names."""
        found = contents(folder)
        for name, bytes in job.inputs.items():
            if found.pop(name, None) != bytes:
                self.lose(f"{job.name}: the input {name} has changed")
        for name, whole in job.outputs.items():
            bytes = found.pop(name, None)
            if bytes != whole and (code == 0 or bytes != job.earlier[name]):
                what = "missing" if bytes is None else f"{len(bytes)} of {len(whole)} bytes"
                self.lose(f"{job.name}, code {code}: {name} is {what}")
        others = [name for name in found if not (may_have and name.startswith(tuple(may_have)))]
        if others:
            self.leave(f"{job.name}, code {code}: {others} left")

    @property
    def is_clean(self):
        return not (self.losses or self.leftovers or self.unexplained)

    def line(self):
        text = (
            f"{self.name}: {self.tries} tries, {self.refused} not successes, {self.losses} losses,"
            f" {self.leftovers} leftovers, {self.unexplained} without an explanation")
        if self.between:
            text += f"; {self.between} temporary files until the next start"
        return "\n  ".join([text, *self.remarks[:5]])


class Bench:
    """A folder for all, a command, and jobs."""

    def __init__(self, klsim, seed, is_quick):
        self.moments, self.is_quick = random.Random(seed), is_quick
        self.klsim = str(pathlib.Path(klsim).resolve())
        self.home = tempfile.TemporaryDirectory(prefix="klsim-faults-")
        self.root = pathlib.Path(self.home.name)
        self.root.chmod(0o755)
        self.number = 0
        line = "run --teacher longtail --epochs 200 --seeds 4 --quiet"
        self.printing = Job(self, "run that prints", line, "--seed 7")
        self.run = Job(
            self, "run", f"{line} --output out.csv --snapshots 0,100 --snapshot-output snapshots.csv",
            "--seed 7")
        self.packed = Job(self, "packed run", f"{line} --output out.csv.gz", "--seed 7")
        self.plot = Job(
            self, "plot", "plot records.csv --figure curves --output figure.svg", "--size 900x700",
            {"records.csv": self.run.outputs["out.csv"]})
        self.reproduce = Job(
            self, "reproduce",
            "reproduce fkl-is-cross-entropy baseline --seeds 72 --quiet --output report", "--seed 7")

        self.writing = [self.run, self.packed, self.plot, self.reproduce]

    def tries(self, count):
        """How often a fault is tried."""
        return max(3, count // 10) if self.is_quick else count

    def turns(self, count):
        """The number and the job of each try of a fault: those that write files take turns."""
        for number in range(self.tries(count)):
            yield number, self.writing[number % len(self.writing)]

    def prepared(self, job):
        """A new folder with the files that a job finds."""
        folder = self.folder()
        job.prepare(folder)
        return folder

    def folder(self):
        """A new folder."""
        self.number += 1
        folder = self.root / str(self.number)
        folder.mkdir()
        return folder

    def start(self, job, folder, **how):
        """Starts a job in a folder."""
        how = {"stdout": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, **how}
        return subprocess.Popen(
            [self.klsim, *job.arguments], cwd=folder, stderr=subprocess.PIPE, **how)

    def try_once(self, count, job, disturb=None, expected=(), folder=None, may_have=(), **how):
        """Runs a job where earlier files are, disturbs it, and checks what is left."""
        folder = folder or self.folder()
        job.prepare(folder)
        process = self.start(job, folder, **how)
        if disturb:
            disturb(process, folder)
        errors = process.communicate(timeout=60)[1]
        count.check_end(process.returncode, errors, expected)
        count.check_files(job, folder, process.returncode, may_have)
        return process.returncode, folder


def stopped(process, action):
    """Does something while a process is stopped, unless it has ended."""
    # `Popen.send_signal` would ask for the end first, and no other could then.
    os.kill(process.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    try:
        action()
    finally:
        os.kill(process.pid, signal.SIGCONT)


def wait(seconds):
    time.sleep(max(0, seconds))


def mounted(folder, options):
    """Mounts a file system in memory on a folder, or changes it."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True)


def is_root():
    return os.geteuid() == 0
