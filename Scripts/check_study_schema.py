#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check the schema of study files: it takes what klsim runs, and refuses what klsim refuses.

Usage: check_study_schema.py KLSIM

KLSIM is the command. Needs the packages jsonschema and pyyaml.
"""

import json
import pathlib
import subprocess
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent

GOOD = [
    "experiment: fit\n",
    "objective: fkl\n",
    "objective: fkl,rkl,akl:mu=0.8\n",
    "objective: [fkl, 'mix:lambda=0.9']\nlearning-rate: [0.05, '0.2']\n",
    "objective: forward-kl\n",
    "teacher: zipf:size=9:exponent=1.5\n",
    "teacher: [longtail, 'uniform:size=5:smooth=0.1']\nbatch: all\nheld-out: 0\n",
    "optimizer: sgd:momentum=0.9\nlr: 1e-1\nclip: norm=1.5\nschedule: cosine:warmup=2\n",
    "init: [zeros, 'normal:sigma=3']\nstudent: softmax\nsampling: shuffle\naccumulate: 1\n",
    "epochs: 10\nseed: 0\nseeds: '3'\nhead: [mass=0.5, 'mass=0.5:rule=inclusive', count=4]\n",
    "record: [0, 1, 200]\nmetric: [js, 'void-mass:mass=0.9']\naggregate: yes\ncontexts: mean\n",
    "record: every=10\nhead: mass=0.5,count=8\nmetric: js,top1\nname: 2026\n",
    "zip: {objective: [fkl, rkl], learning-rate: [0.1, 1]}\n",
    "zip:\n- {objective: [fkl, rkl], optimizer: [adam, sgd]}\n- {init: [zeros], learning-rate: 1}\n",
    "exclude: {objective: fkl, optimizer: adam}\noptimizer: [adam, sgd]\n",
    "experiment: sequence\nsignal: [seq-fkl, 'policy-gradient:gamma=0']\nsamples: [1, 10]\n",
    "experiment: sequence\nteacher: tabular:size=2:length=2\ndiagnose: true\nagainst: seq-fkl\n",
]

BAD = [
    "objektive: fkl\n",
    "experiment: fits\n",
    "objective: fkll\n",
    "objective: fkl,rkll\n",
    "objective: [fkl, mix:lamda=0.9]\n",
    "objective: mix:lambda=much\n",
    "objective: akl:head-rule=both\n",
    "objective: {fkl: 1}\n",
    "objective: []\n",
    "teacher: file\n",
    "teacher: zipf:size=many\n",
    "learning-rate: fast\n",
    "learning-rate: -0.1\n",
    "held-out: 1\n",
    "batch: none\n",
    "clip: norm\n",
    "sampling: random\n",
    "epochs: ten\n",
    "epochs: -1\n",
    "seeds: 0\n",
    "aggregate: maybe\n",
    "contexts: all\n",
    "head: foo=1\n",
    "head: mass=half\n",
    "metric: jss\n",
    "signal: seqkd\n",
    "zip: [fkl]\n",
    "zip: {objektive: [fkl]}\n",
    "exclude: {objective: fkll}\n",
    "experiment: sequence\nobjective: fkl\n",
    "experiment: sequence\nsignal: seqkdd\n",
    "experiment: sequence\nsamples: 0\n",
    "experiment: sequence\nmetric: js\n",
]


def runs(klsim: str, text: str) -> bool:
    kind = "sequence" if "experiment: sequence" in text else "run"
    command = [klsim, kind, "--study", "-", "--print-study"]
    return subprocess.run(command, input=text.encode(), capture_output=True).returncode == 0


def main() -> None:
    (klsim,) = sys.argv[1:]
    schema = json.loads((ROOT / "share/klsim/study.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    examples = [path.read_text(encoding="utf-8") for path in ROOT.glob("Examples/Studies/*.yaml")]
    wrong = []
    for texts, expected in (GOOD + examples, True), (BAD, False):
        for text in texts:
            errors = list(validator(schema).iter_errors(yaml.safe_load(text)))
            if (not errors) != expected:
                wrong.append(f"the schema {'refuses' if errors else 'takes'}: {text!r}")
                wrong += [f"    {error.message[:200]}" for error in errors]
            if runs(klsim, text) != expected:
                wrong.append(f"klsim {'refuses' if expected else 'takes'}: {text!r}")
    for line in wrong:
        print(line)
    print(f"{len(GOOD) + len(examples)} good and {len(BAD)} bad studies, {len(wrong)} disagreements")
    sys.exit(1 if wrong else 0)


main()
