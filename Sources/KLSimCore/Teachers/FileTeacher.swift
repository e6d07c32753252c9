// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Distributions given by numbers of the user's own, one a token, for one context or several.
package struct FileTeacher: ContextTeacher {
  package static let name = "file"
  package static let summary =
    "numbers from a file, CSV, NPY, NPZ or safetensors, one a token; several contexts if it has them"

  /// What the numbers are.
  package enum Values: String, ParameterChoice {
    /// Must sum to 1 within 1e-6; then they are normalised.
    case probabilities
    /// Counts or any other weights; they are normalised.
    case counts
    /// They go through a softmax.
    case logits
    /// Logarithms of probabilities, which must sum to 1 within 1e-3; then they are normalised.
    case logprobs

    /// Whether they are logarithms of weights.
    var isLogarithmic: Bool { self == .logits || self == .logprobs }

    /// How far from 1 the sum of probabilities may be; rounding comes on top.
    var tolerance: Double { self == .logprobs ? 1e-3 : 1e-6 }

    /// The kind of numbers with this name: those named `logprob` are `logprobs` unless they are said to be
    /// something else.
    func named(_ name: String) -> Values {
      self == .probabilities && ["logprob", "logprobs"].contains(name) ? .logprobs : self
    }
  }

  static let values = Parameter(
    "values", default: Values.probabilities,
    summary: "what the numbers are; for a column or array named logprob, logprobs is the default")
  static let contextWeights = Parameter(
    "context-weights", default: "",
    summary: "file with one weight a context, for averages and joint losses; equal if none")
  static let tail = Parameter(
    "tail", default: TokenTail.none,
    summary: "for a table of some tokens: where the other mass goes; bucket adds a token for it")
  static let vocabulary = Parameter(
    "vocabulary", default: 0, .range(0...(1 << 24)),
    summary: "vocabulary size with tail=…; 0: up to the largest token listed")
  package static let parameters: [any ParameterDeclaration] = [
    NumberSource.path, values, NumberSource.column, contextWeights, NumberSource.array,
    NumberSource.tensor, tail, vocabulary,
  ]

  package let contexts: TeacherContexts
  private let weights: @Sendable (Int) throws(DistributionError) -> TeacherWeights

  package init(_ values: Parameters) throws {
    let source = try NumberSource(values)
    try Self.check(values)
    let (kind, count, labels): (Values, Int, [String])
    if values[Self.tail] == .none {
      let rows = try values.reader.contexts(source)
      kind = values[Self.values].named(rows.name)
      (count, labels) = (rows.count, rows.labels)
      weights = { [kind, kernels = values.kernels] context throws(DistributionError) in
        try Self.weights(rows.row(context), kind, rounding: rows.rounding, kernels)
      }
    } else {
      let lists = try values.reader.lists(source)
      kind = values[Self.values].named(lists.name)
      (count, labels) = (lists.lists.count, lists.labels)
      let listed = ListedTokens(
        lists, tail: values[Self.tail], vocabulary: values[Self.vocabulary], kind: kind,
        kernels: values.kernels)
      weights = { context throws(DistributionError) in try listed.weights(of: context) }
    }
    // Refuses bad numbers where the file's name is known.
    for context in 0..<count {
      do throws(DistributionError) {
        _ = try TeacherDistribution.check(weights(context))
      } catch {
        let place = count > 1 ? ", context \(context)" : ""
        throw TeacherError(teacher: source.path + place, reason: error.asking(about: kind))
      }
    }
    contexts = TeacherContexts(
      count: count, weights: try Self.contextWeights(values, count: count), labels: labels)
  }

  /// Refuses parameters that do not go together.
  private static func check(_ values: Parameters) throws(SpecificationError) {
    let (tail, kind) = (values[tail], values[Self.values])
    let needsRest = tail == .bucket || tail == .uniform
    guard !needsRest || kind == .probabilities || kind == .logprobs else {
      throw .inconsistent(
        component: name,
        "\(kind.rawValue) do not tell the mass of tokens that are not listed; with tail=drop they need"
          + " not")
    }
    guard tail != .none || values[vocabulary] == 0 else {
      throw .inconsistent(
        component: name, "vocabulary=… is of tables of some tokens; say tail=… too")
    }
    guard tail != .uniform || values[vocabulary] > 0 else {
      throw .inconsistent(
        component: name, "tail=uniform spreads mass over all tokens; say how many, vocabulary=…")
    }
  }

  private static func contextWeights(_ values: Parameters, count: Int) throws -> [Double] {
    let path = values[contextWeights]
    guard !path.isEmpty else { return [] }
    let weights = try values.reader.numbers(NumberSource(path: path))
    let isGood = weights.allSatisfy { $0 >= 0 && $0.isFinite } && weights.reduce(0, +).isFinite
    guard weights.count == count, isGood, weights.contains(where: { $0 > 0 }) else {
      throw TeacherError(
        teacher: path, reason: .contextWeights(count: weights.count, contexts: count))
    }
    return weights
  }

  /// The weights that a row of numbers stands for.
  private static func weights(
    _ numbers: [Double], _ kind: Values, rounding: Double, _ kernels: VectorKernels
  ) throws(DistributionError) -> TeacherWeights {
    let weights =
      kind.isLogarithmic ? TeacherWeights.logarithmic(numbers) : .linear(numbers)
    switch kind {
    case .counts, .logits: return weights
    case .probabilities:
      let sum = try TeacherDistribution.check(weights)
      guard abs(sum - 1) <= kind.tolerance + rounding else { throw .notNormalised(sum: sum) }
    case .logprobs:
      _ = try TeacherDistribution.check(weights)
      let sum = kernels.exponentials(numbers).reduce(0, +)
      // An error of log p is one of p times log p: at most by the entropy larger.
      let slack = kind.tolerance + rounding * (1 + kernels.logarithms([Double(numbers.count)])[0])
      guard abs(sum - 1) <= slack else { throw .logprobsNotNormalised(sum: sum) }
    }
    return weights
  }

  package func weights(
    of context: Int, drawnWith stream: inout RandomStream
  ) throws -> TeacherWeights {
    try weights(context)
  }
}

extension DistributionError {
  /// The same, with the question whether negative probabilities are something else.
  fileprivate func asking(about kind: FileTeacher.Values) -> DistributionError {
    guard case .negative(let token, let value) = self, kind == .probabilities else { return self }
    return .negativeProbability(token: token, value: value)
  }
}
