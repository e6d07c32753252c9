// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// About how much memory a run on sequences takes, in bytes, by what its components say of the arrays that they keep and
/// work in.
package struct SequenceMemory: Sendable {
  /// The world, the student, and what is computed at histories and joint states.
  package let states: Double
  /// The samples of a step that are there at once, with what is worked out of them.
  package let samples: Double
  /// What is recorded, with the student at the end.
  package let records: Double
  /// The logits of a student, or a gradient in them.
  package let student: Double

  /// The memory of a run; nothing is made to find it out but a few numbers of histories.
  ///
  /// - Parameters:
  ///   - setup: the run but for its seed.
  ///   - measurement: what is measured.
  ///   - records: the number of epochs that are recorded.
  /// - Throws: `SetupError` if there are too many histories.
  package init(
    of setup: SequenceSetup, _ measurement: SequenceMeasurement, records: Int
  ) throws {
    let spaces = try Spaces(setup)
    let sampled = Self.sampled(setup, spaces)
    // A diagnosis draws from a copy of the signal's source.
    let sources = measurement.against == nil ? 1.0 : 2.0
    states =
      Double(MemoryLayout<Double>.size)
      * (try Self.numbers(setup, spaces) + sources * sampled.numbers)
      + spaces.objectBytes(heads: measurement.heads.count)
    samples = sources * sampled.bytes
    let values = Double(measurement.columns.count * measurement.heads.count)
    student = spaces.ofStudent * Double(MemoryLayout<Double>.size)
    self.records =
      Double(records) * (values * 16 + Double(2 * SequenceMeter.arrayBytes)) + student
  }

  /// The histories of teacher and student, and their numbers of transitions: one a history and token.
  private struct Spaces {
    let world: Histories
    let student: Histories
    let joint: Histories
    let length: Int

    init(_ setup: SequenceSetup) throws {
      let recipe = setup.teacher.component
      (world, length) = (recipe.family.histories, recipe.family.length)
      student = try setup.student.component.histories(
        vocabularySize: world.vocabularySize, length: length)
      joint = try JointSpace.histories(
        of: world, student, length: length, minimumOrder: recipe.minimumOrder)
    }

    private func transitions(_ histories: Histories) -> Double {
      Double(histories.count) * Double(world.vocabularySize)
    }
    var ofTeacher: Double { transitions(world) }
    var ofStudent: Double { transitions(student) }
    var ofJoint: Double { transitions(joint) }

    /// A state of teacher and student, and its teacher, at every joint state, in numbers.
    var tokenLosses: Double {
      Double(joint.count)
        * (Double(8 * world.vocabularySize) + Double(TokenLosses.stateBytes) / 8)
    }

    /// The objects of every row of the teacher, and the heads of every joint state.
    func objectBytes(heads: Int) -> Double {
      Double(world.count * SequenceMeter.rowBytes)
        + Double(joint.count * (2 * SequenceMeter.arrayBytes + 8 * heads))
    }
  }

  /// World, student, optimizer, and what every signal works in, in numbers.
  private static func numbers(_ setup: SequenceSetup, _ spaces: Spaces) throws -> Double {
    let own = setup.student.component.numbers(of: spaces.student)
    let longest =
      Double(spaces.joint.range(after: spaces.joint.order).count) * Double(spaces.length)
    var numbers =
      spaces.ofTeacher * Double(World.vectorCount + SequenceMeter.vectorCount)
      + spaces.ofJoint * Double(JointSpace.vectorCount)
      + spaces.ofStudent * Double(StudentTable.vectorCount + 2)
      + Double(own.parameters * (2 + setup.optimizer.component.vectorCount))
      // A model computes the logits of all histories at once.
      + (own.workingPerContext == 0 ? 0 : Double(own.working) + 3 * spaces.ofStudent)
      // Visits and costs to go of every step.
      + 3 * longest
    if case .exact(let objective) = setup.signal.component, objective is PrefixObjective {
      numbers += spaces.tokenLosses
    }
    return numbers
  }

  /// What a sampled signal takes: numbers at the states, and bytes for its samples.
  private static func sampled(
    _ setup: SequenceSetup, _ spaces: Spaces
  ) -> (numbers: Double, bytes: Double) {
    guard case .sampled(let signal) = setup.signal.component else { return (0, 0) }
    let size = signal.size
    let tables =
      Double(size.sequences - 1)
      * (max(spaces.ofTeacher, spaces.ofStudent)
        + Double(2 * spaces.world.vocabularySize))
    let students =
      Double(min(size.students, setup.epochs + 1) * StudentTable.vectorCount) * spaces.ofStudent
    let numbers =
      spaces.ofJoint * Double(SampledSource.vectorCount) + spaces.ofStudent + tables + students
      + (signal.divergence == nil ? 0 : spaces.tokenLosses)
    let portion = Double(
      SampledSource.portion(
        of: setup.samples,
        signal.dependence(hasOneLength: setup.teacher.component.hasOneLength)))
    let worked = max(
      SampledSource.numbersPerSample, size.numbersPerToken * spaces.length + size.numbersPerSample)
    let bytes =
      portion
      * (Double(size.sequences + size.keptSequences) * SequenceBatch.bytes(length: spaces.length)
        + Double(MemoryLayout<Double>.size * worked))
    return (numbers, bytes)
  }
}
