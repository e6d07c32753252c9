// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// A phrase whose repetition the teacher overrates: reward hacking in miniature.
///
/// The phrase is 0, 1, …, n − 1. Where the last n tokens are one of its rotations, the logit of the token that
/// goes on with it is larger by `trap`.
struct Trap {
  static let nats = Parameter(
    "trap", default: 0.0, .nonNegative,
    summary:
      "nats by which the teacher overrates going on with a phrase once it has been written")
  static let phrase = Parameter(
    "phrase", default: 2, .range(1...8),
    summary: "n: the phrase of the trap is the tokens 0…n-1; the teacher looks back on n at least")
  static let parameters: [any ParameterDeclaration] = [nats, phrase]

  private let nats: Double
  /// n.
  let phrase: Int

  /// The trap of the keys `trap` and `phrase`, nil without one.
  ///
  /// - Throws: `SpecificationError` for a phrase without a trap.
  init?(_ values: Parameters) throws(SpecificationError) {
    (nats, phrase) = (values[Self.nats], values[Self.phrase])
    guard nats > 0 else {
      guard !values.isChanged(Self.phrase.name) else {
        throw .inconsistent(
          component: values.component, "phrase=… goes with trap=… only, which is 0")
      }
      return nil
    }
  }

  /// A world with the trap.
  ///
  /// - Parameters:
  ///   - world: the world without it.
  ///   - ends: the tokens that end the teacher's or the student's sequences.
  /// - Returns: the world, with the period of its phrase.
  /// - Throws: `SetupError` for a world in which the phrase cannot be written or seen.
  func set(in world: World, ends: [Int]) throws(SetupError) -> World {
    let (histories, size) = (world.histories, world.vocabularySize)
    guard histories.order >= phrase, size >= phrase else {
      throw SetupError(
        "phrase=\(phrase): a trap needs as many tokens, and a teacher that looks back on as many (here \(size)"
          + " tokens and \(histories.order)); take a shorter phrase, a higher order or a greater length"
      )
    }
    if let end = ends.first(where: { $0 < phrase }) {
      throw SetupError(
        "eos \(end) is a token of the phrase 0…\(phrase - 1) of the trap, which it ends; take a token"
          + " of at least \(phrase)")
    }
    var logits = world.logProbabilities
    for history in histories.range(after: phrase).lowerBound..<histories.count {
      let last = histories.tokens(of: history).suffix(phrase)
      let isRotation = zip(last, last.dropFirst()).allSatisfy { ($0 + 1) % phrase == $1 }
      guard let token = last.last, last.allSatisfy({ $0 < phrase }), isRotation else { continue }
      logits[history * size + (token + 1) % phrase] += nats
    }
    var trapped = World(histories: histories, length: world.length, logWeights: logits)
    trapped.period = phrase
    return trapped
  }
}
