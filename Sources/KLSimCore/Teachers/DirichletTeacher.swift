// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A point of the simplex drawn from the symmetric Dirichlet distribution, one a seed.
package struct DirichletTeacher: Teacher {
  package static let name = "dirichlet"
  package static let summary = "drawn from a symmetric Dirichlet distribution"
  package var isRandom: Bool { true }

  static let size = Parameter.size(80)
  static let concentration = Parameter(
    "concentration", default: 0.5, .positive,
    summary: "parameter of every component; below 1 the draws are uneven")
  package static let parameters: [any ParameterDeclaration] = [size, concentration]

  let size: Int
  let concentration: Double

  package init(_ values: Parameters) {
    size = values[Self.size]
    concentration = values[Self.concentration]
  }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    .linear(stream.dirichlet(count: size, concentration: concentration))
  }
}
