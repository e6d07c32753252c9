# SPDX-License-Identifier: GPL-3.0-or-later
"""Logits as files that klsim reads."""

from os import PathLike
from pathlib import Path
from typing import Any


def export_teacher(logits: Any, path: str | PathLike[str], top_k: int | None = None) -> None:
    """Writes logits for `klsim --teacher-file PATH`, with `--teacher-values logits` unless `top_k` is given.

    Args:
        logits: NumPy array or PyTorch tensor, `[V]`, `[contexts, V]` or `[batch, positions, V]`. They keep
            their precision; a bfloat16 tensor becomes float32, which has the same values.
        path: `.npy`, `.npz` (the array `logits`) or `.safetensors` (the tensor `logits`).
        top_k: keep the log probabilities of the k most probable tokens alone (the arrays `token` and
            `logprob` of an `.npz`, `[contexts, k]`); `--tail` then says where the other mass goes.

    Raises:
        ValueError: the path has another ending, or `top_k` does not suit it or the vocabulary.

    >>> import klsim, numpy, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "top.npz"
    ...     klsim.export_teacher(numpy.array([[3.0, 1.0, 0.0, 2.0]]), path, top_k=2)
    ...     numpy.load(path)["token"].tolist()
    [[0, 3]]
    """
    path = Path(path)
    if path.suffix not in (".npy", ".npz", ".safetensors"):
        raise ValueError(f"{path}: the ending of a teacher file is .npy, .npz or .safetensors")
    if top_k is not None and path.suffix != ".npz":
        raise ValueError(f"{path}: the top k tokens go to an .npz file")
    import numpy as np

    array = _array(logits)
    if path.suffix == ".npy":
        np.save(path, array)
    elif path.suffix == ".safetensors":
        from safetensors.numpy import save_file

        save_file({"logits": np.ascontiguousarray(array)}, path)
    elif top_k is None:
        np.savez_compressed(path, logits=array)
    else:
        rows = array.reshape(-1, array.shape[-1]).astype(np.float64)
        if not 1 <= top_k <= rows.shape[1]:
            raise ValueError(f"top_k={top_k}: there are {rows.shape[1]} tokens")
        logprobs = rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)
        token = np.argsort(-logprobs, axis=1, kind="stable")[:, :top_k]
        np.savez_compressed(
            path, token=token, logprob=np.take_along_axis(logprobs, token, axis=1))


def _array(values: Any) -> Any:
    import numpy as np

    if hasattr(values, "detach"):
        values = values.detach().cpu()
        if str(values.dtype) == "torch.bfloat16":
            values = values.float()
        values = values.numpy()
    return np.asarray(values)
