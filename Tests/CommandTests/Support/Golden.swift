// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import Testing

/// A recorded output.
///
/// With `KLSIM_RECORD_GOLDEN=1` in the environment it is recorded afresh instead of compared.
struct Golden {
  private let file: URL

  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  init(_ name: String) {
    file = Self.tests.appending(path: "CommandTests/Golden").appending(path: name)
  }

  /// An article of the documentation.
  init(article: String) {
    file = Self.tests.appending(path: "../Sources/KLSimCore/KLSimCore.docc")
      .appending(path: article)
  }

  /// A file that is installed beside the command.
  init(shared: String) {
    file = Self.tests.appending(path: "../share/klsim").appending(path: shared)
  }

  /// What was recorded.
  var text: String {
    get throws { try String(contentsOf: file, encoding: .utf8) }
  }

  /// Expects the recorded bytes.
  func expectText(_ actual: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    guard let recorded = try recorded(actual) else { return }
    expectSameText(actual, recorded, sourceLocation: sourceLocation)
  }

  /// Expects the recorded table: the same text, but numbers may differ by 1e-12, and large ones by
  /// 1e-12 of their size.
  ///
  /// That is what another way of rounding may make of them.
  func expectTable(_ actual: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    guard let recorded = try recorded(actual) else { return }
    let lines = try Table.lines(actual)
    let expected = try Table.lines(recorded)
    #expect(lines.count == expected.count, sourceLocation: sourceLocation)
    for (number, (fields, others)) in zip(lines, expected).enumerated() {
      let agree = fields.count == others.count && zip(fields, others).allSatisfy(Self.agree)
      #expect(
        agree, "line \(number + 1): \(fields) is not \(others)", sourceLocation: sourceLocation)
    }
  }

  /// Expects the recorded text, in which numbers may differ as in a table.
  func expectNumbers(_ actual: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    guard let recorded = try recorded(actual) else { return }
    let (words, others) = (Self.words(actual), Self.words(recorded))
    #expect(words.count == others.count, sourceLocation: sourceLocation)
    for (word, other) in zip(words, others) {
      #expect(Self.agree(word, other), "\(word) is not \(other)", sourceLocation: sourceLocation)
    }
  }

  private static func words(_ text: String) -> [String] {
    text.split { " \n,:[]{}".contains($0) }.map(String.init)
  }

  private static func agree(_ actual: String, _ expected: String) -> Bool {
    guard actual != expected else { return true }
    guard let number = Double(actual), let other = Double(expected) else { return false }
    return abs(number - other) <= 1e-12 * max(1, abs(other))
  }

  /// What was recorded; nil if it has just been.
  private func recorded(_ actual: String) throws -> String? {
    guard ProcessInfo.processInfo.environment["KLSIM_RECORD_GOLDEN"] == "1" else {
      return try text
    }
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(actual.utf8).write(to: file)
    return nil
  }
}
