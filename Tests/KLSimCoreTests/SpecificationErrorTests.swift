// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import Testing

/// Every way to name a component wrongly, and what the user is told.
@Suite struct SpecificationErrorTests {
  @Test func unknownNamesListTheKnown() {
    let error = #expect(throws: SpecificationError.self) { try Catalog.teacher("zip:size=3") }
    #expect(
      error
        == .unknownName(
          kind: "teacher", name: "zip", known: Catalog.teachers.names,
          aliases: Catalog.teachers.aliases))
    #expect(error?.description.contains("unknown teacher 'zip'; known: longtail, ") == true)
    #expect(throws: SpecificationError.self) { try Catalog.student("nobody") }
    let capitals = #expect(throws: SpecificationError.self) { try Catalog.objective("FKLL") }
    #expect(capitals?.description.contains("unknown objective 'FKLL'") == true)
    #expect(capitals?.description.hasSuffix("did you mean fkl?") == true)
    #expect(throws: SpecificationError.self) { try Catalog.optimizer("adam ") }
    #expect(throws: SpecificationError.self) { try Catalog.initialization("0") }
    #expect(throws: SpecificationError.self) { try Catalog.metric("tvd") }
    #expect(throws: SpecificationError.self) { try Catalog.head("half=1") }
  }

  /// Few names are listed, of many at most three that are near.
  @Test func manyNamesAreNotListed() {
    func text(_ count: Int) -> String {
      SpecificationError.unknownName(
        kind: "thing", name: "name", known: (1...count).map { "name\($0)" }
      ).description
    }
    #expect(text(2) == "unknown thing 'name'; known: name1, name2; did you mean name1 or name2?")
    #expect(text(40) == "unknown thing 'name'; did you mean name1 or name2 or name3?")
  }

  /// A specification inside another that lacks its quotes; other unknown keys mean nothing else.
  @Test(
    arguments: [
      ("ensemble:of=zipf:size=80", "ensemble:of=\"zipf:size=80\""),
      (
        "ensemble:of=zipf:size=80:exponent=2:average=probabilities",
        "ensemble:of=\"zipf:size=80:exponent=2\":average=probabilities"
      ),
      ("ensemble:of=zipf:sise=80", nil), ("ensemble:of=zip:size=80", nil), ("zipf:sise=3", nil),
      ("zipf:sise=zipf", nil), ("zipf:teacher=fkl", nil),
    ] as [(String, String?)])
  func missingQuotes(text: String, meant: String?) {
    let error = #expect(throws: SpecificationError.self) { try Catalog.teacher(text) }
    guard case .unknownKey(_, _, _, let found) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(found == meant)
  }

  /// A choice on an axis says which axis.
  @Test func axesAreNamed() {
    let error = #expect(throws: SpecificationError.self) {
      try LearningRateAxis.choice("fast", reader: NoFiles(), kernels: .best)
    }
    #expect(error?.description.hasPrefix("learning-rate 'fast' is not a learning rate") == true)
  }

  /// White space at an end of a value stands in quotes.
  @Test func whiteSpaceIsQuoted() throws {
    let text = "file:path=\" a\""
    #expect(try Specification(parsing: text).text == text)
    #expect(try Specification(parsing: "file:path= a").text == text)
    #expect(try Specification(parsing: "file:path=a b").text == "file:path=a b")
  }

  /// A word for one component is as good as its name, which is what is recorded, also in capitals.
  @Test(
    arguments: [
      ("forward-kl", "fkl"), ("reverse-kl:reduction=mean", "rkl:reduction=mean"), ("jsd", "js"),
      ("total-variation", "tvd"), ("FKL:reduction=mean", "fkl:reduction=mean"),
      ("Forward-KL", "fkl"),
    ])
  func otherWordsAreRecordedCanonically(text: String, canonical: String) throws {
    #expect(try Catalog.objective(text).specification == canonical)
  }

  @Test func wordsOfSeveralMeaningsAreRefusedWithThese() {
    for word in ["kl", "kld", "KL"] {
      #expect(
        throws: SpecificationError.ambiguousName(
          kind: "objective", name: word, meanings: ["fkl", "rkl"])
      ) { try Catalog.objective("\(word):reduction=mean") }
    }
    let error = SpecificationError.ambiguousName(
      kind: "objective", name: "kl", meanings: ["fkl", "rkl"])
    #expect(error.description == "objective 'kl' can mean fkl or rkl; write one of these")
  }

  static let typingErrors: [(name: String, suggestion: String?)] = [
    ("zip", "zipf"), ("Longtail", "longtail"), ("uniforn", "uniform"), ("mixtures", "mixture"),
    ("gama", "gamma"), ("nothing", nil), ("", nil), ("x", nil),
  ]

  @Test(arguments: typingErrors)
  func namesThatAreNearAreSuggested(name: String, suggestion: String?) {
    let text = SpecificationError.unknownName(
      kind: "teacher", name: name, known: Catalog.teachers.names
    ).description
    #expect(text.hasSuffix("; did you mean \(suggestion ?? "")?") == (suggestion != nil), "\(text)")
    #expect(text.contains("did you mean") == (suggestion != nil), "\(text)")
  }

  /// Swapped neighbours are one edit, `_` is `-`, and other words lead to the names that they stand for.
  @Test(arguments: [
    ("rlk", "rkl"), ("reverse_kl", "rkl"), ("reverse-lk", "rkl"), ("Jensen_Shannon", "js"),
    ("hington", "hinton"), ("k_l", "fkl or rkl"),
  ])
  func otherWordsAreSuggestedByTheirNames(word: String, suggestion: String) {
    let error = #expect(throws: SpecificationError.self) { try Catalog.objective(word) }
    #expect(
      error?.description.hasSuffix("; did you mean \(suggestion)?") == true,
      "\(error?.description ?? "")")
  }

  @Test func keysThatAreNearAreSuggested() {
    let error = #expect(throws: SpecificationError.self) { try Catalog.teacher("zipf:exponents=1") }
    #expect(error?.description.hasSuffix("; did you mean exponent?") == true)
  }

  @Test func valuesThatAreNearAreSuggested() {
    let error = #expect(throws: SpecificationError.self) { try Catalog.teacher("ngram:text=alcie") }
    #expect(error?.description.hasSuffix("one of file, alice; did you mean alice?") == true)
  }

  @Test func unknownKeysListTheKnown() {
    #expect(
      throws: SpecificationError.unknownKey(
        component: "sgd", key: "beta1", known: ["momentum", "nesterov"])
    ) { try Catalog.optimizer("sgd:beta1=0.9") }
    let error = #expect(throws: SpecificationError.self) {
      try Catalog.initialization("zeros:sigma=1")
    }
    #expect(error?.description == "zeros has no parameter 'sigma'; it takes none")
    #expect(throws: SpecificationError.self) { try Catalog.metric("js:base=2") }
    #expect(throws: SpecificationError.self) { try Catalog.objective("akl:headRule=inclusive") }
  }

  @Test(arguments: [
    "zipf:size=0", "zipf:size=-1", "zipf:size=1.5", "zipf:size=1e3", "zipf:size=", "zipf:size= 3",
    "zipf:size=16777217", "zipf:size=99999999999999999999", "zipf:exponent=-0.1",
    "zipf:exponent=nan", "zipf:exponent=inf", "zipf:exponent=1e999", "zipf:exponent=1,1",
    "zipf:exponent=one", "longtail:sigma=0", "dirichlet:concentration=0", "pareto:exponent=0",
    "zipf:temperature=0", "zipf:smooth=1", "zipf:smooth=-1e-9", "zipf:top-k=-1",
    "zipf:samples=4294967296", "zipf:samples=-1", "zipf:jitter=-1", "zipf:samples=1:smoothing=-1",
    "zipf:samples=1:proposal=-1", "zipf:samples=1:proposal=11", "zipf:label-noise=1",
    "zipf:label-noise=-0.1", "permuted-zipf:shuffle=1.1", "permuted-zipf:min-exponent=-1",
    "mixture:centres=", "mixture:centres=1//2", "mixture:centres=1/x", "mixture:widths=0",
    "mixture:weights=-1", "mixture:centres=/1",
  ])
  func badValuesOfTeachersAreRefused(text: String) {
    expectBadValue { try Catalog.teacher(text) }
  }

  @Test(arguments: [
    "mix:lambda=-0.1", "mix:lambda=1.1", "akl:mu=2", "akl:head-rule=both", "akl:head-rule=",
    "fkl:reduction=average", "fkl:reduction=Sum",
  ])
  func badValuesOfObjectivesAreRefused(text: String) {
    expectBadValue { try Catalog.objective(text) }
  }

  @Test(arguments: [
    "adam:beta1=1", "adam:beta2=1", "adam:beta1=-0.1", "adam:epsilon=-1", "sgd:momentum=1",
    "sgd:nesterov=yes", "sgd:nesterov=1",
  ])
  func badValuesOfOptimizersAreRefused(text: String) {
    expectBadValue { try Catalog.optimizer(text) }
  }

  @Test(arguments: [
    "normal:sigma=-1", "torch-uniform:skip=-1", "torch-uniform:skip=4294967297",
    "torch-uniform:dtype=float16", "teacher-noise:sigma=-1",
  ])
  func badValuesOfStartsAreRefused(text: String) {
    expectBadValue { try Catalog.initialization(text) }
  }

  @Test(arguments: [
    "mass=-0.1", "mass=1.1", "mass=", "mass=half", "rank=0", "rank=1.1", "count=0", "count=1.5",
    "mass=0.5:rule=none",
  ])
  func badValuesOfHeadsAreRefused(text: String) {
    expectBadValue { try Catalog.head(text) }
  }

  private func expectBadValue(
    _ choose: () throws -> some Any, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: SpecificationError.self, sourceLocation: sourceLocation) {
      _ = try choose()
    }
    guard case .badValue(_, let key, _, let expected) = error else {
      Issue.record("\(String(describing: error))", sourceLocation: sourceLocation)
      return
    }
    #expect(error?.description.contains("\(key)=") == true, sourceLocation: sourceLocation)
    #expect(error?.description.hasSuffix("is not \(expected)") == true)
  }

  @Test func requiredParametersAreMissed() {
    #expect(
      throws: SpecificationError.missing(
        component: "file", key: "path", expected: "a text that is not empty")
    ) { try Catalog.teacher("file") }
    #expect(
      throws: SpecificationError.missing(
        component: "file", key: "path", expected: "a text that is not empty")
    ) { try Catalog.initialization("file") }
  }

  @Test func nesterovNeedsMomentum() {
    let error = #expect(throws: SpecificationError.self) {
      try Catalog.optimizer("sgd:nesterov=true")
    }
    guard case .inconsistent(component: "sgd", _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["", "mass", "0.5", "mass:0.5"])
  func headsAreWrittenWithAnEqualsSign(text: String) {
    let error = #expect(throws: SpecificationError.self) { try Catalog.head(text) }
    guard case .unreadable = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: ["=0.5", "mass=0.5:mass=0.6", "mass=0.5:", "mass=0.5:rule"])
  func malformedHeadsAreRefused(text: String) {
    #expect(throws: SpecificationError.self) { try Catalog.head(text) }
  }
}
