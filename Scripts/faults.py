# SPDX-License-Identifier: GPL-3.0-or-later
"""Does to commands what machines and people do, and checks that no file is lost, halved or left over.

    python3 Scripts/faults.py [--klsim .build/release/klsim] [--quick] [--seed 1] [--faults full_disk ...]

A line for each fault: how often it was tried, how many commands did not succeed, and how often a file was
lost (an earlier one that is gone, an input that has changed, a half one under its final name), was left
over, or an end had no message and documented code. Exit 1 if one of these three is not 0. `--quick` tries
each less often. Those that mount file systems or are another user need root.
"""

import argparse
import os
import resource
import shutil
import signal
import struct
import subprocess
import sys

import kill_sweep
from fault_bench import UNFINISHED, Bench, Count, contents, is_root, mounted, stopped, wait, write
from fault_places import (
    hostile_tmpdir, output_onto_input, read_only_folder, symbolic_links, two_on_one_output, vanished_folder)
from sweep_trial import Trial


def killed(bench, job, count):
    """SIGKILL at any moment, and the same command again, which removes what is left."""
    for _ in range(bench.tries(100)):
        moment = bench.moments.uniform(0, 1.1 * job.seconds)

        def kill(process, folder):
            wait(moment)
            process.kill()

        may_have = (*UNFINISHED, ".klsim-", "report/.klsim-")
        _, folder = bench.try_once(count, job, kill, (-signal.SIGKILL,), may_have=may_have)
        count.between += any(folder.rglob(".klsim-*"))
        code = bench.start(job, folder).wait()
        count.check_files(job, folder, code)
        if code:
            count.lose(f"{job.name}: code {code} after a kill")
        shutil.rmtree(folder)


def killed_run(bench, count):
    killed(bench, bench.run, count)


def killed_packed_run(bench, count):
    killed(bench, bench.packed, count)


def killed_plot(bench, count):
    killed(bench, bench.plot, count)


def killed_reproduce(bench, count):
    killed(bench, bench.reproduce, count)


def killed_sweep(bench, count):
    """As kill_sweep.py, which tells more."""
    trial = Trial(bench.klsim)
    for number in range(bench.tries(100)):
        folder = trial.root / "sweep"
        count.refused += kill_sweep.alone(
            trial, folder, bench.moments.uniform(0, trial.seconds), number)
        count.tries += 1
        if folder.exists() and any(folder.rglob(".klsim-*")):
            count.leave("sweep: temporary files")
        try:
            trial.expect(0, trial.start(folder))
            trial.expect_whole(folder)
        except AssertionError as problem:
            count.lose(f"sweep: {problem}")
        shutil.rmtree(folder)


def ended_by_signals(bench, count):
    """SIGTERM, SIGINT, SIGHUP at any moment, from when klsim looks out for them."""
    for number, job in bench.turns(60):
        sign = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)[number % 3]
        moment = bench.moments.uniform(0, job.seconds)

        def end(process, folder):
            wait(moment)
            process.send_signal(sign)

        bench.try_once(count, job, end, (128 + sign, -sign), may_have=UNFINISHED)


def full_disk(bench, count):
    """Disks of sizes from nothing to enough, under the outputs."""
    for job in bench.writing:
        # Earlier files have their place; the new ones need as much again, and more while they are written.
        room = sum(map(len, [*job.inputs.values(), *job.earlier.values()]))
        for _ in range(bench.tries(12)):
            folder = bench.folder()
            size = room + bench.moments.randrange(0, room)
            mounted(folder, f"size={(size + 4095) // 4096 * 4096 + 4096 * (len(job.earlier) + 2)}")
            try:
                bench.try_once(count, job, folder=folder, may_have=UNFINISHED)
            finally:
                subprocess.run(["umount", folder], check=True)


def limited_file_size(bench, count):
    """`ulimit -f`."""
    for job in [*bench.writing, bench.printing]:
        largest = max([len(job.printed), *map(len, job.outputs.values())])
        for _ in range(bench.tries(8)):
            limit = bench.moments.randrange(0, largest)
            with open(bench.root / "printed", "wb") as printed:
                bench.try_once(
                    count, job, stdout=printed, may_have=UNFINISHED,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))


def closed_descriptors(bench, count):
    """Standard input, output and error closed, in every combination."""
    for job in [*bench.writing, bench.printing]:
        for which in range(1, 8):
            closed = [number for number in range(3) if which & 1 << number]
            how = {} if 2 not in closed else {"expected": range(128)}
            code, folder = bench.try_once(
                count, job, preexec_fn=lambda: [os.close(number) for number in closed], **how)
            if (code != 0) != (job is bench.printing and 1 in closed):
                count.lose(f"{job.name}: code {code} with {closed} closed")
            shutil.rmtree(folder)


