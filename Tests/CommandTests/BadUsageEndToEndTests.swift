// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// Options and specifications that cannot be: exit code 64, and nothing is written.
@Suite struct BadUsageEndToEndTests {
  let klsim: CommandUnderTest

  init() throws {
    klsim = try CommandUnderTest()
  }

  private func expectRefusal(_ refusal: Refusal) async throws {
    try await klsim.expectRefusal(
      Refusal("\(refusal.line) --output out.csv", refusal.says), code: 64)
  }

  @Test(arguments: ["rnu --epochs 1", "longtail", "out.csv --figure curves"])
  func unknownCommands(line: String) async throws {
    try await klsim.expectRefusal(
      Refusal(line, says: "unknown command", "known: run, sequence, sweep, status, merge"), code: 64
    )
  }

  @Test(
    arguments: [
      Refusal("--teacher foo", says: "unknown teacher 'foo'", "known: longtail", "zipf", "file"),
      Refusal("--student foo", says: "unknown student 'foo'", "known: softmax"),
      Refusal("--objective foo", says: "unknown objective 'foo'\n", "klsim list objectives\n"),
      Refusal("--objective FKLL", says: "unknown objective 'FKLL'; did you mean fkl?"),
      Refusal("--optimizer foo", says: "unknown optimizer 'foo'", "known: adam, adamw, sgd"),
      Refusal("--init foo", says: "unknown init 'foo'", "known: torch-uniform", "zeros"),
      Refusal("--head foo=1", says: "unknown head 'foo'", "known: mass, rank, count"),
      Refusal("--head foo", says: "'foo'", "mass=μ, rank=f or count=k"),
      Refusal("--metric foo", says: "unknown metric 'foo'", "known: js, log-ratio, top1"),
      Refusal("--objective fkl,foo,rkl", says: "unknown objective 'foo'"),
    ])
  func unknownNames(_ refusal: Refusal) async throws {
    try await expectRefusal(refusal)
  }

  @Test func unknownKindsOfList() async throws {
    try await klsim.expectRefusal(
      Refusal("list foo", says: "unknown kind 'foo'", "known: teachers", "metrics"), code: 64)
  }

  @Test(
    arguments: [
      Refusal("--teacher zipf:alpha=1", says: "zipf", "no parameter 'alpha'", "known: size, exp"),
      Refusal("--student softmax:alpha=1", says: "softmax", "'alpha'", "it takes none"),
      Refusal("--objective fkl:alpha=1", says: "fkl", "'alpha'", "known: reduction"),
      Refusal("--optimizer adam:alpha=1", says: "adam", "'alpha'", "known: beta1, beta2"),
      Refusal("--init zeros:alpha=1", says: "zeros", "'alpha'", "it takes none"),
      Refusal("--head mass=0.5:alpha=1", says: "mass", "'alpha'", "known: mass, rule"),
      Refusal("--metric js:alpha=1", says: "js", "'alpha'", "it takes none"),
      Refusal("--objective akl:headRule=inclusive", says: "'headRule'", "known: mu, head-rule"),
    ])
  func unknownKeys(_ refusal: Refusal) async throws {
    try await expectRefusal(refusal)
  }

