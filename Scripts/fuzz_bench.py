# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder with files of every kind, and how a command line of the grammar is run there and checked."""

import contextlib
import csv
import gzip
import io
import json
import math
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import zipfile

from fuzz_lines import Lines, processor_time

# Those of the documentation. 70, a fault or one of GSL, and those of signals are findings.
CODES = {0, 64, 65, 66, 69, 73, 74}
VERDICTS = {"identify", "reproduce"}
# A huge line has HUGE_SECONDS before it is asked to end.
SECONDS, HUGE_SECONDS, MEMORY = 10, 0.3, 3 << 30
# Of a klsim with AddressSanitizer, whose addresses cannot be limited: it ends with a code that is a finding.
SANITIZER = f"detect_leaks=0:exitcode=99:hard_rss_limit_mb={MEMORY >> 20}"
# What shows only when runs before have been printed.
LATE = re.compile(
    rb"of one epoch, a time of|too small for the optimum|is infinite: token|needs the teacher's logits, and token"
    rb"|: token \d+ has -?inf,|exceeds the range of doubles")


class Finding(Exception):
    """What a command line did and must not."""


class Ended:
    """How a command ended: its code, what it printed, its processor time and its memory."""

    def __init__(self, code, output, errors, seconds, memory, is_stopped):
        self.code, self.output, self.errors = code, output, errors
        self.seconds, self.memory, self.is_stopped = seconds, memory, is_stopped


