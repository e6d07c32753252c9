// SPDX-License-Identifier: GPL-3.0-or-later

internal import Benchmark
internal import KLSimCore
internal import KLSimSequences

/// Runs on sequences: the samples of a step, the signal's gradient and the update; an element is a sampled token.
///
/// A teacher of order 2 from the built-in text, 27 tokens, and a student of order 1 that writes 32 of them; the
/// policy gradient is W6 with fewer steps.
func sequenceBenchmarks() {
  for signal in ["policy-gradient", "seqkd", "rao-blackwell", "kl-estimator", "minillm:form=code"] {
    sequenceBenchmark(signal)
  }
}

private func sequenceBenchmark(_ signal: String) {
  let (length, samples, steps) = (32, 1000, 20)
  Benchmark("sequences, \(signal)") { benchmark in
    let setup = try SequenceSetup(
      [
        WorldAxis.name:
          "markov:order=2:size=26:length=\(length):text=alice:unit=characters",
        SequenceStudentAxis.name: "markov:order=1", SignalAxis.name: signal,
        SamplesAxis.name: "\(samples)", LearningRateAxis.name: "0.02",
        SequenceStartAxis.name: "zeros",
      ], epochs: steps)
    let fit = SequenceFit(setup, SequenceMeasurement(heads: []))
    try benchmark.measure(elements: samples * length * steps) {
      blackHole(try fit.run(seed: 1) { _ in false })
    }
  }
}
