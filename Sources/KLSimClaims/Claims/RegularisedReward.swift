// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimNumerics
internal import KLSimSequences
internal import KLSimStudies

/// Which tokens of the reference survive a reward less β times a divergence from it.
struct RegularisedReward: Claim {
  static let name = "kl-regularised-rl"
  static let statement =
    "A policy of the greatest reward less beta times a divergence from its reference keeps at least as many of"
    + " the reference's modes under forward KL, JS or alpha as under reverse KL."
  static let source = "Wang et al., arXiv 2309.16240 (f-DPO)"
  static let setting =
    "chosen here: random rewards and a random reference of 8 tokens, beta = 0.1, every divergence; a mode"
    + " survives if it keeps more than half of its share"
  static let quantity =
    "share of tokens that survive less that of reverse KL; form: TVD; reward: range over tokens, nats"
  static let maximumSeeds = 128

  /// What a cell asks.
  enum Question: String {
    /// No fewer tokens than under reverse KL have more than half of their probability in the reference.
    case modes
    /// The optimum is `π₀ exp(r/β)`, normalised.
    case form
    /// After training on pairs, `r − β f′(π/π₀)` varies by less than 0.05 nats over tokens.
    case reward
  }

  struct Cell: ClaimCell {
    let question: Question

    static let columns = [Column(key: "question", .text, "what is asked of the policy")]
    var values: [Value] { [.text(question.rawValue)] }
  }

  private static let divergences = ["rkl", "fkl", "js", "alpha"]
  private static let weights = ["2", "1", "0.5", "0.2", "0.1"]
  /// Where a student is trained on pairs.
  private static let trainedWeights: Set = ["1", "0.1"]
  private static let epochs = 300
  private static let publishedWeight = "beta=0.1"

  private static func world(_ divergence: String, _ weight: String) -> String {
    // What a specification leaves out: the defaults.
    let keys = [("beta", weight, "1"), ("divergence", divergence, "rkl")]
    return keys.reduce("bandit:size=8") { $1.1 == $1.2 ? $0 : "\($0):\($1.0)=\($1.1)" }
  }

  func trials() throws -> [Trial<Cell>] {
    try Self.divergences.flatMap { divergence in
      try Self.weights.map { weight in
        var condition = Condition.sequences(Self.world(divergence, weight))
        condition.schedule = "cosine"
        return try Self.trial(
          condition, reverse: Self.world("rkl", weight), isReverse: divergence == "rkl",
          isTrained: Self.trainedWeights.contains(weight))
      }
    }
  }

  private static func trial(
    _ condition: Condition, reverse: String, isReverse: Bool, isTrained: Bool
  ) throws -> Trial<Cell> {
    let pairs = try PreparedSignal(
      "f-dpo:labels=expected", in: condition, samples: 32, epochs: epochs)
    // Another divergence leaves rewards and reference of a seed as they are.
    let other = try SequenceCatalog.world(reverse).component
    let questions: [Question] = (isReverse ? [] : [.modes]) + [.form] + (isTrained ? [.reward] : [])
    return Trial(condition, cells: questions.map(Cell.init)) { seed, kernels in
      let policy = try pairs.setup.space(seed: seed).world
      let ofReverse = try other.world(seed: seed).teacher
      guard let bandit = policy.bandit else { return [] }
      return try questions.map { question in
        switch question {
        case .modes:
          let difference = policy.survivors(bandit, kernels) - ofReverse.survivors(bandit, kernels)
          return Outcome(
            difference >= 0, quantity: Double(difference) / Double(policy.vocabularySize))
        case .form:
          let tilted = zip(bandit.logReference, bandit.rewards).map { $0 + $1 / bandit.beta }
          let total = kernels.logSumExp(tilted)
          let distance = zip(kernels.exponentials(tilted.map { $0 - total }), policy.probabilities)
            .reduce(0) { $0 + abs($1.0 - $1.1) / 2 }
          return Outcome(distance < 1e-10, quantity: distance)
        case .reward:
          let student = try pairs.lastStudent(seed: seed)
          let left = bandit.rewards.indices.map {
            let logRatio = student.logProbabilities[$0] - bandit.logReference[$0]
            return bandit.rewards[$0]
              - bandit.beta * bandit.divergence.slope(logRatio, kernels: kernels)
          }
          let range = (left.max() ?? .nan) - (left.min() ?? .nan)
          return Outcome(range < 0.05, quantity: range)
        }
      }
    }
  }

  /// The modes; form and reward are there to compare.
  func covers(_ evidence: Evidence<Cell>) -> Bool { evidence.cell.question == .modes }

  func isPublished(_ evidence: Evidence<Cell>) -> Bool {
    covers(evidence) && evidence.condition.teacher.contains(Self.publishedWeight)
  }

  func boundaries(_ evidence: [Evidence<Cell>]) -> [String] {
    func parts(_ evidence: Evidence<Cell>) -> (divergence: String, weight: String) {
      for divergence in Self.divergences {
        for weight in Self.weights
        where evidence.condition.teacher == Self.world(divergence, weight) {
          return (divergence, weight)
        }
      }
      return ("", "")
    }
    let claimed = evidence.filter(covers)
    func own(_ question: Question) -> [Evidence<Cell>] {
      evidence.filter { $0.cell.question == question }
    }
    return [
      Words.shares(of: claimed) { parts($0).divergence },
      "share of tokens that survive, less that of reverse KL, at beta "
        + "\(Self.weights.joined(separator: ", ")): "
        + claimed.grouped { parts($0).divergence }.map {
          "\($0) \($1.map { digits($0.mean ?? .nan, 2) }.joined(separator: ", "))"
        }.joined(separator: "; "),
      "the optimum is π0 exp(r/beta): "
        + own(.form).grouped { parts($0).divergence }.map {
          "\($0) \(Words.share(of: $1)), TVD \(Words.range($1.compactMap(\.mean)))"
        }.joined(separator: "; "),
      "pairs recover the reward within 0.05 nats after \(Self.epochs) steps at beta = "
        + "\(Self.weights.filter(Self.trainedWeights.contains).joined(separator: ", ")): "
        + own(.reward).grouped { parts($0).divergence }.map { divergence, own in
          let shares = own.map { digits(100 * $0.observedShare, 2) }.joined(separator: ", ")
          let ranges = own.map { digits($0.mean ?? .nan, 2) }.joined(separator: ", ")
          return "\(divergence) for \(shares) % of seeds, mean range \(ranges)"
        }.joined(separator: "; "),
    ]
  }
}

extension World {
  /// The number of tokens that have more than half of their probability in a bandit's reference.
  fileprivate func survivors(_ bandit: BanditReward, _ kernels: VectorKernels) -> Int {
    zip(probabilities, kernels.exponentials(bandit.logReference)).count { $0 > 0.5 * $1 }
  }
}
