// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A kind of component, such as teacher: what `klsim list` shows, and what makes a component of its
/// specification.
package protocol Kind<Choice>: Sendable {
  /// What a specification becomes.
  associatedtype Choice: Sendable

  /// The name of the kind, such as `teacher`.
  var singular: String { get }
  /// Its plural, such as `teachers`.
  var plural: String { get }
  /// The keys that components of the kind take after their own, unless they refuse them.
  var sharedParameters: [any ParameterDeclaration] { get }
  /// The components, in the catalog's order.
  var components: [any Component.Type] { get }

  /// Makes a component of its specification, such as `zipf:size=32000`.
  ///
  /// - Parameters:
  ///   - text: the specification.
  ///   - reader: reads the files it names.
  ///   - kernels: the kernels for its arithmetic.
  /// - Returns: the component with its canonical specification.
  /// - Throws: `SpecificationError`, or what the reader throws.
  func callAsFunction(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<Choice>
}

extension Kind {
  /// The keys of a component: its own, then the shared ones that it takes and does not redefine.
  package func parameters(of component: any Component.Type) -> [any ParameterDeclaration] {
    let taken = component.parameters.map(\.name) + component.refusedParameters
    return component.parameters + sharedParameters.filter { !taken.contains($0.name) }
  }
}

/// A kind whose components are in a registry of the catalog.
package struct ComponentKind<Element: Sendable, Choice: Sendable>: Kind {
  package let singular: String
  package let plural: String
  package let sharedParameters: [any ParameterDeclaration]
  private let registry: Registry<Element>
  // One at a time: a cast of all asks the runtime about every type, a millisecond in all.
  private let type: @Sendable (Element) -> any Component.Type
  private let make: @Sendable (Element, Parameters) throws -> Choice

  init(
    _ singular: String, _ plural: String, _ registry: Registry<Element>,
    shared: [any ParameterDeclaration] = [],
    type: @escaping @Sendable (Element) -> any Component.Type,
    make: @escaping @Sendable (Element, Parameters) throws -> Choice
  ) {
    self.singular = singular
    self.plural = plural
    self.registry = registry
    sharedParameters = shared
    self.type = type
    self.make = make
  }

  package var components: [any Component.Type] { registry.map(type) }

  package func callAsFunction(
    _ text: String, reader: any NumberReader = NoFiles(), kernels: VectorKernels = .best
  ) throws -> Chosen<Choice> {
    let specification = try Specification(parsing: text)
    let element = registry[try registry.names.place(of: specification.name, kind: singular)]
    let values = try Parameters(
      specification, declared: parameters(of: type(element)), reader: reader, kernels: kernels)
    return Chosen(
      specification: values.canonical.text, component: try make(element, values))
  }
}

extension Catalog {
  package static let teacher = ComponentKind(
    "teacher", "teachers", teachers, shared: TeacherRecipe.parameters
  ) {
    $0
  } make: {
    try TeacherRecipe(family: $0.init($1), $1)
  }

  package static let student = ComponentKind("student", "students", students) {
    $0
  } make: {
    try $0.init($1)
  }

  package static let objective = ComponentKind(
    "objective", "objectives", objectives, shared: ObjectiveRecipe.parameters
  ) {
    $0
  } make: {
    try ObjectiveRecipe(objective: $0.init($1), $1)
  }

  package static let optimizer = ComponentKind("optimizer", "optimizers", optimizers) {
    $0
  } make: {
    try $0.init($1)
  }

  package static let schedule = ComponentKind(
    "schedule", "schedules", schedules, shared: ScheduleRecipe.parameters
  ) {
    $0
  } make: {
    try ScheduleRecipe(schedule: $0.init($1), $1)
  }

  package static let initialization = ComponentKind("init", "inits", initializations) {
    $0
  } make: {
    try $0.init($1)
  }

  package static let metric = ComponentKind("metric", "metrics", metrics) {
    $0
  } make: {
    try $0.init($1)
  }

  private static let headRule = ComponentKind("head", "heads", heads) {
    $0
  } make: {
    try $0.init($1)
  }

  /// Every kind.
  package static let kinds: [any Kind] = [
    teacher, student, objective, optimizer, schedule, initialization, headRule, metric,
  ]

  /// Makes a head rule of its text, such as `mass=0.5` or `mass=0.5:rule=inclusive`.
  ///
  /// - Throws: `SpecificationError`.
  package static func head(_ text: String) throws -> Chosen<any HeadRule> {
    guard let separator = text.firstIndex(of: "="), separator > text.startIndex else {
      throw SpecificationError.unreadable(
        text, expected: "a head rule: mass=μ, rank=f or count=k")
    }
    // A rule's name is also the key of its first parameter.
    let key = text[..<separator]
    let chosen = try headRule(key.contains(":") ? text : "\(key):\(text)")
    let name = type(of: chosen.component).name
    return Chosen(
      specification: String(chosen.specification.dropFirst(name.count + 1)),
      component: chosen.component)
  }
}
