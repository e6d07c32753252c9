// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

extension Study {
  /// The product of the choices on the axes of an experiment, in the order of the axes: the choice on the
  /// last one changes fastest, and a zip changes with its first axis.
  ///
  /// - Parameters:
  ///   - experiment: what a run must be.
  ///   - reader: reads the files that specifications name.
  ///   - kernels: the vector kernels to make teachers and students with.
  /// - Returns: at least one.
  /// - Throws: `StudyError`, `SpecificationError`, or an error of the reader.
  package func choices(
    of experiment: Experiment, reader: any NumberReader, kernels: VectorKernels
  ) throws -> [Choices] {
    try check(for: experiment)
    var made: [[String]: Chosen<any Sendable>] = [:]
    func choice(_ text: String, on axis: any Axis.Type) throws -> Chosen<any Sendable> {
      if let choice = made[[axis.name, text]] { return choice }
      let choice = try axis.choice(text, reader: reader, kernels: kernels)
      made[[axis.name, text]] = choice
      return choice
    }
    let zips = try zips.map { try Zip($0, on: experiment.axes, choice) }
    let start = PartialChoices(places: Array(repeating: nil, count: zips.count))
    let product = try experiment.axes.reduce([start]) { product, axis in
      if let zip = zips.firstIndex(where: { $0.choices[axis.name] != nil }) {
        return product.flatMap { $0.adding(zips[zip].choices[axis.name] ?? [], on: axis, of: zip) }
      }
      func choose(_ texts: [String]) throws -> [Chosen<any Sendable>] {
        guard !texts.isEmpty else { throw StudyError("`\(axis.name)`: a value is needed") }
        return try distinct(texts, of: axis.name) { try choice($0, on: axis) }
      }
      let given = try choices[axis.name].map(choose)
      return try product.flatMap { partial in
        try (given ?? choose(axis.defaults(after: partial.choices))).map {
          partial.adding($0, on: axis)
        }
      }
    }
    return try exclusions.isEmpty
      ? product.map(\.choices) : withoutExclusions(product.map(\.choices), choice)
  }

  /// Refuses what the experiment does not have.
  private func check(for experiment: Experiment) throws(StudyError) {
    guard self.experiment == experiment else {
      throw StudyError(
        "`experiment` is \(self.experiment.rawValue), and \(experiment.rawValue) is needed")
    }
    guard epochs >= 0 else {
      throw StudyError("`epochs` \(epochs): a number of at least 0 is needed")
    }
    guard epochs <= Setup.maximumEpochs else {
      throw StudyError("`epochs` \(epochs): at most \(Setup.maximumEpochs) are possible")
    }
    let known = experiment.axes.map { $0.name }
    for (key, groups) in [("", [choices]), ("zip", zips), ("exclude", exclusions)] {
      let unknown = groups.flatMap(\.keys).filter { !known.contains($0) }
      guard let name = unknown.min() else { continue }
      throw StudyError(
        "`\(key.isEmpty ? name : key)`: '\(name)' is no axis of the experiment"
          + " \(experiment.rawValue); known: \(known.joined(separator: ", "))"
          + known.suggestion(for: name))
    }
    let foreign =
      switch experiment {
      case .fit: [("against", against != nil)]
      case .sequence:
        [
          ("metric", !metrics.isEmpty), ("snapshots", snapshots != nil),
          ("snapshot-tokens", snapshotTokens != Study().snapshotTokens),
          ("contexts", contexts != nil),
        ]
      }
    if let (key, _) = foreign.first(where: \.1) {
      throw StudyError("`\(key)`: the experiment \(experiment.rawValue) has no such key")
    }
    for (place, zip) in zips.enumerated() {
      for axis in zip.keys.sorted() {
        if choices[axis] != nil {
          throw StudyError("`zip` has \(axis), which has choices of its own: `\(axis)`; give one")
        }
        if zips[..<place].contains(where: { $0[axis] != nil }) {
          throw StudyError("`zip`: \(axis) is in two zips; an axis walks with one")
        }
      }
    }
  }

  /// The setups that no rule leaves out; a rule, or a value of one, that is that of no setup is refused.
  private func withoutExclusions(
    _ all: [Choices], _ choice: (String, any Axis.Type) throws -> Chosen<any Sendable>
  ) throws -> [Choices] {
    var isExcluded = Array(repeating: false, count: all.count)
    for (number, exclusion) in exclusions.enumerated() {
      let axes = experiment.axes.filter { exclusion[$0.name] != nil }
      let values = try axes.map { axis in
        Set(try (exclusion[axis.name] ?? []).map { try choice($0, axis).specification })
      }
      guard !axes.isEmpty else { throw StudyError("`exclude`: rule \(number + 1) has no axis") }
      var unmet = values
      for (place, choices) in all.enumerated() {
        let own = axes.map { choices.specification(on: $0) }
        guard zip(values, own).allSatisfy({ $0.contains($1) }) else { continue }
        isExcluded[place] = true
        for (axis, specification) in own.enumerated() { unmet[axis].remove(specification) }
      }
      if let (axis, value) = zip(axes, unmet).lazy.compactMap({ axis, unmet in
        unmet.min().map { (axis.name, $0) }
      }).first {
        throw StudyError(
          "`exclude`: rule \(number + 1) leaves out no setup with \(axis) \(value); the study has none"
            + (axes.count > 1 ? " that fits the rule" : ""))
      }
    }
    let rest = zip(all, isExcluded).filter { !$1 }.map(\.0)
    guard !rest.isEmpty else { throw StudyError("`exclude` leaves out every setup") }
    return rest
  }
}

/// Choices on some axes, and the places in zips that they are at.
private struct PartialChoices {
  var choices = Choices()
  /// By zip; nil before its first axis.
  var places: [Int?]

  /// The same with a choice on a further axis.
  func adding(_ choice: Chosen<any Sendable>, on axis: any Axis.Type) -> PartialChoices {
    PartialChoices(choices: choices.adding(choice, on: axis), places: places)
  }

  /// The same with a choice of a zip: on its first axis with any, on others with that of the same place.
  func adding(
    _ all: [Chosen<any Sendable>], on axis: any Axis.Type, of zip: Int
  ) -> [PartialChoices] {
    let range = places[zip].map { $0..<$0 + 1 } ?? all.indices
    return range.map { place in
      var partial = adding(all[place], on: axis)
      partial.places[zip] = place
      return partial
    }
  }
}

/// Axes that walk together.
private struct Zip {
  /// By the name of the axis; equally many on all of them.
  private(set) var choices: [String: [Chosen<any Sendable>]] = [:]

  init(
    _ texts: [String: [String]], on axes: [any Axis.Type],
    _ choice: (String, any Axis.Type) throws -> Chosen<any Sendable>
  ) throws {
    let own = axes.filter { texts[$0.name] != nil }
    for axis in own { choices[axis.name] = try texts[axis.name]?.map { try choice($0, axis) } }
    let counts = own.map { choices[$0.name]?.count ?? 0 }
    guard let count = counts.first, count > 0 else {
      throw StudyError("`zip`: axes with values are needed")
    }
    if let other = counts.firstIndex(where: { $0 != count }) {
      throw StudyError(
        "`zip`: \(own[0].name) has \(count) and \(own[other].name) \(counts[other]) values; axes that walk"
          + " together need equally many")
    }
    var seen: Set<[String]> = []
    for place in 0..<count {
      let words = own.map { choices[$0.name]?[place].specification ?? "" }
      guard seen.insert(words).inserted else {
        throw StudyError(
          "`zip`: \(words.joined(separator: ", ")) is given twice; its rows would be duplicates")
      }
    }
  }
}
