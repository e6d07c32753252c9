// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimNumerics

extension ErrorCategory {
  /// The exit code of the command, as in `sysexits.h` where that has one.
  var exitCode: ExitCode {
    switch self {
    case .usage: ExitCode(64)
    case .badData: ExitCode(65)
    case .missingInput: ExitCode(66)
    case .missingProgram: ExitCode(69)
    case .internalFault: ExitCode(70)
    case .cannotCreate: ExitCode(73)
    case .inputOutput: ExitCode(74)
    // The code of a process that the signal SIGPIPE has ended.
    case .closedPipe: ExitCode(141)
    }
  }
}

extension ExitCode {
  /// The exit code of an error, nil for one that the argument parser reports.
  init?(of error: any Error) {
    if let error = error as? any CategorizedError {
      self = error.category.exitCode
    } else if !(error is ExitCode), KLSim.exitCode(for: error) == .failure {
      // The parser does not know it, and its code, 1, means that verdicts differ.
      self = ErrorCategory.internalFault.exitCode
    } else {
      return nil
    }
  }
}

/// Options that cannot be combined, or a value that an option does not take.
struct UsageError: CategorizedError {
  let description: String

  var category: ErrorCategory { .usage }
}
