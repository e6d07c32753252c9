// SPDX-License-Identifier: GPL-3.0-or-later

extension Catalog {
  /// Makes a teacher of its specification, such as `zipf:size=32000`.
  ///
  /// - Parameters:
  ///   - text: the specification.
  ///   - reader: reads the files it names.
  /// - Returns: the teacher with its canonical specification.
  /// - Throws: `SpecificationError`, or what the reader throws.
  public static func teacher(
    _ text: String, reader: any NumberReader = NoFiles()
  ) throws -> Chosen<TeacherRecipe> {
    try choose(text, among: .teachers, reader) { (family: any Teacher, values) in
      try TeacherRecipe(family: family, values)
    }
  }

  /// Makes a student of its specification; parameters and errors as for `teacher(_:reader:)`.
  public static func student(_ text: String) throws -> Chosen<any Student> {
    try choose(text, among: .students) { (student: any Student, _) in student }
  }

  /// Makes an objective of its specification, such as `akl:mu=0.8`; as for `teacher(_:reader:)`.
  public static func objective(_ text: String) throws -> Chosen<ObjectiveRecipe> {
    try choose(text, among: .objectives) { (objective: any Objective, values) in
      ObjectiveRecipe(objective: objective, values)
    }
  }

  /// Makes an optimizer of its specification, such as `sgd:momentum=0.9`.
  public static func optimizer(_ text: String) throws -> Chosen<any Optimizer> {
    try choose(text, among: .optimizers) { (optimizer: any Optimizer, _) in optimizer }
  }

  /// Makes an initialization of its specification, such as `normal:sigma=3`.
  public static func initialization(
    _ text: String, reader: any NumberReader = NoFiles()
  ) throws -> Chosen<any Initialization> {
    try choose(text, among: .initializations, reader) { (start: any Initialization, _) in start }
  }

  /// Makes a metric of its name.
  public static func metric(_ text: String) throws -> Chosen<any Metric> {
    try choose(text, among: .metrics) { (metric: any Metric, _) in metric }
  }

  /// Makes a head rule of its text, such as `mass=0.5` or `mass=0.5:rule=inclusive`.
  public static func head(_ text: String) throws -> Chosen<any HeadRule> {
    guard let separator = text.firstIndex(of: "=") else {
      throw SpecificationError.malformed(
        text, "a head rule is written as mass=μ, rank=f or count=k")
    }
    // A rule's name is also the key of its first parameter.
    let name = text[..<separator]
    let chosen = try choose("\(name):\(text)", among: .heads) { (rule: any HeadRule, _) in rule }
    return Chosen(
      specification: String(chosen.specification.dropFirst(name.count + 1)),
      component: chosen.component)
  }

  private static func choose<Family, Choice>(
    _ text: String, among kind: Kind, _ reader: any NumberReader = NoFiles(),
    make: (Family, Parameters) throws -> Choice
  ) throws -> Chosen<Choice> {
    let (type, values) = try kind.select(Specification(parsing: text), reader: reader)
    guard let component = try type.init(values) as? Family else {
      preconditionFailure("\(text) is not a \(kind.singular)")
    }
    return Chosen(specification: values.canonical.text, component: try make(component, values))
  }
}

/// The reader of those who have no files.
public struct NoFiles: NumberReader {
  public init() {}

  public func numbers(path: String, column: String) throws -> [Double] {
    throw SpecificationError.malformed(path, "files cannot be read here")
  }
}
