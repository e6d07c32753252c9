# SPDX-License-Identifier: GPL-3.0-or-later
"""A grammar of klsim's command lines: names, keys and ranges from `klsim list`, options from its help."""

import json
import math
import re
import subprocess

from grammar_agreements import AGREEMENTS, PLAIN, SEVERAL
from grammar_options import COMMANDS, NEEDS, QUICK, RARE, VALUES

# Values that no range has, or that few do.
STRANGE = [
    "", " ", "0", "-1", "-0", "1", "2", "nan", "inf", "-inf", "1e308", "-1e308", "1e-308", "5e-324", "1e309", "0x10",
    "1_000", "1,5", "1;2", "+1", "1.5", "1e3", "9223372036854775807", "9223372036854775808", "-9223372036854775808",
    "18446744073709551616", "9" * 400, "é", "√2", "\u202e", "\x1b[2J", "１２", "true", "True", "none", "auto", "-",
    "--",
    "a=b", "a:b", '"', '""', "'", "\\", "/", "..", "*", "$HOME", "%s%n", "\n", "x" * 3000, ":" * 40, "," * 40,
    '"' * 41,
]
NUMBER = r"(-?[\d.e+-]+)"


class Catalog:
    """What a klsim knows: components by kind with their keys, and commands with their options."""

    def __init__(self, klsim):
        def answer(*arguments):
            return json.loads(subprocess.run([klsim, *arguments], stdout=subprocess.PIPE, check=True).stdout)

        kinds = answer("list", "--format", "json")["kinds"]
        self.kinds = {kind["kind"]: kind["items"] for kind in kinds}
        self.plurals = [kind["plural"] for kind in kinds]
        # An exact loss is a signal, too.
        self.kinds["any-signal"] = self.kinds["signal"] + self.kinds["sequence-objective"]
        tree = answer("--experimental-dump-help")["command"]
        self.commands = {
            command["commandName"]: [
                option for option in command["arguments"]
                if option["kind"] != "positional" and option["names"][-1]["name"] not in ("help", "version")]
            for command in tree["subcommands"]}
        for command in COMMANDS:
            for option in self.commands[command]:
                name = long_name(option)
                if option["kind"] == "option" and (command, name) not in VALUES and name not in VALUES:
                    raise SystemExit(f"grammar_options.py does not say what --{name} of {command} takes")


def long_name(option):
    return next(name["name"] for name in option["names"] if name["kind"] == "long")


