// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

extension Catalog {
  /// Makes a teacher of its specification, such as `zipf:size=32000`.
  ///
  /// - Parameters:
  ///   - text: the specification.
  ///   - reader: reads the files it names.
  ///   - kernels: the kernels for its arithmetic.
  /// - Returns: the teacher with its canonical specification.
  /// - Throws: `SpecificationError`, or what the reader throws.
  package static func teacher(
    _ text: String, reader: any NumberReader = NoFiles(), kernels: VectorKernels = .best
  ) throws -> Chosen<TeacherRecipe> {
    try choose(text, among: .teachers, reader, kernels) { index, values in
      try TeacherRecipe(family: teachers[index].init(values), values)
    }
  }

  /// Makes a student of its specification; parameters and errors as for `teacher(_:reader:kernels:)`.
  package static func student(
    _ text: String, reader: any NumberReader = NoFiles(), kernels: VectorKernels = .best
  ) throws -> Chosen<any Student> {
    try choose(text, among: .students, reader, kernels) { try students[$0].init($1) }
  }

  /// Makes an objective of its specification, such as `akl:mu=0.8`; as for `teacher(_:reader:kernels:)`.
  package static func objective(
    _ text: String, reader: any NumberReader = NoFiles()
  ) throws -> Chosen<ObjectiveRecipe> {
    try choose(text, among: .objectives, reader) { index, values in
      ObjectiveRecipe(objective: try objectives[index].init(values), values)
    }
  }

  /// Makes an optimizer of its specification, such as `sgd:momentum=0.9`.
  ///
  /// - Throws: `SpecificationError`.
  package static func optimizer(_ text: String) throws -> Chosen<any Optimizer> {
    try choose(text, among: .optimizers) { try optimizers[$0].init($1) }
  }

  /// Makes a schedule of its specification, such as `cosine:warmup=10`.
  ///
  /// - Throws: `SpecificationError`.
  package static func schedule(_ text: String) throws -> Chosen<ScheduleRecipe> {
    try choose(text, among: .schedules) { ScheduleRecipe(schedule: try schedules[$0].init($1), $1) }
  }

  /// Makes an initialization of its specification, such as `normal:sigma=3`.
  ///
  /// - Throws: `SpecificationError`.
  package static func initialization(
    _ text: String, reader: any NumberReader = NoFiles()
  ) throws -> Chosen<any Initialization> {
    try choose(text, among: .initializations, reader) { try initializations[$0].init($1) }
  }

  /// Makes a metric of its name.
  ///
  /// - Throws: `SpecificationError`.
  package static func metric(_ text: String) throws -> Chosen<any Metric> {
    try choose(text, among: .metrics) { try metrics[$0].init($1) }
  }

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
    let full = key.contains(":") ? text : "\(key):\(text)"
    let chosen = try choose(full, among: .heads) { try heads[$0].init($1) }
    let name = type(of: chosen.component).name
    return Chosen(
      specification: String(chosen.specification.dropFirst(name.count + 1)),
      component: chosen.component)
  }

  /// Makes a component: `make` gets its place in the catalog and its checked values.
  private static func choose<Choice>(
    _ text: String, among kind: Kind, _ reader: any NumberReader = NoFiles(),
    _ kernels: VectorKernels = .best, make: (Int, Parameters) throws -> Choice
  ) throws -> Chosen<Choice> {
    let (index, values) = try kind.select(
      Specification(parsing: text), reader: reader, kernels: kernels)
    return Chosen(
      specification: values.canonical.text, component: try make(index, values))
  }
}
