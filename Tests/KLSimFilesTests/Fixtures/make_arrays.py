#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes arrays as NumPy, ml_dtypes and safetensors save them, and the numbers in them.

    python3 -m venv .venv && .venv/bin/pip install --requirement requirements.txt
    .venv/bin/python make_arrays.py

numbers.csv has one line per number: file, array, row, column, and the number in hexadecimal. Of an array
of three dimensions the first two are one row index, in C order.
"""

import pathlib

import ml_dtypes
import numpy as np
from safetensors.numpy import save_file

FOLDER = pathlib.Path(__file__).parent
RANDOM = np.random.default_rng(1)
FLOATS = {"float16": "f2", "float32": "f4", "float64": "f8"}


def floats(shape, dtype):
    """Normal numbers, and at the front the ends of the type's range."""
    info = ml_dtypes.finfo(dtype)
    array = RANDOM.normal(scale=3, size=shape).astype(dtype)
    ends = [info.smallest_subnormal, -info.smallest_normal, info.max, -info.max, -0.0, np.inf, -np.inf, np.nan]
    flat = array.reshape(-1)
    flat[: len(ends)] = np.array(ends[: flat.size], dtype=dtype)
    return array


def integers(shape, dtype):
    info = np.iinfo(dtype)
    array = RANDOM.integers(0, 100, size=shape).astype(dtype)
    array.reshape(-1)[:2] = [info.min, info.max]
    return array


def npy_arrays():
    """By file name."""
    for name, code in FLOATS.items():
        array = floats((3, 5), name)
        yield f"{name}.npy", array
        yield f"{name}-big.npy", array.astype(f">{code}")
        yield f"{name}-fortran.npy", np.asfortranarray(array)
    bfloat16 = floats((3, 5), ml_dtypes.bfloat16)
    yield "bfloat16.npy", bfloat16
    yield "bfloat16-fortran.npy", np.asfortranarray(bfloat16)
    for name in ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]:
        yield f"{name}.npy", integers(7, name)
        yield f"{name}-big.npy", integers((2, 4), np.dtype(name).newbyteorder(">"))
    cube = floats((2, 3, 4), "float32")
    yield "cube.npy", cube
    yield "cube-fortran.npy", np.asfortranarray(cube)


def main():
    lines = ["file,array,row,column,number"]

    def note(file, name, array):
        rows = np.asarray(array).astype("float64").reshape(-1, array.shape[-1])
        lines.extend(
            f"{file},{name},{row},{column},{float(rows[row, column]).hex()}" for row, column in np.ndindex(rows.shape)
        )

    for file, array in npy_arrays():
        np.save(FOLDER / file, array)
        note(file, "", array)
    several = {"p": floats((2, 9), "float64"), "half": floats(8, "float16"), "counts": integers((2, 2), "int64")}
    np.savez(FOLDER / "stored.npz", **several)
    np.savez_compressed(FOLDER / "deflated.npz", **several)
    tensors = {
        "f16": floats((2, 4), "float16"), "bf16": floats((4, 2), ml_dtypes.bfloat16), "f32": floats(8, "float32"),
        "f64": floats((2, 2, 3), "float64"), "i64": integers((1, 3), "int64"),
    }
    save_file(tensors, FOLDER / "several.safetensors", metadata={"made": "by make_arrays.py"})
    for file, arrays in [("stored.npz", several), ("deflated.npz", several), ("several.safetensors", tensors)]:
        for name, array in arrays.items():
            note(file, name, array)
    only = floats((2, 3), "float32")
    np.savez(FOLDER / "one.npz", only)
    save_file({"logits": only}, FOLDER / "one.safetensors")
    note("one.npz", "", only)
    note("one.safetensors", "", only)
    # Softmaxes in half precision, whole and their eight largest: rounding moves their sums from 1.
    logits = RANDOM.normal(scale=2, size=(3, 40))
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    token = np.argsort(-p, axis=1)[:, :8]
    top = np.take_along_axis(p, token, axis=1)
    top /= top.sum(axis=1, keepdims=True)
    np.save(FOLDER / "softmax-half.npy", p.astype("float16"))
    np.savez(FOLDER / "top-half.npz", token=token, p=top.astype("float16"))
    np.savez(FOLDER / "top-half-logprob.npz", token=token, logprob=np.log(top).astype(ml_dtypes.bfloat16))
    (FOLDER / "numbers.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
