// SPDX-License-Identifier: GPL-3.0-or-later

internal import Benchmark
internal import CFloor
internal import KLSimCore
internal import KLSimNumerics

/// The passes and the fused epoch on every instruction set, and the floor below them.
func kernelBenchmarks() {
  Benchmark("floor: root and divide, \(unsafe String(cString: cfloor_level()))") { benchmark in
    benchmark.measure(elements: 1000 * Int(CFLOOR_COUNT)) { cfloor_run(1000) }
  }
  for kernels in VectorKernels.allCases where kernels.isAvailable {
    passBenchmarks(kernels)
    if kernels != .plain {
      fusedBenchmark(kernels, teacher: "longtail", epochs: 2000)
      fusedBenchmark(kernels, teacher: "zipf:size=32000", epochs: 20)
    }
  }
}

/// The passes that every objective can use, over vectors that stay in the cache.
private func passBenchmarks(_ kernels: VectorKernels) {
  let size = 4096
  let rounds = kernels == .baseline ? 10 : 100
  let ramp = (1...size).map { Double($0) / Double(size) }

  func pass(_ name: String, _ body: @escaping @Sendable (inout Vectors) -> Void) {
    Benchmark("\(name), \(kernels)") { benchmark in
      var vectors = Vectors(ramp, kernels)
      benchmark.measure(elements: rounds * size) {
        for _ in 0..<rounds { body(&vectors) }
      }
      blackHole(vectors)
    }
  }

  pass("softmax") {
    kernels.softmax($0.logits, logProbabilities: &$0.logQ, probabilities: &$0.q)
  }
  pass("state") {
    blackHole(
      kernels.state(
        &$0.scaled, from: $0.logits, p: $0.p, logP: $0.logP, logProbabilities: &$0.logQ,
        probabilities: &$0.q, slopes: &$0.slopes))
  }
  pass("differences") {
    blackHole(kernels.differences(p: $0.p, q: $0.q, over: 0..<size))
  }
  let step = AdamStep(
    beta1: 0.9, beta2: 0.999, size: 0.2, rootCorrection: 0.5, epsilon: 1e-8)
  pass("adam") {
    kernels.adam(
      &$0.parameters, gradient: $0.logits, mean: &$0.mean, square: &$0.square, step)
  }
}

/// What the passes read and write.
private struct Vectors {
  let logits: [Double]
  var scaled: [Double]
  var slopes: [Double] = []
  var p: [Double]
  var logP: [Double]
  var q: [Double]
  var logQ: [Double]
  var parameters: [Double]
  var mean: [Double]
  var square: [Double]

  init(_ logits: [Double], _ kernels: VectorKernels) {
    self.logits = logits
    scaled = logits
    (p, logP, q, logQ) = (logits, logits, logits, logits)
    (parameters, mean, square) = (logits, logits, logits)
    kernels.softmax(logits, logProbabilities: &logQ, probabilities: &q)
    kernels.softmax(logits.reversed(), logProbabilities: &logP, probabilities: &p)
  }
}

/// The epoch of a blend: softmax, gradient, Adam and the standard metrics, for a group of runs.
private func fusedBenchmark(_ kernels: VectorKernels, teacher: String, epochs: Int) {
  Benchmark("fused epoch, \(teacher), \(kernels)") { benchmark in
    let distribution = try Catalog.teacher(teacher).component.distribution(seed: 1)
    let blendTeacher = BlendTeacher(
      probabilities: distribution.probabilities, logProbabilities: distribution.logProbabilities)
    let problem = BlendProblem(
      teacher: blendTeacher, weights: .fixed(forward: 1, reverse: 0), scale: 1,
      optimizer: .adam(AdamCoefficients(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)),
      cuts: [distribution.size / 10])
    let count = kernels == .baseline ? epochs / 10 : epochs
    let runs = BlendFit.capacity(for: blendTeacher)
    let rates = [Double](repeating: 0.01, count: count)
    var fit = BlendFit(problem, kernels: kernels)
    var measurements = BlendMeasurements(problem, states: count)
    let start = try Catalog.initialization("torch-uniform").component
    fit.start(
      try (1...runs).map { try start.logits(for: distribution, seed: UInt64($0))[...] })
    benchmark.measure(elements: count * runs * distribution.size) {
      fit.advance(learningRates: rates, finish: false, into: &measurements)
    }
  }
}
