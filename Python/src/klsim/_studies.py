# SPDX-License-Identifier: GPL-3.0-or-later
"""The subcommands that give a table, as functions."""

import json
import tempfile
from collections.abc import Mapping
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any

from klsim._arguments import arguments
from klsim._command import Progress, call
from klsim._tables import read, write

if TYPE_CHECKING:
    import pandas as pd


def run(*, progress: Progress = None, **options: Any) -> "pd.DataFrame":
    """Fits students to teachers: one row a run, recorded epoch and head rule (`klsim run`).

    Args:
        progress: takes each line of progress, summary and warnings, which else go to `sys.stderr`.
        options: those of `klsim run`. `teacher` and `init` also take arrays, `[V]` or `[contexts, V]`;
            `teacher_values="logits"` says what that of `teacher` holds, if not probabilities.
            Snapshots and parameters go to files (`snapshot_output`, `parameters_output`).

    Raises:
        KLSimError: the command failed.

    >>> import klsim, numpy
    >>> logits = numpy.array([[2.0, 1.0, 0.0], [0.0, 0.0, 3.0]])
    >>> frame = klsim.run(teacher=logits, teacher_values="logits", epochs=100, quiet=True)
    >>> frame[["teacher", "objective", "context"]].drop_duplicates().head(2)
                                   teacher objective  context
    0    file:path=teacher.npy:values=logits       fkl        0
    101  file:path=teacher.npy:values=logits       fkl        1
    """
    return _table("run", [], progress, options)


def sequence(*, progress: Progress = None, **options: Any) -> "pd.DataFrame":
    """Trains students of sequences: one row a run, recorded epoch and head rule (`klsim sequence`).

    Args:
        progress: takes each line of progress, summary and warnings, which else go to `sys.stderr`.
        options: those of `klsim sequence`.

    Raises:
        KLSimError: the command failed.

    >>> import klsim
    >>> frame = klsim.sequence(signal="seq-rkl", epochs=20, record=[0, 20], quiet=True)
    >>> frame["seq_rkl"].is_monotonic_decreasing
    True
    """
    return _table("sequence", [], progress, options)


def estimate(*, progress: Progress = None, **options: Any) -> "pd.DataFrame":
    """Bias and variance of sampled gradients beside exact ones: one row a signal (`klsim estimate`).

    Args:
        progress: takes each line of warnings, which else go to `sys.stderr`.
        options: those of `klsim estimate`.

    Raises:
        KLSimError: the command failed.

    >>> import klsim
    >>> frame = klsim.estimate(signal=["policy-gradient", "policy-gradient:gamma=0"])
    >>> [bool(bias > 1e-9) for bias in frame["gradient_bias"]]
    [False, True]
    """
    return _table("estimate", [], progress, options)


def gradient(*, progress: Progress = None, **options: Any) -> "pd.DataFrame":
    """One objective at one point: one row a token (`klsim gradient`).

    `frame.attrs` has what the command says beside the table: `loss`, `akl_head_weight`, `akl_tail_weight`.

    Args:
        progress: takes each line of warnings, which else go to `sys.stderr`.
        options: those of `klsim gradient`; `teacher` and `init` also take arrays.

    Raises:
        KLSimError: the command failed.

    >>> import klsim, numpy
    >>> frame = klsim.gradient(teacher=numpy.array([0.5, 0.25, 0.25]), init=numpy.zeros(3))
    >>> bool(numpy.allclose(frame["gradient"], frame["q"] - frame["p"]))
    True
    >>> round(frame.attrs["loss"], 4)
    0.0589
    """
    told: dict[str, float] = {}

    def sort(line: str) -> None:
        name, _, value = line.partition(" ")
        if name in ("loss", "akl_head_weight", "akl_tail_weight"):
            told[name] = float(value)
        elif progress is not None and name != "head":
            progress(line)

    frame = _table("gradient", [], sort, options)
    frame.attrs.update(told)
    return frame


