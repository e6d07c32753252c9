// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimNumerics
import KLSimTestSupport
import Testing

/// What holds for everything a user can name.
@Suite struct CatalogLawTests {
  /// A component and the kind it is of.
  struct Entry: Sendable, CustomStringConvertible {
    let kind: any Kind
    let component: any Component.Type
    var description: String { "\(kind.singular) \(component.name)" }
    var parameters: [any ParameterDeclaration] { kind.parameters(of: component) }

    /// A specification with nothing in it but what must be.
    var minimal: String {
      let required = parameters.filter { $0.defaultText == nil }.map { parameter in
        let value =
          ["1", "pearson", "text"].first { parameter.canonicalText(of: $0) != nil } ?? ""
        return "\(parameter.name)=\(value)"
      }
      // What is needed with the defaults of the others.
      if component.name == "hinton" { return "hinton:target=0" }
      if component.name == "ngram" { return "ngram:path=text" }
      if component.name == "ensemble" { return "ensemble:of=longtail" }
      // The first key of a head rule says its name.
      guard kind.singular != "head" else { return required.joined(separator: ":") }
      return ([component.name] + required).joined(separator: ":")
    }
  }

  static let entries = Catalog.kinds.flatMap { kind in
    kind.components.map { Entry(kind: kind, component: $0) }
  }

  /// The canonical specification of what a text makes.
  static func canonical(_ text: String, of kind: some Kind) throws -> String {
    guard kind.singular != "head" else { return try Catalog.head(text).specification }
    return try kind(text, reader: FixedNumbers([1]), kernels: .best).specification
  }

  private static func isKebabCase(_ name: String) -> Bool {
    let words = name.split(separator: "-", omittingEmptySubsequences: false)
    return words.allSatisfy { word in
      !word.isEmpty && word.allSatisfy { $0.isASCII && ($0.isLowercase || $0.isNumber) }
    } && name.first?.isLetter == true
  }

  @Test func everyKindHasComponents() {
    #expect(Catalog.kinds.allSatisfy { !$0.components.isEmpty })
    #expect(Set(Catalog.kinds.map(\.plural)).count == Catalog.kinds.count)
  }

  /// Every other word for a component means components that there are, and is none's name.
  @Test func aliasesMeanWhatThereIs() {
    let registries = [
      (Catalog.teachers.aliases, Catalog.teachers.names),
      (Catalog.objectives.aliases, Catalog.objectives.names),
      (Catalog.optimizers.aliases, Catalog.optimizers.names),
      (Catalog.schedules.aliases, Catalog.schedules.names),
      (Catalog.initializations.aliases, Catalog.initializations.names),
      (Catalog.metrics.aliases, Catalog.metrics.names),
    ]
    for (aliases, names) in registries {
      #expect(!aliases.isEmpty)
      for (word, meanings) in aliases {
        #expect(!meanings.isEmpty && Set(meanings).isSubset(of: names), "\(word)")
        #expect(!names.contains(word), "\(word)")
      }
    }
  }

  @Test func namesAreUniqueWithinTheirKind() {
    for kind in Catalog.kinds {
      let names = kind.components.map { $0.name }
      #expect(Set(names).count == names.count, "\(kind.plural)")
    }
  }

  @Test(arguments: entries)
  func entriesAreDescribed(entry: Entry) {
    #expect(Self.isKebabCase(entry.component.name))
    #expect(!entry.component.summary.isEmpty)
    #expect(!entry.component.summary.contains("\n"))
    let keys = entry.parameters.map(\.name)
    #expect(Set(keys).count == keys.count)
    for parameter in entry.parameters {
      #expect(Self.isKebabCase(parameter.name), "\(parameter.name)")
      #expect(!parameter.summary.isEmpty, "\(parameter.name)")
      #expect(!parameter.summary.contains("\n"), "\(parameter.name)")
      #expect(!parameter.domainSummary.isEmpty, "\(parameter.name)")
    }
  }

  @Test(arguments: entries)
  func defaultsAreLegalAndCanonical(entry: Entry) {
    for parameter in entry.parameters {
      guard let text = parameter.defaultText else { continue }
      #expect(parameter.canonicalText(of: text) == text, "\(parameter.name)")
    }
  }

  @Test(arguments: entries)
  func defaultsMakeAComponent(entry: Entry) throws {
    let canonical = try Self.canonical(entry.minimal, of: entry.kind)
    #expect(canonical == entry.minimal)
  }

  /// Every default, said aloud, vanishes from the canonical form.
  @Test(arguments: entries)
  func defaultsSaidAloudVanish(entry: Entry) throws {
    let unspoken = entry.parameters.filter { !entry.minimal.contains(":\($0.name)=") }
    let spoken = unspoken.compactMap { parameter in
      parameter.defaultText.map { (key: parameter.name, value: Optional($0)) }
    }
    let text = Specification(name: entry.minimal, settings: spoken).text
    #expect(try Self.canonical(text, of: entry.kind) == entry.minimal)
  }

  /// Values that are legal, one key at a time: the canonical form reads back to itself.
  @Test(arguments: entries)
  func canonicalFormsReadBackToThemselves(entry: Entry) throws {
    let candidates = [
      "0", "0.25", "1", "2", "1e-7", "0.1", "true", "inclusive", "mean", "float64", "counts", "1/2",
      "a:b,\"c\"", "-3.50",
    ]
    for parameter in entry.parameters where parameter.defaultText != nil {
      for value in candidates where parameter.canonicalText(of: value) != nil {
        let text = Specification(name: entry.minimal, settings: [(parameter.name, value)]).text
        // Not every legal value goes with the defaults of the other keys.
        guard let canonical = try? Self.canonical(text, of: entry.kind) else { continue }
        #expect(try Self.canonical(canonical, of: entry.kind) == canonical, "\(text)")
      }
    }
  }

  @Test func columnsAreUniqueAndDescribed() {
    let columns =
      Setup.columns + Measurement.standardColumns + Catalog.metrics.flatMap { $0.columns }
    #expect(Set(columns.map(\.name)).count == columns.count)
    for column in columns {
      #expect(!column.summary.isEmpty, "\(column.name)")
      #expect(column.name.allSatisfy { $0.isLowercase || $0 == "_" || $0.isNumber })
    }
  }

  @Test(arguments: Catalog.metrics.map { $0.name })
  func metricsGiveOneValueAColumn(name: String) throws {
    let metric = try Catalog.metric(name).component
    let state = try RandomCase(.moderate, size: 5, seed: 1).state()
    #expect(try metric.values(at: state, headCount: 2).count == type(of: metric).columns.count)
  }

  @Test func metricsComeInTheOrderOfTheCatalog() throws {
    let metrics = try Catalog.metrics.map { try Catalog.metric($0.name).component }
    let names = Measurement(heads: [], metrics: metrics.reversed()).metrics.map {
      type(of: $0).name
    }
    #expect(names == Catalog.metrics.map { $0.name })
  }
}
