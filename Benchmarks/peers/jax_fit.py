# SPDX-License-Identifier: GPL-3.0-or-later
"""JAX: a compiled scan over the epochs of one run, mapped over seeds, in double precision."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import workload
from workload import BETA1, BETA2

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)


def fit(problem, starts):
    steps = np.array([workload.adam_coefficients(epoch) for epoch in range(problem.epochs)])
    return np.asarray(
        fit_block(problem.p, starts, steps, problem.head, problem.is_reverse))


@partial(jax.jit, static_argnames=["head_size", "is_reverse"])
def fit_block(p, starts, steps, head_size, is_reverse):
    log_p = jnp.log(p)

    def measure(z):
        z -= z.max()
        weights = jnp.exp(z)
        total = weights.sum()
        q, log_q = weights / total, z - jnp.log(total)
        fkl = p @ log_p - p @ log_q
        entropy = -(q * log_q).sum()
        rkl = -entropy - q @ log_p
        error = jnp.abs(q - p)
        head, tail = error[:head_size].sum(), error[head_size:].sum()
        return q, log_q, jnp.stack([fkl, rkl, (head + tail) / 2, entropy, head, tail])

    def advance(state, step):
        z, mean, square = state
        q, log_q, metrics = measure(z)
        gradient = q * (log_q - log_p - metrics[1]) if is_reverse else q - p
        mean = BETA1 * mean + gradient
        square = BETA2 * square + gradient * gradient
        z = log_q - step[0] * mean / (jnp.sqrt(square) + step[1])
        return (z, mean, square), metrics

    def fit_run(z):
        zeros = jnp.zeros_like(z)
        (z, _, _), metrics = jax.lax.scan(advance, (z, zeros, zeros), steps)
        return jnp.vstack([metrics, measure(z)[2]])

    return jax.vmap(fit_run, out_axes=2)(starts)


if __name__ == "__main__":
    workload.main(fit)