def compare(
    *tables: "str | PathLike[str] | pd.DataFrame", progress: Progress = None, **options: Any
) -> "pd.DataFrame":
    """Who leads where: differences, intervals, p values, one row a pair of choices (`klsim compare`).

    Args:
        tables: records, as files or as frames that `run` or `sequence` returned.
        progress: takes each line of warnings, which else go to `sys.stderr`.
        options: those of `klsim compare`.

    Raises:
        KLSimError: the command failed.

    >>> import klsim
    >>> records = klsim.run(seeds=20, record=[1, 5], head=["count=37"], quiet=True)
    >>> klsim.compare(records, at=5)[["a", "b", "pairs", "leads"]]
         a    b  pairs leads
    0  fkl  rkl     20   rkl
    """
    with tempfile.TemporaryDirectory(prefix="klsim-") as folder:
        paths = []
        for number, table in enumerate(tables):
            if isinstance(table, (str, PathLike)):
                paths.append(fspath(table))
            else:
                paths.append(str(Path(folder) / f"table-{number}.csv"))
                write(table, Path(paths[-1]))
        return _table("compare", paths, progress, options)


def reproduce(*names: str, progress: Progress = None, **options: Any) -> "pd.DataFrame":
    """Puts claims of the literature to the test: one row a claim, by its name (`klsim reproduce`).

    Args:
        names: claims and exhibits; all if there is none.
        progress: takes each line of progress and warnings, which else go to `sys.stderr`.
        options: those of `klsim reproduce`. `output` keeps the evidence, which `read` reads, and the
            figures, for which gnuplot is needed. With `check` the frame is that of the folder.

    Raises:
        KLSimError: the command failed; with the exit code 1, a verdict is not that of `check`.

    >>> import klsim
    >>> klsim.reproduce("fkl-is-cross-entropy", seeds=128, quiet=True)["verdict"].tolist()
    ['holds']
    """
    with tempfile.TemporaryDirectory(prefix="klsim-") as temporary:
        folder = options.get("check") or options.get("output")
        if folder is None:
            folder = Path(temporary) / "report"
            options |= {"output": folder, "no_figures": True}
        call(["reproduce", *names, *arguments(options, Path(temporary))], progress)
        claims = Path(folder) / "claims.csv"
        return read(claims).set_index("claim")


def sweep(
    study: str | PathLike[str] | Mapping[str, Any], output: str | PathLike[str], *,
    progress: Progress = None, **options: Any
) -> "pd.DataFrame | None":
    """Runs a study that survives interruptions, or goes on with it (`klsim sweep`).

    Args:
        study: a study file, or its keys and values.
        output: the folder of the sweep.
        progress: takes each line of progress and warnings, which else go to `sys.stderr`.
        options: others of `klsim sweep`.

    Returns:
        The table of the sweep; None while other shards of the folder are missing.

    Raises:
        KLSimError: the command failed.

    >>> import klsim, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = {"objective": ["fkl", "rkl"], "epochs": 5, "record": [5], "seeds": 3}
    ...     len(klsim.sweep(study, folder, quiet=True))
    6
    """
    with tempfile.TemporaryDirectory(prefix="klsim-") as temporary:
        if isinstance(study, Mapping):
            path = Path(temporary) / "study.yaml"
            # YAML includes JSON.
            path.write_text(json.dumps(study), encoding="utf-8")
        else:
            path = Path(study)
        options = {"output": output, **options}
        call(["sweep", str(path), *arguments(options, Path(temporary))], progress)
    return read(output) if (Path(output) / "datapackage.json").exists() else None


def _table(
    name: str, words: list[str], progress: Progress, options: dict[str, Any]
) -> "pd.DataFrame":
    with tempfile.TemporaryDirectory(prefix="klsim-") as folder:
        options = {"output": Path(folder) / "table.csv", **options}
        call([name, *words, *arguments(options, Path(folder))], progress)
        frame = read(options["output"])
    # Arrays are named by their role, not by a folder that is gone.
    for column in {"teacher", "init"}.intersection(frame.columns):
        frame[column] = frame[column].cat.rename_categories(
            lambda text: text.replace(f"{folder}/", ""))
    return frame