  @Test(
    arguments: [
      Refusal("--objective mix:lambda=abc", says: "mix: lambda=abc is not a number in [0, 1]"),
      Refusal("--objective mix:lambda=1.1", says: "lambda=1.1 is not a number in [0, 1]"),
      Refusal("--objective mix:lambda=nan", says: "lambda=nan is not"),
      Refusal("--objective mix:lambda=", says: "lambda= is not a number"),
      Refusal("--objective akl:head-rule=both", says: "head-rule=both", "exclusive, inclusive"),
      Refusal("--objective fkl:reduction=max", says: "reduction=max", "one of sum, mean"),
      Refusal("--teacher zipf:size=0", says: "zipf: size=0 is not a whole number in 1…16777216"),
      Refusal("--teacher zipf:size=-3", says: "size=-3 is not a whole number in 1…"),
      Refusal("--teacher zipf:size=2.5", says: "size=2.5 is not a whole number"),
      Refusal("--teacher zipf:size=16777217", says: "size=16777217 is not"),
      Refusal("--teacher zipf:size=99999999999999999999", says: "is not a whole number"),
      Refusal("--teacher zipf:exponent=-1", says: "exponent=-1 is not a number of at least 0"),
      Refusal("--teacher zipf:exponent=inf", says: "exponent=inf is not"),
      Refusal("--teacher longtail:sigma=0", says: "sigma=0 is not a number above 0"),
      Refusal("--teacher longtail:smooth=1", says: "smooth=1 is not a number in [0, 1)"),
      Refusal("--teacher longtail:temperature=0", says: "temperature=0 is not a number above 0"),
      Refusal("--teacher longtail:samples=-1", says: "samples=-1 is not a whole number in 0…"),
      Refusal("--teacher longtail:smoothing=1", says: "smoothing", "samples=n", "smooth=ε"),
      Refusal("--teacher mixture:centres=1//2", says: "centres=1//2 is not numbers with /"),
      Refusal("--teacher mixture:weights=1/2", says: "2 values for 3 modes"),
      Refusal("--teacher mixture:weights=0", says: "every weight is 0"),
      Refusal("--metric void-mass:mass=0", says: "mass=0 is not a number above 0 and at most 1"),
      Refusal("--metric void-mass:mass=1.5", says: "mass=1.5 is not a number above 0 and"),
      Refusal("--teacher geometric:ratio=0", says: "ratio=0 is not a number above 0 and at most 1"),
      Refusal("--teacher gamma:shape=0", says: "shape=0 is not a number above 0"),
      Refusal("--student gaussian:width=0", says: "width=0 is not auto, or a number above 0"),
      Refusal("--student gaussian:mean=middle", says: "mean=middle is not auto, or a number"),
      Refusal(
        "--student gaussian-mixture:means=1/2/3", says: "means has 3 values for 2 modes", "one"),
      Refusal("--student gaussian-mixture:weights=1/0", says: "weights=1/0 is not numbers above 0"),
      Refusal("--student zipf:order=size", says: "order=size is not one of token, rank"),
      Refusal("--student linear:path=f.csv", says: "path=… goes with features=file only"),
      Refusal("--student linear:feature-seed=2", says: "goes with features=random only"),
      Refusal("--student linear:features=file", says: "linear needs path=…"),
      Refusal(
        "--student linear:features=file:path=f.csv:dimension=2", says: "leave out dimension"),
      Refusal("--student low-rank:spread=0", says: "spread=0 is not a number above 0"),
      Refusal("--optimizer natural-gradient:damping=0", says: "damping=0 is not a number above 0"),
      Refusal("--optimizer gradient-flow:absolute-tolerance=0", says: "is not a number in [1e-14,"),
      Refusal("--optimizer rmsprop:alpha=1", says: "alpha=1 is not a number in [0, 1)"),
      Refusal("--optimizer adamw:weight-decay=-1", says: "is not a number of at least 0"),
      Refusal("--optimizer adam:beta1=1", says: "beta1=1 is not a number in [0, 1)"),
      Refusal("--optimizer sgd:nesterov=yes", says: "nesterov=yes is not true or false"),
      Refusal("--optimizer sgd:nesterov=true", says: "nesterov=true needs a momentum"),
      Refusal("--init normal:sigma=-1", says: "sigma=-1 is not a number of at least 0"),
      Refusal("--init uniform:low=2:high=1", says: "low=2", "high=1"),
      Refusal("--init torch-uniform:dtype=int", says: "dtype=int", "one of float32, float64"),
      Refusal("--head mass=1.5", says: "mass=1.5 is not a number in [0, 1]"),
      Refusal("--head mass=nan", says: "mass=nan is not"),
      Refusal("--head rank=0", says: "rank=0 is not a number above 0 and at most 1"),
      Refusal("--head count=0", says: "count=0 is not a whole number"),
      Refusal("--head count=8.5", says: "count=8.5 is not a whole number"),
      Refusal("--teacher file", says: "file needs path="),
      Refusal(
        "--teacher-file p.csv --teacher-values weights", says: "--teacher-values weights", "counts"),
    ])
  func badValues(_ refusal: Refusal) async throws {
    try await expectRefusal(refusal)
  }

