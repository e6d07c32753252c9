#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the seeds of the fuzzers, corpus/PARSER/NAME, and their dictionaries, dictionaries/PARSER.

usage: Tests/Fuzz/make_corpus.py KLSIM

KLSIM is the built command, whose small outputs are among the seeds. Inputs that once made a fuzzer fail are
tests, not seeds, so that every file here can be made again.
"""

import gzip
import io
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).parent
CORPUS = HERE / "corpus"
KLSIM = str(pathlib.Path(sys.argv[1]).resolve())
P = [0.5, 0.25, 0.125, 0.125]


def seed(parser, name, content):
    folder = CORPUS / parser
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def npy(numbers, shape, descr="<f8", code="d", fortran=False, version=1):
    order = ">" if descr[0] == ">" else "<"
    text = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n".encode()
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return (b"\x93NUMPY" + bytes([version, 0]) + length + text
            + struct.pack(f"{order}{len(numbers)}{code}", *numbers))


def npz(arrays, packing=zipfile.ZIP_STORED, force_zip64=False):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", packing) as archive:
        for name, content in arrays.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=force_zip64) as file:
                file.write(content)
    return target.getvalue()


def safetensors(tensors):
    header, numbers = {}, b""
    for name, (kind, shape, content) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape,
                        "data_offsets": [len(numbers), len(numbers) + len(content)]}
        numbers += content
    text = json.dumps({"__metadata__": {"format": "pt"}} | header).encode()
    return struct.pack("<Q", len(text)) + text + numbers


def doubles(numbers):
    return struct.pack(f"<{len(numbers)}d", *numbers)


def numbers():
    seed("csv", "column", "0.5\n0.25\n0.25\n")
    seed("csv", "named", 'token,p\n"the, so",0.5\nof,0.25\n"say ""a""",0.25\n')
    seed("csv", "contexts", "context,token,logprob\na,0,-0.7\r\na,1,-0.7\r\nb,0,-0.1\r\nb,1,-2.4\r\n")
    seed("csv", "packed.gz", gzip.compress(b"counts\n3\n2\n1\n", mtime=0))
    seed("npy", "vector", npy(P, "(4,)"))
    seed("npy", "matrix", npy(P * 2, "(2, 4)", ">f4", "f", fortran=True))
    seed("npy", "cube", npy([1, 0, 0, 0, 0, 0, 0, 1], "(2, 2, 2)", "<i8", "q", version=2))
    seed("npy", "half", npy([0x3800, 0x3800], "(2,)", "<f2", "H"))
    lists = {"token": npy([0, 3, 1, 2], "(2, 2)", "<i4", "i"),
             "logprob": npy([-0.7, -0.7, -0.1, -2.4], "(2, 2)")}
    seed("npz", "stored", npz({"p": npy(P, "(4,)")}))
    seed("npz", "deflated", npz(lists, zipfile.ZIP_DEFLATED))
    seed("npz", "zip64", npz({"logits": npy(P, "(1, 4)")}, force_zip64=True))
    seed("safetensors", "one", safetensors({"logits": ("F64", [1, 4], doubles(P))}))
    seed("safetensors", "three", safetensors({
        "a": ("BF16", [2], b"\x00\x3f\x00\x3f"), "b": ("I32", [2, 1], struct.pack("<2i", 3, 1)),
        "c": ("F16", [2], b"\x00\x38\x00\x38")}))


def points():
    g = {"teacher_logits": [0.0, 1, 2, 2, 1, 0], "z": [0.0] * 6, "g": [0.1, 0, -0.1, -0.2, 0, 0.2]}
    seed("points", "npz", npz({name: npy(row, "(2, 3)") for name, row in g.items()}))
    seed("points", "safetensors", safetensors(
        {name: ("F64", [2, 3], doubles(row)) for name, row in g.items()}))
    seed("points", "csv", "context,token,p,z,g\n0,0,0.5,0,-0.1\n0,1,0.5,1,0.1\n1,0,0.9,0,-0.1\n1,1,0.1,0,0.1\n")


