// SPDX-License-Identifier: GPL-3.0-or-later

/// What a signal keeps and works in beside what every signal does.
package struct SignalSize: Equatable, Sendable {
  /// The most sequences of which a sample is made; each has a writer of its own.
  package var sequences = 1
  /// The sequences that are kept for every sample beside these.
  package var keptSequences = 0
  /// The numbers that are worked in for every sample that is weighed at a time, such as sums along sequences.
  package var numbersPerSample = 1
  /// The numbers that are worked in for every token of the samples that are weighed at a time.
  package var numbersPerToken = 0
  /// The students of earlier updates that are kept.
  package var students = 0
}
