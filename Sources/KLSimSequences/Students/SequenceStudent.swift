// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// A family of students of sequences: the histories on which it depends, and its parameters.
package protocol SequenceStudent: Component {
  /// The histories on which a student depends.
  ///
  /// - Parameters:
  ///   - size: the number of tokens, V.
  ///   - length: the maximum number of tokens of a sequence, T.
  /// - Returns: the histories.
  /// - Throws: `SetupError` if there are too many.
  func histories(vocabularySize size: Int, length: Int) throws(SetupError) -> Histories

  /// How many numbers the student of some histories takes.
  func numbers(of histories: Histories) -> StudentSize

  /// The map from parameters to the logits of all histories; nil if the parameters are these logits.
  func model(of histories: Histories) throws -> (any StudentModel)?

  /// The parameter that bounds what it can represent, and its value; nil without a bound.
  var capacity: (key: String, value: Int)? { get }
}

extension SequenceStudent {
  package func numbers(of histories: Histories) -> StudentSize {
    StudentSize(parameters: histories.count * histories.vocabularySize)
  }
  package func model(of histories: Histories) -> (any StudentModel)? { nil }
  package var capacity: (key: String, value: Int)? { nil }
}

extension StudentContexts {
  /// Histories as contexts, whose tokens are in the order of their numbers.
  package init(_ histories: Histories) {
    let tokens = Array(0..<histories.vocabularySize)
    var orders = RankOrders(
      vocabularySize: histories.vocabularySize, capacity: histories.count)
    for _ in 0..<histories.count { orders.append(tokens) }
    self.init(orders: orders)
  }
}

/// Logits of its own at every prefix: it can represent every teacher.
package struct TabularSequenceStudent: SequenceStudent {
  package static let name = "tabular"
  package static let summary = "logits of its own at every prefix"

  package init(_ values: Parameters) {}

  package func histories(vocabularySize size: Int, length: Int) throws(SetupError) -> Histories {
    try Histories(vocabularySize: size, order: length - 1)
  }
}

/// Logits of its own at every history of at most k tokens.
package struct MarkovSequenceStudent: SequenceStudent {
  package static let name = "markov"
  package static let summary = "logits of its own at every history of at most k tokens"

  static let order = Parameter(
    "order", default: 1, .range(0...8), summary: "k: the number of tokens it looks back on")
  package static let parameters: [any ParameterDeclaration] = [order]

  private let order: Int
  package var capacity: (key: String, value: Int)? { (Self.order.name, order) }

  package init(_ values: Parameters) { order = values[Self.order] }

  package func histories(vocabularySize size: Int, length: Int) throws(SetupError) -> Histories {
    try Histories(vocabularySize: size, order: min(order, length - 1))
  }
}

/// Logits of low rank over the histories of at most k tokens, `Z = U Wᵀ + 1 bᵀ`.
package struct LowRankSequenceStudent: SequenceStudent {
  package static let name = "low-rank"
  package static let summary = "logits of rank r over the histories of at most k tokens"
  package static let formula = LowRankStudent.formula
  package static let reference = LowRankStudent.reference

  static let order = Parameter(
    "order", default: 1, .range(0...8), summary: "k: the number of tokens it looks back on")
  package static let parameters: [any ParameterDeclaration] = [order] + LowRankStudent.parameters

  private let order: Int
  private let shared: LowRankStudent
  package var capacity: (key: String, value: Int)? { (LowRankStudent.rank.name, shared.rank) }

  package init(_ values: Parameters) {
    order = values[Self.order]
    shared = LowRankStudent(values)
  }

  package func histories(vocabularySize size: Int, length: Int) throws(SetupError) -> Histories {
    try Histories(vocabularySize: size, order: min(order, length - 1))
  }

  package func numbers(of histories: Histories) -> StudentSize {
    shared.numbers(
      vocabularySize: histories.vocabularySize, contexts: histories.count, historyLength: 0)
  }

  package func model(of histories: Histories) -> (any StudentModel)? {
    shared.model(of: StudentContexts(histories))
  }
}
