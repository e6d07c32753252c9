// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// A Gaussian mixture on the grid with any number of modes.
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

  let size: Int
  let mixture: GaussianMixture

  package init(_ values: Parameters) throws(SpecificationError) {
    size = values[Self.size]
    let centres = values[Self.centres]
    func perMode(_ parameter: Parameter<[Double]>) throws(SpecificationError) -> [Double] {
      let list = values[parameter]
      guard list.count == centres.count || list.count == 1 else {
        throw .inconsistent(
          component: Self.name,
          "\(parameter.name) has \(list.count) values for \(centres.count) centres;"
            + " give one value, or one a centre")
      }
      return list.count == centres.count ? list : centres.map { _ in list[0] }
    }
    let weights = try perMode(Self.weights)
    let widths = try perMode(Self.widths)
    guard weights.contains(where: { $0 > 0 }) else {
      throw .inconsistent(component: Self.name, "every weight is 0; one must be above")
    }
    mixture = GaussianMixture(
      modes: centres.indices.map {
        .init(weight: weights[$0], centre: centres[$0], width: widths[$0])
      }, kernels: values.kernels)
  }

  package func weights(drawnWith stream: inout RandomStream) -> TeacherWeights {
    mixture.weights(size: size)
  }
}