class Bench:
    """A folder in which command lines run, one after the other: each in a process, or in that of klsim-lines."""

    def __init__(self, klsim, is_sanitized=False, lines=None):
        self.klsim = str(pathlib.Path(klsim).resolve())
        lines = lines and pathlib.Path(lines).resolve()
        if is_sanitized:
            os.environ["ASAN_OPTIONS"] = SANITIZER
        self.home = tempfile.TemporaryDirectory(prefix="klsim-fuzz-")
        self.root = pathlib.Path(self.home.name)
        self.folder = self.root / "work"
        self.folder.mkdir()
        os.chdir(self.folder)
        self.make_files()
        shutil.copytree(self.folder, self.root / "files")
        self.known = self.state()
        self.lines = Lines(lines, self.root / "stdout", self.root / "stderr") if lines else None
        # What a command that is started inherits.
        if not is_sanitized:
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (256 << 20, 256 << 20))

    # Files.

    def make_files(self):
        """Files of every kind that klsim reads, and of kinds that it does not."""
        draw = random.Random(1)

        def numbers(count, least=0.0):
            return [draw.uniform(least, 3) for _ in range(count)]

        def write(name, lines):
            pathlib.Path(name).write_text("".join(f"{line}\n" for line in lines))

        weights = numbers(8, 0.1)
        write("teacher.csv", ["p", *(weight / math.fsum(weights) for weight in weights)])
        write("counts.csv", [draw.randrange(1, 9) for _ in range(8)])
        write("weights.csv", [1, 2, 0.5])
        write("cost.csv", numbers(64))
        write("features.csv", ["a,b", *(f"{i},{i * i}" for i in range(8))])
        rows = [f"{c},{t},{-1 - t}" for c in range(3) for t in range(3)]
        write("sparse.csv", ["context,token,logprob", *rows])
        write("world.csv", ["a,b", "0.5,0.5", "0.1,0.9", "0.7,0.3"])
        write("text.txt", ["the cat sat on the mat . the dog of the cat sat . é a b c d e"] * 3)
        pathlib.Path("empty").touch()
        pathlib.Path("bytes").write_bytes(draw.randbytes(3000))
        logits = npy((3, 8), numbers(24, -3))
        pathlib.Path("logits.npy").write_bytes(logits)
        pathlib.Path("cut.npy").write_bytes(logits[:-40])
        pathlib.Path("rows.npy").write_bytes(npy((3, 8), [1 / 8] * 24))
        with zipfile.ZipFile("logits.npz", "w") as archive:
            archive.writestr("logits.npy", logits)
            archive.writestr("p.npy", npy((8,), [1 / 8] * 8))
        packed = gzip.compress(pathlib.Path("counts.csv").read_bytes())
        pathlib.Path("counts.csv.gz").write_bytes(packed)
        pathlib.Path("cut.csv.gz").write_bytes(packed[:-9])
        pathlib.Path("out").mkdir()
        short = "--epochs 2 --quiet --seeds 3"
        for line in (
            f"--teacher zipf:size=9 --head mass=0.5,count=2 --learning-rate 0.1,0.2 {short} --output records.csv",
            f"{short} --teacher zipf:size=9 --output records.jsonl",
            f"{short} --teacher zipf:size=9 --output records.csv.gz",
            f"--teacher dirichlet:size=5:contexts=3 {short} --metric js,progress --output contexts.csv",
            f"--teacher zipf:size=9 --aggregate {short} --output aggregates.csv",
            f"--teacher zipf:size=9 --objective fkl,brier --optimizer sgd --learning-rate 1e308 {short}"
            " --output diverged.csv",
            f"--teacher zipf:size=5 {short} --output out/x.csv --snapshots 0,2 --snapshot-output snapshots.csv",
            f"sequence --student markov:order=0,markov {short} --output sequences.csv",
            "estimate --signal seqkd,kl-estimator:k=3 --samples 1,10 --output estimates.csv",
            "reproduce sinkhorn-bias --seeds 2 --output report --no-figures --quiet",
        ):
            subprocess.run([self.klsim, *line.split()], check=True, stderr=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL)
        for name, line in (
            ("study.yaml", "--teacher zipf:size=5 --epochs 2 --seeds 2 --print-study"),
            ("sequence.yaml", "sequence --epochs 1 --print-study"),
            ("points.csv", "points --points 6 --vocabulary 5"),
        ):
            with open(name, "wb") as out:
                subprocess.run([self.klsim, *line.split()], check=True, stdout=out)
        with open("points.csv") as file:
            points = list(csv.DictReader(file))
        forward_gradient = []
        for point in points:
            total = sum(math.exp(float(row["z"])) for row in points if row["context"] == point["context"])
            forward_gradient.append(math.exp(float(point["z"])) / total - float(point["p"]))
        write("points.csv", [",".join([*points[0], "g"]), *(
            ",".join([*point.values(), repr(g)]) for point, g in zip(points, forward_gradient))])
        with zipfile.ZipFile("points.npz", "w") as archive:
            for name, values in (
                ("p", [float(row["p"]) for row in points]), ("z", [float(row["z"]) for row in points]),
                ("g", forward_gradient),
            ):
                archive.writestr(f"{name}.npy", npy((6, 5), values))
        for folder, options in (("sweep", []), ("part1", ["--shard", "1/2"]), ("part2", ["--shard", "2/2"])):
            subprocess.run(
                [self.klsim, "sweep", "study.yaml", "--output", folder, "--quiet", *options], check=True)
        shutil.rmtree("out")
        os.mkdir("out")

    def state(self):
        """Name, size and time of every file, of folders their names alone."""
        found = {}
        stack = ["."]
        while stack:
            with os.scandir(stack.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
                        found[entry.path] = None
                    else:
                        about = entry.stat(follow_symlinks=False)
                        found[entry.path] = about.st_size, about.st_mtime_ns
        return found

    def changed(self):
        """Files that are not as they were, with their bytes; then all is as it was."""
        now = self.state()
        if now == self.known:
            return {}
        names = sorted(
            name for name in now.keys() | self.known.keys() if now.get(name, "") != self.known.get(name, ""))
        contents = {name: pathlib.Path(name).read_bytes() if os.path.isfile(name) else None for name in names}
        for name in reversed(names):
            if os.path.isdir(name) and name not in self.known:
                os.rmdir(name)
            elif name in now and not os.path.isdir(name):
                os.remove(name)
        for name in names:
            if name in self.known:
                if self.known[name] is None:
                    os.mkdir(name)
                else:
                    shutil.copy2(self.root / "files" / name, name)
        return contents

    # Running.

    def run(self, words, stdin, limit):
        """Runs a command line; after `limit` seconds of processor time it is asked to end."""
        output, errors = self.root / "stdout", self.root / "stderr"
        new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        child = os.posix_spawn(
            self.klsim, [self.klsim, *(word.encode("utf-8", "surrogateescape") for word in words)],
            os.environ, file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, stdin or "/dev/null", os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(output), new, 0o600), (os.POSIX_SPAWN_OPEN, 2, str(errors), new, 0o600)])
        # Of a command that is asked to end, when that was in seconds of its time.
        asked, start = None, time.monotonic()

        def look(*_):
            nonlocal asked
            seconds, waited = processor_time(child), time.monotonic() - start
            # It may have ended just now.
            with contextlib.suppress(ProcessLookupError):
                if asked is not None and (seconds > asked + SECONDS or waited > 30 * SECONDS):
                    os.kill(child, signal.SIGKILL)
                elif asked is None and (seconds > limit or waited > 12 * limit):
                    os.kill(child, signal.SIGTERM)
                    asked = seconds

        signal.signal(signal.SIGALRM, look)
        signal.setitimer(signal.ITIMER_REAL, limit, 0.1)
        _, status, usage = os.wait4(child, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        return Ended(
            os.waitstatus_to_exitcode(status), output.read_bytes(), errors.read_bytes(),
            usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, asked is not None)

    def run_beside_others(self, words, stdin, limit):
        """Runs a command line in the process of those before it; a huge one that takes long is not waited for."""
        ended = self.lines.run(words, stdin, limit if limit == SECONDS else limit / 3)
        if ended is None:
            raise Finding("the process of klsim-lines ended, or did not answer")
        code, seconds, memory = ended
        return Ended(
            code, (self.root / "stdout").read_bytes(), (self.root / "stderr").read_bytes(), seconds, memory, False)

    def check(self, words, stdin, is_huge, is_alone=False):
        """Runs a command line and raises `Finding`, or returns its exit code.

        If there is klsim-lines, a line runs there, unless it is to be alone; if there is a finding, in a process
        of its own, too, as a huge line that takes long.
        """
        if not self.lines or is_alone:
            return self.check_by(self.run, words, stdin, is_huge)
        try:
            return self.check_by(self.run_beside_others, words, stdin, is_huge)
        except Finding as finding:
            self.changed()
            code = self.check_by(self.run, words, stdin, is_huge)
            if not is_huge:
                raise Finding(f"after other lines in one process alone: {finding}")
            return code

    def check_by(self, run, words, stdin, is_huge):
        has_jobs = any(word in ("run", "sequence", "sweep", "reproduce") for word in words[:1]) or words[:1] and (
            words[0].startswith("--")) or not words
        one_job = has_jobs and not any(word.startswith("--j") for word in words)
        ended = run(words + ["--jobs", "1"] * one_job, stdin, HUGE_SECONDS if is_huge else SECONDS)
        files = self.changed()
        self.check_end(words, ended, files, is_huge)
        if one_job and ended.code == 0:
            other = run(words + ["--jobs", "2"], stdin, SECONDS)
            again = self.changed()
            # What a sweep says and notes has times in it; its tables have not.
            if words[:1] == ["sweep"]:
                ended.output = other.output = b""
                files, again = (
                    {name: content for name, content in found.items() if name.endswith(".csv")} for found in (files,
                        again))
            if (other.code, other.output, again) != (0, ended.output, files):
                raise Finding(f"--jobs 1 and 2 differ: {other.code} {other.errors[:200]}")
        return ended.code

    def check_end(self, words, ended, files, is_huge):
        code, errors = ended.code, ended.errors
        text = errors.decode("utf-8", "replace")
        if ended.is_stopped:
            if not is_huge:
                raise Finding(f"takes {ended.seconds:.1f} s and is not at its end")
            if code == -signal.SIGKILL:
                raise Finding("does not end at SIGTERM")
            if code not in (143, -signal.SIGTERM, *CODES):
                raise Finding(f"code {code} at SIGTERM")
        elif is_huge and ("failed to allocate" in text or "hard rss limit exhausted" in text):
            raise Finding("memory")
        elif code not in CODES and not (code == 1 and words[:1] and words[0] in VERDICTS):
            raise Finding(f"code {code}: {text[-400:]}")
        if any(ord(letter) < 32 and letter not in "\n\t\r" or letter == "\x7f" for letter in text):
            raise Finding(f"control characters in the message {text[:200]!r}")
        if code in CODES - {0}:
            if not re.match(r"((klsim: )?(note|warning|error): |Error: )", text) or "rror: " not in text:
                raise Finding(f"code {code} with the message {text[:200]!r}")
            # A full disk shows after rows have been written, and another table may have gone to standard output.
            is_partial = code == 74 and (is_huge or any(word.startswith("--snapshot-output") for word in words))
            if ended.output and not LATE.search(errors) and not is_partial:
                raise Finding(f"code {code}, and standard output has {ended.output[:60]!r}")
        # It may have been asked to end just behind its last file.
        is_late = ended.is_stopped and all(is_whole(name, content) for name, content in files.items())
        if code != 0 and files and not (code == 1 or is_late or "sweep" in words or "merge" in words):
            raise Finding(f"code {code}, and these files changed: {sorted(files)[:4]}")
        if any(".klsim-" in name for name in files):
            raise Finding(f"left over: {sorted(files)[:4]}")
        if code == 0 and ended.memory > MEMORY // 2 and not is_huge:
            raise Finding(f"{ended.memory >> 20} MB of memory")
        if code == 0:
            for name, content in {"-": ended.output, **files}.items():
                check_numbers(name, content, errors, words)


def is_whole(name, content):
    """Whether a file is one to its end."""
    try:
        return name.endswith(".npy") or (gzip.decompress(content) if name.endswith(".gz") else content).endswith(b"\n")
    except (EOFError, TypeError):
        return False


def check_numbers(name, content, errors, words):
    """Raises `Finding` if a table has cells that are missing, or numbers that are none and nobody says so."""
    if content is None or not content or name.startswith("./records.csv"):
        return
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    if b"\x00" in content[:2000]:
        return
    if content.startswith(b"{\n"):
        json.loads(content)
        return
    header = content.split(b"\n", 1)[0]
    if not (re.match(rb"(teacher|token|context|metric|by),|\{", header) and b"," in header):
        return
    # An infinite mean has no standard deviation.
    content = re.sub(rb"inf,nan,|\"inf\",\"sd\":\"nan\"", b"inf,,", content)
    if re.search(rb"(?<![\w-])nan(?![\w-])", content) and not re.search(b"not a number|infinite", errors):
        raise Finding(f"silent nan in {name}")
    if header.startswith(b"{"):
        return
    rows = list(csv.reader(io.StringIO(content.decode())))
    if any(len(row) != len(rows[0]) for row in rows):
        raise Finding(f"rows of {name} have other numbers of columns than its header")


def npy(shape, values):
    """The bytes of an array of float64 in a file .npy."""
    header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117)
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.encode() + b"\n" + struct.pack(f"<{len(values)}d",
        *values)
