// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFigures
internal import KLSimFiles
internal import KLSimStudies

extension ExitCode {
  static let usage = ExitCode(64)
  static let badData = ExitCode(65)
  static let missingInput = ExitCode(66)
  static let missingProgram = ExitCode(69)
  static let internalError = ExitCode(70)
  static let cannotCreate = ExitCode(73)
  static let ioError = ExitCode(74)
  /// As if the signal SIGPIPE had ended the process.
  static let closedPipe = ExitCode(141)
}

/// The exit code of an error of ours, nil for one of the argument parser's.
func ourExitCode(of error: any Error) -> ExitCode? {
  switch error {
  case is SpecificationError, is UsageError, is GridError, is FigureError: .usage
  case is DistributionError, is TeacherError, is InitializationError, is HeadRuleError,
    is InfiniteObjective, is UnsuitableTeacher, is StudentError, is OptimizerError,
    InputError.malformed:
    .badData
  case InputError.missing: .missingInput
  case InputError.unreadable, OutputError.cannotWrite: .ioError
  case OutputError.cannotCreate: .cannotCreate
  case GnuplotError.missing: .missingProgram
  case is GnuplotError: .internalError
  default: nil
  }
}

/// Options that do not go together.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}
