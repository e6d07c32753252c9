# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyword arguments as options of the command."""

import os
from collections.abc import Iterable, Mapping
from numbers import Number
from pathlib import Path
from typing import Any

_TEXTS = {"--help", "--version", "--print-study"}
_ARRAYS = {"teacher": "--teacher-file={}", "init": '--init=file:path="{}"'}


def arguments(options: Mapping[str, Any], folder: Path) -> list[str]:
    """The words of a command line.

    Args:
        options: by name, with underscores for dashes. None and False leave one out, True is a flag, numbers
            of a list are separated by commas, texts of a list repeat the option; the array of a `teacher`
            or `init` becomes a file.
        folder: where files go.

    Raises:
        TypeError: for a mapping: a component with numbers is a text, as "mix:lambda=0.3".
        ValueError: for an empty list, and for an option that prints a text instead of running.

    >>> arguments({"learning_rate": [0.1, 0.2], "head": ["mass=0.5", "count=8"], "quiet": True}, Path())
    ['--learning-rate=0.1,0.2', '--head=mass=0.5', '--head=count=8', '--quiet']
    """
    return [word for name, value in options.items() for word in _words(name, value, folder)]


def _words(name: str, value: Any, folder: Path) -> list[str]:
    option = "--" + name.replace("_", "-")
    if option in _TEXTS:
        raise ValueError(f"{name} prints a text and returns no table; run the command klsim with {option}")
    if isinstance(value, Mapping):
        raise TypeError(f'{name} is a mapping, expected a text such as "mix:lambda=0.3", or a list')
    if value is None or value is False:
        return []
    if value is True:
        return [option]
    if name in _ARRAYS and hasattr(value, "__array__"):
        return [_ARRAYS[name].format(_saved(value, folder / f"{name}.npy"))]
    if isinstance(value, (str, os.PathLike, Number)) or not isinstance(value, Iterable):
        return [f"{option}={value}"]
    items = list(value)
    if not items:
        raise ValueError(f"{name} is an empty list, expected at least one value; leave it out for the default")
    if items and all(isinstance(item, Number) for item in items):
        return [f"{option}={','.join(map(str, items))}"]
    return [word for item in items for word in _words(name, item, folder)]


def _saved(array: Any, path: Path) -> Path:
    from klsim._teachers import export_teacher

    # The arrays of one option, in a list, each need a name.
    while path.exists():
        path = path.with_stem(path.stem + "-next")
    export_teacher(array, path)
    return path
