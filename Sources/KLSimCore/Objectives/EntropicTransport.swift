// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// What it costs to move mass from token to token.
struct TransportCosts: Sendable {
  let power: Double
  let positions: TokenPositions
  /// By token, row by row; nil for distances.
  let explicit: [Double]?

  /// Refuses a teacher that they do not go with.
  func check(_ teacher: TeacherDistribution) throws(BindingError) {
    if let explicit, explicit.count != teacher.size * teacher.size {
      throw .unsuitable(
        reason: "cost has \(explicit.count) numbers, but the teacher has \(teacher.size) tokens, "
          + "which makes \(teacher.size * teacher.size)")
    }
    try positions.check(teacher)
  }

  /// The costs by rank, row by row, and those with rows and columns exchanged.
  func matrix(tokens: [Int], kernels: VectorKernels) -> (rows: [Double], columns: [Double]) {
    guard let explicit else {
      let rows = distances(tokens, kernels)
      return (rows, rows)
    }
    let size = tokens.count
    func cost(_ from: Int, _ to: Int) -> Double { explicit[tokens[from] * size + tokens[to]] }
    return (
      (0..<size * size).map { cost($0 / size, $0 % size) },
      (0..<size * size).map { cost($0 % size, $0 / size) }
    )
  }

  private func distances(_ tokens: [Int], _ kernels: VectorKernels) -> [Double] {
    let range = positions.range(of: tokens.count)
    var costs: [Double] = []
    costs.reserveCapacity(tokens.count * tokens.count)
    for from in tokens {
      let start = positions[from]
      for to in tokens { costs.append(abs(positions[to] - start) / range) }
    }
    guard power != 1 else { return costs }
    return kernels.exponentials(kernels.logarithms(costs).map { power * $0 })
  }
}

/// One side of a transport.
struct Marginal: Sendable {
  let probabilities: [Double]
  let logProbabilities: [Double]

  init(_ probabilities: [Double], _ logProbabilities: [Double]) {
    self.probabilities = probabilities
    self.logProbabilities = logProbabilities
  }
}

/// Sinkhorn's iteration on potentials.
struct EntropicTransport: Sendable {
  let costs: (rows: [Double], columns: [Double])
  let size: Int
  let epsilon: Double
  let kernels: VectorKernels

  /// The potentials of the least cost, and that cost.
  func potentials(
    from source: Marginal, to sink: Marginal
  ) -> (f: [Double], g: [Double], value: Double) {
    var f = [Double](repeating: 0, count: size)
    var g = f
    for _ in 0..<20000 {
      let next = potential(of: costs.rows, sink.logProbabilities, g)
      let shift = zip(next, f).reduce(0) { max($0, abs($1.0 - $1.1)) }
      f = next
      g = potential(of: costs.columns, source.logProbabilities, f)
      if !(shift >= 1e-14) { break }
    }
    let value = kernels.dot(source.probabilities, f) + kernels.dot(sink.probabilities, g)
    return (f, g, value)
  }

  /// `−ε log Σ_j exp(log p_j + (g_j − C_ij)/ε)` for each row i.
  private func potential(of matrix: [Double], _ logs: [Double], _ other: [Double]) -> [Double] {
    var terms = logs
    kernels.combine(1, logs, 1 / epsilon, other, into: &terms)
    return (0..<size).map { row in
      -epsilon
        * kernels.logSumExp(terms, plus: -1 / epsilon, times: matrix, from: row * size)
    }
  }
}
