// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimStudies

/// The file of fitted parameters that `run` writes: one row a seed.
struct ParametersOutput {
  static let option = "--parameters-output"

  private var rows: NPYOutput

  /// Opens the file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - fits: the study, of one setup whose student is shared by the contexts.
  ///   - inputs: files that are read, which it must not replace.
  ///   - others: the other outputs.
  /// - Throws: `UsageError`, or `OutputError`.
  init(
    _ path: String, of fits: FitStudy, inputs: some Sequence<String>, beside others: [OutputFile?]
  ) throws {
    func refuse(_ reason: String) -> UsageError {
      UsageError(description: "\(Self.option) \(path): \(reason)")
    }
    guard path.hasSuffix(".npy") else {
      throw refuse("parameters are written as NPY; name a file that ends in .npy")
    }
    let setups = fits.setups
    guard setups.count == 1 else {
      let several = Axes.all.compactMap { axis -> String? in
        let texts = setups.map { $0.specification(on: axis) }
        guard let other = texts.first(where: { $0 != texts[0] }) else { return nil }
        return "--\(axis.name) \(texts[0]) and \(other)"
      }
      throw refuse(
        "it holds the parameters of one setup, and there are \(setups.count)"
          + " (\(several.joined(separator: ", "))); choose one on every axis")
    }
    guard setups[0].student.component is any SharedStudent else {
      throw refuse(
        "the contexts of \(setups[0].student.specification) share no parameters; choose a student that they"
          + " share, such as --student \(LogBilinearStudent.name), or write distributions by --snapshots"
      )
    }
    let file = try OutputFile(path, inputs: inputs)
    guard others.allSatisfy({ $0?.sameFile(as: file) == nil }) else {
      throw refuse("another output has this name; choose another")
    }
    rows = NPYOutput(file, rowCount: fits.study.seeds)
  }

  /// Writes the parameters of some runs, which come in the order of their seeds.
  ///
  /// - Throws: `OutputError`.
  mutating func write(_ trajectories: [Trajectory]) throws {
    for trajectory in trajectories {
      if let parameters = trajectory.finalParameters { try rows.write(parameters) }
    }
  }

  /// Makes the file appear under its name.
  ///
  /// - Throws: `OutputError`.
  func commit() throws { try rows.commit() }
}
