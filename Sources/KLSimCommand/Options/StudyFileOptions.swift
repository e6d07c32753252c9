// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import CLibrary
internal import KLSimFiles
internal import KLSimStudies
internal import KLSimStudyFiles
internal import SystemPackage

/// The options of studies in files.
struct StudyFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A study in a YAML file, in the words of these options without dashes; - for standard input. Options beside"
        + " it take the place of its keys.", valueName: "path"),
    completion: .file(extensions: ["yaml", "yml"]))
  var study: String?

  @Flag(help: "Prints the study as YAML for --study, and runs nothing.")
  var printStudy = false

  /// The study of the file and the other options.
  ///
  /// - Parameters:
  ///   - experiment: what the command runs.
  ///   - apply: says in the study what the other options say.
  ///   - prepare: prepares the study to be run.
  /// - Returns: what `prepare` does; nil if the study has been printed, and is not to be run.
  /// - Throws: `StudyFileError`, or the error of `apply` or of `prepare`.
  func prepared<Prepared>(
    _ experiment: Study.Experiment, _ apply: (inout Study) throws -> Void,
    prepare: (Study) throws -> Prepared
  ) throws -> Prepared? {
    let file = try study.map { try StudyFile(path: $0) }
    var study = file?.study ?? Study()
    if let file {
      let other = study.experiment == .fit ? "run" : "sequence"
      try file.check(experiment, remedy: "klsim \(other) --study \(file.path) runs it")
    }
    study.experiment = experiment
    try apply(&study)
    let prepared: Prepared
    do {
      prepared = try prepare(study)
    } catch {
      throw file?.located(error, in: study, reader: NumberFile()) ?? error
    }
    guard printStudy else { return prepared }
    try Terminal.output(StudyFile.text(of: study, schema: Self.schemaPath))
    return nil
  }

  /// The schema of study files where `make install` puts it, beside the folder of this program; else its name
  /// alone.
  private static var schemaPath: String {
    // Linux alone tells where the program is; its first argument may be found through PATH.
    guard let program = unsafe realpath("/proc/self/exe", nil) else { return StudySchema.fileName }
    defer { unsafe free(program) }
    let prefix = FilePath(unsafe String(cString: program)).removingLastComponent()
      .removingLastComponent()
    let path = prefix.appending("share/klsim").appending(StudySchema.fileName)
    return (try? Stat(path)) == nil ? StudySchema.fileName : path.string
  }
}
