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


def fit(p, head, starts, is_reverse, epochs):
    coefficients = np.array([workload.adam_coefficients(epoch) for epoch in range(epochs)])
    return np.asarray(fit_all(p, head, starts, is_reverse, coefficients))


@partial(jax.jit, static_argnums=(1, 3))
def fit_all(p, head, starts, is_reverse, coefficients):
    log_p = jnp.log(p)

    def measure(z):
        # Steps from log q are small enough for exp without a maximum.
        weights = jnp.exp(z)
        total = weights.sum()
        q, log_q = weights / total, z - jnp.log(total)
        fkl = p @ log_p - p @ log_q
        entropy = -(q * log_q).sum()
        rkl = -entropy - q @ log_p
        error = jnp.abs(q - p)
        head_error, tail_error = error[:head].sum(), error[head:].sum()
        tvd = (head_error + tail_error) / 2
        return q, log_q, jnp.stack([fkl, rkl, tvd, entropy, head_error, tail_error])

    def advance(state, coefficients):
        z, mean, square = state
        q, log_q, metrics = measure(z)
        gradient = q * (log_q - log_p - metrics[1]) if is_reverse else q - p
        mean = BETA1 * mean + gradient
        square = BETA2 * square + gradient * gradient
        step, epsilon = coefficients
        z = log_q - step * mean / (jnp.sqrt(square) + epsilon)
        return (z, mean, square), metrics

    def fit_run(z):
        zeros = jnp.zeros_like(z)
        (z, _, _), metrics = jax.lax.scan(advance, (z, zeros, zeros), coefficients)
        return jnp.vstack([metrics, measure(z)[2]])

    return jax.vmap(fit_run, out_axes=2)(starts)


if __name__ == "__main__":
    workload.main(fit)
