// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimStudies

/// The options that name teachers.
struct TeacherOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Teacher: longtail, zipf:size=32000, … (default: longtail)", valueName: "spec"),
    completion: .list(Catalog.teachers.names))
  var teacher: [String] = []

  @Option(
    help: ArgumentHelp(
      "File with a teacher of your own: CSV, one number per line or one of its columns; or NPY, NPZ or"
        + " safetensors, one row per context. - is standard input.",
      discussion: "Short for --teacher 'file:path=<path>'.", valueName: "path"))
  var teacherFile: [String] = []

  @Option(
    help: ArgumentHelp(
      "What the teacher files hold: probabilities, counts, logits, logprobs, or text, whose n-grams"
        + " they become. (default: probabilities, or logprobs if they are called logprob)",
      valueName: "kind"))
  var teacherValues: String?

  @Option(
    help: ArgumentHelp(
      "The column of CSV teacher files to read, where there are several.", valueName: "name"))
  var teacherColumn: String?

  @Option(
    help: ArgumentHelp(
      "The array of NPZ teacher files to read, where there are several.", valueName: "name"))
  var teacherArray: String?

  @Option(
    help: ArgumentHelp(
      "The tensor of safetensors teacher files to read, where there are several.",
      valueName: "name"))
  var teacherTensor: String?

  @Option(
    help: ArgumentHelp(
      "For teacher files with some tokens only (columns or arrays context, token, logprob): drop the"
        + " others' mass, bucket it in one more token, or spread it uniformly over them.",
      valueName: "rule"))
  var tail: String?

  @Option(
    help: ArgumentHelp(
      "The vocabulary size of such files. (default: up to the largest token listed)",
      valueName: "n"))
  var vocabulary: String?

  /// The teachers: families first, then files.
  ///
  /// - Parameter kernels: the kernels for their arithmetic.
  /// - Returns: at least one.
  /// - Throws: `UsageError`, or what making a teacher throws.
  func teachers(kernels: VectorKernels) throws -> [Chosen<TeacherRecipe>] {
    let given = try specifications
    return try distinct(given.isEmpty ? [LongTailTeacher.name] : given, of: TeacherAxis.name) {
      try Catalog.teacher($0, reader: NumberFile.telling, kernels: kernels)
    }
  }

  /// The specifications of the teachers that were given, files after families.
  ///
  /// - Throws: `UsageError`, or `SpecificationError`.
  var specifications: [String] {
    get throws {
      try checkFiles()
      let files = teacherFile.map { path in
        teacherValues == Self.text
          ? Specification(name: NGramTeacher.name, settings: [("path", path)]).text
          : Specification(
            name: FileTeacher.name, settings: [("path", path)] + settings.map { ($0.key, $0.value) }
          ).text
      }
      return try splitSpecifications(teacher) + files
    }
  }

  /// What a teacher file holds that is a text.
  private static let text = "text"

  /// The options that say how to read files, by the key of a specification.
  private var settings: [(option: String, key: String, value: String?)] {
    [
      ("--teacher-values", "values", teacherValues), ("--teacher-column", "column", teacherColumn),
      ("--teacher-array", "array", teacherArray), ("--teacher-tensor", "tensor", teacherTensor),
      ("--tail", "tail", tail), ("--vocabulary", "vocabulary", vocabulary),
    ]
  }

  private func checkFiles() throws(UsageError) {
    let given = settings.filter { $0.value != nil }
    if let first = given.first, teacherFile.isEmpty {
      throw UsageError(
        description: "\(first.option) says how to read --teacher-file, which is missing")
    }
    let kinds = FileTeacher.Values.allCases.map(\.rawValue) + [Self.text]
    if let teacherValues, !kinds.contains(teacherValues) {
      throw UsageError(
        description:
          "--teacher-values \(teacherValues): one of \(kinds.joined(separator: ", ")) is needed"
          + kinds.suggestion(for: teacherValues))
    }
    if teacherValues == Self.text, let other = given.first(where: { $0.key != "values" }) {
      throw UsageError(description: "\(other.option) is of tables of numbers; a text is none")
    }
  }
}

extension TeacherOptions {
  /// How to read a table of some tokens.
  static let tails =
    "--tail uniform --vocabulary n for a finite reverse KL; or --tail drop --objective fkl"

  /// The options that stand for the keys of a specification in a message, such as `--tail uniform` for
  /// `tail=uniform`; nil if it names none.
  static func instead(ofKeysIn message: String) -> String? {
    let settings = #/\b(?:(?:values|column|array|tensor|tail|vocabulary)=(?:\w+|…):?)+/#
    let options = message.matches(of: settings).map { match in
      match.output.split(separator: ":").map { setting in
        let prefix = setting.starts(with: /tail|vocabulary/) ? "--" : "--teacher-"
        return prefix + setting.replacing("=", with: " ")
      }.joined(separator: " ")
    }
    return options.isEmpty ? nil : "\(options.joined(separator: " or ")) for a --teacher-file"
  }
}

extension NumberFile {
  /// The reader of the command, which knows what it has read: what looks wrong, and is no error, is told on
  /// standard error.
  @TaskLocal static var telling = makeTelling()

  /// A reader that has read nothing.
  static func makeTelling() -> NumberFile {
    NumberFile { note in
      Terminal.say("klsim: note: \(note)")
      if let options = TeacherOptions.instead(ofKeysIn: note) {
        Terminal.say("klsim: hint: \(options)")
      }
    }
  }
}
