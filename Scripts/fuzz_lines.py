# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines one after the other in one process, klsim-lines, which spares the start of a process for each."""

import os
import pathlib
import select
import subprocess
import time

# It is started anew after so many lines, before what its allocator keeps comes near the limit of memory.
LINES = 2000


class Lines:
    """A process that runs command lines."""

    def __init__(self, program, output, errors):
        self.command = [program, str(output), str(errors)]
        self.process, self.left = None, 0

    def run(self, words, stdin, limit):
        """Exit code, seconds of processor time and peak of memory; None if the process ends, or takes longer."""
        if self.left == 0:
            self.end()
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
            self.left = LINES
        self.left -= 1
        request = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in [stdin or "/dev/null", *words])
        self.process.stdin.write(b"%08d" % len(request) + request)
        start, before = time.monotonic(), None
        while not select.select([self.process.stdout], [], [], limit / 4)[0]:
            seconds = processor_time(self.process.pid)
            before = seconds if before is None else before
            if seconds > before + limit or time.monotonic() > start + 12 * limit:
                self.end()
                return None
        # An answer is written at once.
        answer = self.process.stdout.read(100)
        if not answer:
            self.end()
            return None
        code, microseconds, kilobytes = map(int, answer.split())
        return code, microseconds / 1e6, kilobytes << 10

    def end(self):
        """Ends the process; the next line starts another."""
        self.left = 0
        if self.process is not None:
            self.process.kill()
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()
            self.process = None


def processor_time(child):
    """Seconds that a process has used, all of its threads together."""
    try:
        fields = pathlib.Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
