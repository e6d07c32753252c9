# SPDX-License-Identifier: GPL-3.0-or-later
"""What the options of commands take, how often they are drawn, and what they need: data of grammar.py."""

# Files of fuzz_bench.py, and what is none.
GOOD = {
    "teacher": ["teacher.csv", "logits.npy", "logits.npz", "sparse.csv", "counts.csv", "rows.npy", "counts.csv.gz"],
    "table": [
        "records.csv", "records.csv", "sequences.csv", "estimates.csv", "snapshots.csv", "aggregates.csv",
        "contexts.csv", "records.jsonl", "records.csv.gz", "sweep", "diverged.csv"],
    "study": ["study.yaml", "sequence.yaml"],
    "points": ["points.csv", "points.npz"],
}
BAD = [
    "missing.csv", "empty", "bytes", ".", "/dev/null", "/dev/zero", "records.csv", "text.txt", "points.csv",
    "study.yaml", "cut.npy", "cut.csv.gz", "out", "", "teacher.csv/x", "x" * 300, "-", "logits.npz"]


def file(kind):
    return lambda g, *_: g.pick(BAD) if g.is_strange() or g.chance(0.02) else g.pick(GOOD[kind])


def files(kind):
    return lambda g: [file(kind)(g) for _ in range(g.random.choices([1, 2, 0], [20, 2, 1])[0])]


def some(*values, most=2):
    """One of some values, or up to `most` different ones with commas between them."""
    return lambda g, *_: ",".join(map(str, g.random.sample(values, g.pick([1, 1, g.random.randint(1, most)]))))


def one(*values):
    return lambda g, *_: g.pick(values)


def whole(least, greatest):
    return lambda g: g.whole(least, greatest)


def specs(kind, names=None):
    return lambda g: g.specifications(kind, names)


def spec(kind, names=None):
    return lambda g, *_: g.specification(kind, names)


def number(least, greatest, has_least=False, has_greatest=False):
    return lambda g: g.number(least, greatest, has_least, has_greatest)


def picture(g):
    return g.pick(["out/a.svg"] * 9 + ["out/a.png", "out/a.txt"])


def output(g):
    return g.pick([
        "out/a.csv", "out/a.csv", "out/a.csv", "-", "out/a.jsonl", "out/a.csv.gz", "out/a"] + ([
            "out/a.txt", "out/a.json", "out/a.npz", "none/a.csv", "out", "/dev/null",
            "/dev/full"] if g.chance(0.1) else []))


def name_of(kind):
    return lambda g: g.pick(g.catalog.kinds[kind])["name"]


def text(g, component):
    return g.pick(BAD if g.chance(0.05) else {
        "ngram": ["text.txt"], "markov": ["text.txt"], "linear": ["features.csv"]}.get(component, GOOD["teacher"]))


def teachers(g):
    if g.scene != "shared":
        return g.specifications("teacher")
    return g.pick([
        g.specification("teacher", ["ngram"]), f"dirichlet:size={g.whole(1, 40)}:contexts={g.whole(1, 20)}",
        g.specification("teacher", ["ngram"]), f"permuted-zipf:size={g.whole(1, 40)}:contexts={g.whole(1, 20)}"])


def students(g):
    return g.specifications("student", {
        "plain": ["softmax"], "shared": ["low-rank", "log-bilinear"],
        "parametric": ["gaussian", "gaussian-mixture", "zipf", "linear"]}.get(g.scene))


def inits(g):
    if g.scene == "parametric":
        return "student"
    return g.specifications("init", {"plain": FREE, "shared": ["student", "pretrained"]}.get(g.scene))


def epochs(g):
    if g.chance(0.05):
        return g.pick(["0.5", "every=0.5steps", "last", "2-4", "9999999", "1,1", "every=0"])
    return g.pick(["all", "every=2", "0", "every=1", "0,0", "every=1000"])


AT = some(0, 1, 2, 3, 0.5, "last", most=3)
KEYS = [
    "objective", "signal", "optimizer", "learning_rate", "teacher", "student", "init", "head", "seed", "context",
    "schedule", "epoch", "batch"]
MEASURES = [
    "tail_error", "head_error", "total_error", "tvd", "fkl", "rkl", "js", "loss", "seq_fkl", "void_mass", "entropy",
    "length", "head_progress", "mean", "gradient_bias"]
WHERE = one(
    "objective=fkl", "objective=rkl", "optimizer=adam", "seed=1", "seed=2", "learning_rate=0.2", "head=mass=0.5",
    "lr=0.1", "epoch=1", "signal=seq-fkl", "context=0", "objective=", "=fkl", "objective=FKL", "student=softmax",
    "teacher=longtail")
