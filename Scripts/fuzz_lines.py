# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines one after the other in one process, klsim-lines, which spares the start of a process for each."""

import select
import subprocess

# It is started anew after so many lines, before what its allocator keeps comes near the limit of memory.
LINES = 2000


class Lines:
    """A process that runs command lines."""

    def __init__(self, program, output, errors):
        self.command = [program, str(output), str(errors)]
        self.process, self.left = None, 0

    def run(self, words, stdin, limit):
        """Exit code, seconds of processor time and peak of memory; None if the process ends, or does not in time."""
        if self.left == 0:
            self.end()
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
            self.left = LINES
        self.left -= 1
        request = b"".join(word.encode("utf-8", "surrogateescape") + b"\0" for word in [stdin or "/dev/null", *words])
        self.process.stdin.write(b"%08d" % len(request) + request)
        answer = b""
        while not answer.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], limit)
            part = self.process.stdout.read(100) if ready else b""
            if not part:
                self.end()
                return None
            answer += part
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
