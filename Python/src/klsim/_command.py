# SPDX-License-Identifier: GPL-3.0-or-later
"""The command klsim: where it is, and a call of it."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from klsim._arguments import arguments

Progress = Callable[[str], object] | None
"""Takes each line of progress, summary and warnings; None writes them to `sys.stderr`."""

_ERRORS = ("klsim: error: ", "Error: ")
_HINTS = ("klsim: hint: ", "Help: ")
_SECONDS_TO_CLEAN_UP = 5


class KLSimError(Exception):
    """The command klsim failed.

    >>> import klsim
    >>> klsim.run(teacher="longtale")
    Traceback (most recent call last):
    klsim._command.KLSimError: unknown teacher 'longtale'...
    """

    message: str
    """What is wrong, where, and what was expected."""
    exit_code: int
    """64 usage, 65 bad data, 66 input missing, …; negative: the signal that ended klsim."""
    hint: str | None
    """Options of the command that help, if it names some."""

    def __init__(self, message: str, exit_code: int, hint: str | None = None) -> None:
        super().__init__(message, exit_code, hint)
        self.message, self.exit_code, self.hint = message, exit_code, hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\nhint: {self.hint}"


def command() -> Path:
    """The program klsim: the one in this package, else `$KLSIM_COMMAND`, else the first on `PATH`.

    Raises:
        FileNotFoundError: there is none.
    """
    bundled = Path(__file__).parent / "bin" / "klsim"
    if bundled.exists():
        return bundled
    if named := os.environ.get("KLSIM_COMMAND"):
        return Path(named)
    # The klsim among Python's scripts is `main`, which asks for the program.
    scripts = sysconfig.get_path("scripts")
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    found = shutil.which("klsim", path=os.pathsep.join(f for f in folders if f != scripts))
    if found is None:
        raise FileNotFoundError(
            "the program klsim is not in this package and not on PATH; install a wheel that has it,"
            " or set KLSIM_COMMAND to its path")
    return Path(found)


def execute(*words: str, progress: Progress = None, **options: Any) -> str:
    """What klsim writes to standard output: for subcommands that give no table.

    Args:
        words: the subcommand and its arguments.
        progress: takes each line of progress, summary and warnings, which else go to `sys.stderr`.
        options: those of the subcommand.

    Raises:
        KLSimError: the command failed.

    >>> import klsim
    >>> print(klsim.execute("--version"))
    klsim 0...
    """
    with tempfile.TemporaryDirectory(prefix="klsim-") as folder:
        return call([*words, *arguments(options, Path(folder))], progress)


def call(words: Sequence[str], progress: Progress) -> str:
    """What klsim writes to standard output; an exception, such as KeyboardInterrupt, ends it.

    Args:
        words: all arguments.
        progress: takes each line of standard error that does not tell of the failure.

    Raises:
        KLSimError: the command failed.
    """
    show = progress or (lambda line: print(line, file=sys.stderr, flush=True))
    lines: list[str] = []
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            [command(), *words], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE,
            encoding="utf-8", errors="replace")
        assert process.stderr is not None
        try:
            with process.stderr:
                is_failing = False
                for line in map(str.rstrip, process.stderr):
                    lines.append(line)
                    is_failing = is_failing or line.startswith(_ERRORS)
                    if not is_failing:
                        show(line)
            code = process.wait()
        except BaseException:
            _end(process)
            raise
        output.seek(0)
        text = output.read()
    if code != 0:
        raise _failure(text, lines, code)
    return text


def main() -> NoReturn:
    """Becomes the command klsim, with the arguments of this process."""
    try:
        program = command()
    except FileNotFoundError as error:
        sys.exit(f"klsim: error: {error}")
    os.execv(program, [str(program), *sys.argv[1:]])


def _end(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_SECONDS_TO_CLEAN_UP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _failure(output: str, lines: list[str], code: int) -> KLSimError:
    starts = [number for number, line in enumerate(lines) if line.startswith(_ERRORS)]
    if not starts:
        # The differences that `reproduce --check` finds are its output.
        text = output.strip() or "\n".join(lines) or f"klsim ended with exit code {code}"
        return KLSimError(text, code)
    told = [line for line in lines[starts[0]:] if not line.lstrip().startswith(("Usage: ", "See '"))]
    hints = [line for line in told if line.startswith(_HINTS)]
    text = "\n".join(line for line in told if line not in hints)
    return KLSimError(
        text.removeprefix(_ERRORS[0]).removeprefix(_ERRORS[1]), code,
        "\n".join(line.split(": ", 2 if line.startswith("klsim") else 1)[-1].strip() for line in hints)
        or None)
