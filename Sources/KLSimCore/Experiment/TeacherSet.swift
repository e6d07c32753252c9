// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// The teachers of the contexts that are fitted together.
///
/// Many of them are kept packed: 10 bytes a token, for a large vocabulary 12, and 8 more where log p is not
/// the logarithm of p to the last bit. Each is unpacked when it is asked for, and is the same again to the
/// last bit.
package struct TeacherSet: RandomAccessCollection, ExpressibleByArrayLiteral, Sendable {
  /// The teachers, if they are not packed.
  private var whole: [TeacherDistribution] = []
  private var packed: PackedTeachers?
  /// What the packed teachers were drawn from, if they were drawn.
  private var truths: PackedTeachers?
  private let kernels: VectorKernels

  /// So many tokens in all are kept as they are.
  package static let wholeSize = 1 << 20

  /// How many numbers the teachers of some contexts take.
  ///
  /// - Parameters:
  ///   - teacher: the teachers.
  ///   - contexts: the number of contexts.
  /// - Returns: about as many.
  static func numberCount(of teacher: TeacherRecipe, contexts: Int) -> Double {
    let tokens = Double(contexts) * Double(teacher.size)
    let vectors = teacher.vectorCounts.kept
    guard contexts > Swift.max(1, wholeSize / teacher.size) else { return tokens * Double(vectors) }
    // p, mostly log p, and the rank order.
    let packed = 2 + Double(RankOrders.bytesPerToken(vocabularySize: teacher.size)) / 8
    return tokens * packed * Double(vectors / TeacherDistribution.vectorCount)
  }

  /// Some teachers as they are.
  package init(_ teachers: [TeacherDistribution], kernels: VectorKernels = .best) {
    whole = teachers
    self.kernels = kernels
  }

  package init(arrayLiteral teachers: TeacherDistribution...) { self.init(teachers) }

  /// Makes the teachers of some contexts, and packs them if they are large.
  ///
  /// - Parameters:
  ///   - contexts: the contexts.
  ///   - kernels: the vector kernels to compute with.
  ///   - wholeSize: so many tokens in all are kept as they are, and so is a single teacher.
  ///   - make: makes the teacher of a context.
  /// - Throws: what `make` throws.
  package init(
    of contexts: Range<Int>, kernels: VectorKernels = .best, wholeSize: Int = wholeSize,
    make: (_ context: Int) throws -> TeacherDistribution
  ) throws {
    self.kernels = kernels
    for context in contexts {
      let teacher = try make(context)
      guard contexts.count > Swift.max(1, wholeSize / teacher.size) else {
        whole.append(teacher)
        continue
      }
      if packed == nil {
        packed = PackedTeachers(size: teacher.size, capacity: contexts.count)
        if teacher.isSample { truths = packed }
      }
      packed?.append(teacher, kernels: kernels)
      truths?.append(teacher.truth, kernels: kernels)
    }
  }

  /// Whether the teachers are packed.
  var isPacked: Bool { packed != nil }

  package var startIndex: Int { 0 }
  package var endIndex: Int { packed?.orders.count ?? whole.count }

  package subscript(place: Int) -> TeacherDistribution {
    packed?.teacher(place, drawnFrom: truths?.teacher(place, kernels: kernels), kernels: kernels)
      ?? whole[place]
  }

  /// What a student with shared parameters knows of the contexts.
  func contexts(histories: [[Int]]) -> StudentContexts {
    packed.map { StudentContexts(orders: $0.orders, histories: histories) }
      ?? StudentContexts(whole, histories: histories)
  }
}

/// Teachers without what follows from their probabilities, in few arrays: one a teacher would leave gaps
/// in memory.
private struct PackedTeachers: Sendable {
  private(set) var orders: RankOrders
  private var probabilities: [Double] = []
  /// Those that are not the logarithms of `probabilities`, by the teacher's place.
  private var logProbabilities: [Int: [Double]] = [:]
  private var areRanked: [Bool] = []

  init(size: Int, capacity: Int) {
    orders = RankOrders(vocabularySize: size, capacity: capacity)
    probabilities.reserveCapacity(size * capacity)
  }

  mutating func append(_ teacher: TeacherDistribution, kernels: VectorKernels) {
    if kernels.logarithms(teacher.probabilities) != teacher.logProbabilities {
      logProbabilities[orders.count] = teacher.logProbabilities
    }
    orders.append(teacher.tokens)
    probabilities += teacher.probabilities
    areRanked.append(teacher.isRanked)
  }

  func teacher(
    _ place: Int, drawnFrom truth: TeacherDistribution? = nil, kernels: VectorKernels
  ) -> TeacherDistribution {
    let size = orders.vocabularySize
    let own = Array(probabilities[place * size..<(place + 1) * size])
    return TeacherDistribution(
      tokens: orders.tokens(of: place), isRanked: areRanked[place], probabilities: own,
      logProbabilities: logProbabilities[place] ?? kernels.logarithms(own), drawnFrom: truth)
  }
}
