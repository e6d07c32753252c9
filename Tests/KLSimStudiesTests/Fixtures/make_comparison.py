# SPDX-License-Identifier: GPL-3.0-or-later
"""Made-up records, and what SciPy and NumPy say of their pairs.

    python make_comparison.py        writes records.csv and the comparison-*.csv beside this script

Values have few digits, so that some pairs are equal; one run has diverged and some seeds are missing.
Columns as `klsim compare` writes them.
"""

import csv
from itertools import combinations, product
from pathlib import Path

import numpy as np
from scipy import stats

FOLDER = Path(__file__).parent
OBJECTIVES, RATES, SEEDS, EPOCHS = ["fkl", "rkl", "akl"], ["0.1", "0.4"], range(1, 24), [1, 5]


def records():
    random = np.random.default_rng(7)
    for objective, rate in product(OBJECTIVES, RATES):
        shift = {"fkl": 0.0, "rkl": 0.25, "akl": 0.02}[objective] - 0.3 * (rate == {"akl": "0.1"}.get(objective, "0.4"))
        for seed in SEEDS:
            if objective == "akl" and seed > 20:
                continue
            for epoch in EPOCHS:
                tail = round(float(random.uniform(0.4, 0.8) + shift / epoch), 2)
                head = round(float(random.uniform(0.1, 0.2)), 2)
                if (objective, rate, seed, epoch) == ("rkl", "0.4", 3, 5):
                    tail = head = float("nan")
                yield {
                    "teacher": "longtail", "objective": objective, "learning_rate": rate,
                    "seed": seed, "head": "mass=0.5", "epoch": epoch,
                    "tvd": (head + tail) / 2, "head_error": head, "tail_error": tail,
                }


def worst(values):
    return np.where(np.isnan(values), np.inf, values)


def pair(a, b, confidence):
    """The statistics of values by seed."""
    seeds = sorted(a.keys() & b.keys())
    x, y = (worst(np.array([values[seed] for seed in seeds])) for values in (a, b))
    difference = np.where(x == y, 0, x - y)
    noise = np.isfinite(x) & np.isfinite(y)
    noise &= np.abs(difference) <= np.maximum(1e-14, 1e-9 * np.maximum(np.abs(x), np.abs(y)))
    lower, higher = int(np.sum(~noise & (x < y))), int(np.sum(~noise & (x > y)))
    # quantile_test takes no infinities: a finite number above all others is as good.
    finite = np.where(np.isinf(difference), np.sign(difference) * 1e6, difference)
    interval = stats.quantile_test(finite, q=0, p=0.5).confidence_interval(confidence)
    share = stats.binomtest(lower, len(seeds)).proportion_ci(confidence)
    other = stats.binomtest(higher, len(seeds)).proportion_ci(confidence)
    p = stats.binomtest(lower, lower + higher).pvalue
    return {
        "pairs": len(seeds), "a_median": np.median(x), "b_median": np.median(y),
        "difference": np.median(difference), "difference_low": interval.low,
        "difference_high": interval.high, "a_lower": lower, "b_lower": higher,
        "share": lower / len(seeds), "share_low": share.low, "share_high": share.high, "p": p,
        "leads": "a" if share.low > 0.5 else "b" if other.low > 0.5 else "tie",
    }


def holm(rows, confidence):
    order = np.argsort([row["p"] for row in rows], kind="stable")
    largest = 0.0
    for place, index in enumerate(order):
        largest = max(largest, min(1.0, (len(rows) - place) * rows[index]["p"]))
        rows[index]["p_holm"] = largest
        if largest >= 1 - confidence:
            agreeing = stats.binomtest(0, rows[index]["pairs"]).pvalue * len(rows)
            rows[index]["leads"] = "few" if agreeing >= 1 - confidence else "tie"


def write(name, rows):
    with open(FOLDER / name, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main():
    rows = list(records())
    write("records.csv", rows)

    def values(objective, rate, epoch, metric):
        return {
            row["seed"]: row[metric] for row in rows
            if (row["objective"], row["learning_rate"], row["epoch"]) == (objective, rate, epoch)
        }

    within = []
    for rate, epoch in product(RATES, EPOCHS):
        for a, b in combinations(OBJECTIVES, 2):
            found = pair(*(values(level, rate, epoch, "tail_error") for level in (a, b)), 0.95)
            keys = {"learning_rate": rate, "epoch": epoch, "a": a, "b": b}
            within.append(keys | found)
    holm(within, 0.95)
    write("comparison-within.csv", within)

    best = []
    for epoch in EPOCHS:
        def rate_of(level):
            medians = [
                np.median(worst(np.array(list(values(level, rate, epoch, "tvd").values()))))
                for rate in RATES
            ]
            return RATES[int(np.argmin(medians))]

        for a, b in combinations(OBJECTIVES, 2):
            chosen = [rate_of(level) for level in (a, b)]
            found = pair(
                *(values(level, rate, epoch, "tvd") for level, rate in zip((a, b), chosen)), 0.8)
            keys = {"epoch": epoch, "a": a, "b": b}
            keys |= {"a_learning_rate": chosen[0], "b_learning_rate": chosen[1]}
            best.append(keys | found)
    holm(best, 0.8)
    write("comparison-best.csv", best)


if __name__ == "__main__":
    main()