  @Test(
    arguments: [
      Refusal("--objective mix:lambda=0.5:lambda=0.6", says: "the key 'lambda' is given twice"),
      Refusal("--teacher zipf:size=5:size=5", says: "the key 'size' is given twice"),
      Refusal("--head mass=0.5:mass=0.6", says: "the key 'mass' is given twice"),
      Refusal("--objective fkl,,rkl", says: "'fkl,,rkl'", "an item is empty"),
      Refusal("--objective fkl,", says: "'fkl,'", "an item is empty"),
      Refusal("--objective ,fkl", says: "',fkl'", "an item is empty"),
      Refusal("--objective ''", says: "it is empty"),
      Refusal("--teacher ''", says: "it is empty"),
      Refusal("--head ''", says: "it is empty"),
      Refusal("--metric ''", says: "it is empty"),
      Refusal("--learning-rate ''", says: "it is empty"),
      Refusal("--learning-rate 0.1,", says: "an item is empty"),
      Refusal("--teacher zipf:", says: "'zipf:'", "an item is empty"),
      Refusal("--teacher zipf::size=5", says: "an item is empty"),
      Refusal("--teacher :size=5", says: "an item is empty"),
      Refusal("--teacher zipf:size", says: "'size' is not a key=value"),
      Refusal("--teacher zipf:=5", says: "'=5' is not a key=value"),
      Refusal("--teacher file:path=\"a", says: "a quote is not closed"),
      Refusal("--teacher file:path=\"a\"b", says: "a quote may only stand around a whole value"),
    ])
  func malformedSpecifications(_ refusal: Refusal) async throws {
    try await expectRefusal(refusal)
  }

  @Test(
    arguments: [
      Refusal("--head count=100", says: "count=100: the teacher has only 80 tokens"),
      Refusal("--teacher uniform:size=90,longtail --head count=81", says: "count=81", "80 tokens"),
      Refusal("--student gaussian --init zeros", says: "one logit per token"),
      Refusal("--init student", says: "for students without free logits"),
      Refusal(
        "--student low-rank:rank=2 --optimizer natural-gradient", says: "choose another optimizer"),
    ])
  func choicesThatDoNotSuitEachOther(_ refusal: Refusal) async throws {
    try await expectRefusal(refusal)
  }

  @Test(
    arguments: [
      Refusal("--objective fkl,forward-kl", says: "fkl is given twice, also as forward-kl"),
      Refusal("--objective fkl,fkl", says: "--objective: fkl is given twice"),
      Refusal("--objective mix --objective mix:lambda=0.5", says: "mix is given twice"),
      Refusal("--teacher longtail,longtail:size=80", says: "--teacher: longtail is given twice"),
      Refusal("--optimizer adam,adam:beta1=.9", says: "--optimizer: adam is given twice"),
      Refusal("--init zeros,zeros", says: "--init: zeros is given twice"),
      Refusal("--learning-rate 0.2,2e-1", says: "--learning-rate: 0.2 is given twice"),
      Refusal("--head mass=0.5,mass=.50", says: "--head: mass=0.5 is given twice"),
      Refusal("--metric js,js", says: "--metric: js is given twice"),
      Refusal(
        "--metric void-mass:mass=0.5,js,void-mass",
        says: "--metric: void-mass:mass=0.5 and void-mass fill the same columns"),
    ])
  func theSameTwice(_ refusal: Refusal) async throws {
    try await expectRefusal(refusal)
  }

