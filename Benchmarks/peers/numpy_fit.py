# SPDX-License-Identifier: GPL-3.0-or-later
"""NumPy: batched over seeds, closed-form gradients, in place."""

import numpy as np

import workload
from workload import BETA1, BETA2


def fit(problem, starts):
    p, log_p = problem.p, np.log(problem.p)
    z, mean, square = starts.copy(), np.zeros_like(starts), np.zeros_like(starts)
    q, gradient, work = np.empty_like(z), np.empty_like(z), np.empty_like(z)
    metrics = np.empty((problem.epochs + 1, len(workload.METRICS), len(z)))
    for epoch in range(problem.epochs + 1):
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=q)
        total = q.sum(axis=1, keepdims=True)
        q /= total
        z -= np.log(total)  # z is log q from here on: the same student.
        fkl = p @ log_p - z @ p
        entropy = -np.einsum("ij,ij->i", q, z)
        rkl = -entropy - q @ log_p
        np.subtract(q, p, out=gradient)
        np.abs(gradient, out=work)
        head = work[:, :problem.head].sum(axis=1)
        tail = work[:, problem.head:].sum(axis=1)
        metrics[epoch] = fkl, rkl, (head + tail) / 2, entropy, head, tail
        if epoch == problem.epochs:
            return metrics
        if problem.is_reverse:
            np.subtract(z, log_p, out=gradient)
            gradient -= rkl[:, np.newaxis]
            gradient *= q
        mean *= BETA1
        mean += gradient
        square *= BETA2
        gradient *= gradient
        square += gradient
        step, epsilon = workload.adam_coefficients(epoch)
        np.sqrt(square, out=work)
        work += epsilon
        np.divide(mean, work, out=work)
        work *= step
        z -= work


if __name__ == "__main__":
    workload.main(fit)
