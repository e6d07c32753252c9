// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
package import KLSimStudies

/// A study in a YAML file, in the words of the command line.
///
/// Keys are the names of options without their dashes; a list, or a text with commas in it, has several values.
/// Texts are read as the command line reads them, whatever type YAML would give them.
package struct StudyFile: Sendable {
  /// The name of the file, for messages.
  package let path: String
  /// What it says.
  package let study: Study
  private let entries: [StudyEntry]

  /// Reads a file.
  ///
  /// - Parameter path: the file, `-` for standard input.
  /// - Throws: `InputError`, or `StudyFileError`.
  package init(path: String) throws {
    let bytes = try fileBytes(path, upTo: YAMLReader.maximumSize)
    try self.init(bytes, path: path == "-" ? "standard input" : path)
  }

  /// Reads the contents of a file.
  ///
  /// - Parameters:
  ///   - bytes: the contents.
  ///   - path: the name of the file, for messages.
  /// - Throws: `StudyFileError`.
  package init(_ bytes: [UInt8], path: String) throws(StudyFileError) {
    let root = try YAMLReader(path: path).value(of: bytes)
    (study, entries) = try StudyReader(path: path).study(root)
    self.path = path
  }

  /// Where a key stands, nil if it does not.
  ///
  /// - Parameter key: its name.
  /// - Returns: the place of its value.
  package func place(of key: String) -> YAMLPlace? {
    entries.first { $0.key.name == key }?.value.place
  }

  /// Refuses a study of another experiment.
  ///
  /// - Parameters:
  ///   - experiment: what it must be of.
  ///   - remedy: what to do instead.
  /// - Throws: `StudyFileError`.
  package func check(
    _ experiment: Study.Experiment, remedy: String
  ) throws(StudyFileError) {
    guard study.experiment != experiment else { return }
    throw StudyFileError(
      path: path, at: place(of: StudyKey.kind.name), key: StudyKey.kind.name,
      "\(study.experiment.rawValue), and \(experiment.rawValue) is needed here; \(remedy)",
      category: .usage)
  }

  /// An error of a study with the place in the file that it comes from.
  ///
  /// - Parameters:
  ///   - error: what came of the study.
  ///   - study: the study, some keys of which may have other values than in the file.
  ///   - reader: reads the files that specifications name once more.
  /// - Returns: a `StudyFileError`, or the error itself if it comes from elsewhere.
  package func located(
    _ error: any Error, in study: Study, reader: any NumberReader
  ) -> any Error {
    let inForce = entries.filter { $0.key.isSame(in: study, and: self.study) }
    if let error = error as? StudyError {
      let keys = inForce.map(\.key.name)
      guard
        let entry = error.keys.lazy.compactMap({ key in
          inForce.first { $0.key.name == key }
        }).first
      else { return error }
      return StudyFileError(
        path: path, at: entry.value.place,
        error.description { keys.contains($0) ? $0 : "--\($0)" }, category: error.category,
        cause: error)
    }
    guard let categorized = error as? any CategorizedError, !(error is StudyFileError),
      let (key, text) = inForce.lazy.flatMap({ entry in entry.texts.map { (entry.key, $0) } })
        .first(where: { $1.fails(with: "\(error)", reader) })
    else { return error }
    return StudyFileError(
      path: path, at: text.place, key: key.name, "\(error)", category: categorized.category,
      cause: error)
  }
}

/// A key at the top of a file, and its value.
struct StudyEntry: Sendable {
  let key: StudyKey
  let place: YAMLPlace
  let value: YAMLValue
  /// The single texts of the value.
  let texts: [StudyText]
}

/// A text that the study reads, and how.
struct StudyText: Sendable {
  let text: String
  let place: YAMLPlace
  let check: @Sendable (String, any NumberReader) throws -> Void

  /// Whether reading it fails with an error of this description.
  fileprivate func fails(with description: String, _ reader: any NumberReader) -> Bool {
    do {
      try check(text, reader)
      return false
    } catch {
      return "\(error)" == description
    }
  }
}
