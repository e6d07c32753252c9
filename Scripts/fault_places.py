# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the places that files are in, for faults.py."""

import os
import shutil
import subprocess

from fault_bench import contents, mounted, stopped, wait

NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


def read_only_folder(bench, count):
    """A folder without the right to write, and a file system that is read only."""
    for job in bench.writing:
        folder = bench.folder()
        code, _ = bench.try_once(count, job, folder=folder, **NOBODY)
        expect_refusal(count, job, code)
        mounted(folder, "size=16m")
        try:
            job.prepare(folder)
            mounted(folder, "remount,ro")
            process = bench.start(job, folder)
            errors = process.communicate()[1]
            count.check_end(process.returncode, errors)
            count.check_files(job, folder, process.returncode)
            expect_refusal(count, job, process.returncode)
        finally:
            subprocess.run(["umount", folder], check=True)


def expect_refusal(count, job, code):
    if code == 0:
        count.lose(f"{job.name}: success without the right to write")


def vanished_folder(bench, count):
    """A folder that is removed while its outputs are written, and one that was removed before."""
    for _, job in bench.turns(40):
        folder = bench.prepared(job)
        process = bench.start(job, folder)
        wait(bench.moments.uniform(0, job.seconds))
        stopped(process, lambda: shutil.rmtree(folder))
        errors = process.communicate()[1]
        count.check_end(process.returncode, errors)
        if folder.exists():
            count.leave(f"{job.name}: a folder that was removed is there again")


def two_on_one_output(bench, count):
    """Two processes that write different bytes into the same files at the same time."""
    for _, job in bench.turns(40):
        folder = bench.prepared(job)
        how = {"cwd": folder, "stderr": subprocess.PIPE}
        one = subprocess.Popen([bench.klsim, *job.arguments, *job.change], **how)
        wait(bench.moments.uniform(0, 0.02))
        other = bench.start(job, folder)
        codes = []
        for process in (one, other):
            errors = process.communicate()[1]
            codes.append(process.returncode)
            count.check_end(process.returncode, errors)
        # Its earlier files are what the first one writes.
        count.check_files(job, folder, 1)
        # A report is not written by two at a time.
        if sorted(codes) not in ([[0, 0], [0, 73]] if job is bench.reproduce else [[0, 0]]):
            count.lose(f"{job.name}: codes {codes}")
        shutil.rmtree(folder)


def output_onto_input(bench, count):
    """An output that is an input, by its name, by another path, and by symbolic links."""
    for name in ("records.csv", "./records.csv", "../{}/records.csv", "link.csv", "links/records.csv"):
        for line in (
            "plot records.csv --figure curves --output {}", "plot link.csv --figure curves --output {}",
            "run --teacher-file records.csv --teacher-column fkl --epochs 1 --quiet --output {}",
            "run --teacher-file records.csv --teacher-column fkl --epochs 1 --quiet --snapshots 0"
            " --output out.csv --snapshot-output {}",
            "compare records.csv --format csv --output {}",
        ):
            folder = bench.prepared(bench.plot)
            (folder / "link.csv").symlink_to("records.csv")
            (folder / "links").symlink_to(folder)
            before = contents(folder)
            line = line.format(name.format(folder.name))
            ended = subprocess.run([bench.klsim, *line.split()], cwd=folder, capture_output=True)
            count.check_end(ended.returncode, ended.stderr)
            if ended.returncode == 0 or contents(folder) != before:
                count.lose(f"{line}: code {ended.returncode}")


def symbolic_links(bench, count):
    """Links to the output, in a chain, to nothing yet, in a circle, and to a folder."""
    for job in bench.writing[:3]:
        name = next(reversed(job.outputs))
        for kind in ("file", "chain", "new", "circle", "folder"):
            folder, aside = bench.folder(), bench.folder()
            job.prepare(folder)
            link, target = folder / name, aside / "target"
            link.unlink()
            link.symlink_to({"chain": aside / "next", "circle": link}.get(kind, target))
            if kind == "chain":
                (aside / "next").symlink_to(target)
            if kind == "folder":
                target.mkdir()
            if kind in ("file", "chain"):
                target.write_bytes(job.earlier[name])
            process = bench.start(job, folder)
            errors = process.communicate()[1]
            count.check_end(process.returncode, errors)
            is_possible = kind in ("file", "chain", "new")
            if (process.returncode == 0) != is_possible or not link.is_symlink():
                count.lose(f"{job.name}, {kind}: code {process.returncode}, {errors}")
            elif is_possible and target.read_bytes() != job.outputs[name]:
                count.lose(f"{job.name}, {kind}: the file behind the link is not whole")
            hidden = [path for place in (folder, aside) for path in place.rglob(".klsim-*")]
            if hidden:
                count.leave(f"{job.name}, {kind}: {hidden}")


def hostile_tmpdir(bench, count):
    """Folders for temporary files that are missing, full, closed, files, or strange."""
    places = bench.folder()
    (places / "file").write_bytes(b"a file")
    for name in ("closed", "full", "with ' \" ` $(touch x) \n"):
        (places / name).mkdir()
    (places / "closed").chmod(0o555)
    names = ["file", "missing", "missing/../file", "full", "with ' \" ` $(touch x) \n", "x" * 300]
    values = ["", "relative", "/dev/null", "/proc", *(str(places / name) for name in names)]
    mounted(places / "full", "size=4k")
    (places / "full" / "filler").write_bytes(bytes(4096))
    try:
        before = contents(places)
        for job in (bench.run, bench.plot, bench.reproduce):
            for value, how in [(value, {}) for value in values] + [(str(places / "closed"), NOBODY)]:
                folder = bench.folder()
                if how:
                    folder.chmod(0o777)
                bench.try_once(
                    count, job, folder=folder, env=os.environ | {"TMPDIR": value}, **how)
        if contents(places) != before:
            count.leave(f"in TMPDIR: {contents(places).keys() ^ before.keys()}")
    finally:
        subprocess.run(["umount", places / "full"], check=True)
