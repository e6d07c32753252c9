// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import Foundation
import KLSimTestSupport
import Testing

/// Where students start.
@Suite struct InitializationTests {
  /// Those that give logits.
  static let names = Catalog.initializations.map { $0.name }.filter {
    $0 != "student" && $0 != "pretrained"
  }

  static func logits(
    _ specification: String, teacher: String = "longtail", seed: UInt64
  ) throws -> [Double] {
    let needsFile = specification == "file"
    let start = try Catalog.initialization(
      needsFile ? "file:path=z.csv" : specification,
      reader: FixedNumbers((0..<80).map { Double($0) / 8 })
    ).component
    let teacher = try Catalog.teacher(teacher).component.distribution(seed: seed)
    return try start.logits(for: teacher, seed: seed)
  }

  @Test(arguments: names, [0, 1, 12345, .max] as [UInt64])
  func startsAreFiniteAndComeAgain(name: String, seed: UInt64) throws {
    let logits = try Self.logits(name, seed: seed)
    #expect(logits.count == 80)
    #expect(logits.allSatisfy { $0.isFinite })
    #expect(try Self.logits(name, seed: seed) == logits)
  }

  /// The student's stream is the seed's own: nothing that the teacher draws shifts it.
  @Test(arguments: names.filter { $0 != "teacher-noise" })
  func theTeacherDoesNotShiftTheStart(name: String) throws {
    let plain = try Self.logits(name, seed: 9)
    for teacher in ["longtail:jitter=0.01", "dirichlet", "pareto:samples=100", "uniform"] {
      #expect(try Self.logits(name, teacher: teacher, seed: 9) == plain, "\(teacher)")
    }
  }

  /// The noise is that of the seed whatever the teacher.
  @Test func noiseDoesNotDependOnTheTeacher() throws {
    func noise(_ teacher: String) throws -> [Double] {
      let p = try Catalog.teacher(teacher).component.distribution(seed: 9)
      let logits = try Self.logits("teacher-noise", teacher: teacher, seed: 9)
      return zip(logits, p.byToken(p.logProbabilities)).map { $0 - $1 }
    }
    // log p of some ten nats, added and taken off again.
    #expect(try worstGap(noise("dirichlet"), noise("longtail")) <= 1e-13)
    #expect(try worstGap(noise("uniform"), noise("longtail")) <= 1e-13)
  }

  @Test(arguments: ["torch-uniform", "uniform", "normal", "teacher-noise"])
  func seedsStartApart(name: String) throws {
    #expect(try Self.logits(name, seed: 1) != Self.logits(name, seed: 2))
  }

  /// `torch.manual_seed` keeps the low 32 bits, and so does every start.
  @Test(arguments: ["torch-uniform", "uniform", "normal"])
  func seedsCountModulo32Bits(name: String) throws {
    #expect(try Self.logits(name, seed: 1 << 32 | 7) == Self.logits(name, seed: 7))
  }

