// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Logits from a file, one a token: a row for each of the teacher's contexts, or one for all.
///
/// For a student that its contexts share, the parameters instead, in the order of
/// `SharedStudent.parameterOrder`: a row for each seed from `first-seed` on, or one for all.
package struct FileInitialization: ParameterInitialization {
  package static let name = "file"
  package static let summary =
    "logits from a file, one a token, a row for each of the teacher's contexts or one for all; for a"
    + " student that contexts share its parameters, a row for each seed or one for all"

  static let firstSeed = Parameter(
    "first-seed", default: 1, .range(0...Int.max),
    summary: "seed of the first row of parameters, where there are several rows")

  package static let parameters: [any ParameterDeclaration] = [
    NumberSource.path, NumberSource.column, NumberSource.array, NumberSource.tensor, firstSeed,
  ]

  private let path: String
  private let rows: NumberRows
  private let firstSeed: UInt64
  /// The rows of the contexts that it is restricted to.
  private var contexts: Range<Int>

  package init(_ values: Parameters) throws {
    let source = try NumberSource(values)
    path = source.path
    firstSeed = UInt64(values[Self.firstSeed])
    rows = try values.reader.contexts(source)
    contexts = 0..<rows.count
    for context in contexts {
      let logits = rows.row(context)
      guard let token = logits.firstIndex(where: { !$0.isFinite }) else { continue }
      let place = rows.count > 1 ? ", row \(context)" : ""
      throw SetupError(
        "\(path)\(place): token \(token), or parameter \(token), has \(logits[token]), not a finite number",
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

  func parameters(
    of model: any StudentModel, in setup: Setup, seed: UInt64
  ) throws(SetupError) -> [Double]? {
    guard let student = setup.student.component as? any SharedStudent else {
      guard firstSeed == 1 else {
        throw SetupError(
          "the init \(Self.name): \(Self.firstSeed.name)=… is for rows of parameters, one a seed, and"
            + " \(setup.student.specification) starts from logits, one row a context; leave it out")
      }
      return nil
    }
    guard rows.width == model.parameterCount else {
      let order = type(of: student).parameterOrder
      throw SetupError(
        "\(path): a row has \(rows.width) numbers, and \(setup.student.specification) has"
          + " \(model.parameterCount) parameters on the teacher \(setup.teacher.specification)"
          + (order.isEmpty ? "" : ", in the order \(order)"), category: .badData)
    }
    guard rows.count > 1 else { return rows.row(0) }
    guard seed >= firstSeed, seed - firstSeed < UInt64(rows.count) else {
      throw SetupError(
        "\(path): it has parameters of the seeds \(firstSeed)…\(firstSeed + UInt64(rows.count) - 1), not"
          + " of seed \(seed); \(Self.firstSeed.name)=… says which seed the first row is of, and a single"
          + " row serves all seeds", category: .badData)
    }
    return rows.row(Int(seed - firstSeed))
  }

  private func wrongCount(_ count: Int) -> SetupError {
    SetupError(
      "\(path): it has \(rows.count) rows of logits, and the teacher \(count)"
        + " context\(count == 1 ? "" : "s"); one row for each, or one for all, is needed",
      category: .badData)
  }
}
