# SPDX-License-Identifier: GPL-3.0-or-later
"""Fits a log-bilinear student to the next words of a text by minibatches, and prints seconds and fkl as JSON.

The work is that of `klsim run --student log-bilinear:rank=64 --batch 64 --record 0,2`: forward KL, Adam,
and fkl, rkl, tvd, entropy, head and tail error of all contexts before the first and after the last epoch.
It uses as many threads as the affinity of its process has processors (taskset).
"""

import argparse
import json
import math
import os
import time
from collections import Counter

import numpy as np
import torch

torch.set_default_dtype(torch.float64)

K = 0.01


def teacher(path, size):
    """p by add-k, the last token for all rarer words; the words of the contexts, and their weights."""
    with open(path, encoding="utf-8") as file:
        words = file.read().split()
    counts = Counter(words)
    vocabulary = sorted(counts, key=lambda word: (-counts[word], word.encode()))[:size]
    numbers = {word: number for number, word in enumerate(vocabulary)}
    sequence = np.array([numbers.get(word, size) for word in words])
    rows = np.full((size, size + 1), 0.0)
    known = sequence[:-1] < size
    np.add.at(rows, (sequence[:-1][known], sequence[1:][known]), 1)
    totals = rows.sum(axis=1)
    rows += K
    rows /= (totals + K * (size + 1))[:, None]
    return torch.tensor(rows), torch.arange(size), torch.tensor(totals / totals.sum())


def measures(p, order, heads, z):
    log_q = torch.log_softmax(z, -1)
    q, log_p = log_q.exp(), p.log()
    gap = torch.gather((q - p).abs(), 1, order)
    head = torch.arange(gap.shape[1]) < heads[:, None]
    return torch.stack([
        (p * (log_p - log_q)).sum(-1), (q * (log_q - log_p)).sum(-1), gap.sum(-1) / 2,
        -(q * log_q).sum(-1), (gap * head).sum(-1), (gap * ~head).sum(-1)])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    args = parser.parse_args()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    begin = time.perf_counter()
    p, words, weights = teacher(args.text, args.size)
    count, size = p.shape
    order = torch.argsort(p, dim=-1, descending=True, stable=True)
    heads = (torch.cumsum(torch.gather(p, 1, order), -1) <= 0.5).sum(-1).clamp(min=1)
    generator = torch.Generator().manual_seed(1)
    vectors = (0.1 * torch.randn(size, args.rank, generator=generator)).requires_grad_()
    output = (0.1 * torch.randn(args.rank, size, generator=generator)).requires_grad_()
    bias = torch.zeros(size, requires_grad=True)

    def logits(contexts):
        return vectors[words[contexts]] @ output + bias

    @torch.no_grad()
    def measure():
        blocks = torch.arange(count).split(args.batch)
        return (torch.cat([measures(p[b], order[b], heads[b], logits(b)) for b in blocks], 1) * weights).sum(-1)

    optimizer = torch.optim.Adam([vectors, output, bias], lr=0.01, fused=True)
    factor = math.ceil(count / args.batch)
    measure()
    for _ in range(args.epochs):
        for chosen in torch.randperm(count, generator=generator).split(args.batch):
            log_q = torch.log_softmax(logits(chosen), -1)
            divergences = torch.nn.functional.kl_div(log_q, p[chosen], reduction="none").sum(-1)
            loss = factor * (weights[chosen] * divergences).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    final = measure()
    print(json.dumps({"seconds": time.perf_counter() - begin, "final_fkl": final[0].item()}))


if __name__ == "__main__":
    main()
