// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Every token equally likely: `pᵢ = 1/V`.
package struct UniformTeacher: Teacher {
  package static let name = "uniform"
  package static let summary = "every token equally likely"

  static let size = Parameter.size(80)
  package static let parameters: [any ParameterDeclaration] = [size]

  package let size: Int

  package init(_ values: Parameters) { size = values[Self.size] }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .linear([Double](repeating: 1, count: size))
  }
}
