# SPDX-License-Identifier: GPL-3.0-or-later
"""Breaks what sweeps need, and checks that they say so, lose nothing, and go on.

    python3 Scripts/break_sweep.py [--klsim .build/release/klsim]

A full disk, a folder without the right to write, and parts, journals and studies that were deleted, edited
or cut short. The first two need root: a small file system is mounted, and another user runs klsim.
"""

import argparse
import os
import shutil
import signal
import subprocess
import time

from sweep_trial import Trial

NOBODY = 65534


def full_disk(trial):
    disk = trial.root / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o"]
    subprocess.run([*mount, "size=3m", "tmpfs", disk], check=True)
    try:
        folder = disk / "sweep"
        before = -1
        # Each size has room for some more chunks; the last one for all, and the tables.
        for size in ("3m", "30m", "60m"):
            subprocess.run([*mount, f"remount,size={size}", "tmpfs", disk], check=True)
            trial.expect(74, trial.start(folder), "No space left on device")
            assert trial.finished(folder) >= before
            before = trial.finished(folder)
            assert not list(folder.rglob(".klsim-*")), "temporary files are left"
            assert not os.listdir(folder / "leases"), "leases are left"
        # Others may fill a disk, too.
        subprocess.run(["dd", "if=/dev/zero", f"of={disk / 'filler'}"], stderr=subprocess.DEVNULL)
        trial.expect(74, trial.start(folder), "No space left on device")
        (disk / "filler").unlink()
        subprocess.run([*mount, "remount,size=1g", "tmpfs", disk], check=True)
        trial.expect(0, trial.start(folder))
        assert trial.finished(folder) == trial.chunks, "chunks were lost"
        trial.expect_whole(folder)
    finally:
        subprocess.run(["umount", disk], check=True)


def read_only_folder(trial):
    trial.root.chmod(0o755)
    folder = stopped(trial)
    # Another user may read everything, and write nothing.
    how = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    finished = trial.finished(folder)
    trial.expect(73, trial.start(folder, **how), "Permission denied")
    trial.expect(73, trial.start(trial.root / "new", **how), "Permission denied")
    status = subprocess.run(
        [trial.klsim, "status", folder], capture_output=True, text=True, check=True, **how)
    assert f"{finished} of {trial.chunks} chunks" in status.stdout, status.stdout
    again(trial, folder)


def stopped(trial):
    """A sweep that was killed with a part of its chunks finished."""
    folder = trial.root / "sweep"
    process = trial.start(folder)
    while trial.finished(folder) < trial.chunks // 3:
        assert process.poll() is None, "the sweep is over before it could be stopped"
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return folder


def again(trial, folder, *says):
    """Goes on to the end."""
    trial.expect(0, trial.start(folder), *says)
    trial.expect_whole(folder)
    shutil.rmtree(folder)


def damaged_parts(trial):
    def part(folder):
        # A part of which the journal speaks.
        lines = (folder / "journal.jsonl").read_text().splitlines()
        chunk = int(lines[-1].split('"chunk":')[1].split(",")[0])
        return folder / "parts" / f"records-{chunk:07}.csv"

    for damage in (
        lambda path: path.unlink(),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(path.read_bytes()[:-2] + b"9\n"),
    ):
        folder = stopped(trial)
        damage(part(folder))
        again(trial, folder, "missing or changed")


def damaged_journal(trial):
    def lines(path):
        return path.read_bytes().splitlines(keepends=True)

    for damage, says in (
        (lambda path: path.unlink(), ""),
        (lambda path: path.write_bytes(path.read_bytes()[:-30]), ""),
        (lambda path: path.write_bytes(b""), ""),
        (lambda path: path.write_bytes(b"{}\n" + b"".join(lines(path)[1:])), "lost its first line"),
        (
            lambda path: path.write_bytes(b"".join([lines(path)[0], b"nonsense\n", *lines(path)[2:]])),
            "cut short or edited",
        ),
        (lambda path: path.write_bytes(os.urandom(10_000)), "lost its first line"),
    ):
        folder = stopped(trial)
        damage(folder / "journal.jsonl")
        again(trial, folder, says)


def damaged_study(trial):
    folder = stopped(trial)
    (folder / "study.yaml").unlink()
    again(trial, folder)
    # The journal knows the study, too: what was edited is written again.
    folder = stopped(trial)
    (folder / "study.yaml").write_text("objective: js\n")
    again(trial, folder)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--klsim", default=".build/release/klsim")
    trial = Trial(parser.parse_args().klsim)
    for fault in (damaged_parts, damaged_journal, damaged_study, full_disk, read_only_folder):
        if fault in (full_disk, read_only_folder) and os.geteuid() != 0:
            print(f"{fault.__name__}: skipped, it needs root")
            continue
        fault(trial)
        print(f"{fault.__name__}: holds", flush=True)


main()
