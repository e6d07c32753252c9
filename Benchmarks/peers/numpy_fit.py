# SPDX-License-Identifier: GPL-3.0-or-later
"""NumPy: batched over seeds, in place, in blocks that fit in the cache, one thread a block."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

import workload
from workload import BETA1, BETA2

BLOCK = 1 << 14


def fit(p, head, starts, is_reverse, epochs):
    rows = max(1, BLOCK // p.size)
    blocks = [starts[row:row + rows] for row in range(0, len(starts), rows)]
    with ThreadPoolExecutor(workload.thread_count()) as pool:
        fitted = pool.map(partial(fit_block, p, head, is_reverse, epochs), blocks)
        return np.concatenate(list(fitted), axis=2)


def fit_block(p, head, is_reverse, epochs, starts):
    log_p = np.log(p)
    z, mean, square = starts.copy(), np.zeros_like(starts), np.zeros_like(starts)
    q, gradient, work = np.empty_like(z), np.empty_like(z), np.empty_like(z)
    metrics = np.empty((epochs + 1, len(workload.METRICS), len(z)))
    for epoch in range(epochs + 1):
        # z becomes log q: steps from there are small enough for exp without a maximum.
        np.exp(z, out=q)
        total = q.sum(axis=1, keepdims=True)
        q /= total
        z -= np.log(total)
        fkl = p @ log_p - z @ p
        entropy = -np.einsum("ij,ij->i", q, z)
        rkl = -entropy - q @ log_p
        np.subtract(q, p, out=gradient)
        np.abs(gradient, out=work)
        head_error, tail_error = work[:, :head].sum(axis=1), work[:, head:].sum(axis=1)
        metrics[epoch] = fkl, rkl, (head_error + tail_error) / 2, entropy, head_error, tail_error
        if epoch == epochs:
            return metrics
        if is_reverse:
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
