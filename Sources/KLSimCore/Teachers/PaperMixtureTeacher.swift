// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// One of the two-component mixtures of the paper's mean- and mode-seeking experiment.
///
/// Both components have the same width, as in the authors' notebook, and the weights 0.3 and 0.5
/// up to normalisation.
protocol PaperMixtureTeacher: GridTeacher {
  static var centres: (Double, Double) { get }
  static var width: Double { get }
  var size: Int { get }
  var kernels: VectorKernels { get }
}

extension PaperMixtureTeacher {
  package static var reference: String {
    "Wu et al., arXiv 2404.02657, mean- and mode-seeking experiment"
  }
  package static var parameters: [any ParameterDeclaration] { [sizeParameter] }

  static var sizeParameter: Parameter<Int> { .size(50) }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    let modes: [GaussianMixture.Mode] = [
      .init(weight: 0.3, centre: Self.centres.0, width: Self.width),
      .init(weight: 0.5, centre: Self.centres.1, width: Self.width),
    ]
    return GaussianMixture(modes: modes, kernels: kernels).weights(size: size)
  }
}
