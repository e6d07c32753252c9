# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks a folder that `klsim reproduce` wrote, and the notebook that draws its figures.

Usage: check_data.py [FOLDER]; without FOLDER, notebooks-data. The notebook is always that of notebooks-data, and is
run on a copy of the folder's data. Exits with 1 and says what is wrong, unless all of this holds:

- frictionless finds every resource of datapackage.json as its schema says, and no CSV file lies beside them;
- pandas, left to itself, reads every column as the type in the schema, but for `batch`, whose numbers are text
  because it can be `all`; and equal names have equal types, where an integer is a number;
- every cell of the notebook runs, and every cell tagged "figure" draws one, if the report has what it draws, or the
  command klsim is there, which KLSIM_COMMAND or PATH names.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import pandas as pd
from frictionless import FrictionlessException, Package
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.filters import strip_ansi
from nbconvert.preprocessors import ExecutePreprocessor
from pandas.api import types

DATA = Path(__file__).resolve().parent.parent / "notebooks-data"
NOTEBOOK = DATA / "figures.ipynb"
SHOWN = 5  # errors of one file, which are often of one kind


def accepts(kind, column):
    """Whether pandas read a column as a type of the Table Schema.

    Whole numbers with gaps become floating-point in pandas, so the gaps are left out there.
    """
    present = column.dropna()
    if kind == "integer":
        gaps = len(present) < len(column)
        return types.is_integer_dtype(present.convert_dtypes() if gaps else column)
    if kind == "number":
        return types.is_float_dtype(column)
    return kind == "string" and types.is_string_dtype(present)


def package_problems(folder):
    """What frictionless objects to, and CSV files that the package does not mention."""
    package = Package(str(folder / "datapackage.json"))
    report = package.validate()
    found = [("datapackage.json", report.errors), *((task.place, task.errors) for task in report.tasks)]
    for place, errors in found:
        for error in errors[:SHOWN]:
            yield f"{place}: {error.message}"
        if len(errors) > SHOWN:
            yield f"{place}: and {len(errors) - SHOWN} more of these"
    if not package.resources:
        yield "datapackage.json: no resources"
    listed = {resource.path for resource in package.resources}
    for path in sorted(folder.glob("*.csv")):
        if path.name not in listed:
            yield f"{path.name}: not in datapackage.json"


def table_problems(folder):
    """Where the types that pandas finds are not those of the schema."""
    known = {}
    for resource in Package(str(folder / "datapackage.json")).resources:
        try:
            table = pd.read_csv(folder / resource.path, dtype={"batch": str})
        except (OSError, ValueError) as error:
            yield f"{resource.path}: pandas cannot read it: {error}"
            continue
        if table.empty:
            yield f"{resource.path}: no rows"
            continue
        for field in resource.schema.fields:
            place = f"{resource.path}, column {field.name}"
            kind, first = known.setdefault(field.name, (field.type, resource.path))
            # With minibatches an epoch can be a fraction; an integer is a number.
            if kind != field.type and {kind, field.type} != {"integer", "number"}:
                yield f"{place}: the schema says {field.type}, for {first} it says {kind}"
            if field.name not in table:
                yield f"{place}: in the schema, but not in the file"
            elif not accepts(field.type, table[field.name]):
                yield f"{place}: the schema says {field.type}, pandas reads {table[field.name].dtype}"


def notebook_problems(folder):
    """Cells that fail when the notebook runs beside a copy of the data, and figures that do not appear."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if any(cell.outputs for cell in code):
        yield f"{NOTEBOOK.name}: has outputs; clear them before you commit it"
    with tempfile.TemporaryDirectory() as copy:
        for path in (folder / "datapackage.json", *folder.glob("*.csv")):
            shutil.copy(path, copy)
        os.environ.pop("MPLBACKEND", None)  # another backend than the kernel's would draw into nothing
        runner = ExecutePreprocessor(timeout=600, extra_arguments=["--log-level=ERROR"])
        try:
            runner.preprocess(notebook, {"metadata": {"path": copy}})
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            yield f"{NOTEBOOK.name}: a cell fails:\n{strip_ansi(str(error))}"
            return
    figures = [cell for cell in code if "figure" in cell.metadata.get("tags", [])]
    if not figures:
        yield f'{NOTEBOOK.name}: no cell is tagged "figure"'
    for cell in figures:
        data = [output.get("data", {}) for output in cell.outputs]
        told = "".join("".join(item.get("text/markdown", "")) for item in data)
        is_left_out = "Not run: " in told or folder != DATA and "Not in this report" in told
        if not is_left_out and not any("image/png" in item for item in data):
            yield f"{NOTEBOOK.name}: cell {cell.id} draws no figure"


def main(folder):
    for check in (package_problems, table_problems, notebook_problems):
        try:
            problems = list(check(folder))
        except FrictionlessException as error:
            problems = [f"datapackage.json: {error.error.message}"]
        for problem in problems:
            print(f"data-check: {folder}: {problem}", file=sys.stderr)
        if problems:
            return 1
    print(f"data-check: {folder}: data package, types and notebook are right")
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) == 2 else DATA))
