# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objective a loss of PyTorch or JAX descends, by its gradients."""

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from klsim._arguments import arguments
from klsim._command import KLSimError, Progress, call

Loss = Callable[[Any, Any], Any]
"""A loss of student logits z and teacher logits, `[points, V]` each, as a scalar: `loss(z, teacher_logits)`."""


@dataclass(frozen=True)
class Verdict:
    """What `klsim identify` says of a loss."""

    answer: str
    """The answer in words."""
    match: str | None
    """The objective that the loss is, up to `factor`; None if it is none of the catalog."""
    factor: float | None
    """The loss's gradient over that of `match`."""
    as_expected: bool | None
    """Whether it is the objective that was expected; None if none was."""
    details: dict[str, Any]
    """All of `klsim identify --format json`."""

    def __str__(self) -> str:
        return self.answer


def identify(
    loss: Loss, *, expect: str | None = None, framework: Literal["torch", "jax"] = "torch",
    dtype: str = "float64", draws: int = 1, points: dict[str, Any] | None = None, progress: Progress = None,
    **options: Any
) -> Verdict:
    """Which objective a loss descends: its gradient in z is taken by autograd at `klsim points`.

    Args:
        loss: a function of student logits z and teacher logits, `[points, V]` each; arrays of more values
            are summed.
        expect: the objective that it is meant to be.
        framework: whose arrays the loss takes.
        dtype: their precision; JAX has float64 only with `jax_enable_x64`.
        draws: how often each point is asked, for a loss that samples: its mean gradient is identified.
        points: options of `klsim points`, such as `{"points": 100, "kinds": "random,near"}`.
        progress: takes each line of warnings, which else go to `sys.stderr`.
        options: others of `klsim identify`, such as `tolerance`.

    Raises:
        ValueError: `framework` or `dtype` is unknown, or `draws` no number of at least 1.
        TypeError: the loss returns no array.
        KLSimError: the command failed, or no point has a finite gradient.
    """
    import numpy as np

    frameworks = {"torch": _torch_gradient, "jax": _jax_gradient}
    if framework not in frameworks:
        raise ValueError(f"framework={framework!r}: 'torch' or 'jax' is expected")
    if not isinstance(draws, int) or draws < 1:
        raise ValueError(f"draws={draws!r}: a whole number of at least 1 is expected")
    if dtype not in _TYPES:
        raise ValueError(f"dtype={dtype!r}: one of {', '.join(_TYPES)} is expected; the loss may cast to others")
    with tempfile.TemporaryDirectory(prefix="klsim-") as temporary:
        folder = Path(temporary)
        asked, answered = folder / "points.npz", folder / "asked.npz"
        call(["points", *arguments({**(points or {}), "output": asked}, folder)], progress)
        with np.load(asked) as arrays:
            teacher, z = (arrays[name].astype(dtype) for name in ("teacher_logits", "z"))
        gradients = [frameworks[framework](loss, z, teacher) for _ in range(draws)]
        np.savez(
            answered, teacher_logits=np.tile(teacher, (draws, 1)), z=np.tile(z, (draws, 1)),
            g=np.concatenate(gradients))
        words = arguments({**options, "expect": expect, "format": "json"}, folder)
        try:
            text = call(["identify", str(answered), *words], progress)
        except KLSimError as error:
            # Exit code 1: the loss is another objective, and the answer says which.
            if error.exit_code != 1:
                raise
            text = error.message
    details = json.loads(text)
    match = details["match"] or {}
    return Verdict(
        "\n".join(details["answer"]), match.get("objective"), match.get("factor"),
        details["as_expected"], details)


def assert_descends(loss: Loss, objective: str, **options: Any) -> None:
    """Fails unless a loss descends an objective, up to a positive factor; for tests of trainers.

    Args:
        loss: a function of student logits z and teacher logits, as for `identify`.
        objective: the specification of the objective, such as `rkl` or `mix:lambda=0.9`.
        options: those of `identify`.

    Raises:
        AssertionError: it descends something else; the message says what.
        KLSimError: the command failed.
    """
    __tracebackhide__ = True
    verdict = identify(loss, expect=objective, **options)
    if not verdict.as_expected:
        raise AssertionError(verdict.answer)


_TYPES = ("float16", "float32", "float64")


def _summed(value: Any) -> Any:
    if not hasattr(value, "sum"):
        raise TypeError(f"the loss returned a {type(value).__name__}, expected an array of the framework")
    return value.sum()


def _torch_gradient(loss: Loss, z: Any, teacher: Any) -> Any:
    import torch

    student = torch.tensor(z, requires_grad=True)
    (gradient,) = torch.autograd.grad(_summed(loss(student, torch.tensor(teacher))), student)
    return gradient.numpy()


def _jax_gradient(loss: Loss, z: Any, teacher: Any) -> Any:
    import jax
    import numpy as np

    return np.asarray(jax.grad(lambda student: _summed(loss(student, teacher)))(jax.numpy.asarray(z)))