def broken_pipe(bench, count):
    """A reader that ends after some bytes."""
    for number in range(bench.tries(20)):
        folder = bench.folder()
        process = bench.start(bench.printing, folder, stdout=subprocess.PIPE)
        wanted = bench.moments.randrange(0, 200_000)
        printed = process.stdout.read(wanted)
        process.stdout.close()
        errors = process.communicate()[1]
        count.check_end(process.returncode, errors)
        if printed != bench.printing.printed[:wanted] or errors or contents(folder):
            count.lose(f"{len(printed)} of {wanted} bytes, code {process.returncode}: {errors}")


def stopped_and_continued(bench, count):
    """SIGSTOP and SIGCONT, several times."""
    for _, job in bench.turns(40):
        def disturb(process, folder):
            for _ in range(4):
                wait(bench.moments.uniform(0, job.seconds / 4))
                stopped(process, lambda: wait(0.01))

        if bench.try_once(count, job, disturb)[0]:
            count.lose(f"{job.name} did not succeed")


def cut_inputs(bench, count):
    """Files that are cut short, or replaced, while they are read."""
    rows, tokens = 1000, 4000
    numbers = struct.pack("<4000f", *(0.001 * (i * i % 977) for i in range(tokens))) * rows
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {tokens}), }}".ljust(117)
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", 118) + header.encode() + b"\n" + numbers
    about = f'{{"x":{{"dtype":"F32","shape":[{rows},{tokens}],"data_offsets":[0,{len(numbers)}]}}}}'
    tensors = struct.pack("<Q", len(about)) + about.encode() + numbers
    text = "".join(f"{i % 977 + 1}\n" for i in range(400_000)).encode()
    inputs = (
        ("in.npy", npy, "--teacher-values logits"), ("in.safetensors", tensors, "--teacher-values logits"),
        ("in.csv", text, "--teacher-values counts"))
    for name, bytes, options in inputs:
        line = f"run --teacher-file {name} {options} --epochs 1 --quiet --output out.csv"
        command = [bench.klsim, *line.split()]

        def whole(bytes):
            """What a command writes whose input stays as it is; nothing where it is refused."""
            folder = bench.folder()
            write({name: bytes}, folder)
            subprocess.run(command, cwd=folder, stderr=subprocess.DEVNULL)
            rows = contents(folder).get("out.csv")
            shutil.rmtree(folder)
            return rows

        # The last numbers of the other file differ; an appended one has some twice.
        other, longer = bytes[:-4000] + bytes[-8000:-4000], bytes + bytes[-4000:]
        before, after = whole(bytes), {"replace": whole(other), "append": whole(longer)}
        for number in range(bench.tries(48)):
            folder = bench.folder()
            write({name: bytes, "out.csv": b"earlier"}, folder)
            process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE)
            wait(bench.moments.uniform(0, 0.4))
            change = ("cut", "replace", "cut", "append")[number % 4]
            size = bench.moments.randrange(0, len(bytes)) if number % 8 else 0

            def disturb():
                if change == "cut":
                    os.truncate(folder / name, size)
                elif change == "replace":
                    (folder / "other").write_bytes(other)
                    os.replace(folder / "other", folder / name)
                else:
                    with open(folder / name, "ab") as file:
                        file.write(longer[len(bytes):])

            stopped(process, disturb)
            errors = process.communicate()[1]
            count.check_end(process.returncode, errors)
            found = contents(folder)
            found.pop(name)
            rows = found.pop("out.csv", None)
            if process.returncode != 0 and rows != b"earlier":
                count.lose(f"{name}, {change}: the earlier output is gone")
            # Of a file that is cut before it is opened, what is left is read.
            if process.returncode == 0 and change in after and rows not in (before, after[change]):
                count.lose(f"{name}, {change}: the rows are of neither file")
            if found:
                count.leave(f"{name}, {change}: {list(found)} left")
            shutil.rmtree(folder)


NEED_ROOT = (full_disk, read_only_folder, hostile_tmpdir)
FAULTS = (
    killed_run, killed_packed_run, killed_plot, killed_reproduce, killed_sweep, ended_by_signals, full_disk,
    limited_file_size, read_only_folder, vanished_folder, closed_descriptors, broken_pipe,
    stopped_and_continued, cut_inputs, two_on_one_output, output_onto_input, symbolic_links, hostile_tmpdir)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--klsim", default=".build/release/klsim")
    parser.add_argument("--quick", action="store_true", help="a tenth of the tries")
    parser.add_argument("--seed", type=int, default=1)
    names = [fault.__name__ for fault in FAULTS]
    parser.add_argument("--faults", nargs="+", choices=names, default=names)
    options = parser.parse_args()
    bench = Bench(options.klsim, options.seed, options.quick)
    is_clean = True
    for fault in (fault for fault in FAULTS if fault.__name__ in options.faults):
        if fault in NEED_ROOT and not is_root():
            print(f"{fault.__name__}: skipped, it needs root")
            continue
        count = Count(fault.__name__)
        fault(bench, count)
        print(count.line(), flush=True)
        is_clean &= count.is_clean
    sys.exit(0 if is_clean else 1)


main()
