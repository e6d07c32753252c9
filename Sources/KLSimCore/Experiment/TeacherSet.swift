// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The teachers of the contexts that are fitted together.
///
/// Many of them are kept packed, 12 bytes a token where log p is that of p to the last bit, else 20; each
/// is unpacked when it is asked for, and is the same again to the last bit.
package struct TeacherSet: RandomAccessCollection, ExpressibleByArrayLiteral, Sendable {
  /// A teacher without what follows from its probabilities.
  private struct Packed: Sendable {
    let probabilities: [Double]
    /// nil if they are the logarithms of `probabilities`.
    let logProbabilities: [Double]?
    let isRanked: Bool
  }

  /// The teachers, if they are not packed.
  private var whole: [TeacherDistribution] = []
  private var packed: [Packed] = []
  /// The token at each rank, one list a packed teacher.
  private var order: [[UInt32]] = []
  private let kernels: VectorKernels

  /// So many tokens in all are kept as they are.
  private static let wholeSize = 1 << 20

  /// Some teachers as they are.
  package init(_ teachers: [TeacherDistribution], kernels: VectorKernels = .best) {
    whole = teachers
    self.kernels = kernels
  }

  package init(arrayLiteral teachers: TeacherDistribution...) { self.init(teachers) }

  /// Whether the teachers are packed.
  var isPacked: Bool { !packed.isEmpty }

  /// Makes the teachers of some contexts, and packs them if they are large.
  ///
  /// - Parameters:
  ///   - contexts: the contexts.
  ///   - kernels: the vector kernels to compute with.
  ///   - make: makes the teacher of a context.
  /// - Throws: what `make` throws.
  package init(
    of contexts: Range<Int>, kernels: VectorKernels = .best,
    make: (_ context: Int) throws -> TeacherDistribution
  ) throws {
    self.kernels = kernels
    for context in contexts {
      let teacher = try make(context)
      if teacher.isSample || contexts.count <= Self.wholeSize / teacher.size {
        whole.append(teacher)
      } else {
        let isDerived = kernels.logarithms(teacher.probabilities) == teacher.logProbabilities
        packed.append(
          Packed(
            probabilities: teacher.probabilities,
            logProbabilities: isDerived ? nil : teacher.logProbabilities,
            isRanked: teacher.isRanked))
        order.append(teacher.tokens.map { UInt32($0) })
      }
    }
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { whole.count + packed.count }

  package subscript(place: Int) -> TeacherDistribution {
    guard whole.isEmpty else { return whole[place] }
    let own = packed[place]
    return TeacherDistribution(
      tokens: order[place].map { Int($0) }, isRanked: own.isRanked,
      probabilities: own.probabilities,
      logProbabilities: own.logProbabilities ?? kernels.logarithms(own.probabilities))
  }

  /// What a student with shared parameters knows of the contexts.
  func contexts(histories: [[Int]]) -> StudentContexts {
    packed.isEmpty
      ? StudentContexts(whole, histories: histories)
      : StudentContexts(
        vocabularySize: packed[0].probabilities.count, tokens: order, histories: histories)
  }
}
