// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A Gaussian mixture on the grid.
///
///     pᵢ ∝ Σₖ wₖ φ((xᵢ − cₖ)/σₖ)/σₖ,   xᵢ = i·100/V
struct GaussianMixture: Sendable {
  let modes: [(weight: Double, centre: Double, width: Double)]
  let kernels: VectorKernels

  func weights(size: Int) -> TeacherWeights {
    let present = modes.filter { $0.weight > 0 }
    let logHeights = kernels.logarithms(present.map { $0.weight / $0.width })
    return .logarithmic(
      gridPositions(size).map { position in
        kernels.logSumExp(
          zip(present, logHeights).map { mode, logHeight in
            let deviation = (position - mode.centre) / mode.width
            return logHeight - 0.5 * deviation * deviation
          })
      })
  }
}

extension [Double] {
  /// One value per mode: the list itself, or its only value for every mode.
  func perMode(
    _ count: Int, name: String, of component: String
  ) throws(SpecificationError) -> [Double] {
    guard self.count != count else { return self }
    guard self.count == 1 else {
      throw .inconsistent(
        component: component,
        "\(name) has \(self.count) values for \(count) modes; give one value, or one per mode")
    }
    return [Double](repeating: self[0], count: count)
  }
}

/// A mixture with any number of modes.
///
/// The lists go in parallel; a list of one value serves every mode.
package struct MixtureTeacher: GridTeacher {
  package static let name = "mixture"
  package static let summary =
    "Gaussian mixture with any number of modes on the grid x = i·100/size"

  static let size = Parameter.size(80)
  static let centres = Parameter(
    "centres", default: [20, 50, 80], summary: "where the modes are, in units of x (0…100)")
  static let weights = Parameter(
    "weights", default: [1], .nonNegative, summary: "their weights, up to a common factor")
  static let widths = Parameter("widths", default: [5], .positive, summary: "their widths σ")
  package static let parameters: [any ParameterDeclaration] = [size, centres, weights, widths]

  package let size: Int
  let mixture: GaussianMixture

  package init(_ values: Parameters) throws(SpecificationError) {
    size = values[Self.size]
    let centres = values[Self.centres]
    func perMode(_ parameter: Parameter<[Double]>) throws(SpecificationError) -> [Double] {
      try values[parameter].perMode(centres.count, name: parameter.name, of: Self.name)
    }
    let (weights, widths) = (try perMode(Self.weights), try perMode(Self.widths))
    guard weights.contains(where: { $0 > 0 }) else {
      throw .inconsistent(component: Self.name, "every weight is 0; one must be above")
    }
    mixture = GaussianMixture(
      modes: centres.indices.map { (weights[$0], centres[$0], widths[$0]) },
      kernels: values.kernels)
  }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    mixture.weights(size: size)
  }
}

/// One of the two-component mixtures of the paper's mean- and mode-seeking experiment.
///
/// Both components have the same width, as in the authors' notebook, and the weights 0.3 and 0.5
/// up to normalisation.
protocol PaperMixtureTeacher: GridTeacher {
  static var centres: [Double] { get }
  static var width: Double { get }
  /// Vocabulary size, V.
  var size: Int { get }
  var kernels: VectorKernels { get }

  init(size: Int, kernels: VectorKernels)
}

extension PaperMixtureTeacher {
  package static var reference: String {
    "Wu et al., arXiv 2404.02657, mean- and mode-seeking experiment"
  }
  package static var parameters: [any ParameterDeclaration] { [size] }

  static var size: Parameter<Int> { .size(50) }

  package init(_ values: Parameters) {
    self.init(size: values[Self.size], kernels: values.kernels)
  }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    GaussianMixture(
      modes: zip([0.3, 0.5], Self.centres).map { ($0, $1, Self.width) }, kernels: kernels
    ).weights(size: size)
  }
}

/// Two modes with a valley between them.
package struct BimodalTeacher: PaperMixtureTeacher {
  package static let name = "bimodal"
  package static let summary = "two separate Gaussian modes, at 25 and 75, width 10"
  static let centres = [25.0, 75.0]
  static let width = 10.0

  package let size: Int
  let kernels: VectorKernels
}

/// Both components at one centre.
package struct UnimodalTeacher: PaperMixtureTeacher {
  package static let name = "unimodal"
  package static let summary = "one Gaussian mode at 50, width 15"
  static let centres = [50.0, 50.0]
  static let width = 15.0

  package let size: Int
  let kernels: VectorKernels
}

/// Two modes that overlap.
package struct OverlappingTeacher: PaperMixtureTeacher {
  package static let name = "overlapping"
  package static let summary = "two overlapping Gaussian modes, at 25 and 74, width 15"
  static let centres = [25.0, 74.0]
  static let width = 15.0

  package let size: Int
  let kernels: VectorKernels
}
