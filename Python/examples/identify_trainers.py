# SPDX-License-Identifier: GPL-3.0-or-later
"""Which objectives the losses of TRL, Liger Kernel, verl and DistiLLM descend.

    pip install klsim torch trl liger-kernel
    pip install ray tensordict omegaconf orjson && pip install --no-deps verl
    git clone https://github.com/jongwooko/distillm
    python identify_trainers.py --distillm distillm

The libraries' own functions are called. A loss of single tokens is weighed by the student's probabilities, held
constant: that is its mean over tokens that the student draws. Libraries that are not installed are left out.
"""

import argparse
import importlib
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from unittest.mock import MagicMock

import klsim
import torch

Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def drawn(loss_of: Loss) -> Loss:
    """The mean of a loss of log q and log p of one token, over tokens drawn from q."""

    def loss(z: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        log_q, log_p = z.log_softmax(-1), t.log_softmax(-1)
        return (log_q.exp().detach() * loss_of(log_q, log_p)).sum()

    return loss


def trl() -> dict[str, Loss]:
    jsd = importlib.import_module("trl.experimental.gkd").GKDTrainer.generalized_jsd_loss
    compute_loss = importlib.import_module("trl.trainer.grpo_trainer").GRPOTrainer._compute_loss

    def grpo(corrected: bool) -> Loss:
        """GRPO's loss at advantages of 0, which leaves β times its KL; every token is a completion."""

        def loss(z: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
            log_q, log_p = (logits.log_softmax(-1).reshape(-1, 1) for logits in (z, t))
            ids, ones = torch.zeros_like(log_q, dtype=torch.long), torch.ones_like(log_q)
            weights = log_q.exp().detach()
            trainer = MagicMock(
                beta=1.0, loss_type="bnpo", epsilon_low=0.2, epsilon_high=0.2, top_entropy_quantile=1.0,
                importance_sampling_level="token", off_policy_mask_threshold=None, use_vllm=False,
                aux_loss_enabled=False, _entropy_bonus_enabled=False,
                current_gradient_accumulation_steps=1)
            trainer.args.configure_mock(use_bias_correction_kl=corrected, delta=None)
            trainer.accelerator.configure_mock(gather=lambda x: x, reduce=lambda x, reduction: x)
            trainer._get_per_token_logps_and_entropies.return_value = (log_q, ones, None)
            # The mask weighs the tokens, and the loss is divided by its sum, which is the number of points.
            return compute_loss(trainer, None, {
                "prompt_ids": ids, "prompt_mask": ids, "completion_ids": ids, "completion_mask": weights,
                "advantages": torch.zeros(len(ids)).to(z), "ref_per_token_logps": log_p.detach()})

        return loss

    return {
        "GKD, beta=0": lambda z, t: jsd(z, t, beta=0),
        "GKD, beta=1": lambda z, t: jsd(z, t, beta=1),
        "GKD, beta=0.3": lambda z, t: jsd(z, t, beta=0.3),
        "GKD, beta=0.001": lambda z, t: jsd(z, t, beta=0.001),
        "GKD, beta=0.999": lambda z, t: jsd(z, t, beta=0.999),
        "GKD, beta=0, temperature=2": lambda z, t: jsd(z, t, beta=0, temperature=2.0),
        "GKD, beta=0, reduction='mean'": lambda z, t: jsd(z, t, beta=0, reduction="mean"),
        "GRPO's KL": grpo(corrected=False),
        "GRPO's KL, use_bias_correction_kl=True": grpo(corrected=True),
    }


def liger_kernel() -> dict[str, Loss]:
    chunked = importlib.import_module("liger_kernel.chunked_loss.jsd_loss").LigerFusedLinearJSDFunction
    jsd = chunked.distillation_loss_fn
    k3 = importlib.import_module("liger_kernel.chunked_loss.grpo_loss").k3_loss_fn
    return {
        "LigerFusedLinearJSD, beta=0": lambda z, t: jsd(z, t, beta=0),
        "LigerFusedLinearJSD, beta=1": lambda z, t: jsd(z, t, beta=1),
        "LigerFusedLinearJSD, beta=0.3": lambda z, t: jsd(z, t, beta=0.3),
        "GRPO's KL (k3_loss_fn)": drawn(lambda log_q, log_p: k3(log_p, log_q)),
        "GRPO's KL, use_bias_correction_kl=True": drawn(
            lambda log_q, log_p: k3(log_p, log_q) * (log_q - log_q.detach()).exp()),
    }


def verl() -> dict[str, Loss]:
    penalty = importlib.import_module("verl.trainer.ppo.core_algos").kl_penalty
    return {
        f"kl_penalty '{kind}'": drawn(lambda log_q, log_p, kind=kind: penalty(log_q, log_p, kind))
        for kind in ("k1", "abs", "k2", "k3", "k3+")
    }


def distillm(folder: Path) -> dict[str, Loss]:
    sys.path.insert(0, str(folder / "distillm"))
    losses = importlib.import_module("losses")

    def of(name: str, **options: float) -> Loss:
        return lambda z, t: getattr(losses, name)(
            z, t, {"label": torch.zeros(len(z), dtype=torch.long)}, **options)

    return {
        "forward_kl": of("forward_kl"),
        "reverse_kl": of("reverse_kl"),
        "symmetric_kl, lam=0.9": of("symmetric_kl", lam=0.9),
        "js_distance, lam=0.9": of("js_distance", lam=0.9),
        "tv_distance": of("tv_distance"),
        "skewed_forward_kl, lam=0.1": of("skewed_forward_kl", lam=0.1),
        "skewed_reverse_kl, lam=0.1": of("skewed_reverse_kl", lam=0.1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--distillm", type=Path, help="a clone of github.com/jongwooko/distillm")
    folder = parser.parse_args().distillm
    warnings.simplefilter("ignore")
    libraries: dict[str, Callable[[], dict[str, Loss]]] = {
        "TRL": trl, "Liger Kernel": liger_kernel, "verl": verl}
    if folder is not None:
        libraries["DistiLLM"] = lambda: distillm(folder)
    for library, losses_of in libraries.items():
        try:
            losses = losses_of()
        except ImportError as error:
            print(f"left out: {error}", file=sys.stderr)
            continue
        for name, loss in losses.items():
            # DistiLLM computes in single precision, whatever it is given.
            dtype = "float32" if library == "DistiLLM" else "float64"
            try:
                answer = klsim.identify(loss, dtype=dtype).answer
            except klsim.KLSimError as error:
                answer = error.message
            print(f"{library}: {name}")
            print("".join(f"    {line}\n" for line in answer.splitlines()))


if __name__ == "__main__":
    main()
