// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A kind of component: what `list` shows and what a specification is looked up in.
public struct Kind: Sendable {
  /// What one of them is called, such as `teacher`.
  public let singular: String
  /// What several are called, such as `teachers`.
  public let plural: String
  /// The components, in the catalog's order.
  public let components: [any Component.Type]
  /// The keys that components of the kind take after their own, unless they refuse them.
  public let sharedParameters: [any ParameterDeclaration]

  private init(
    _ singular: String, _ plural: String, _ components: [any Component.Type],
    shared: [any ParameterDeclaration] = []
  ) {
    self.singular = singular
    self.plural = plural
    self.components = components
    sharedParameters = shared
  }

  // One by one: a cast of a whole array asks the runtime about every type, a millisecond in all.
  public static var teachers: Kind {
    Kind(
      "teacher", "teachers", Catalog.teachers.map { $0 }, shared: TeacherRecipe.parameters)
  }
  public static var students: Kind { Kind("student", "students", Catalog.students.map { $0 }) }
  public static var objectives: Kind {
    Kind(
      "objective", "objectives", Catalog.objectives.map { $0 }, shared: ObjectiveRecipe.parameters)
  }
  public static var optimizers: Kind {
    Kind("optimizer", "optimizers", Catalog.optimizers.map { $0 })
  }
  public static var schedules: Kind {
    Kind(
      "schedule", "schedules", Catalog.schedules.map { $0 }, shared: ScheduleRecipe.parameters)
  }
  public static var initializations: Kind {
    Kind("init", "inits", Catalog.initializations.map { $0 })
  }
  public static var heads: Kind { Kind("head", "heads", Catalog.heads.map { $0 }) }
  public static var metrics: Kind { Kind("metric", "metrics", Catalog.metrics.map { $0 }) }

  /// Every kind.
  public static var all: [Kind] {
    [
      teachers, students, objectives, optimizers, schedules, initializations, heads, metrics,
    ]
  }

  /// The keys of a component: its own, then the shared ones that it takes and does not redefine.
  public func parameters(of component: any Component.Type) -> [any ParameterDeclaration] {
    let taken = component.parameters.map(\.name) + component.refusedParameters
    return component.parameters + sharedParameters.filter { !taken.contains($0.name) }
  }

  /// Finds the component a specification names and checks the specification's values.
  ///
  /// - Parameters:
  ///   - specification: what the user wrote.
  ///   - reader: reads the files that values name.
  ///   - kernels: the kernels for what is made of the values.
  /// - Returns: its place among the components, and the values to make it from.
  /// - Throws: `SpecificationError`.
  func select(
    _ specification: Specification, reader: any NumberReader, kernels: VectorKernels
  ) throws(SpecificationError) -> (index: Int, values: Parameters) {
    let index = try NameList(singular, components.map { $0.name }).place(of: specification.name)
    let declared = parameters(of: components[index])
    let values = try Parameters(
      specification, declared: declared, reader: reader, kernels: kernels)
    return (index, values)
  }
}
