# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes minibatches.csv: PyTorch fits a log-bilinear student to the histories of a text by minibatches.

The batches are those that klsim draws: MT19937 seeded by seed and purpose, and GSL's shuffle.
"""

import csv
import math
from collections import Counter
from pathlib import Path

import numpy as np
import torch

torch.set_default_dtype(torch.float64)

SEED, HISTORIES, K, RANK = 3, 14, 0.1, 3
RECORDED = [0, 1, 2, 10, 50, 200]


def text():
    """600 letters of unequal frequency."""
    x, letters = 1, []
    for _ in range(600):
        x = (x * 75 + 74) % 65537
        letters.append("abcdefghi"[9 * x * x // 65537**2])
    return "".join(letters)


def teacher():
    """The histories of two letters, their weights, and p(next | history) by add-k."""
    letters = text()
    counts = Counter(letters)
    vocabulary = sorted(counts, key=lambda c: (-counts[c], c))
    numbers = [vocabulary.index(c) for c in letters]
    follow = Counter(zip(numbers, numbers[1:], numbers[2:]))
    totals = Counter()
    for (a, b, _), count in follow.items():
        totals[a, b] += count
    histories = sorted(totals, key=lambda h: (-totals[h], h))[:HISTORIES]
    weights = np.array([totals[h] for h in histories], dtype=float)
    rows = np.array([[follow[a, b, c] + K for c in range(len(vocabulary))] for a, b in histories])
    return histories, weights / weights.sum(), rows / rows.sum(axis=1, keepdims=True)


class Stream:
    """klsim's stream of a seed below 2^32 and a purpose."""

    def __init__(self, seed, purpose):
        hashed = 2166136261
        for byte in purpose.encode():
            hashed = (hashed ^ byte) * 16777619 % 2**32
        self.generator = np.random.RandomState(self.mix(seed ^ self.mix(hashed)))

    @staticmethod
    def mix(word):
        word = (word ^ word >> 16) * 0x85EBCA6B % 2**32
        word = (word ^ word >> 13) * 0xC2B2AE35 % 2**32
        return word ^ word >> 16

    def below(self, count):
        """gsl_rng_uniform_int of MT19937, whose range is 2^32 - 1."""
        scale = (2**32 - 1) // count
        while True:
            value = int(self.generator.randint(0, 2**32, dtype=np.uint32)) // scale
            if value < count:
                return value

    def permutation(self, count):
        """gsl_ran_shuffle of 0, 1, …"""
        order = list(range(count))
        for i in range(count - 1, 0, -1):
            j = self.below(i + 1)
            order[i], order[j] = order[j], order[i]
        return order


def batches(count, size):
    """Endless minibatches, each in ascending order, and whether it ends its epoch."""
    stream = Stream(SEED, "batches")
    while True:
        order = stream.permutation(count)
        for first in range(0, count, size):
            yield sorted(order[first:first + size]), first + size >= count


def start(size):
    """E₁, E₂, Wᵀ and b, as klsim orders them."""
    count = 3 * size * RANK
    values = [0.3 * math.sin(1 + i) for i in range(count)] + [0.0] * size
    return torch.tensor(values, requires_grad=True)


def logits(parameters, histories, size):
    vectors = parameters[:2 * size * RANK].reshape(2, size, RANK)
    output = parameters[2 * size * RANK:3 * size * RANK].reshape(RANK, size)
    pairs = torch.tensor(histories)
    return (vectors[0][pairs[:, 0]] + vectors[1][pairs[:, 1]]) @ output + parameters[3 * size * RANK:]


def loss(objective, p, z):
    log_q, log_p = torch.log_softmax(z, -1), torch.log(p)
    forward = (p * (log_p - log_q)).sum(-1)
    reverse = (log_q.exp() * (log_q - log_p)).sum(-1)
    return {"fkl": forward, "rkl": reverse, "mix:lambda=0.9": 0.9 * reverse + 0.1 * forward}[objective]


RUNS = [
    ("fkl", "adam", 0.05, 4, 1, "none", lambda p: torch.optim.Adam(p, lr=0.05)),
    ("rkl", "sgd", 0.5, 4, 1, "norm=0.2", lambda p: torch.optim.SGD(p, lr=0.5)),
    ("rkl", "sgd:momentum=0.9", 0.1, 5, 1, "value=0.05", lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9)),
    ("mix:lambda=0.9", "adamw", 0.02, 3, 2, "none", lambda p: torch.optim.AdamW(p, lr=0.02)),
]


def rows():
    histories, weights, p = teacher()
    (count, size), p = p.shape, torch.tensor(p)
    for objective, optimizer, rate, batch, accumulate, clip, make in RUNS:
        parameters = start(size)
        method, drawn = make([parameters]), batches(count, batch)
        factor = math.ceil(count / batch)
        updates = math.ceil(factor / accumulate)
        for update in range(RECORDED[-1] + 1):
            if update in RECORDED:
                with torch.no_grad():
                    z = logits(parameters, histories, size)
                    forward, reverse = loss("fkl", p, z), loss("rkl", p, z)
                    distance = (p - torch.softmax(z, -1)).abs().sum(-1) / 2
                for context in range(count):
                    values = [x[context].item() for x in (forward, reverse, distance)]
                    yield [objective, optimizer, rate, batch, accumulate, clip, update, context, *map(repr, values)]
            method.zero_grad()
            for step in range(accumulate):
                chosen, ends = next(drawn)
                z = logits(parameters, [histories[c] for c in chosen], size)
                own = factor * (torch.tensor(weights[chosen]) * loss(objective, p[chosen], z)).sum()
                own.backward()
                if ends:
                    break
            # The sum of the batches of an update, scaled as one batch of as many contexts would be.
            parameters.grad *= updates / factor
            kind, _, bound = clip.partition("=")
            if kind == "norm":
                torch.nn.utils.clip_grad_norm_([parameters], float(bound))
            elif kind == "value":
                torch.nn.utils.clip_grad_value_([parameters], float(bound))
            method.step()


if __name__ == "__main__":
    with open(Path(__file__).parent / "minibatches.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["objective", "optimizer", "learning_rate", "batch", "accumulate", "clip", "update",
                         "context", "fkl", "rkl", "tvd"])
        writer.writerows(rows())
