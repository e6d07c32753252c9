// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

extension SequenceSetup {
  /// About how much memory a run takes, in bytes.
  ///
  /// Nothing is made to find it out but a few numbers of histories.
  ///
  /// - Parameters:
  ///   - measurement: what is measured.
  ///   - records: the number of epochs that are recorded.
  /// - Returns: about as many bytes.
  /// - Throws: `SetupError` if there are too many histories.
  package func memory(_ measurement: SequenceMeasurement, records: Int) throws -> Double {
    let world = teacher.component.family
    let size = world.histories.vocabularySize
    let histories = try student.component.histories(vocabularySize: size, length: world.length)
    let joint = try JointSpace.histories(
      of: world.histories, histories, length: world.length,
      minimumOrder: teacher.component.minimumOrder)
    func transitions(_ histories: Histories) -> Double { Double(histories.count) * Double(size) }
    let (ofTeacher, ofStudent) = (transitions(world.histories), transitions(histories))
    let own = student.component.numbers(of: histories)
    let longest = Double(joint.range(after: joint.order).count) * Double(world.length)
    var numbers =
      ofTeacher * Double(World.vectorCount + SequenceMeter.vectorCount)
      + transitions(joint) * Double(JointSpace.vectorCount)
      + ofStudent * Double(StudentTable.vectorCount + 2)
      + Double(own.parameters * (2 + optimizer.component.vectorCount))
      // A model computes the logits of all histories at once.
      + (own.workingPerContext == 0 ? 0 : Double(own.working) + 3 * ofStudent)
      // Visits and costs to go of every step.
      + 3 * longest
    switch signal.component {
    case .exact(let objective):
      numbers += objective is PrefixObjective ? Self.tokenLosses(joint) : 0
    case .sampled(let signal):
      let drawn = Double(min(samples, SampledSource.maximumPortion) * world.length)
      numbers +=
        transitions(joint) * Double(SampledSource.vectorCount) + ofStudent + 4 * drawn
        + (signal.divergence == nil ? 0 : Self.tokenLosses(joint))
    }
    // The objects of every row of the teacher, and the heads of every state.
    let objects =
      Double(world.histories.count * SequenceMeter.rowBytes)
      + Double(joint.count * (2 * SequenceMeter.arrayBytes + 8 * measurement.heads.count))
    let values = Double(measurement.columns.count * measurement.heads.count)
    return 8 * numbers + objects
      + Double(records) * (values * 16 + Double(2 * SequenceMeter.arrayBytes))
  }

  /// A state of teacher and student, and its teacher, at every joint state.
  private static func tokenLosses(_ joint: Histories) -> Double {
    let size = Double(joint.vocabularySize)
    return Double(joint.count) * (size * 8 + Double(TokenLosses.stateBytes) / 8)
  }
}
