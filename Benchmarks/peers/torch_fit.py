# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch: batched over seeds, closed-form gradients, in place."""

import torch

import workload
from workload import BETA1, BETA2

torch.set_num_threads(1)  # Every block has a thread of its own.


@torch.no_grad()
def fit(problem, starts):
    p, z = torch.tensor(problem.p), torch.tensor(starts)
    log_p = p.log()
    mean, square = torch.zeros_like(z), torch.zeros_like(z)
    q, gradient, work = torch.empty_like(z), torch.empty_like(z), torch.empty_like(z)
    metrics = torch.empty(problem.epochs + 1, len(workload.METRICS), len(z), dtype=torch.float64)
    for epoch in range(problem.epochs + 1):
        z -= z.amax(dim=1, keepdim=True)
        torch.exp(z, out=q)
        total = q.sum(dim=1, keepdim=True)
        q /= total
        z -= total.log()  # z is log q from here on: the same student.
        fkl = p @ log_p - z @ p
        entropy = -torch.mul(q, z, out=work).sum(dim=1)
        rkl = -entropy - q @ log_p
        torch.sub(q, p, out=gradient)
        torch.abs(gradient, out=work)
        head = work[:, :problem.head].sum(dim=1)
        tail = work[:, problem.head:].sum(dim=1)
        metrics[epoch] = torch.stack([fkl, rkl, (head + tail) / 2, entropy, head, tail])
        if epoch == problem.epochs:
            return metrics.numpy()
        if problem.is_reverse:
            torch.sub(z, log_p, out=gradient).sub_(rkl[:, None]).mul_(q)
        mean.mul_(BETA1).add_(gradient)
        square.mul_(BETA2).addcmul_(gradient, gradient)
        step, epsilon = workload.adam_coefficients(epoch)
        torch.sqrt(square, out=work).add_(epsilon)
        z.addcdiv_(mean, work, value=-step)


if __name__ == "__main__":
    workload.main(fit)
