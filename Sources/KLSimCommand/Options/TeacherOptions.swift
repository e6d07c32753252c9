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
      "CSV or NPY file with a teacher of your own: one number per line, or one of its columns; or"
        + " several contexts, as NPY rows or CSV columns context, token and a third.",
      discussion: "Short for --teacher 'file:path=<path>'.", valueName: "path"))
  var teacherFile: [String] = []

  @Option(
    help: ArgumentHelp(
      "What the teacher files hold: probabilities, counts, logits, or text, whose n-grams they"
        + " become. (default: probabilities)",
      valueName: "kind"))
  var teacherValues: String?

  @Option(
    help: ArgumentHelp(
      "The column of the teacher files to read, where there are several.", valueName: "name"))
  var teacherColumn: String?

  /// The teachers: families first, then files.
  ///
  /// - Parameter kernels: the kernels for their arithmetic.
  /// - Returns: at least one.
  /// - Throws: `UsageError`, or what making a teacher throws.
  func teachers(kernels: VectorKernels) throws -> [Chosen<TeacherRecipe>] {
    let given = try specifications
    return try distinct(given.isEmpty ? [LongTailTeacher.name] : given, of: TeacherAxis.name) {
      try Catalog.teacher($0, reader: NumberFile(), kernels: kernels)
    }
  }

  /// The specifications of the teachers that were given, files after families.
  ///
  /// - Throws: `UsageError`, or `SpecificationError`.
  var specifications: [String] {
    get throws {
      try checkFiles()
      let isText = teacherValues == "text"
      let files = teacherFile.map { path in
        let settings = [("path", path), ("values", teacherValues), ("column", teacherColumn)]
        return isText
          ? Specification(name: NGramTeacher.name, settings: [("path", path)]).text
          : Specification(name: FileTeacher.name, settings: settings).text
      }
      return try splitSpecifications(teacher) + files
    }
  }

  private func checkFiles() throws(UsageError) {
    for (option, value) in [
      ("--teacher-values", teacherValues), ("--teacher-column", teacherColumn),
    ] where value != nil && teacherFile.isEmpty {
      throw UsageError(description: "\(option) says how to read --teacher-file, which is missing")
    }
    let isText = teacherValues == "text"
    let kinds = FileTeacher.Values.allCases.map(\.rawValue) + ["text"]
    if let teacherValues, !kinds.contains(teacherValues) {
      throw UsageError(
        description:
          "--teacher-values \(teacherValues): one of \(kinds.joined(separator: ", ")) is needed")
    }
    guard !isText || teacherColumn == nil else {
      throw UsageError(description: "--teacher-column: a text has no columns")
    }
  }
}
