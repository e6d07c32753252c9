// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import KLSimTestSupport
import Testing

@testable import KLSimCore

/// Errors and descriptions of the core are in its own terms: they name no option of the command.
@Suite struct ErrorMessageLawTests {
  /// A setup that cannot be run.
  struct BadSetup: CustomTestStringConvertible, Sendable {
    var teacher = "longtail"
    var student = "softmax"
    var objective = "fkl"
    var optimizer = "adam"
    var initialization: String?
    var head = "mass=0.5"
    var learningRate = 0.2

    var testDescription: String {
      [teacher, student, objective, optimizer, initialization ?? "", head].joined(separator: " ")
    }

    func run() throws {
      let setup = try Setup(
        teacher: teacher, student: student, objective: objective, optimizer: optimizer,
        learningRate: learningRate, initialization: initialization, epochs: 1,
        reader: FixedNumbers([0.5, 0.5]))
      _ = try setup.trajectories(
        seed: 1,
        Measurement(heads: [try Catalog.head(head)]))
    }
  }

  @Test(
    arguments: [
      BadSetup(teacher: "longtail:top-k=3", objective: "rkl"),
      BadSetup(teacher: "lognormal:sigma=1e308"),
      BadSetup(teacher: "mixture:centres=1e308/-1e308:widths=1e-300"),
      BadSetup(teacher: "ensemble:of=\"zipf,longtail\""),
      BadSetup(teacher: "ngram:path=t:order=8"),
      BadSetup(teacher: "ngram:path=t:history=where"),
      BadSetup(teacher: "file:path=p:values=probabilities:context-weights=w"),
      BadSetup(objective: "topk-kl:k=100"),
      BadSetup(objective: "ce:target=80"),
      BadSetup(teacher: "zipf:size=20000", objective: "sinkhorn"),
      BadSetup(student: "linear:features=file:path=f"),
      BadSetup(initialization: "file:path=z"),
      BadSetup(teacher: "longtail:top-k=3", initialization: "teacher-noise"),
    ])
  func dataThatASetupRefuses(_ setup: BadSetup) throws {
    try expectRefusal(of: setup, category: .badData)
  }

  /// Choices that do not suit each other, whatever the data.
  @Test(
    arguments: [
      BadSetup(student: "linear:dimension=600", optimizer: "natural-gradient"),
      BadSetup(
        teacher: "dirichlet:contexts=2", student: "low-rank", optimizer: "natural-gradient"),
      BadSetup(optimizer: "gradient-flow", learningRate: 1e308),
      BadSetup(initialization: "student"), BadSetup(student: "gaussian", initialization: "zeros"),
      BadSetup(student: "low-rank", initialization: "zeros"),
      BadSetup(student: "log-bilinear"), BadSetup(head: "count=100"),
    ])
  func choicesThatASetupRefuses(_ setup: BadSetup) throws {
    try expectRefusal(of: setup, category: .usage)
  }

  private func expectRefusal(of setup: BadSetup, category: ErrorCategory) throws {
    let error = #expect(throws: (any Error).self) { try setup.run() }
    let refusal = try #require(error as? any CategorizedError, "\(String(describing: error))")
    #expect(refusal.category == category, "\(refusal)")
    #expect(!namesAnOption(refusal.description), "\(refusal)")
  }

  @Test(arguments: [
    DistributionError.empty, .notFinite(token: 1, value: .infinity), .negative(token: 1, value: -1),
    .allZero, .overflow, .notNormalised(sum: 2), .contextWeights(count: 1, contexts: 2),
    .sizes("zipf", 2, "longtail", 3), .text("too short"), .negativeProbability(token: 1, value: -1),
    .logprobsNotNormalised(sum: 2), .positiveLogprob(token: 0, value: 2), .listedExcess(sum: 2),
    .beyondVocabulary(token: 9, size: 4),
  ])
  func whatADistributionRefuses(error: DistributionError) {
    #expect(error.category == .badData)
    #expect(!namesAnOption(error.description))
    let named = TeacherError(teacher: "p.csv", reason: error)
    #expect(named.category == .badData)
    #expect(!namesAnOption(named.description))
  }

  private func expectUsage(_ body: () throws -> Void) throws {
    let error = try #require(#expect(throws: SpecificationError.self) { try body() })
    #expect(error.category == .usage)
    #expect(!namesAnOption(error.description), "\(error)")
  }

  @Test(arguments: Catalog.kinds.map(\.singular))
  func whatSpecificationsRefuse(kind name: String) throws {
    let kind = try #require(Catalog.kinds.first { $0.singular == name })
    let reader = NoFiles()
    func make(_ text: String, of kind: some Kind) throws {
      _ = try kind(text, reader: reader, kernels: .best)
    }
    try expectUsage { try make("nothing", of: kind) }
    for component in kind.components {
      let declared = kind.parameters(of: component)
      func check(_ key: String, _ value: String) throws {
        let settings = [(key: key, value: Optional(value))]
        _ = try Parameters(
          Specification(name: component.name, settings: settings), declared: declared,
          reader: reader)
      }
      try expectUsage { try check("nothing", "1") }
      for parameter in declared where parameter.canonicalText(of: "?") == nil {
        try expectUsage { try check(parameter.name, "?") }
      }
    }
  }

  @Test(arguments: [
    "mixture:weights=1/2", "mixture:weights=0", "zipf:contexts=2", "zipf:smoothing=1",
    "file:path=p:contexts=2", "ngram", "ngram:text=alice:order=1:histories=2", "file:path=p.csv",
  ])
  func whatTeachersRefuse(specification: String) throws {
    try expectUsage { _ = try Catalog.teacher(specification) }
  }

  @Test(arguments: [
    "hinton", "csiszar:f=pearson:alpha=2", "csiszar:f=pearson:t=2", "sinkhorn:cost=c:power=2",
    "ikl:prior=p", "topk-kl", "a:b", "a:b=\"", "a:b=c:b=d",
  ])
  func whatObjectivesRefuse(specification: String) throws {
    try expectUsage { _ = try Catalog.objective(specification) }
  }

  @Test func whatElseIsRefused() throws {
    try expectUsage { _ = try Catalog.student("linear:path=p") }
    try expectUsage { _ = try Catalog.optimizer("sgd:nesterov=true") }
    try expectUsage { _ = try Catalog.initialization("uniform:low=2") }
    try expectUsage { _ = try Catalog.head("half") }
    try expectUsage { _ = try EpochSelection(parsing: "some") }
  }

  @Test(arguments: Catalog.kinds.map(\.singular))
  func whatComponentsSayOfThemselves(kind name: String) throws {
    let kind = try #require(Catalog.kinds.first { $0.singular == name })
    for component in kind.components {
      let parameters = kind.parameters(of: component)
      for text in [component.summary, component.formula, component.reference]
        + parameters.flatMap({ [$0.summary, $0.domainSummary] })
      {
        #expect(!namesAnOption(text), "\(component.name)")
      }
    }
  }
}