  @Test(
    arguments: [
      Refusal("--epochs=-1", says: "--epochs -1", "at least 0"),
      Refusal("--epochs ten", says: "'ten'", "--epochs"),
      Refusal("--epochs 1e3", says: "'1e3'", "--epochs"),
      Refusal("--epochs 99999999999999999999", says: "--epochs"),
      Refusal("--seeds 0", says: "--seeds 0", "at least 1"),
      Refusal("--seeds=-5", says: "--seeds -5", "at least 1"),
      Refusal("--seed=-1", says: "'-1'", "--seed"),
      Refusal("--seed 18446744073709551616", says: "--seed"),
      Refusal("--seed 18446744073709551615 --seeds 2", says: "--seeds 2", "beyond the largest"),
      Refusal("--seeds 9223372036854775808", says: "--seeds"),
      Refusal("--jobs 0", says: "--jobs 0", "at least 1"),
      Refusal("--jobs=-2", says: "--jobs -2", "at least 1"),
      Refusal("--learning-rate=-0.1", says: "'-0.1' is not a learning rate", "at least 0"),
      Refusal("--learning-rate nan", says: "'nan' is not a learning rate", "finite"),
      Refusal("--learning-rate inf", says: "'inf' is not a learning rate", "finite"),
      Refusal("--learning-rate 1e999", says: "'1e999' is not a learning rate", "finite"),
      Refusal("--learning-rate fast", says: "'fast' is not a learning rate", "finite"),
      Refusal("--epochs 10 --record 0,11", says: "--record asks for epoch 11", "--epochs is 10"),
      Refusal("--record every=0", says: "'every=0'", "every=k"),
      Refusal("--record every=x", says: "'every=x'", "every=k"),
      Refusal("--record 1,,2", says: "'1,,2'", "0,1,5,10"),
      Refusal("--record=-1", says: "'-1'", "0,1,5,10"),
      Refusal("--record ''", says: "not a selection of epochs"),
      Refusal("--record some", says: "'some'", "all, every=k"),
      Refusal("--snapshots some --snapshot-output s.csv", says: "'some'", "all, every=k"),
      Refusal(
        "--snapshots 1 --snapshot-output s.csv --snapshot-tokens top=0", says: "'top=0'",
        "all, top=k or log=k"),
      Refusal("--snapshot-tokens top=3", says: "--snapshot-tokens chooses", "--snapshots EPOCHS"),
      Refusal(
        "--snapshots 300 --snapshot-output s.csv",
        says: "--snapshots asks for epoch 300", "--epochs is 200"),
    ])
  func badNumbers(_ refusal: Refusal) async throws {
    try await expectRefusal(refusal)
  }

  /// Names cannot move the cursor, nor turn the direction of writing.
  @Test(arguments: [("\u{1B}[2J", "\\u{1B}[2J"), ("\u{202E}", "\\u{202E}"), ("\u{7F}", "\\u{7F}")])
  func controlCharactersAreShownAndNotObeyed(_ name: (written: String, shown: String)) async throws
  {
    for arguments in [
      ["--teacher", "long\(name.written)tail"],
      ["plot", "no\(name.written).csv", "--figure", "curves"],
      ["--seeds", name.written], ["estimate", "--draws", name.written], ["--x\(name.written)"],
    ] {
      let outcome = try await klsim(arguments)
      #expect(outcome.end != .exit(0))
      #expect(outcome.errors.contains(name.shown))
      #expect(!outcome.errors.contains(name.written))
    }
  }

  @Test(
    arguments: [
      Refusal("--snapshots all", says: "--snapshots", "--snapshot-output", "go together"),
      Refusal("--snapshot-output s.csv", says: "--snapshots", "go together"),
      Refusal("--snapshots 0 --snapshot-output out.csv", says: "/out.csv'"),
      Refusal("--teacher-values counts", says: "--teacher-values", "--teacher-file"),
      Refusal("--teacher-column p", says: "--teacher-column", "--teacher-file"),
      Refusal("--logits-file z.csv", says: "--logits-file"),
      Refusal("--colour", says: "--colour"),
      Refusal("extra", says: "extra"),
    ])
  func optionsThatDoNotGoTogether(_ refusal: Refusal) async throws {
    try await expectRefusal(refusal)
  }
}
