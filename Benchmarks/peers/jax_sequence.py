# SPDX-License-Identifier: GPL-3.0-or-later
"""JAX: policy gradient of a Markov student of sequences in double precision, compiled; prints JSON.

The work is that of `klsim sequence --signal policy-gradient --init zeros --learning-rate 0.02`: at every step sequences are sampled from the
student, Adam takes the gradient of -Σ sg(R_t) log q(y_t|c_t), and seq-rkl is computed exactly before the
first step and after the last. The steps are a scan, and so are the tokens; sequences are mapped.
It uses as many threads as the affinity of its process has processors (taskset).
"""

import argparse
import json
import re
import time
from collections import Counter
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)

K = 0.01
LEARNING_RATE, BETA1, BETA2, EPSILON = 0.02, 0.9, 0.999, 1e-8


def teacher(path, size):
    """log p(y|a, b) of the characters of a text by add-k; a = V: no token yet, b = V: nor the one before."""
    with open(path, encoding="utf-8") as file:
        letters = re.sub(r"\s+", " ", file.read().lower())
    counts = Counter(letters)
    vocabulary = sorted(counts, key=lambda c: (-counts[c], c.encode()))[:size]
    numbers = {c: number for number, c in enumerate(vocabulary)}
    tokens = np.array([numbers.get(c, size) for c in letters])
    width = size + 1
    rows = np.full((width + 1, width + 1, width), K)
    np.add.at(rows, (width, width, tokens), 1)
    np.add.at(rows, (width, tokens[:-1], tokens[1:]), 1)
    np.add.at(rows, (tokens[:-2], tokens[1:-1], tokens[2:]), 1)
    return np.log(rows / rows.sum(axis=2, keepdims=True))


@partial(jax.jit, static_argnames=["length"])
def reverse_kl(log_p, z, length):
    """KL(q‖p) of sequences: the visits of the two last tokens, step by step."""
    width = log_p.shape[2]
    log_q = jax.nn.log_softmax(z)
    q = jnp.exp(log_q)
    costs = (q * (log_q - log_p)).sum(axis=2)

    def advance(visits, _):
        following = jnp.einsum("ab,bv->bv", visits, q)
        later = jnp.zeros_like(visits).at[:, :width].set(following)
        return later, (visits * costs).sum()

    start = jnp.zeros(costs.shape).at[width, width].set(1.0)
    return jax.lax.scan(advance, start, length=length)[1].sum()


@partial(jax.jit, static_argnames=["length", "samples", "steps"])
def train(log_p, z, key, length, samples, steps):
    width = log_p.shape[2]

    def write(z, key):
        """One sequence: the token two before, the one before, and the next, of every step."""
        def advance(state, key):
            a, b = state
            token = jax.random.categorical(key, z[b])
            return (b, token), (a, b, token)
        return jax.lax.scan(advance, (width, width), jax.random.split(key, length))[1]

    def loss(z, a, b, tokens):
        log_q = jax.nn.log_softmax(z)[b, tokens]
        rewards = log_p[a, b, tokens] - log_q
        to_go = jnp.cumsum(rewards[:, ::-1], axis=1)[:, ::-1]
        return -(jax.lax.stop_gradient(to_go) * log_q).sum() / samples

    def step(state, number):
        z, mean, square = state
        keys = jax.random.split(jax.random.fold_in(key, number), samples)
        sequences = jax.vmap(write, in_axes=(None, 0))(z, keys)
        gradient = jax.grad(loss)(z, *sequences)
        mean = BETA1 * mean + (1 - BETA1) * gradient
        square = BETA2 * square + (1 - BETA2) * gradient * gradient
        corrected = jnp.sqrt(square / (1 - BETA2 ** (number + 1.0)))
        z = z - LEARNING_RATE / (1 - BETA1 ** (number + 1.0)) * mean / (corrected + EPSILON)
        return (z, mean, square), None

    return jax.lax.scan(step, (z, jnp.zeros_like(z), jnp.zeros_like(z)), jnp.arange(steps))[0][0]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--length", type=int, required=True)
    parser.add_argument("--samples", type=int, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    args = parser.parse_args()
    log_p = jnp.array(teacher(args.text, args.size))
    z = jnp.zeros(log_p.shape[1:])

    def fit(key):
        first = reverse_kl(log_p, z, args.length)
        final = train(log_p, z, key, args.length, args.samples, args.epochs)
        return float(first), float(reverse_kl(log_p, final, args.length))

    fit(jax.random.key(1))
    begin = time.perf_counter()
    first, final = fit(jax.random.key(2))
    print(json.dumps({"seconds": time.perf_counter() - begin, "first_rkl": first, "final_rkl": final}))


if __name__ == "__main__":
    main()
