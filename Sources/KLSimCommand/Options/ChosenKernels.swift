// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

extension VectorKernels {
  /// The kernels that the environment variable KLSIM_KERNELS names, or else the best.
  ///
  /// All but the plain loops give the same bytes, and the plain loops agree with them to rounding; the
  /// variable is for tests of that. In `run` and `gradient` it covers all that kernels do: teachers,
  /// students, objectives, optimizers and metrics. In `reproduce` it covers fits and points, but
  /// conditions make their teachers and students with the best. Random variates always use the best.
  ///
  /// - Returns: the kernels.
  /// - Throws: `UsageError` if the name is unknown, or the processor lacks the instructions.
  static func chosen() throws -> VectorKernels {
    guard let name = Terminal.environment("KLSIM_KERNELS") else { return .best }
    let available = allCases.filter(\.isAvailable)
    guard let kernels = available.first(where: { $0.rawValue == name }) else {
      throw UsageError(
        description: "KLSIM_KERNELS=\(name): this processor has"
          + " \(available.map(\.rawValue).joined(separator: ", "))")
    }
    return kernels
  }
}
