// SPDX-License-Identifier: GPL-3.0-or-later

/// Logits of the user's own, one a token.
package struct FileInitialization: Initialization {
  package static let name = "file"
  package static let summary = "logits from a CSV file, one a token"

  package static let parameters: [any ParameterDeclaration] = [
    NumberSource.path, NumberSource.column, NumberSource.array, NumberSource.tensor,
  ]

  let path: String
  let logits: [Double]

  package init(_ values: Parameters) throws {
    let source = try NumberSource(values)
    path = source.path
    logits = try values.reader.numbers(source)
    if let token = logits.firstIndex(where: { !$0.isFinite }) {
      throw InitializationError(
        description: "\(path): token \(token) has \(logits[token]), not a finite logit")
    }
  }

  package func logits(
    for teacher: TeacherDistribution, seed: UInt64
  ) throws(InitializationError) -> [Double] {
    guard logits.count == teacher.size else {
      throw InitializationError(
        description: "\(path): \(logits.count) logits for a teacher of \(teacher.size) tokens")
    }
    return logits
  }
}
