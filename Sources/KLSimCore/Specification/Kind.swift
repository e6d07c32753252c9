// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics
internal import Synchronization

/// A list of things that users can name, to which programs can add.
public final class Registry<Element: Sendable>: Sendable {
  private let elements: Mutex<[Element]>
  private let name: @Sendable (Element) -> String
  /// Other words that users know, each with the names that it can mean.
  package let aliases: [String: [String]]

  /// A list.
  ///
  /// - Parameters:
  ///   - builtIn: the built-in elements.
  ///   - aliases: other words that users know, each with the names that it can mean: a word for one name
  ///     is as good as that name, one for several is refused with them.
  ///   - name: gives the name of an element.
  package init(
    _ builtIn: [Element], aliases: [String: [String]] = [:],
    name: @escaping @Sendable (Element) -> String
  ) {
    elements = Mutex(builtIn)
    self.aliases = aliases
    self.name = name
  }

  /// The names of all elements.
  public var names: [String] { elements.withLock { $0.map(name) } }

  /// The other words for a name, in alphabetical order.
  package func aliases(of name: String) -> [String] {
    aliases.filter { $0.value == [name] }.keys.sorted()
  }

  /// The element with a name, or with another word for it; names in capitals are read as their lower case.
  ///
  /// - Parameters:
  ///   - word: what the user wrote.
  ///   - kind: what it names, such as `teacher`; for the error.
  /// - Returns: the element.
  /// - Throws: `SpecificationError.unknownName`, or `.ambiguousName`.
  package func element(_ word: String, kind: String) throws(SpecificationError) -> Element {
    let names = names
    for known in [word, word.lowercased()] {
      if let place = names.firstIndex(of: known) { return self[place] }
      guard let meant = aliases[known] else { continue }
      guard meant.count == 1 else {
        throw .ambiguousName(kind: kind, name: word, meanings: meant)
      }
      return self[try names.place(of: meant[0], kind: kind)]
    }
    throw .unknownName(kind: kind, name: word, known: names, aliases: aliases)
  }

  /// Adds an element.
  ///
  /// - Throws: `SpecificationError.nameTaken`.
  public func add(_ element: Element) throws(SpecificationError) {
    let isTaken = elements.withLock { elements in
      let isTaken = elements.contains { name($0) == name(element) }
      if !isTaken { elements.append(element) }
      return isTaken
    }
    if isTaken { throw .nameTaken(name(element)) }
  }
}

extension Registry: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { elements.withLock { $0.count } }
  public subscript(index: Int) -> Element { elements.withLock { $0[index] } }
}

/// A kind of component, such as teacher: what `klsim list` shows, and what makes a component from its
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
  /// The other words for the name of a component, in alphabetical order.
  func aliases(of name: String) -> [String]

  /// Makes a component from its specification, such as `zipf:size=32000`.
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
  let registry: Registry<Element>
  package var sharedParameters: [any ParameterDeclaration] = []
  // Called for one element at a time: converting all types takes a millisecond.
  let type: @Sendable (Element) -> any Component.Type
  let make: @Sendable (Element, Parameters) throws -> Choice

  /// - Parameters:
  ///   - singular: the name of the kind.
  ///   - plural: its plural.
  ///   - registry: the components.
  ///   - sharedParameters: the keys that components take after their own.
  ///   - type: the type of a component.
  ///   - make: makes what a specification becomes.
  package init(
    singular: String, plural: String, registry: Registry<Element>,
    sharedParameters: [any ParameterDeclaration] = [],
    type: @escaping @Sendable (Element) -> any Component.Type,
    make: @escaping @Sendable (Element, Parameters) throws -> Choice
  ) {
    (self.singular, self.plural, self.registry) = (singular, plural, registry)
    (self.sharedParameters, self.type, self.make) = (sharedParameters, type, make)
  }

  package var components: [any Component.Type] { registry.map(type) }

  package func aliases(of name: String) -> [String] { registry.aliases(of: name) }

  package func callAsFunction(
    _ text: String, reader: any NumberReader = NoFiles(), kernels: VectorKernels = .best
  ) throws -> Chosen<Choice> {
    var specification = try Specification(parsing: text)
    let element = try registry.element(specification.name, kind: singular)
    specification.name = type(element).name
    let values = try Parameters(
      specification, declared: parameters(of: type(element)), reader: reader, kernels: kernels)
    return Chosen(
      specification: values.canonical.text, component: try make(element, values))
  }
}

/// Every kind makes components from specifications, as in `try Catalog.teacher("zipf:size=32000")`.
extension Catalog {
  package static let teacher = ComponentKind(
    singular: "teacher", plural: "teachers", registry: teachers,
    sharedParameters: TeacherRecipe.parameters
  ) {
    $0
  } make: {
    try TeacherRecipe(family: $0.init($1), $1)
  }

  package static let student = ComponentKind(
    singular: "student", plural: "students", registry: students
  ) {
    $0
  } make: {
    try $0.init($1)
  }

  package static let objective = ComponentKind(
    singular: "objective", plural: "objectives", registry: objectives,
    sharedParameters: ObjectiveRecipe.parameters
  ) {
    $0
  } make: {
    try ObjectiveRecipe(objective: $0.init($1), $1)
  }

  package static let optimizer = ComponentKind(
    singular: "optimizer", plural: "optimizers", registry: optimizers
  ) {
    $0
  } make: {
    try $0.init($1)
  }

  package static let schedule = ComponentKind(
    singular: "schedule", plural: "schedules", registry: schedules,
    sharedParameters: ScheduleRecipe.parameters
  ) {
    $0
  } make: {
    try ScheduleRecipe(schedule: $0.init($1), $1)
  }

  package static let initialization = ComponentKind(
    singular: "init", plural: "inits", registry: initializations
  ) {
    $0
  } make: {
    try $0.init($1)
  }

  package static let metric = ComponentKind(
    singular: "metric", plural: "metrics", registry: metrics
  ) {
    $0
  } make: {
    try $0.init($1)
  }

  package static let headRule = ComponentKind(
    singular: "head", plural: "heads", registry: heads
  ) {
    $0
  } make: {
    try $0.init($1)
  }

  /// Every kind.
  package static let kinds: [any Kind] = [
    teacher, student, objective, optimizer, schedule, initialization, headRule, metric,
  ]

  /// Makes a head rule from its text, such as `mass=0.5` or `mass=0.5:rule=inclusive`.
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
