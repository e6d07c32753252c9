# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys

import pytest

import klsim


@pytest.mark.parametrize(("options", "code", "message"), [
    ({"teacher": "longtale"}, 64, "unknown teacher 'longtale'; "),
    ({"epoch": 5}, 64, "Unknown option '--epoch'"),
    ({"epochs": "five"}, 64, "The value 'five' is invalid for '--epochs"),
    ({"teacher_file": "absent.csv"}, 66, "absent.csv: no such file"),
    ({"output": "absent/records.csv"}, 73, "absent/records.csv"),
])
def test_an_error_has_the_message_and_the_exit_code(options, code, message, capfd):
    with pytest.raises(klsim.KLSimError) as caught:
        klsim.run(**options)
    assert caught.value.exit_code == code
    assert caught.value.message.startswith(message)
    assert "Usage" not in caught.value.message
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("options", "error", "message"), [
    ({"objective": {"mix": 0.3}}, TypeError, "objective is a mapping"),
    ({"objective": []}, ValueError, "objective is an empty list"),
    ({"print_study": True}, ValueError, "print_study prints a text"),
])
def test_values_that_are_no_options_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        klsim.run(**options)


def test_an_error_has_the_hint(folder):
    (folder / "two.csv").write_text("a,b\n0.5,0.5\n0.5,0.5\n")
    with pytest.raises(klsim.KLSimError) as caught:
        klsim.run(teacher_file="two.csv")
    assert caught.value.exit_code == 65
    assert caught.value.hint.startswith("--teacher-column")
    assert str(caught.value) == f"{caught.value.message}\nhint: {caught.value.hint}"


def test_progress_goes_to_standard_error_or_to_a_function(capsys):
    klsim.run(epochs=2)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "total error at epoch 2" in shown.err
    lines = []
    klsim.run(epochs=2, progress=lines.append)
    assert "\n".join(lines) == shown.err.rstrip("\n")
    assert capsys.readouterr() == ("", "")


def test_an_interrupt_ends_the_command(monkeypatch, folder):
    started = []

    class Recorded(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.append(self)

    def interrupt(line):
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    # A note on the size of the snapshots comes before the first run.
    with pytest.raises(KeyboardInterrupt):
        klsim.run(
            seeds=10_000_000, snapshots="all", snapshot_output="snapshots.csv", output="records.csv",
            progress=interrupt)
    assert [process.poll() for process in started] == [130]
    assert list(folder.iterdir()) == []


def test_the_command_is_named_by_the_environment_or_on_the_path(monkeypatch, folder):
    if (klsim.command().parent.name, klsim.command().parent.parent.name) == ("bin", "klsim"):
        pytest.skip("the command is in the package")
    monkeypatch.setenv("KLSIM_COMMAND", "elsewhere/klsim")
    assert str(klsim.command()) == "elsewhere/klsim"
    monkeypatch.delenv("KLSIM_COMMAND")
    program = folder / "klsim"
    program.write_text("#!/bin/sh\necho found\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert klsim.command() == program
    assert klsim.execute() == "found\n"
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="KLSIM_COMMAND"):
        klsim.command()


def test_the_module_is_the_command():
    told = subprocess.run(
        [sys.executable, "-m", "klsim", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout == klsim.execute("--version")
    assert subprocess.run([sys.executable, "-m", "klsim", "--nothing"], capture_output=True).returncode == 64


def test_nothing_is_imported_before_it_is_used():
    heavy = "{'pandas', 'numpy', 'subprocess', 'json'}"
    subprocess.run(
        [sys.executable, "-c",
         f"import sys; before = set(sys.modules); import klsim\n"
         f"assert not {heavy} & (set(sys.modules) - before)"], check=True)
