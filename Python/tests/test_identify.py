# SPDX-License-Identifier: GPL-3.0-or-later
import sys
import types

import numpy as np
import pytest

import klsim


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def forward(z, teacher):
    """The gradient of KL(p‖q) in z."""
    return softmax(z) - softmax(teacher)


@pytest.fixture(autouse=True)
def autograd(monkeypatch):
    """A PyTorch whose losses are given by their gradients."""

    class Loss:
        def __init__(self, gradient):
            self.gradient = gradient

        def sum(self):
            return self

        def numpy(self):
            return self.gradient

    torch = types.ModuleType("torch")
    torch.tensor = lambda values, requires_grad=False: values
    torch.autograd = types.SimpleNamespace(grad=lambda loss, _: (loss,))
    monkeypatch.setitem(sys.modules, "torch", torch)
    return Loss


def test_a_loss_is_named_with_its_factor(autograd):
    verdict = klsim.identify(lambda z, t: autograd(-3 * forward(z, t)))
    assert (verdict.match, verdict.as_expected) == ("fkl", None)
    assert verdict.factor == pytest.approx(-3, rel=1e-12)
    assert str(verdict).startswith("fkl: ")


def test_a_swapped_direction_fails_with_the_answer(autograd):
    def loss(z, t):
        return autograd(forward(z, t))

    klsim.assert_descends(loss, "fkl", points={"points": 11, "vocabulary": 5})
    with pytest.raises(AssertionError, match="You asked for rkl: the direction is swapped"):
        klsim.assert_descends(loss, "rkl")


def test_single_precision_is_known_to_its_rounding(autograd):
    verdict = klsim.identify(
        lambda z, t: autograd(forward(z, t).astype(np.float32)), dtype="float32", expect="fkl")
    assert verdict.as_expected
    assert 1e-9 < verdict.details["tolerance"] < 1e-5


def test_what_fails_is_no_verdict(autograd):
    with pytest.raises(klsim.KLSimError, match="tolerance") as caught:
        klsim.identify(lambda z, t: autograd(forward(z, t)), tolerance=2)
    assert caught.value.exit_code == 64


@pytest.mark.parametrize("options", [{"draws": 0}, {"draws": 1.5}, {"framework": "tensorflow"}])
def test_what_is_wrong_is_said_by_its_argument(autograd, options):
    (name,) = options
    with pytest.raises(ValueError, match=f"{name}=.* is expected"):
        klsim.identify(lambda z, t: autograd(forward(z, t)), **options)


def test_noise_meets_no_expectation(autograd):
    generator = np.random.default_rng(5)

    def loss(z, t):
        gradient = forward(z, t)
        return autograd(gradient + 0.1 * generator.normal(size=gradient.shape))

    few = klsim.identify(loss, expect="fkl", draws=3, points={"points": 11, "vocabulary": 5})
    assert not few.as_expected and "ask more often" in few.answer
    # Close to the teacher both directions are the same but for noise.
    near = klsim.identify(
        loss, expect="fkl", draws=300, points={"kinds": "near"}, tolerance=0.9)
    assert not near.as_expected and "do not decide between it and rkl" in near.answer


def test_a_gradient_that_is_nan_is_reported_with_its_point(autograd):
    def broken(places):
        def loss(z, t):
            gradient = forward(z, t)
            gradient[places] = np.nan
            return autograd(gradient)

        return loss

    verdict = klsim.identify(broken((3, 2)), expect="fkl")
    assert verdict.match == "fkl" and not verdict.as_expected
    assert "point 3 has nan at token 2" in verdict.answer
    with pytest.raises(klsim.KLSimError, match="point 0, token 0, it is nan"):
        klsim.identify(broken(slice(None)))


def test_an_estimator_is_known_by_its_mean(autograd):
    generator = np.random.default_rng(5)

    def loss(z, t):
        gradient = forward(z, t)
        return autograd(gradient + 0.1 * generator.normal(size=gradient.shape))

    verdict = klsim.identify(loss, expect="fkl", draws=300)
    assert verdict.as_expected
    assert 1e-3 < verdict.details["tolerance"] < 0.1
    assert "means of draws" in verdict.answer


def test_types_and_losses_that_give_no_gradient_are_refused():
    with pytest.raises(ValueError, match="dtype='bfloat16': one of float16"):
        klsim.identify(lambda z, t: z.sum(), dtype="bfloat16")
    with pytest.raises(TypeError, match="the loss returned a NoneType"):
        klsim.identify(lambda z, t: None)
