# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON Lines tell texts, integers and other numbers apart; frames of CSV must have the same types."""

import json
import math

import numpy as np
import pandas as pd
import pytest

import klsim

# Integers that the command writes as it was told them.
AXES = {"samples", "accumulate"}
WORDS = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}
CONTEXTS = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7], [0.4, 0.4, 0.2], [0.9, 0.05, 0.05]])

CASES = {
    "records": (klsim.run, {"epochs": 3, "seeds": 2, "head": ["mass=0.5", "count=80"]}),
    "metrics": (klsim.run, {"epochs": 3, "metric": ["js", "log-ratio", "top1", "mode-mass", "nucleus",
                            "relative-error", "progress", "gradient-share", "void-mass"]}),
    "contexts": (klsim.run, {"teacher": CONTEXTS, "epochs": 2}),
    "axes": (klsim.run, {"epochs": 2, "schedule": ["constant", "cosine"], "clip": "norm=1"}),
    "minibatches": (klsim.run, {"teacher": CONTEXTS, "student": "low-rank:rank=1", "epochs": 2, "batch": 2, "accumulate": 2,
                                "record": [0.5, 1, 2]}),
    "held out": (klsim.run, {"teacher": "ngram:text=alice:size=20:order=3:histories=40", "batch": 4,
                             "student": "log-bilinear:rank=2", "held_out": 0.2, "epochs": 2}),
    "divergence": (klsim.run, {"optimizer": "rmsprop", "learning_rate": 1e308, "epochs": 5}),
    "aggregates": (klsim.run, {"epochs": 2, "seeds": 3, "aggregate": True}),
    "sequences": (klsim.sequence, {"epochs": 2, "diagnose": True, "signal": ["seq-rkl", "policy-gradient"]}),
    "estimates": (klsim.estimate, {"signal": ["seq-rkl", "policy-gradient:baseline=mean"], "draws": 50}),
    "gradient": (klsim.gradient, {"objective": "rkl"}),
}


def kind(values):
    """The type of a column's values in JSON, None for missing ones."""
    values = [value for value in values if value is not None]
    if not values:
        return None
    if all(isinstance(value, str) for value in values) and not all(value in WORDS for value in values):
        return "category"
    if all(isinstance(value, int) for value in values):
        return "int64"
    return "float64"


def agree(frame, lines):
    rows = [json.loads(line) for line in lines.splitlines()]
    assert list(frame.columns) == list(rows[0])
    for name in frame:
        values = [None if row[name] == "" else row[name] for row in rows]
        if name in AXES:
            values = [int(value) for value in values]
        if (expected := kind(values)) is None:
            assert frame[name].isna().all()
            continue
        if None in values and expected == "int64":
            expected = "Int64"
        assert frame[name].dtype == expected, name
        for read, told in zip(frame[name], values, strict=True):
            told = WORDS.get(told, told) if expected == "float64" else told
            missing = told is None or told != told
            assert pd.isna(read) if missing else read == told, name


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("ending", ["csv", "jsonl", "jsonl.gz"])
def test_frames_have_the_types_and_the_doubles_of_the_table(case, ending, folder):
    function, options = CASES[case]
    options = dict(options)
    if isinstance(options.get("teacher"), np.ndarray):
        np.save(folder / "teacher.npy", options["teacher"])
        options["teacher"] = "file:path=teacher.npy"
    frame = function(**options, progress=lambda _: None, output=f"table.{ending}")
    function(**options, progress=lambda _: None, output="same.jsonl")
    agree(frame, (folder / "same.jsonl").read_text())


def test_words_are_numbers():
    frame = klsim.run(
        teacher=np.array([1.0, 0.0, 0.0]), objective="fkl", epochs=1, metric="relative-error", quiet=True)
    assert np.isinf(frame["rkl"]).all()


def test_names_that_look_like_numbers_are_texts(folder):
    klsim.run(seeds=8, learning_rate=[0.05, 0.2], objective="fkl", epochs=5, quiet=True, output="rates.csv")
    frame = klsim.compare("rates.csv", by="learning_rate", at=5)
    assert frame[["a", "b"]].astype(str).to_numpy().tolist() == [["0.05", "0.2"]]
    (folder / "labels.csv").write_text("context_label,objective\n007,nan\n,NA\n")
    labels = klsim.read("labels.csv")
    assert labels["context_label"].cat.categories.tolist() == ["007"]
    assert labels["objective"].tolist() == ["nan", "NA"]


def test_evidence_has_the_types_of_its_data_package(folder):
    claims = klsim.reproduce("truncation", seeds=4, output="report", no_figures=True, quiet=True)
    assert claims.index.tolist() == ["truncation"]
    evidence = klsim.read("report/truncation.csv")
    package = json.loads((folder / "report/datapackage.json").read_text())
    fields = next(r for r in package["resources"] if r["name"] == "truncation")["schema"]["fields"]
    types = {"string": "category", "integer": "int64", "number": "float64"}
    assert {n: str(t) for n, t in evidence.dtypes.items()} == {f["name"]: types[f["type"]] for f in fields}