def texts(kinds):
    for kind in kinds:
        items = []
        for item in kind["items"][:6]:
            keys = [f"{key['name']}={key['default']}" for key in item["parameters"]
                    if key.get("default")]
            items.append(":".join([item["name"]] + keys[:6]))
        seed("specifications", kind["plural"], ",".join(items))
    seed("specifications", "epochs", "every=10steps")
    seed("specifications", "quoted", 'file:path="a:b,c ""d""":values=logits')
    seed("specifications", "nested", 'ensemble:of="zipf:size=80",student:of=bigram:k=2')
    seed("text", "words", "The cat sat on the mat. The cat of the hat, of the bat: of course!\n" * 2)
    seed("text", "letters", "abab\u00e9 cdcd\u0301 \U0001f600 1234 of a, of b; of c\r\nABAB\n")
    seed("study", "small", "teacher: longtail\nobjective: [fkl, 'akl:mu=0.8']\nepochs: 5\nseeds: 3\n")
    seed("study", "sequence", "experiment: sequence\nsignal: seq-fkl, seq-rkl\nsamples: [10, 100]\n")
    seed("study", "all", """\
# a study
name: "all \\u00e9"
description: |
  two
  lines
teacher: {zipf: 1}
""")
    seed("study", "zips", """\
head: [mass=0.5, count=37]
record: 0,1,5
aggregate: true
snapshots: every=2
snapshot-tokens: top=3
metric: [js, nucleus]
contexts: mean
zip:
  optimizer: [adam, sgd]
  learning-rate: [0.1, 1]
exclude:
- objective: fkl
  optimizer: sgd
- optimizer: adam
""")


def tables():
    def run(name, *options, output="--output"):
        path = pathlib.Path(folder) / name
        subprocess.run([KLSIM, *options, output, path], check=True, capture_output=True)
        return path.read_bytes()

    def both(name, content):
        seed("table", name, content)
        return content

    def files(name, contents):
        seed("folder", name, "".join(f"=== {file}\n{content}" for file, content in contents.items()))

    few = ["--teacher", "longtail:size=8", "--epochs", "2"]
    teacher = few + ["--head", "mass=0.5,count=3"]
    with tempfile.TemporaryDirectory() as folder:
        records = both("records", run(
            "r.csv", *teacher, "--record", "1,2", "--learning-rate", "0.1,0.2"))
        both("records.jsonl", run("r.jsonl", *teacher, "--record", "2"))
        both("aggregates", run("a.csv", *few, "--seeds", "3", "--record", "2", "--aggregate"))
        both("snapshots", run("s.csv", "--teacher", "longtail:size=4", "--epochs", "2", "--output",
                              f"{folder}/x.csv", "--snapshots", "0,2", output="--snapshot-output"))
        both("sequences", run(
            "q.csv", "sequence", "--teacher", "tabular:size=2:length=2", "--student",
            "markov:order=1,tabular", "--signal", "seq-fkl,seq-rkl", "--epochs", "2", "--record", "2"))
        both("estimates", run(
            "e.csv", "estimate", "--teacher", "tabular:size=2:length=2", "--signal",
            "policy-gradient", "--samples", "10,100"))
        evidence = (HERE / "../../notebooks-data/head-first.csv").read_text().splitlines(True)
        both("evidence", "".join(evidence[:8]))
        head, *rows = records.decode().splitlines(True)
        fields = ",".join(json.dumps({"name": name}) for name in head.strip().split(","))
        package = json.dumps({"resources": [
            {"path": ["a.csv", "b.csv"], "schema": {"fields": json.loads(f"[{fields}]")}}]})
        files("package", {"datapackage.json": f"{package}\n", "a.csv": head + "".join(rows[:8]),
                          "b.csv": head + "".join(rows[8:])})
        study = pathlib.Path(folder) / "study.yaml"
        study.write_text("teacher: longtail:size=4\nepochs: 1\nseeds: 2\n")
        sweep = pathlib.Path(folder) / "sweep"
        subprocess.run([KLSIM, "sweep", study, "--output", sweep], check=True, capture_output=True)
        # The fuzzer gives every line its checksum.
        lines = [json.loads(line) for line in (sweep / "journal.jsonl").read_text().splitlines()]
        for line in lines:
            line.pop("check")
            line.update({key: value for key, value in [("seconds", 0.5), ("worker", "host, process 1")]
                         if key in line})
        journal = [json.dumps(line) + "\n" for line in lines]
        table = (sweep / "records.csv").read_text()
        files("sweep", {"journal.jsonl": "".join(journal),
                        "datapackage.json": (sweep / "datapackage.json").read_text(), "records.csv": table})
        files("unmerged", {"journal.jsonl": "".join(journal[:2]), "parts/records-0000000.csv": table})
    verdicts = (HERE / "../../notebooks-data/claims.csv").read_text().splitlines(True)
    files("report", {"claims.csv": "".join(verdicts[:4])})


