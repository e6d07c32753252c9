// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// A family of teachers of sequences.
package protocol SequenceTeacher: Component {
  /// The histories on which the teacher depends.
  var histories: Histories { get }
  /// The maximum number of tokens of a sequence, T.
  var length: Int { get }

  /// Whether every seed has a world of its own.
  var isRandom: Bool { get }
  /// The tokens of the text that it comes from, nil if they are numbers alone.
  var tokens: TextTokens? { get }

  /// Makes the world of a seed.
  ///
  /// - Parameter stream: the stream of a random world.
  /// - Returns: the world; its end token is set by `WorldRecipe`.
  /// - Throws: `SetupError`, or the error of a file.
  func world(drawnWith stream: inout RandomStream) throws -> World
}

extension SequenceTeacher {
  package var tokens: TextTokens? { nil }
}

/// A family of teachers of sequences with the parameters that every family takes.
package struct WorldRecipe: Sendable {
  static let eos = Parameter<EndToken?>(
    "eos", default: .some(nil),
    summary:
      "the token that ends a sequence of the teacher; none if empty; of a text also itself, eos=. or eos=\" \""
  )
  static let studentEOS = Parameter<EndToken?>(
    "student-eos", default: .some(nil),
    summary: "the token that ends a sequence of the student, where it is another one")

  static let smooth = Parameter(
    "smooth", default: 0.0, .range(0..<1), summary: "ε of p ← (1-ε) p + ε/V at every history")

  /// The keys that every world takes after its own, unless it refuses them.
  static let parameters: [any ParameterDeclaration] = [eos, studentEOS, smooth] + Trap.parameters

  package let family: any SequenceTeacher
  private let eos: Int?
  private let studentEOS: Int?
  private let smooth: Double
  private let trap: Trap?

  /// The number of tokens that joint states look back on at least, for a trap.
  var minimumOrder: Int { trap?.phrase ?? 1 }

  /// Whether all sequences are equally long.
  var hasOneLength: Bool { eos == nil && studentEOS == nil }

  init(family: any SequenceTeacher, _ values: Parameters) throws(SpecificationError) {
    self.family = family
    func number(_ key: Parameter<EndToken?>) throws(SpecificationError) -> Int? {
      guard let token = values[key] else { return nil }
      return try token.number(in: family.tokens, of: values.component, key: key.name)
    }
    // Keys that a family refuses have their defaults.
    eos = try number(Self.eos)
    studentEOS = try number(Self.studentEOS) ?? eos
    smooth = values[Self.smooth]
    trap = try Trap(values)
  }

  /// The world of a seed.
  ///
  /// - Parameter seed: the experiment's seed; it matters to random worlds only.
  /// - Returns: the teacher, and the token that ends the student's sequences.
  /// - Throws: `SetupError`, or the error of a file.
  package func world(seed: UInt64) throws -> (teacher: World, studentEndToken: Int?) {
    var stream = RandomStream(seed: seed, purpose: "world")
    var world = try family.world(drawnWith: &stream)
    let ends = [eos, studentEOS].compactMap { $0 }
    for token in ends where token >= world.vocabularySize {
      throw SetupError(
        "eos \(token): the tokens of \(type(of: family).name) are 0…\(world.vocabularySize - 1)")
    }
    if smooth > 0 { world = world.smoothed(by: smooth) }
    if let trap { world = try trap.set(in: world, ends: ends) }
    world.endToken = eos
    return (world, studentEOS)
  }
}

/// What is common to families of worlds.
enum WorldParameters {
  static let length = Parameter(
    "length", default: 3, .range(1...4096), summary: "T: the maximum number of tokens of a sequence"
  )
  static func size(_ size: Int) -> Parameter<Int> {
    Parameter("size", default: size, .range(2...(1 << 16)), summary: "number of tokens, V")
  }
  static let sigma = Parameter(
    "sigma", default: 1.0, .nonNegative,
    summary: "standard deviation of the random logits of every history")
}
