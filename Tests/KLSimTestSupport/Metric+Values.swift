// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

extension Metric {
  /// The values at a moment of a run of one context.
  ///
  /// - Parameters:
  ///   - state: teacher and student.
  ///   - headCount: how many ranks are head.
  ///   - start: the same at epoch 0; nil if this is epoch 0.
  ///   - objective: the specification of what the run minimises.
  /// - Returns: one value a column.
  /// - Throws: `SpecificationError` of the objective's specification.
  public func values(
    at state: FitState, headCount: Int, since start: FitState? = nil,
    minimising objective: String = "fkl"
  ) throws -> [Double?] {
    let objective = try Catalog.objective(objective).component
    return values(at: Moment(state, headCount: headCount, since: start, minimising: objective))
  }
}
