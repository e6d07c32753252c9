// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// A kind of component: what `list` shows and what a specification is looked up in.
package struct Kind: Sendable {
  /// What one of them is called, such as `teacher`.
  package let singular: String
  /// What several are called, such as `teachers`.
  package let plural: String
  /// The keys that components of the kind take after their own, unless they refuse them.
  package let sharedParameters: [any ParameterDeclaration]
  private let list: @Sendable () -> [String]
  // One at a time: a cast of all asks the runtime about every type, a millisecond in all.
  private let component: @Sendable (_ place: Int) -> any Component.Type

  private init<Element>(
    _ singular: String, _ plural: String, _ registry: Registry<Element>,
    shared: [any ParameterDeclaration] = [],
    _ cast: @escaping @Sendable (Element) -> any Component.Type
  ) {
    self.singular = singular
    self.plural = plural
    sharedParameters = shared
    list = { registry.names }
    component = { cast(registry[$0]) }
  }

  /// The names of the components, in the catalog's order.
  package var names: [String] { list() }

  /// The components, in the catalog's order.
  package var components: [any Component.Type] { names.indices.map(component) }

  package static let teachers = Kind(
    "teacher", "teachers", Catalog.teachers, shared: TeacherRecipe.parameters
  ) { $0 }
  package static let students = Kind("student", "students", Catalog.students) { $0 }
  package static let objectives = Kind(
    "objective", "objectives", Catalog.objectives, shared: ObjectiveRecipe.parameters
  ) { $0 }
  package static let optimizers = Kind("optimizer", "optimizers", Catalog.optimizers) { $0 }
  package static let schedules = Kind(
    "schedule", "schedules", Catalog.schedules, shared: ScheduleRecipe.parameters
  ) { $0 }
  package static let initializations = Kind("init", "inits", Catalog.initializations) { $0 }
  package static let heads = Kind("head", "heads", Catalog.heads) { $0 }
  package static let metrics = Kind("metric", "metrics", Catalog.metrics) { $0 }

  /// Every kind.
  package static let all = [
    teachers, students, objectives, optimizers, schedules, initializations, heads, metrics,
  ]

  /// The keys of a component: its own, then the shared ones that it takes and does not redefine.
  package func parameters(of component: any Component.Type) -> [any ParameterDeclaration] {
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
    let index = try NameList(singular, names).place(of: specification.name)
    let declared = parameters(of: component(index))
    let values = try Parameters(
      specification, declared: declared, reader: reader, kernels: kernels)
    return (index, values)
  }
}
