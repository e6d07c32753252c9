// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Teachers that are packed are the same again to the last bit.
@Suite struct TeacherSetTests {
  /// Teachers of probabilities, of logits with an underflow, and of a sample, so many that they are packed.
  @Test(arguments: [
    "ngram:path=t:unit=characters:order=3:histories=3", "dirichlet:size=70000:contexts=17",
    "softmax-normal:size=70000:sigma=300:contexts=17", "zipf:size=70000:samples=50:contexts=17",
    "zipf:size=70000:jitter=0.5:top-k=100:contexts=17",
  ])
  func packedTeachersAreTheSame(specification: String) throws {
    let teacher = try Catalog.teacher(specification, reader: LetterText())
    let count = teacher.component.contexts.count
    let set = try TeacherSet(of: 0..<count) { try teacher.distribution(seed: 7, context: $0) }
    #expect(set.count == count)
    for context in [0, 1, count - 1] {
      let expected = try teacher.distribution(seed: 7, context: context)
      let own = set[context]
      #expect(own == expected && own.truth == expected.truth)
      #expect(own.logProbabilities.map(\.bitPattern) == expected.logProbabilities.map(\.bitPattern))
      #expect(own.cumulative == expected.cumulative && own.entropy == expected.entropy)
      #expect(own.byToken(own.probabilities) == expected.byToken(expected.probabilities))
      #expect(own.byRank(own.probabilities) == expected.byRank(expected.probabilities))
    }
  }
}
