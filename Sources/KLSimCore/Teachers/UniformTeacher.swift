// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// Every token equally likely: `pᵢ = 1/V`.
public struct UniformTeacher: Teacher {
  public static let name = "uniform"
  public static let summary = "every token equally likely"

  static let size = Parameter.size(80)
  public static let parameters: [any ParameterDeclaration] = [size]

  let size: Int

  public init(_ values: Parameters) {
    size = values[Self.size]
  }

  public func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .linear([Double](repeating: 1, count: size))
  }
}
