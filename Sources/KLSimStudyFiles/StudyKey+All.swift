// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimSequences
internal import KLSimStudies

extension StudyKey {
  static let kind = StudyKey(
    name: "experiment",
    summary:
      "What a run is: fit, a student fitted to a teacher, as by klsim run; or sequence, a student of"
      + " sequences, as by klsim sequence. It decides the other keys. (default: fit)",
    value: .texts(.word(get: { $0.experiment }, set: { $0.experiment = $1 })))

  static let name = StudyKey(
    name: "name", summary: "What the study is called.",
    value: .texts(.one(.text, get: { $0.name }, set: { $0.name = $1 })))

  static let about = StudyKey(
    name: "description", summary: "What the study is about.",
    value: .texts(.one(.text, get: { $0.description }, set: { $0.description = $1 })))

  static let epochs = StudyKey(
    name: "epochs",
    summary: "How many epochs: updates of the student; with batch, passes over the contexts."
      + " (default: \(Study().epochs))",
    value: .texts(.number(\.epochs, from: 0)), aliases: ["steps"])

  static let seed = StudyKey(
    name: "seed", summary: "The first seed. (default: \(Study().seed))",
    value: .texts(.number(\.seed, from: 0)))

  static let seeds = StudyKey(
    name: "seeds", summary: "How many seeds, one after the other. (default: \(Study().seeds))",
    value: .texts(.number(\.seeds, from: 1)))

  static let head = StudyKey(
    name: "head",
    summary: "What counts as head: mass=0.5 (of the teacher), rank=0.1 (of the vocabulary), count=8"
      + " (tokens); several add rows. (default: mass=0.5)",
    value: .texts(
      Texts(
        form: .rules(Catalog.headRule), get: { $0.heads == Study().heads ? [] : $0.heads },
        set: { $0.heads = $1 },
        check: { text, _ in _ = try Catalog.head(text) })))

  static let record = StudyKey(
    name: "record",
    summary:
      "Which epochs are recorded: all, every=k (the last is always among them), or 0,1,5,10; with batch"
      + " also 0.5,1, or every=ksteps. (default: \(Study().record))",
    value: .texts(
      .one(
        .commaSeparated, get: { $0.record == Study().record ? nil : $0.record },
        set: { $0.record = $1 }, check: { text, _ in _ = try EpochSelection(parsing: text) })))

  static let aggregate = StudyKey(
    name: "aggregate",
    summary:
      "Instead of one row per seed: mean, sd and quantiles over seeds, a row per epoch and metric."
      + " (default: false)",
    value: .texts(.flag(get: { $0.isAggregated }, set: { $0.isAggregated = $1 })))

  static let metric = StudyKey(
    name: "metric",
    summary: "Adds the columns of metrics; 'klsim list metrics' tells what they are.",
    value: .texts(
      Texts(
        form: .choices([.component(Catalog.metric)]), get: { $0.metrics },
        set: { $0.metrics = $1 },
        check: { text, reader in _ = try Catalog.metric(text, reader: reader) })))

  static let snapshots = StudyKey(
    name: "snapshots",
    summary: "Epochs whose p and q are written token by token to --snapshot-output; as record.",
    value: .texts(
      .one(
        .commaSeparated, get: { $0.snapshots }, set: { $0.snapshots = $1 },
        check: { text, _ in _ = try EpochSelection(parsing: text) })))

  static let snapshotTokens = StudyKey(
    name: "snapshot-tokens",
    summary:
      "Which tokens of the snapshots are written: all, top=k (the most probable), or log=k (ranks that"
      + " are evenly spread on a logarithmic scale). (default: \(Study().snapshotTokens))",
    value: .texts(
      .one(
        .text, get: { $0.snapshotTokens == Study().snapshotTokens ? nil : $0.snapshotTokens },
        set: { $0.snapshotTokens = $1 },
        check: { text, _ in _ = try TokenSelection(parsing: text) })))

  static let contexts = StudyKey(
    name: "contexts",
    summary:
      "Which rows a teacher of several contexts gives: each context's, their weighted mean, or both."
      + " (default: both)",
    value: .texts(.word(get: { $0.contexts }, set: { $0.contexts = $1 })))

  static let diagnose = StudyKey(
    name: "diagnose",
    summary:
      "Adds bias, variance, cosine and mean squared error of the signal's gradient beside the exact one"
      + " of against. (default: false)",
    value: .texts(
      .flag(
        get: { $0.against != nil }, set: { $0.against = $1 ? SequenceReverseKL.name : nil })))

  static let against = StudyKey(
    name: "against",
    summary:
      "The exact loss whose gradient diagnose compares with. (default: \(SequenceReverseKL.name))",
    value: .texts(
      .one(
        .specification(SequenceCatalog.objective),
        get: { $0.against == SequenceReverseKL.name ? nil : $0.against },
        set: { (study, text) throws(Unexpected) in
          guard study.against != nil else {
            throw Unexpected(expected: "it names what diagnose compares with; add diagnose: true")
          }
          study.against = text
        }, check: { text, reader in _ = try SequenceCatalog.objective(text, reader: reader) })))

  static let zip = StudyKey(
    name: "zip",
    summary:
      "Axes with equally many values that walk together: the first values of all, then the second ones,"
      + " and so on. Several zips are a list.", value: .axes(\.zips))

  static let exclude = StudyKey(
    name: "exclude",
    summary:
      "Setups to leave out: those whose value on every axis of a rule is among the rule's. Several rules"
      + " are a list.", value: .axes(\.exclusions))
}