FREE = ["torch-uniform", "uniform", "normal", "zeros", "teacher-noise", "file"]
ELEMENTWISE = ["adam", "adamw", "sgd", "rmsprop"]
# By option, or by command and option; a name with =… is a key of a component.
VALUES = {
    "study": file("study"), "teacher": teachers, ("sequence", "teacher"): specs("world"),
    ("estimate", "teacher"): specs("world"),
    ("list", "teacher"): lambda g: g.pick([spec("world"), spec("teacher", ["ngram"])])(g),
    ("gradient", "teacher"): spec("teacher"), "teacher-file": file("teacher"),
    "teacher-values": one("probabilities", "counts", "logits", "logprobs", "text"),
    "teacher-column": one("p", "count", "logit", "x"), "teacher-array": one("logits", "p", "x"),
    "teacher-tensor": one("t", "x"), "tail": one("none", "drop", "bucket", "uniform"),
    "vocabulary": whole(0, 1 << 24), ("points", "vocabulary"): whole(2, 4096), "student": students,
    ("sequence", "student"): specs("sequence-student"), ("estimate", "student"): specs("sequence-student"),
    "objective": specs("objective"), ("gradient", "objective"): spec("objective"), "expect": spec("objective"),
    "init": inits, ("gradient", "init"): spec("init", FREE), ("sequence", "init"): specs("init", FREE),
    ("estimate", "init"): specs("init", FREE), "batch": some("all", 1, 2, 3, 7),
    "sampling": some("shuffle", "weights"), "accumulate": some(1, 2, 3), "held-out": some(0, 0.2, 0.5, 0.9),
    "optimizer": specs("optimizer"), ("sequence", "optimizer"): specs("optimizer", ELEMENTWISE),
    ("estimate", "optimizer"): specs("optimizer", ELEMENTWISE),
    "learning-rate": some(0.01, 0.1, 0.2, 0.5, 1, 5, "1e-300", "1e100", "1e308", 0), "schedule": specs("schedule"),
    "clip": some("none", "norm=1", "value=1", "norm=1e-300", "value=1e300"), "epochs": whole(0, 1 << 40),
    ("plot", "epochs"): some(1, 2, "0..2", "0..20"), "seed": one(1, 2, 0, 7, 2**63, 2**64 - 50, 2**32),
    "seeds": whole(1, 1 << 40), ("reproduce", "seeds"): one(1, 2, 3), ("estimate", "seeds"): one(1, 2, 3),
    ("estimate", "epochs"): one(0, 1, 2, 5), "head": specs("head"), ("gradient", "head"): spec("head"),
    "record": epochs, "snapshots": epochs,
    "snapshot-tokens": one("all", "top=2", "log=3", "top=0", "log=1", "top=99999999"),
    "contexts": one("each", "mean", "both"), "metric": specs("metric"), ("compare", "metric"): some(*MEASURES),
    "output": output, ("sweep", "output"): one("out/sweep", "out/sweep", "sweep", "out", "records.csv"),
    ("merge", "output"): one("out/whole", "out", "sweep", "records.csv"), ("reproduce", "output"): one("out/report"),
    ("plot", "output"): picture,
    "snapshot-output": one("out/s.csv", "out/s.csv", "-", "out/a.csv", "out/s.jsonl", "out/s"),
    "parameters-output": one("out/p.npy", "out/p.npy", "out/p.csv", "-"), "html": one("out/a.html", "-", "out/a.csv"),
    "format": one("csv", "jsonl", "json"), ("list", "format"): one("text", "json"),
    ("status", "format"): one("text", "json"), ("identify", "format"): one("text", "json"),
    ("reproduce", "format"): one("text", "json"), "jobs": one(1, 2, 3, 64, 2**63 - 1), "signal": specs("any-signal"),
    "against": specs("sequence-objective"), ("compare", "against"): one("fkl", "rkl", "leader", "adam", "seq-fkl"),
    "samples": some(1, 2, 5, 100), "draws": whole(1, 1 << 40),
    "shard": one("1/2", "2/2", "1/1", "3/2", "0/0", "slurm"), "compress": one("gzip"), "by": one(*KEYS), "at": AT,
    "best": some(*KEYS), "within": some(*KEYS), "where": WHERE, "confidence": number(0, 1),
    "check": one("report", "out", "missing"),
    "figure": one("curves", "rates", "pareto", "snapshots", "phase", "survival", "estimators", "mse", "capacity"),
    "objectives": some("fkl", "rkl", "akl", "seq-fkl", "seqkd"), "error": one("head", "tail", "total"),
    "facet": one(*KEYS), "scale": one("log", "linear"), "threshold": number(0, 1), "order": one("token", "rank"),
    "title": one("", "a title", "'; system('ls')", "x" * 2000, "é\n"),
    "size": one("1600x1200", "80x24", "1x1", "0x0", "99999x99999", "20x10", "1600", "-1x5"),
    "context": one(0, 0, 1, 2, 2**31), "logits-file": file("teacher"), "logits-column": one("p", "logit", "x"),
    "points": whole(1, 10**6), "kinds": some("random", "extreme", "near", "long-tail", "zeros"),
    "tolerance": number(0, 1), "nearest": whole(0, 100),
    "memory": one("1GB", "512MB", "2GiB", 10**9, "1MB", "1XB", 0), "objective=…": spec("objective"),
    "of=…": specs("teacher"), "path=…": text, "column=…": one("p", "count", "logit", "x", ""),
    "array=…": one("logits", "p", ""), "tensor=…": one("t", ""),
    "context-weights=…": one("weights.csv", "counts.csv", ""), "positions=…": one("", "counts.csv", "teacher.csv"),
    "cost=…": one("", "cost.csv", "counts.csv"), "prior=…": one("", "teacher.csv"),
    "history=…": one("", "the", "of the", "Alice was"),
}
# How often an option is drawn, where that is not 0.12.
RARE = {
    "study": 0.03, "print-study": 0.02, "memory": 0.04, "teacher": 0.6, "teacher-file": 0.06, "teacher-values": 0.5,
    "teacher-column": 0.1, "teacher-array": 0.1, "teacher-tensor": 0.05, "tail": 0.2, "vocabulary": 0.3,
    "student": 0.35, "objective": 0.6, "signal": 0.7, "init": 0.3, "batch": 0.06, "sampling": 0.3, "accumulate": 0.3,
    "held-out": 0.05, "context": 0.05, "diagnose": 0.3, "optimizer": 0.4, "learning-rate": 0.3, "schedule": 0.2,
    "clip": 0.1, "epochs": 0.98, "seeds": 0.4, "seed": 0.3, "quiet": 0.5, "figure": 0.98, "samples": 0.4,
    "output": 0.25, ("sweep", "output"): 0.95, ("points", "output"): 0.3, "snapshots": 0.1, "snapshot-output": 0.97,
    "parameters-output": 0.04, ("points", "vocabulary"): 0.5, ("points", "points"): 0.5, "draws": 0.9, "jobs": 0.05,
    "format": 0.12, ("reproduce", "seeds"): 1, ("reproduce", "output"): 0.2, "check": 0.1, ("merge", "output"): 0.8,
    "dry-run": 0.2, "html": 0.05, "no-figures": 0.95, ("plot", "output"): 0.1, ("list", "teacher"): 0.3,
    "resume": 0.1, ("plot", "epochs"): 0.2, "at": 0.3}
