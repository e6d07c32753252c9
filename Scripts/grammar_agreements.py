# SPDX-License-Identifier: GPL-3.0-or-later
"""How the keys of components go together, and small components with what they need: data of grammar.py."""


def alike(*keys):
    """Lists that must be as long as each other."""
    def agree(g, own):
        for key in keys:
            if key in own and own[key] != "auto":
                own[key] = "/".join((own[key].split("/") * 3)[:3])
    return agree


def only(needed, value, *keys):
    """Keys that go with one value of another."""
    def agree(g, own):
        if any(key in own for key in keys):
            own[needed] = value
    return agree


def kept(g, own, **settings):
    own.clear()
    own.update(settings)


def teacher_file(g, own):
    kept(g, own, **g.pick([
        {"path": "teacher.csv"}, {"path": "logits.npy", "values": "logits"},
        {"path": "counts.csv", "values": "counts"},
        {"path": "logits.npz", "array": "logits", "values": "logits"}, {"path": "sparse.csv", "tail": "drop"},
        {"path": "sparse.csv", "tail": "uniform", "vocabulary": "9"},
        {"path": "rows.npy", "context-weights": "weights.csv"}]))


def ngram(g, own):
    own.pop("path", None)
    own["text"] = "alice"
    if "history" in own:
        own.pop("histories", None)
        own.pop("order", None)
    if g.scene == "shared":
        own |= {"order": "2", "histories": "6"}
        own.pop("history", None)


def markov(g, own):
    if "path" in own and own["path"]:
        own["text"] = "file"
    elif own.get("text") == "file":
        own["path"] = "text.txt"
    if own.get("text", "random") == "random":
        for key in ("unit", "keep-case", "estimator", "k", "discount"):
            own.pop(key, None)
    else:
        own.pop("sigma", None)


def tabular(g, own):
    own.pop("path", None)
    if g.chance(0.05):
        kept(g, own, path="world.csv")


def world(g, own):
    if "phrase" in own:
        own["trap"] = "1"


def teacher(g, own):
    if own.keys() & {"smoothing", "proposal"} or "reference" in own and "label-noise" not in own:
        own["samples"] = str(1 + g.whole(0, 1000))
    if own.get("samples") == "0":
        own["samples"] = "7"
    if "contexts" in own:
        own["jitter"] = "0.1"


def logits_file(g, own):
    kept(g, own, path=g.pick(["counts.csv", "teacher.csv", "logits.npy"]))


def mixture_student(g, own):
    if g.chance(0.5):
        kept(g, own, modes=g.pick(["1", "2", "5"]), spread="0.1")
    elif own:
        alike("means", "widths", "weights")(g, own)
        own["modes"] = "3"


# How the keys of a kind, or of one of its components, go together.
AGREEMENTS = {
    "teacher": teacher, "world": world, ("teacher", "file"): teacher_file, ("init", "file"): logits_file,
    ("teacher", "ngram"): ngram, ("teacher", "mixture"): alike("centres", "weights", "widths"),
    ("world", "markov"): markov, ("world", "tabular"): tabular,
    ("world", "bandit"): only("divergence", "alpha", "alpha"),
    ("student", "linear"): lambda g, own: own.pop("path", None), ("student", "gaussian-mixture"): mixture_student,
    ("optimizer", "sgd"): only("momentum", "0.9", "nesterov"),
    ("objective", "hinton"): only("target", "0", "alpha"), ("any-signal", "gkd"): only("part", "last", "share"),
    ("sequence-objective", "gkd"): only("part", "first", "share")}


# Components that need more than the keys without defaults, and random teachers, which can have several contexts.
PLAIN = {
    ("teacher", "file"): "file:path=teacher.csv", ("teacher", "ngram"): "ngram:text=alice:size=6:histories=4",
    ("teacher", "ensemble"): 'ensemble:of="zipf:size=6,uniform:size=6"',
    ("teacher", "mixture"): "mixture:size=6:widths=40",
    ("objective", "hinton"): "hinton:target=0", ("student", "low-rank"): "low-rank:rank=2",
    ("student", "log-bilinear"): "log-bilinear:rank=2", ("objective", "topk-kl"): "topk-kl:k=2"}
SEVERAL = {"dirichlet", "lognormal", "pareto", "gamma", "softmax-normal", "permuted-zipf"}
