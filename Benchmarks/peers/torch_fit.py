# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch: batched over seeds, closed-form gradients, in place."""

import numpy as np
import torch

import workload
from workload import BETA1, BETA2


@torch.no_grad()
def fit(p, head, starts, is_reverse, epochs):
    torch.set_num_threads(workload.thread_count())
    p, z = torch.tensor(p), torch.tensor(starts)
    log_p = p.log()
    mean, square = torch.zeros_like(z), torch.zeros_like(z)
    q, gradient, work = torch.empty_like(z), torch.empty_like(z), torch.empty_like(z)
    metrics = torch.empty(epochs + 1, len(workload.METRICS), len(z), dtype=torch.float64)
    for epoch in range(epochs + 1):
        # z becomes log q: steps from there are small enough for exp without a maximum.
        torch.exp(z, out=q)
        total = q.sum(dim=1, keepdim=True)
        q /= total
        z -= total.log_()
        fkl = p @ log_p - z @ p
        entropy = -torch.mul(q, z, out=work).sum(dim=1)
        rkl = -entropy - q @ log_p
        torch.sub(q, p, out=gradient)
        torch.abs(gradient, out=work)
        head_error, tail_error = work[:, :head].sum(dim=1), work[:, head:].sum(dim=1)
        tvd = (head_error + tail_error) / 2
        torch.stack([fkl, rkl, tvd, entropy, head_error, tail_error], out=metrics[epoch])
        if epoch == epochs:
            return metrics.numpy()
        if is_reverse:
            torch.sub(z, log_p, out=gradient).sub_(rkl[:, None]).mul_(q)
        mean.mul_(BETA1).add_(gradient)
        square.mul_(BETA2).addcmul_(gradient, gradient)
        step, epsilon = workload.adam_coefficients(epoch)
        torch.sqrt(square, out=work).add_(epsilon)
        z.addcdiv_(mean, work, value=-step)


if __name__ == "__main__":
    workload.main(fit)
