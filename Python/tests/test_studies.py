# SPDX-License-Identifier: GPL-3.0-or-later
import json

import numpy as np
import pandas as pd
import pytest

import klsim

LOGITS = np.random.default_rng(7).normal(size=(3, 6), scale=2)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def test_lists_are_axes_and_epochs():
    frame = klsim.run(
        objective=["fkl", "akl:mu=0.8"], learning_rate=[0.1, 0.2], record=[0, 5], epochs=5,
        head=["mass=0.5", "count=8"], quiet=True)
    assert len(frame) == 2 * 2 * 2 * 2
    assert set(frame["objective"]) == {"fkl", "akl:mu=0.8"}
    assert set(frame["epoch"]) == {0, 5}


def test_arrays_are_teachers_and_starts():
    frame = klsim.gradient(
        teacher=LOGITS, teacher_values="logits", context=1, init=LOGITS[2], objective="fkl")
    p, q = softmax(LOGITS[1]), softmax(LOGITS[2])
    np.testing.assert_array_equal(frame["z"], LOGITS[2])
    np.testing.assert_allclose(frame["p"], p, rtol=1e-14)
    np.testing.assert_allclose(frame["gradient"], q - p, atol=1e-15)
    assert frame.attrs["loss"] == pytest.approx(np.sum(p * np.log(p / q)), rel=1e-13)


def test_arrays_are_named_by_their_role():
    frames = [klsim.run(teacher=softmax(LOGITS), init=LOGITS, epochs=1, quiet=True) for _ in range(2)]
    assert frames[0]["teacher"].cat.categories.tolist() == ["file:path=teacher.npy"]
    assert frames[0]["init"].cat.categories.tolist() == ["file:path=init.npy"]
    pd.testing.assert_frame_equal(*frames)


def test_comparisons_of_frames_are_those_of_files():
    options = {"optimizer": "rmsprop", "learning_rate": [0.1, 1e308], "seeds": 8, "epochs": 5}
    quiet = {"progress": lambda _: None}
    frame = klsim.run(**options, **quiet, output="records.csv")
    assert np.isnan(frame["tail_error"]).any()
    pd.testing.assert_frame_equal(klsim.compare(frame, **quiet), klsim.compare("records.csv", **quiet))


def test_a_sweep_has_the_rows_of_a_run(folder):
    study = {"teacher": ["longtail", "bimodal"], "epochs": 3, "seeds": 4, "head": ["mass=0.5", "count=8"]}
    ran = klsim.run(**study, quiet=True)
    (folder / "study.yaml").write_text(json.dumps(study))
    for name, source in {"dictionary": study, "file": "study.yaml"}.items():
        swept = klsim.sweep(source, name, quiet=True)
        pd.testing.assert_frame_equal(swept, ran)
        pd.testing.assert_frame_equal(klsim.read(name), ran)


def test_verdicts_are_checked(folder):
    claim = "fkl-is-cross-entropy"
    made = klsim.reproduce(claim, seeds=128, output="report", no_figures=True, quiet=True)
    pd.testing.assert_frame_equal(klsim.reproduce(check="report", quiet=True), made)
    claims = folder / "report" / "claims.csv"
    claims.write_text(claims.read_text().replace(",holds,in all", ",fails,in all"))
    with pytest.raises(klsim.KLSimError, match=claim) as caught:
        klsim.reproduce(check="report", quiet=True)
    assert caught.value.exit_code == 1
