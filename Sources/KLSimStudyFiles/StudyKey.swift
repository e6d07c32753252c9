// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimSequences
internal import KLSimStudies

/// A key of study files, which is the name of an option without its dashes, or says what an option cannot.
struct StudyKey: Sendable {
  let name: String
  /// What it says, one line.
  let summary: String
  let value: Value
  /// Other words for the key.
  var aliases: [String] = []

  /// How the value is read and written.
  enum Value: Sendable {
    /// Texts that stand for a part of the study.
    case texts(Texts)
    /// Maps from the names of axes to specifications.
    case axes(any WritableKeyPath<Study, [[String: [String]]]> & Sendable)
  }

  /// Texts that stand for a part of the study.
  struct Texts: Sendable {
    let form: Form
    /// The texts, none for the default.
    let get: @Sendable (Study) -> [String]
    /// Takes texts over, at least one; says what was expected if they do not suit.
    let set: @Sendable (inout Study, [String]) throws(Unexpected) -> Void
    /// Reads a text as the study does, in order to find the one that is wrong.
    var check: @Sendable (String, any NumberReader) throws -> Void = { _, _ in }
  }

  /// How texts are written.
  enum Form: Sendable {
    /// Any text.
    case text
    /// One of some words.
    case words([String])
    /// A whole number of at least a minimum.
    case wholeNumber(from: Int)
    /// Yes or no.
    case flag
    /// A text, or a list whose items stand for one text with commas between them.
    case commaSeparated
    /// Choices, as a list or with commas between them.
    case choices([ChoiceForm])
    /// Rules, which are specifications without a name.
    case rules(any Kind)
    /// A single specification.
    case specification(any Kind)

    /// Whether a list may be written.
    var isList: Bool { if case .commaSeparated = self { true } else { isSplit } }

    /// Whether it may have several lines.
    var isLong: Bool { if case .text = self { true } else { false } }

    /// Whether commas separate texts of their own.
    var isSplit: Bool {
      switch self {
      case .choices, .rules: true
      default: false
      }
    }
  }

  /// What was expected instead of a text.
  struct Unexpected: Error {
    let expected: String
  }
}

extension StudyKey {
  /// Whether it goes by a name.
  func isNamed(_ name: String) -> Bool { name == self.name || aliases.contains(name) }

  /// Whether two studies say the same here.
  func isSame(in one: Study, and other: Study) -> Bool {
    switch value {
    case .texts(let texts): texts.get(one) == texts.get(other)
    case .axes(let path): one[keyPath: path] == other[keyPath: path]
    }
  }

  /// The keys of an experiment, in the order in which they are read and written.
  static func all(of experiment: Study.Experiment) -> [StudyKey] {
    [kind, name, about] + experiment.axes.map(axis) + [
      epochs, seed, seeds, head, record, aggregate,
    ]
      + (experiment == .fit
        ? [metric, snapshots, snapshotTokens, contexts] : [diagnose, against]) + [zip, exclude]
  }

  /// Words of a command line for what a study does not hold, each with what to do instead.
  static let strangers: [String: String] = {
    let files = ["file", "values", "column", "array", "tensor"].map { "teacher-\($0)" }
    let teachers = (files + ["tail", "vocabulary"]).map {
      ($0, "write teacher: 'file:path=…', with what says how to read it after it")
    }
    let outputs = [
      "output", "format", "jobs", "quiet", "snapshot-output", "parameters-output", "study",
      "print-study",
    ].map { ($0, "it is no part of a study; give it on the command line, as --\($0)") }
    return Dictionary(uniqueKeysWithValues: teachers + outputs)
  }()

  /// The key of an axis.
  static func axis(_ axis: any Axis.Type) -> StudyKey {
    let name = axis.name
    return StudyKey(
      name: name, summary: axis.help,
      value: .texts(
        Texts(
          form: .choices(axis.forms), get: { $0.choices[name] ?? [] },
          set: { $0.choices[name] = $1 },
          check: { _ = try axis.choice($0, reader: $1, kernels: .best) })),
      aliases: name == LearningRateAxis.name ? ["lr"] : name == ObjectiveAxis.name ? ["loss"] : [])
  }
}

extension StudyKey.Texts {
  /// A single text.
  static func one(
    _ form: StudyKey.Form, get: @escaping @Sendable (Study) -> String?,
    set: @escaping @Sendable (inout Study, String) throws(StudyKey.Unexpected) -> Void,
    check: @escaping @Sendable (String, any NumberReader) throws -> Void = { _, _ in }
  ) -> Self {
    Self(
      form: form, get: { get($0).map { [$0] } ?? [] },
      set: { (study, texts) throws(StudyKey.Unexpected) in
        try set(&study, texts[0])
      }, check: check)
  }

  /// A whole number.
  static func number<Number: FixedWidthInteger & Sendable>(
    _ path: any WritableKeyPath<Study, Number> & Sendable, from minimum: Int
  ) -> Self {
    one(
      .wholeNumber(from: minimum),
      get: { $0[keyPath: path] == Study()[keyPath: path] ? nil : "\($0[keyPath: path])" },
      set: { (study, text) throws(StudyKey.Unexpected) in
        guard let number = Number(text) else {
          throw StudyKey.Unexpected(
            expected: "\(quoted(text)) is not a whole number of at least \(minimum), in digits")
        }
        study[keyPath: path] = number
      })
  }

  /// Yes or no.
  static func flag(
    get: @escaping @Sendable (Study) -> Bool, set: @escaping @Sendable (inout Study, Bool) -> Void
  ) -> Self {
    one(
      .flag, get: { get($0) ? "true" : nil },
      set: { (study, text) throws(StudyKey.Unexpected) in
        switch text.lowercased() {
        case "true", "yes", "on": set(&study, true)
        case "false", "no", "off": set(&study, false)
        default: throw StudyKey.Unexpected(expected: "\(quoted(text)) is not true or false")
        }
      })
  }

  /// One of the values of an enumeration.
  static func word<Word: RawRepresentable<String> & CaseIterable & Equatable & Sendable>(
    get: @escaping @Sendable (Study) -> Word?, set: @escaping @Sendable (inout Study, Word) -> Void
  ) -> Self {
    let known = Word.allCases.map(\.rawValue)
    return one(
      .words(known), get: { get($0)?.rawValue },
      set: { (study, text) throws(StudyKey.Unexpected) in
        guard let word = Word(rawValue: text) else {
          throw StudyKey.Unexpected(
            expected: "\(quoted(text)) is not one of \(known.joined(separator: ", "))"
              + known.suggestion(for: text))
        }
        set(&study, word)
      })
  }
}