  /// One stream of seed 1 gives the six students of the published pictures in turn.
  @Test(arguments: [
    (0, 0.7576), (50, 0.0193), (100, 0.9579), (150, 0.3307), (200, 0.6211), (250, 0.9408),
  ])
  func skippingGoesOnInTheStream(skip: Int, first: Double) throws {
    let logits = try Self.logits("torch-uniform:skip=\(skip)", seed: 1)
    #expect(gap(logits[0], first) <= 5e-5)
    let whole = try Self.logits("torch-uniform", seed: 1)
    if skip < 80 { #expect(Array(logits.prefix(80 - skip)) == Array(whole.dropFirst(skip))) }
  }

  @Test func skippingCountsValuesOfTheChosenType() throws {
    let whole = try Self.logits("torch-uniform:dtype=float64", seed: 1)
    let later = try Self.logits("torch-uniform:dtype=float64:skip=3", seed: 1)
    #expect(Array(later.prefix(77)) == Array(whole.dropFirst(3)))
  }

  @Test func uniformStartsKeepToTheirInterval() throws {
    let logits = try Self.logits("uniform:low=-2:high=3", seed: 5)
    #expect(logits.allSatisfy { $0 >= -2 && $0 < 3 })
    // Eighty of them reach both ends: the chance to miss a fifth is 0.8⁸⁰, below 2e-8.
    #expect(logits.contains { $0 < -1 } && logits.contains { $0 > 2 })
  }

  @Test func noSpreadIsNoNoise() throws {
    #expect(try Self.logits("normal:sigma=0:mean=3", seed: 1).allSatisfy { $0 == 3 })
    let p = try Catalog.teacher("longtail").component.distribution(seed: 1)
    let logits = try Self.logits("teacher-noise:sigma=0", seed: 1)
    #expect(logits == p.byToken(p.logProbabilities))
    #expect(try Self.logits("zeros", seed: 1).allSatisfy { $0 == 0 })
  }

  @Test func logitsOfAFileAreByToken() throws {
    let setup = try Setup(
      teacher: "file:path=p:values=counts", initialization: "file:path=z", epochs: 0,
      reader: FixedNumbers([1, 3, 2]))
    let trajectory = try setup.trajectory(
      seed: 1,
      Measurement(heads: [], snapshots: { _, _ in true }))
    let q = trajectory.teacher.byToken(trajectory.snapshots[0].probabilities)
    #expect(q[1] > q[2] && q[2] > q[0])
  }

  @Test func filesMustFitTheTeacher() throws {
    let start = try Catalog.initialization("file:path=z", reader: FixedNumbers([1, 2])).component
    let teacher = try Catalog.teacher("uniform:size=3").component.distribution(seed: 1)
    #expect(throws: SetupError.self) { try start.logits(for: teacher, seed: 1) }
    #expect(throws: SetupError.self) {
      try Catalog.initialization("file:path=z", reader: FixedNumbers([1, .nan]))
    }
    #expect(throws: SetupError.self) {
      try Catalog.initialization("file:path=z", reader: FixedNumbers([.infinity]))
    }
  }

  @Test func noiseNeedsATeacherOfFullSupport() throws {
    let start = try Catalog.initialization("teacher-noise").component
    let teacher = try TeacherDistribution(.linear([1, 0]))
    let error = #expect(throws: SetupError.self) {
      try start.logits(for: teacher, seed: 1)
    }
    #expect(error?.description.contains("token 1") == true)
    #expect(error?.description.contains("floor=1e-6") == true)
  }

  /// Tokens without mass start at the floor; the others as without it.
  @Test func tokensWithoutMassStartAtTheFloor() throws {
    let teacher = try TeacherDistribution(.linear([1, 0, 3, 0]))
    let start = try Catalog.initialization("teacher-noise:floor=1e-6:sigma=0.5").component
    let logits = try start.logits(for: teacher, seed: 4)
    let full = try TeacherDistribution(.linear([1, 1, 3, 1]))
    let other = try Catalog.initialization("teacher-noise:sigma=0.5").component
      .logits(for: full, seed: 4)
    // The noise of a token is that of the seed; log p differs by the sums, 4 and 6.
    for token in [0, 2] { #expect(gap(logits[token], other[token] + log(1.5)) <= 1e-14) }
    for token in [1, 3] { #expect(gap(logits[token], log(1e-6)) <= 1e-14) }
  }

  /// A file with a row for each context starts each from its own, and refuses other numbers of them.
  @Test func rowsOfAFileAreThoseOfContexts() throws {
    let rows = [[1.0, 2, 3], [4, 6, 5], [9, 7, 8]]
    let start = try Catalog.initialization("file:path=z", reader: ContextRows(rows: rows)).component
    let teacher = try Catalog.teacher("uniform:size=3").component.distribution(seed: 1)
    for (context, row) in rows.enumerated() {
      let own = try start.restricted(to: context..<context + 1, of: 3)
      #expect(try own.logits(for: teacher, seed: 1) == row)
      let again = try start.restricted(to: 0..<3, of: 3).restricted(
        to: context..<context + 1, of: 3)
      #expect(try again.logits(for: teacher, seed: 1) == row)
    }
    for count in [1, 2, 4] {
      let error = #expect(throws: SetupError.self) {
        try start.restricted(to: 0..<1, of: count)
      }
      #expect(error?.description.contains("3 rows") == true)
      #expect(error?.description.contains("\(count) context") == true)
    }
    let one = try Catalog.initialization("file:path=z", reader: FixedNumbers([1, 2, 3])).component
    #expect(try one.restricted(to: 4..<5, of: 9).logits(for: teacher, seed: 1) == [1, 2, 3])
  }

  @Test(arguments: ["uniform:low=1", "uniform:low=2:high=1", "uniform:low=-1e308:high=1e308"])
  func emptyIntervalsAreRefused(specification: String) {
    #expect(throws: SpecificationError.self) { try Catalog.initialization(specification) }
  }

  /// Free logits have no start of their own.
  @Test func theStudentsOwnStartGivesNoLogits() throws {
    let start = try Catalog.initialization("student").component
    let teacher = try Catalog.teacher("longtail").component.distribution(seed: 1)
    let error = #expect(throws: SetupError.self) {
      try start.logits(for: teacher, seed: 1)
    }
    #expect(error?.description.contains("torch-uniform") == true)
  }
}
