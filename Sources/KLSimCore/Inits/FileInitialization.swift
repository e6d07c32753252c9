// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Logits from a file, one a token: a row for each of the teacher's contexts, or one for all.
package struct FileInitialization: Initialization {
  package static let name = "file"
  package static let summary =
    "logits from a file, one a token; a row for each of the teacher's contexts, or one for all"

  package static let parameters: [any ParameterDeclaration] = [
    NumberSource.path, NumberSource.column, NumberSource.array, NumberSource.tensor,
  ]

  private let path: String
  private let rows: NumberRows
  /// The rows of the contexts that it is restricted to.
  private var contexts: Range<Int>

  package init(_ values: Parameters) throws {
    let source = try NumberSource(values)
    path = source.path
    rows = try values.reader.contexts(source)
    contexts = 0..<rows.count
    for context in contexts {
      let logits = rows.row(context)
      guard let token = logits.firstIndex(where: { !$0.isFinite }) else { continue }
      let place = rows.count > 1 ? ", context \(context)" : ""
      throw SetupError(
        "\(path)\(place): token \(token) has \(logits[token]), not a finite logit",
        category: .badData)
    }
  }

  package func restricted(
    to contexts: Range<Int>, of count: Int
  ) throws(SetupError) -> any Initialization {
    guard self.contexts.count > 1 else { return self }
    guard self.contexts.count == count else { throw wrongCount(count) }
    var own = self
    let first = self.contexts.lowerBound
    own.contexts = first + contexts.lowerBound..<first + contexts.upperBound
    return own
  }

  package func logits(
    for teacher: TeacherDistribution, seed: UInt64
  ) throws(SetupError) -> [Double] {
    guard contexts.count == 1 else { throw wrongCount(1) }
    guard rows.width == teacher.size else {
      throw SetupError(
        "\(path): \(rows.width) logits for a teacher of \(teacher.size) tokens",
        category: .badData)
    }
    return rows.row(contexts.lowerBound)
  }

  private func wrongCount(_ count: Int) -> SetupError {
    SetupError(
      "\(path): it has \(rows.count) rows of logits, and the teacher \(count)"
        + " context\(count == 1 ? "" : "s"); one row for each, or one for all, is needed",
      category: .badData)
  }
}
