// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// What holds for every student.
@Suite struct StudentLawTests {
  static let specifications =
    Catalog.students.map { $0.name } + [
      "gaussian:mean=20:width=5", "gaussian-mixture:modes=1", "gaussian-mixture:modes=3",
      "gaussian-mixture:means=10/80:widths=3/20:weights=1/4", "zipf:order=rank",
      "linear:dimension=1", "linear:features=random:dimension=6", "linear:features=file:path=f",
    ]

  /// Those that a teacher without histories can have; `MinibatchLawTests` has the others.
  static let withoutHistories = specifications.filter { $0 != "log-bilinear" }

  /// A table of three columns for twelve tokens.
  struct Table: NumberReader {
    var counts: [Double] = []

    func numbers(_ source: NumberSource) -> [Double] { counts }
    func table(path: String) -> NumberRows {
      NumberRows(count: 12, width: 3) { row in
        (0..<3).map { Double((row * 7 + $0 * 5) % 11) / 5 - 1 }
      }
    }
  }

  /// Twelve tokens whose ranks are not their indices.
  static func point(_ seed: UInt64) -> RandomCase { RandomCase(.moderate, size: 12, seed: seed) }

  private func model(
    _ specification: String, of teacher: TeacherDistribution
  ) throws -> any StudentModel {
    let positions = (0..<teacher.size).map { Double($0) * 100 / Double(teacher.size) }
    let student = try Catalog.student(specification, reader: Table()).component
    guard let shared = student as? any SharedStudent else {
      return try student.model(of: [teacher], positions: positions)
    }
    var orders = RankOrders(vocabularySize: teacher.size)
    orders.append(teacher.tokens)
    return try shared.model(of: StudentContexts(orders: orders, histories: [[3, 7, 3]]))
  }

  private func start(
    _ model: any StudentModel, of specification: String, seed: UInt64
  ) throws -> [Double] {
    let usual = try Catalog.student(specification, reader: Table()).component.defaultStart
    return try model.start(usual.component, seed: seed)
  }

  @Test(arguments: specifications)
  func startsAreFinite(specification: String) throws {
    let teacher = try Self.point(1).teacher()
    let model = try model(specification, of: teacher)
    let parameters = try start(model, of: specification, seed: 3)
    #expect(parameters.count == model.parameterCount)
    #expect(parameters.allSatisfy { $0.isFinite })
    var logits = teacher.probabilities
    model.computeLogits(&logits, context: 0, of: parameters)
    #expect(logits.count == 12 && logits.allSatisfy { $0.isFinite })
  }

