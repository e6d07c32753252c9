# SPDX-License-Identifier: GPL-3.0-or-later
import numpy as np
import pytest

import klsim

LOGITS = np.random.default_rng(11).normal(size=(2, 3, 7), scale=3)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


class Tensor:
    """What export_teacher asks of a PyTorch tensor."""

    def __init__(self, values, dtype):
        self.values, self.dtype = values, dtype

    def detach(self):
        return self

    def cpu(self):
        return self

    def float(self):
        return Tensor(self.values.astype(np.float32), "torch.float32")

    def numpy(self):
        if self.dtype == "torch.bfloat16":
            raise TypeError("Got unsupported ScalarType BFloat16")
        return self.values


@pytest.mark.parametrize("ending", ["npy", "npz", "safetensors"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_klsim_reads_the_same_logits(ending, dtype):
    logits = LOGITS.astype(dtype)
    klsim.export_teacher(logits, f"teacher.{ending}")
    for context, row in enumerate(logits.reshape(-1, 7)):
        frame = klsim.gradient(teacher_file=f"teacher.{ending}", teacher_values="logits", context=context)
        np.testing.assert_allclose(frame["p"], softmax(row.astype(float)), rtol=1e-13)


@pytest.mark.parametrize("dtype", ["torch.float32", "torch.bfloat16"])
def test_tensors_are_teachers(dtype):
    klsim.export_teacher(Tensor(LOGITS.astype(np.float32), dtype), "teacher.npz")
    np.testing.assert_array_equal(np.load("teacher.npz")["logits"], LOGITS.astype(np.float32))


def test_the_top_k_tokens_keep_their_probabilities():
    klsim.export_teacher(LOGITS, "top.npz", top_k=3)
    for context, row in enumerate(LOGITS.reshape(-1, 7)):
        p = softmax(row)
        top = np.argsort(-p)[:3]
        expected = np.full(7, (1 - p[top].sum()) / 4)
        expected[top] = p[top]
        frame = klsim.gradient(
            teacher_file="top.npz", tail="uniform", vocabulary=7, context=context)
        np.testing.assert_allclose(frame["p"], expected, rtol=1e-12)


@pytest.mark.parametrize(("path", "top_k"), [("a.pt", None), ("a.npy", 2), ("a.npz", 8), ("a.npz", 0)])
def test_what_klsim_cannot_read_is_refused(path, top_k, folder):
    with pytest.raises(ValueError, match="a\\.|top_k"):
        klsim.export_teacher(LOGITS, path, top_k)
    assert list(folder.iterdir()) == []
