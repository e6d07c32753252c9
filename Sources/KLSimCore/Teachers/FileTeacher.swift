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

    /// Whether they are probabilities or logarithms of such.
    var isNormalised: Bool { self == .probabilities || self == .logprobs }

    /// Whether they are logarithms of weights.
    var isLogarithmic: Bool { self == .logits || self == .logprobs }

    /// How far from 1 the sum of probabilities may be.
    ///
    /// - Parameters:
    ///   - count: how many there are.
    ///   - precision: that of their type, whose rounding comes on top.
    ///   - kernels: the kernels for logarithms.
    /// - Returns: the distance.
    func tolerance(
      ofSumOf count: Int, _ precision: NumberPrecision, _ kernels: VectorKernels
    ) -> Double {
      let rounding = precision.rounding(ofSumOf: count)
      guard self == .logprobs else { return 1e-6 + rounding }
      // Rounding log p changes p by up to u·p·|log p|: in all by u times the entropy, at most u·log n.
      return 1e-3 + rounding * (1 + kernels.logarithms([Double(count)])[0])
    }

    /// Refuses a logarithm of a probability that is clearly above 0.
    ///
    /// - Parameters:
    ///   - numbers: the numbers.
    ///   - tokens: their tokens.
    ///   - tolerance: how far above 0 they may be.
    /// - Throws: `DistributionError.positiveLogprob`.
    func checkSign(
      _ numbers: [Double], of tokens: some Sequence<Int>, tolerance: Double
    ) throws(DistributionError) {
      guard self == .logprobs else { return }
      for (token, number) in zip(tokens, numbers) where number > tolerance && number.isFinite {
        throw .positiveLogprob(token: token, value: number)
      }
    }

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
  package let size: Int
  /// Why tokens may have no mass, and what to do; empty if nothing is known.
  let zeroReason: String
  /// The listed tokens, if the rest of the mass is spread over the others.
  private let spreading: ListedTokens?
  private let weights: @Sendable (Int) throws(DistributionError) -> TeacherWeights

  package init(_ values: Parameters) throws {
    let source = try NumberSource(values)
    try Self.check(values)
    let (kind, count, labels): (Values, Int, [String])
    let (precision, first): (NumberPrecision, [Double])
    let tail = values[Self.tail]
    var listed: ListedTokens?
    if tail == .none {
      let rows = try values.reader.contexts(source)
      kind = values[Self.values].named(rows.name)
      (count, labels) = (rows.count, rows.labels)
      size = rows.row(0).count
      (precision, first) = (rows.precision, rows.row(0))
      weights = { [kind, kernels = values.kernels] context throws(DistributionError) in
        try Self.weights(rows.row(context), kind, rows.precision, kernels)
      }
    } else {
      let lists = try values.reader.lists(source)
      kind = values[Self.values].named(lists.name)
      (count, labels) = (lists.lists.count, lists.labels)
      (precision, first) = (lists.precision, lists.lists[0].values)
      let tokens = ListedTokens(
        lists, tail: tail, vocabulary: values[Self.vocabulary], kind: kind,
        kernels: values.kernels)
      weights = { context throws(DistributionError) in try tokens.weights(of: context) }
      listed = tokens
      size = tokens.size
    }
    spreading = tail == .uniform ? listed : nil
    zeroReason =
      spreading?.leaveNothing == true
      ? ListedTokens.nothingLeft + "; give logprobs that are not renormalised over these"
      : Self.zeroReason(kind, tail, precision)
    contexts = TeacherContexts(
      count: count, weights: try Self.contextWeights(values, count: count), labels: labels)
    if precision.looksLikeBits(first) {
      values.reader.note(
        "\(source.path): its \(precision.type) numbers look like the bits of bfloat16; if they are, save"
          + " the numbers, in PyTorch by numpy.save('teacher.npy', tensor.float().numpy())")
    }
    // Here, where the path of the file is known for the message.
    var areProbabilities = kind == .logits
    for context in 0..<count {
      do throws(DistributionError) {
        let weights = try weights(context)
        _ = try TeacherDistribution.check(weights)
        if areProbabilities, case .logarithmic(let numbers) = weights {
          areProbabilities =
            numbers.count > 1 && numbers.allSatisfy { $0 >= 0 }
            && abs(numbers.reduce(0, +) - 1) <= 1e-6 + precision.rounding(ofSumOf: numbers.count)
        }
      } catch {
        throw TeacherError(
          teacher: source.path + contexts.place(context), reason: error.asking(about: kind))
      }
    }
    for note in listed?.notes(isGuessed: values[Self.vocabulary] == 0) ?? [] {
      values.reader.note("\(source.path): \(note)")
    }
    if areProbabilities {
      values.reader.note(
        "\(source.path): these logits look like probabilities, for none is negative and they sum to 1; if"
          + " they are, set values=probabilities")
    }
  }

  /// The number of listed tokens of a context whose others share the tail; nil if none do.
  func listedCount(of context: Int) -> Int? { spreading?.count(of: context) }

  private static func zeroReason(
    _ kind: Values, _ tail: TokenTail, _ precision: NumberPrecision
  ) -> String {
    if tail == .drop || tail == .bucket {
      let remedy =
        kind.isNormalised ? "; tail=uniform:vocabulary=… gives them what the listed ones leave" : ""
      return "tokens that are not listed get no mass\(remedy)"
    }
    guard kind == .probabilities, precision.leastPositive > 0 else { return "" }
    let exponent = precision.leastPositive.exponent - 1
    return
      "\(precision.type) rounds probabilities below 2^\(exponent) to 0; logits or logprobs keep them"
  }

  /// Refuses parameters that do not go together.
  private static func check(_ values: Parameters) throws(SpecificationError) {
    let (tail, kind) = (values[tail], values[Self.values])
    let needsRest = tail == .bucket || tail == .uniform
    guard !needsRest || kind.isNormalised else {
      throw .inconsistent(
        component: name,
        "\(kind.rawValue) do not tell the mass of tokens that are not listed; with tail=drop they need"
          + " not")
    }
    guard tail != .none || values[vocabulary] == 0 else {
      throw .inconsistent(
        component: name, "the vocabulary size is of tables of some tokens; say tail=… too")
    }
    guard tail != .uniform || values[vocabulary] > 0 else {
      throw .inconsistent(
        component: name,
        "the uniform tail spreads mass over all tokens; say how many by vocabulary=…")
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
    _ numbers: [Double], _ kind: Values, _ precision: NumberPrecision, _ kernels: VectorKernels
  ) throws(DistributionError) -> TeacherWeights {
    let weights =
      kind.isLogarithmic ? TeacherWeights.logarithmic(numbers) : .linear(numbers)
    guard kind.isNormalised else { return weights }
    let tolerance = kind.tolerance(ofSumOf: numbers.count, precision, kernels)
    try kind.checkSign(numbers, of: numbers.indices, tolerance: tolerance)
    let linearSum = try TeacherDistribution.check(weights)
    let sum = kind == .logprobs ? kernels.exponentials(numbers).reduce(0, +) : linearSum
    guard abs(sum - 1) <= tolerance else {
      throw kind == .logprobs ? .logprobsNotNormalised(sum: sum) : .notNormalised(sum: sum)
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
