// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

extension FitStudy {
  /// What may be unexpected in the study, and is no error.
  package var notes: [String] {
    get throws {
      let ofHeads = try setups.grouped(by: \.teacher.specification).flatMap { _, setups in
        try measurement.heads.compactMap { try note(on: $0, of: setups[0].teacher) }
      }
      return ofHeads + setups.flatMap(\.notes).uniqued()
    }
  }

  /// Which epochs that were asked for are recorded at other ones.
  package var epochNotes: [String] {
    get throws {
      let selections = [try study.recordedEpochs, try study.snapshotEpochs]
      return setups.map(\.length).uniqued().flatMap { length in
        selections.flatMap { $0.notes(on: length) }
      }.uniqued()
    }
  }

  /// The first context of a file whose head reaches beyond the listed tokens, among as many as take a moment.
  private func note(
    on head: Chosen<any HeadRule>, of teacher: Chosen<TeacherRecipe>
  ) throws -> String? {
    var seen = 0
    for context in 0..<teacher.component.contexts.count where seen < 1 << 20 {
      guard let listed = teacher.component.listedCount(of: context) else { return nil }
      let truth = try teacher.distribution(seed: study.seed, context: context).truth
      seen += truth.size
      let count = try head.component.headCount(of: truth)
      guard count > listed else { continue }
      return
        "\(teacher.specification): the head \(head.specification) of context \(context) has \(count) tokens,"
        + " of which \(listed) are listed; the others are taken from the uniform tail by token index"
    }
    return nil
  }
}