# Options that mean nothing without others.
NEEDS = {
    "teacher-values": {"teacher-file"}, "teacher-column": {"teacher-file"}, "teacher-array": {"teacher-file"},
    "teacher-tensor": {"teacher-file"}, "tail": {"teacher-file"}, "vocabulary": {"tail"},
    ("points", "vocabulary"): set(), ("sequence", "against"): {"diagnose"}, "sampling": {"batch"},
    "accumulate": {"batch"}, "snapshot-output": {"snapshots"}, "snapshots": {"snapshot-output"},
    "snapshot-tokens": {"snapshots"}, "logits-column": {"logits-file"}, "no-figures": {"output"},
    "resume": {"output"}, "threshold": {"figure"}}


def listed(g):
    return [g.pick(g.catalog.plurals + ["tokens", "study-schema", "everything"]) for _ in range(g.pick([0, 1, 1, 2]))]


def folders(g):
    return [g.pick(["sweep", "sweep", "part1", "part2", "out", "records.csv",
        "missing"]) for _ in range(g.pick([1, 1, 2, 0]))]


def claims(g):
    return [g.pick(QUICK) for _ in range(g.pick([1, 1, 1, 2]))]


# Claims that a few seeds decide in a moment.
QUICK = ["fkl-is-cross-entropy", "sinkhorn-bias", "pg-unbiased", "baseline", "nonesuch"]
# How often a command is drawn, and its positional arguments.
COMMANDS = {
    "run": (40, lambda g: []), "sequence": (16, lambda g: []), "estimate": (14, lambda g: []),
    "gradient": (10, lambda g: []), "compare": (7, files("table")), "identify": (0.2, files("points")),
    "points": (3, lambda g: []), "list": (2, listed), "status": (1, folders), "merge": (1, folders),
    "sweep": (1.5, files("study")), "reproduce": (0.4, claims), "plot": (1, files("table"))}
