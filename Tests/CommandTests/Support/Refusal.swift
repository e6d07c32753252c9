// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// A command line that must be refused.
struct Refusal: CustomTestStringConvertible {
  /// The arguments, with spaces between.
  let line: String
  /// Parts of the message.
  let says: [String]

  init(_ line: String, says: String...) {
    self.init(line, says)
  }

  init(_ line: String, _ says: [String]) {
    self.line = line
    self.says = says
  }

  var testDescription: String { line }
}

extension CommandUnderTest {
  /// Expects an error of this exit code, a telling message, no data and no new file.
  func expectRefusal(
    _ refusal: Refusal, code: Int32, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try folder.names()
    let outcome = try await self(refusal.line)
    #expect(outcome.end == .exit(code), "\(outcome.errors)", sourceLocation: sourceLocation)
    #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
    for part in refusal.says {
      #expect(outcome.errors.contains(part), sourceLocation: sourceLocation)
    }
    #expect(try folder.names() == before, sourceLocation: sourceLocation)
  }

  /// Runs a command line that must succeed, and reads what it prints.
  func table(
    _ line: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> Table {
    let outcome = try await self(line)
    #expect(outcome.end == .exit(0), "\(outcome.errors)", sourceLocation: sourceLocation)
    return try Table(outcome.output)
  }
}

/// Expects two texts to be the same bytes, and shows the first line that is not.
func expectSameText(
  _ actual: String, _ expected: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard Array(actual.utf8) != Array(expected.utf8) else { return }
  let lines = zip(
    actual.split(separator: "\n", omittingEmptySubsequences: false),
    expected.split(separator: "\n", omittingEmptySubsequences: false))
  let difference = lines.enumerated().first { $1.0 != $1.1 }
  let place = difference.map { "line \($0.offset + 1): '\($0.element.0)' is not '\($0.element.1)'" }
  Issue.record(
    "\(place ?? "\(actual.utf8.count) bytes are not \(expected.utf8.count)")",
    sourceLocation: sourceLocation)
}