  /// `∂L/∂θ` against central differences, at random parameters.
  @Test(arguments: specifications, ["fkl", "rkl", "jeffreys", "soft-ce"])
  func gradientsAreThoseOfTheLoss(specification: String, objective: String) throws {
    let recipe = try Catalog.objective(objective).component
    for seed in UInt64(1)...4 {
      let teacher = try Self.point(seed).teacher()
      let model = try model(specification, of: teacher)
      var generator = SplitMix64(seed: seed)
      let parameters = try start(model, of: specification, seed: seed).map {
        $0 + Double.random(in: -0.5...0.5, using: &generator)
      }
      func state(_ parameters: [Double]) -> FitState {
        var logits = teacher.probabilities
        model.computeLogits(&logits, context: 0, of: parameters)
        return FitState(teacher: teacher, logits: logits)
      }
      func loss(_ parameters: [Double]) -> Double {
        recipe.evaluate(at: state(parameters)).loss
      }
      let logitGradient = recipe.evaluate(at: state(parameters)).gradient
      var gradient = [Double](repeating: 0, count: parameters.count)
      model.pullBack(logitGradient, context: 0, at: parameters, into: &gradient)
      let step = 1e-5
      let differences = parameters.indices.map { index in
        var (above, below) = (parameters, parameters)
        above[index] += step
        below[index] -= step
        return (loss(above) - loss(below)) / (2 * step)
      }
      // Differences of losses of some tens, and a third derivative of their size times step².
      #expect(
        worstGap(gradient, differences) <= 1e-7 * (1 + largest(gradient)), "seed \(seed)")
    }
  }

  @Test(arguments: specifications)
  func gradientsAreAdded(specification: String) throws {
    let teacher = try Self.point(2).teacher()
    let model = try model(specification, of: teacher)
    let parameters = try start(model, of: specification, seed: 1)
    let slopes = zip(teacher.probabilities, teacher.probabilities.reversed()).map { $0 - $1 }
    var once = [Double](repeating: 0, count: parameters.count)
    model.pullBack(slopes, context: 0, at: parameters, into: &once)
    var again = once
    model.pullBack(slopes, context: 0, at: parameters, into: &again)
    #expect(worstGap(again, once.map { 2 * $0 }) <= 1e-14 * largest(once))
    #expect(largest(once) > 0)
  }

  /// Positions and features are the tokens', whatever their ranks.
  @Test(arguments: specifications.filter { !$0.hasPrefix("softmax") && !$0.contains("rank") })
  func logitsBelongToTokens(specification: String) throws {
    var seen: [[Double]] = []
    for seed in UInt64(1)...3 {
      let teacher = try Self.point(seed).teacher()
      let model = try model(specification, of: teacher)
      var logits = teacher.probabilities
      model.computeLogits(
        &logits, context: 0, of: try start(model, of: specification, seed: 1))
      seen.append(teacher.byToken(logits))
    }
    // A mode's normalisation is summed in rank order.
    #expect(worstGap(seen[1], seen[0]) <= 1e-14 && worstGap(seen[2], seen[0]) <= 1e-14)
  }

  @Test func zipfByRankFollowsTheTeacher() throws {
    let teacher = try Self.point(1).teacher()
    let model = try model("zipf:order=rank:exponent=1.5", of: teacher)
    var logits = teacher.probabilities
    model.computeLogits(&logits, context: 0, of: [1.5])
    let expected = (1...12).map { -1.5 * Double(logarithms([Double($0)])[0]) }
    #expect(worstGap(logits, expected) <= 1e-15)
  }

  @Test(arguments: specifications.filter { !$0.hasPrefix("softmax") })
  func logitsThatAreNotTheirsAreRefused(specification: String) throws {
    let model = try model(specification, of: Self.point(1).teacher())
    let zeros = try Catalog.initialization("zeros").component
    let error = #expect(throws: SetupError.self) { try model.start(zeros, seed: 1) }
    #expect(error?.description.contains("choose the init student") == true)
  }

  @Test(arguments: specifications.filter { !$0.hasPrefix("softmax") })
  func spreadIsSeeded(specification: String) throws {
    let spread = "\(specification):spread=0.3"
    let model = try model(spread, of: Self.point(1).teacher())
    let plain = try self.model(specification, of: Self.point(1).teacher())
    let first = try start(model, of: spread, seed: 1)
    #expect(try start(model, of: spread, seed: 1) == first)
    #expect(try start(model, of: spread, seed: 2) != first)
    #expect(try start(plain, of: specification, seed: 1) != first)
    // Matrices have a start that is always random.
    guard specification != "low-rank", specification != "log-bilinear" else { return }
    #expect(
      try start(plain, of: specification, seed: 1) == start(plain, of: specification, seed: 2))
  }

  private func losses(
    _ specification: String, _ objective: String, _ optimizer: String, epochs: Int
  ) throws -> [Double] {
    let counts = Self.point(5).logits.map { $0 * $0 + 0.1 }
    let setup = try Setup(
      teacher: "file:path=p:values=counts", student: specification, objective: objective,
      optimizer: optimizer, learningRate: 0.01, epochs: epochs, reader: Table(counts: counts))
    return try setup.trajectory(seed: 1, Measurement(heads: [])).records.map(\.loss)
  }

  /// Any objective meets any student.
  @Test(arguments: withoutHistories)
  func everyObjectiveHasALoss(specification: String) throws {
    for objective in ObjectiveCatalog.specifications {
      let losses = try losses(specification, objective, "adam", epochs: 2)
      #expect(losses.count == 3 && losses.allSatisfy { $0.isFinite }, "\(objective)")
    }
  }

  @Test(arguments: withoutHistories, Catalog.optimizers.map { $0.name })
  func everyOptimizerLowersTheLoss(specification: String, optimizer: String) throws {
    // The system of all its parameters would be solved every epoch.
    guard specification != "low-rank" || optimizer != "natural-gradient" else { return }
    for objective in ["fkl", "rkl", "jeffreys", "mix:lambda=0.9:reduction=mean"] {
      let losses = try losses(specification, objective, optimizer, epochs: 60)
      #expect(losses.count == 61 && losses.allSatisfy { $0.isFinite }, "\(objective)")
      #expect(losses[60] < losses[0], "\(objective)")
    }
  }
}