class Grammar:
    """Draws command lines.

    `strangeness` is how often a place gets what does not belong there, and `is_huge` lets whole numbers go as
    far as their range.
    """

    def __init__(self, catalog, random):
        self.catalog, self.random = catalog, random
        self.strangeness = random.choices([0, 0.03, 0.15], [6, 3, 1])[0]
        self.is_huge = random.random() < 0.02
        # What goes together: teachers and students that share parameters or not; any combination where it is None.
        self.scene = random.choices(["plain", "parametric", "shared", None], [6, 2, 2, 1])[0]

    def chance(self, share):
        return self.random.random() < share

    def is_strange(self):
        return self.chance(self.strangeness)

    def pick(self, values):
        return self.random.choice(values)

    def line(self):
        """A command line, without the name of the program, and what is its standard input, if anything."""
        command = self.random.choices(list(COMMANDS), [share for share, _ in COMMANDS.values()])[0]
        # Most of a line may be the default command without its name.
        words = [command] if command != "run" or self.chance(0.5) else []
        words += [str(word) for word in COMMANDS[command][1](self)]
        chosen = {}
        options = self.catalog.commands[command]
        for option in options:
            name = long_name(option)
            if self.chance(RARE.get((command, name), RARE.get(name, 0.12))):
                chosen[name] = option
        for name in list(chosen):
            needed = NEEDS.get((command, name), NEEDS.get(name, set()))
            if not self.is_strange() and not needed <= chosen.keys():
                del chosen[name]
        for name, option in chosen.items():
            words += self.option(command, name, option)
        if self.is_strange():
            words = self.disturbed(words)
        # Strange values can be large, too; diagnoses, chains, transport, many candidates, long sequences, epochs by
        # default, all claims and files without an end are much work.
        text = " ".join(words)
        self.is_huge |= (
            "diagnose" in chosen or command in ("sequence", "estimate") and "epochs" not in chosen
            or command == "reproduce" and not any(claim in words for claim in QUICK)
            or bool(re.search(
                r"score-climbing|sinkhorn|/dev/zero|candidates=[78]|length=([6-9]|\d\d)|(?<![\d.+-])\d{4,}", text)))
        return words, self.pick(["records.csv", "study.yaml", "teacher.csv", "text.txt"]) if "-" in words else None

    def option(self, command, name, option):
        names = [("--" if one["kind"] == "long" else "-") + one["name"] for one in option["names"]]
        if option["kind"] == "flag":
            return [self.pick(names)]
        value = self.strange() if self.is_strange() else str(
            VALUES.get((command, name), VALUES.get(name))(self))
        return [f"{self.pick(names)}={value}"] if self.chance(0.1) else [self.pick(names), value]

    def disturbed(self, words):
        """Words with one lost, doubled, exchanged or mistyped, or one of another command."""
        words = list(words)
        if not words:
            return [self.strange()]
        place = self.random.randrange(len(words))
        how = self.random.randrange(6)
        if how == 0:
            del words[place]
        elif how == 1:
            words.insert(place, words[place])
        elif how == 2:
            words[place] = self.mistyped(words[place])
        elif how == 3:
            words.insert(place, self.strange())
        elif how == 4:
            other = self.pick(self.catalog.commands[self.pick(list(COMMANDS))] or self.catalog.commands["run"])
            words[place:place] = ["--" + long_name(other), self.strange()][: self.pick([1, 2])]
        else:
            words[place:place] = words[place : place + 2]
        return words

    def mistyped(self, word):
        if not word:
            return "-"
        place = self.random.randrange(len(word))
        how = self.random.randrange(5)
        return [
            word[:place] + word[place + 1 :], word[:place] + word[place] + word[place:], word.upper(),
            word[: place + 1], word[:place] + self.pick("=:,\"-é0") + word[place:]][how]

    def strange(self):
        return self.pick(STRANGE)

    # Specifications.

    def specification(self, kind, names=None, quoted=False):
        """`name:key=value:…` of a kind; of one of some names, if they are given."""
        items = [item for item in self.catalog.kinds[kind] if not names or item["name"] in names]
        item = self.pick(items)
        name = self.pick([item["name"]] * 4 + item["aliases"] + ([item["name"].upper()] if self.chance(0.1) else []))
        if self.is_strange():
            name = self.mistyped(name)
        own = {}
        for parameter in item["parameters"]:
            is_needed = parameter["default"] is None or self.is_key(kind, item["name"], parameter["name"])
            if self.chance(0.97 if is_needed else 1.2 / len(item["parameters"])):
                own[parameter["name"]] = self.value(item["name"], parameter)
        if self.scene and not self.is_strange():
            for agree in (AGREEMENTS.get(kind), AGREEMENTS.get((kind, item["name"]))):
                if agree:
                    agree(self, own)
        texts = []
        for key, value in own.items():
            needs_quotes = re.search(r'[:,"]', value) and not self.is_strange()
            texts.append(
                f"{self.mistyped(key) if self.is_strange() else key}="
                + ('"' + value.replace('"', '""') + '"' if needs_quotes else value))
        if self.is_strange() and texts:
            texts.append(self.pick(texts))
        # Of head rules the name is also the first key.
        return ":".join(texts) if kind == "head" and texts else ":".join([name, *texts])

    def plain(self, kind, item):
        """A small component: its name with what it needs."""
        if (kind, item["name"]) in PLAIN:
            return PLAIN[kind, item["name"]]
        keys = {parameter["name"] for parameter in item["parameters"]}
        own = {
            parameter["name"]: self.in_range(parameter["range"])
            for parameter in item["parameters"] if parameter["default"] is None}
        if kind == "teacher":
            own |= {"size": "6"} | ({"contexts": "4"} if item["name"] in SEVERAL else {})
        return ":".join([item["name"], *(f"{key}={value}" for key, value in own.items() if key in keys)])

    def specifications(self, kind, names=None):
        many = self.random.choices([1, 2, 3], [6, 3, 1])[0]
        found = [self.specification(kind, names) for _ in range(many)]
        return ",".join(found if self.is_strange() else dict.fromkeys(found))

    def is_key(self, kind, name, key):
        """Whether a component of a kind wants a key, although it has a default."""
        return (kind, key) == ("teacher", "size") or (name, key) in {
            ("linear", "dimension"), ("hinton", "target"), ("pretrained", "epochs"), ("pretrained", "samples"),
            ("permuted-zipf", "size")}

    def value(self, component, parameter):
        """The text of a value of a key."""
        name, words = parameter["name"], parameter["range"]
        if self.is_strange():
            return self.strange()
        if parameter["default"] and self.chance(0.15):
            return parameter["default"]
        if name in ("objective", "of", "positions", "cost", "prior", "history"):
            return str(VALUES[f"{name}=…"](self))
        if words.startswith("a text"):
            return str(VALUES["path=…" if name == "path" else f"{name}=…"](self, component))
        return self.in_range(words)

    def in_range(self, words):
        """A text in a range that is given in words."""
        if words.startswith("auto, or "):
            return "auto" if self.chance(0.3) else self.in_range(words.removeprefix("auto, or "))
        if found := re.fullmatch(r"one of (.*)", words):
            return self.pick(found[1].split(", "))
        if words == "true or false":
            return self.pick(["true", "false"])
        if found := re.fullmatch(r"a whole number in (-?\d+)…(\d+)", words):
            return str(self.whole(int(found[1]), int(found[2])))
        if found := re.fullmatch(rf"a number in ([\[(]){NUMBER}, {NUMBER}([\])])", words):
            return self.number(
                float(found[2]), float(found[3]), found[1] == "[", found[4] == "]")
        if " with / between them" in words:
            one = words.removesuffix(" with / between them").replace("numbers", "a number", 1)
            return "/".join(self.in_range(one) for _ in range(self.pick([1, 1, 2, 3, 3, 3, 4])))
        ends = {
            "a number": (-math.inf, math.inf), "a number above 0": (0, math.inf),
            "a number of at least 0": (0, math.inf),
            "a number above 0 and at most 1": (0, 1), "a number other than 0 and 1": (-math.inf, math.inf)}
        if words in ends:
            return self.number(*ends[words], "at least" in words, words.endswith("at most 1"))
        if words.startswith("argmax or a token"):
            return self.pick(["argmax", "0", "1", "2", str(self.whole(0, 100))])
        if words.startswith("a token number of at least 0"):
            return self.pick(["", "0", "1", "2", ".", " ", "the", "e"])
        raise SystemExit(f"the grammar cannot read the range '{words}'")

    def whole(self, least, greatest):
        """A whole number in a range, small unless the line is a huge one."""
        if self.is_strange():
            return self.pick([least - 1, greatest + 1, -least, greatest * 2, 10**19])
        if self.is_huge and self.chance(0.3):
            return self.pick([greatest, greatest - 1, min(greatest, 10 ** self.random.randrange(1, 13))])
        small = [0, 0, 1, 1, 2, 2, 3, 4, 5, self.random.randrange(40) if self.chance(0.1) else 7]
        return min(greatest, least + self.pick(small))

    def number(self, least, greatest, has_least, has_greatest):
        """A number in a range, also at its ends and next to them."""
        if self.is_strange():
            return self.pick([repr(least - 1), repr(greatest + 1), repr(least), repr(greatest), "nan", "inf"])
        low, high = max(least, -1e308), min(greatest, 1e308)
        if self.chance(0.15):
            values = [0.0, 1.0, -1.0, 5e-324, 1e-308, 1e-16, 1 - 2**-53, 1e16, 1e154, 1e308, -1e308, -1e-16, low,
                high]
        else:
            values = [0.1, 0.5, 0.9, 1.0, 2.0, 3.0, 10.0, -0.5, -2.0, round(self.random.uniform(0, 1), 3)]
        fit = [
            value for value in values
            if (least < value or has_least and value == least)
            and (value < greatest or has_greatest and value == greatest)]
        return repr(self.pick(fit or [(low + high) / 2])).removesuffix(".0")