NUMBERS = {"nan", "inf", "-inf", "1e308", "e308", "e-320", "9223372036854775807", "-1", "0x1p-1"}
ARRAYS = {"<f8", ">f4", "<i8", "V2", "'shape': (", "'fortran_order': ", "'descr': ", "True"}
ZIP = {"PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06", "PK\x06\x07", ".npy"}
TENSORS = {'"dtype":"F32"', '"BF16"', '"I8"', '"shape":[', '"data_offsets":[', "__metadata__"}
NAMES = {"context", "token", "logprob"}
POINTS = {"teacher_logits", "z", "g", "p"}
WORDS = {
    "csv": NUMBERS | NAMES, "npy": ARRAYS, "npz": ARRAYS | ZIP | NAMES, "safetensors": TENSORS | NAMES,
    "points": NUMBERS | ARRAYS | ZIP | TENSORS | POINTS | NAMES, "text": {"of ", "\u0301", "\xa0"},
}


def dictionary(kinds):
    names, keys, axes = set(), set(), set()
    for kind in kinds:
        axes.add(f"{kind['kind']}: ")
        for item in kind["items"]:
            names.add(item["name"])
            keys.update(f":{key['name']}=" for key in item["parameters"])
    columns = {f",{name}" for path in sorted((CORPUS / "table").iterdir())
               for name in path.read_text().splitlines()[0].split(",") if '"' not in name}
    results = NUMBERS | columns | {"mean", "mass=0.5", "count=3"}
    WORDS.update({
        "specifications": NUMBERS | names | keys | {"every=", "steps", "auto"},
        "study": names | axes | {"experiment: sequence", "zip:", "exclude:", "- ", "|", ">", "&a", "!!str"},
        "table": results,
        "folder": results | {"=== a.csv\n", "=== datapackage.json\n", "=== journal.jsonl\n", '"resources":',
                             "=== claims.csv\n", "=== parts/records-0000000.csv\n",
                             '"path":', '{"chunk":', '"runs":', '"complete":', '"error":'},
    })
    for parser, words in WORDS.items():
        lines = [f'"{quoted(word)}"\n' for word in sorted(words)]
        (HERE / "dictionaries" / parser).write_text("".join(lines))


def quoted(word):
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\x{byte:02x}"
                   for byte in word.encode())


if __name__ == "__main__":
    listed = subprocess.run([KLSIM, "list", "--format", "json"], check=True, capture_output=True)
    catalog = [kind for kind in json.loads(listed.stdout)["kinds"]
               if kind["items"] and "parameters" in kind["items"][0]]
    for folder in CORPUS, HERE / "dictionaries":
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    numbers()
    points()
    texts(catalog)
    tables()
    dictionary(catalog)
