# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of klsim as pandas frames."""

import gzip
import json
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

TYPES = {
    **dict.fromkeys((
        "teacher", "student", "objective", "signal", "optimizer", "init", "head", "schedule", "batch",
        "sampling", "clip", "context_label", "split", "against", "metric", "by", "a", "b", "leads",
    ), "string"),
    **dict.fromkeys(("context", "seed", "samples", "accumulate", "draws"), "integer"),
    "held_out": "number",
}
"""The types of columns whose values may look like another type; a data package tells them for its tables."""


def read(path: str | PathLike[str]) -> "pd.DataFrame":
    """A table of klsim, or the table of a sweep.

    Texts are categories, integers `int64`, or `Int64` where some are missing, and other numbers `float64`,
    the same doubles that klsim wrote. `datapackage.json` beside the table tells the types, if there is one.

    Args:
        path: a file, CSV or JSON Lines, also packed by gzip; or the folder of a finished sweep.
    """
    path = Path(path)
    if path.is_dir():
        return _joined(path)
    package = path.parent / "datapackage.json"
    for resource in _resources(package) if package.exists() else []:
        if path.name in _parts(resource):
            return _read(path, _types(resource))
    return _read(path, TYPES)


def _joined(folder: Path) -> "pd.DataFrame":
    import pandas as pd

    records = _resources(folder / "datapackage.json")[0]
    types = _types(records)
    frame = pd.concat([_read(folder / part, types) for part in _parts(records)], ignore_index=True)
    # Parts that differ in their categories have come together as objects.
    return frame.astype({name: "category" for name, kind in types.items() if kind == "string"})


def _resources(package: Path) -> list[dict[str, Any]]:
    resources: list[dict[str, Any]] = json.loads(package.read_text(encoding="utf-8"))["resources"]
    return resources


def _parts(resource: Mapping[str, Any]) -> list[str]:
    path = resource["path"]
    return [path] if isinstance(path, str) else list(path)


def _types(resource: Mapping[str, Any]) -> dict[str, str]:
    return {field["name"]: field["type"] for field in resource["schema"]["fields"]}


def _read(path: Path, types: Mapping[str, str]) -> "pd.DataFrame":
    """A table whose columns have these types, as a data package calls them; others are told by values."""
    import pandas as pd

    # From 3.1 on the default is exact, and the argument deprecated.
    exact: dict[str, Any] = (
        {"float_precision": "round_trip"}
        if tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1) else {})
    if ".jsonl" in path.suffixes:
        opened: Any = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            frame = pd.DataFrame(map(json.loads, lines)).replace({"": None})
        texts = [name for name in frame if _is_text(frame[name], types.get(str(name)))]
        for column in frame.columns.difference(texts):
            frame[column] = pd.to_numeric(frame[column].replace("nan", None))
    else:
        header = pd.read_csv(path, nrows=0).columns
        frame = pd.read_csv(
            path, keep_default_na=False,
            na_values={name: [""] if types.get(name) == "string" else ["", "nan"] for name in header},
            dtype={name: "str" for name in header if types.get(name) == "string"}, **exact)
    for name in frame:
        kind = types.get(str(name))
        if _is_text(frame[name], kind):
            frame[name] = frame[name].astype("category")
        elif kind == "integer" and frame[name].hasnans:
            frame[name] = frame[name].astype("Int64")
    return frame


def _is_text(column: "pd.Series[Any]", kind: str | None) -> bool:
    from pandas.api.types import is_numeric_dtype

    if kind is not None:
        return kind == "string"
    words = {"inf", "-inf", "nan"}
    return not is_numeric_dtype(column.dtype) and not all(
        value in words for value in column.dropna() if isinstance(value, str))


def write(frame: "pd.DataFrame", path: Path) -> None:
    """Writes a frame as klsim reads it: missing floats are `nan`, other missing values empty."""
    floats = frame.select_dtypes("float64").columns
    frame.assign(**{
        str(name): frame[name].astype(object).where(frame[name].notna(), "nan") for name in floats
        if frame[name].hasnans
    }).to_csv(path, index=False)
