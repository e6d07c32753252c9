// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFigures
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimStudies
internal import KLSimStudyFiles

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
    // As after the signal SIGPIPE.
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
      // An error that the parser does not know; its code, 1, means that verdicts differ.
      self = ErrorCategory.internalFault.exitCode
    } else {
      return nil
    }
  }
}

/// A wrong value of an option, or a wrong combination of options.
struct UsageError: CategorizedError {
  let description: String

  var category: ErrorCategory { .usage }
}

/// The text of an error, with options of the command instead of keys of a study.
func errorText(_ error: any Error) -> String {
  switch error {
  case let error as StudyError: error.description(naming: { "--\($0)" })
  case SpecificationError.unreadable(_, _, .some): "--\(error)"
  default: "\(error)"
  }
}

/// The options that avoid an error, nil if its description is enough.
func hint(for error: any Error) -> String? {
  switch error {
  case let error as StudyFileError:
    return error.cause.flatMap(hint)
  case let error as InfiniteObjective:
    return [
      TeacherOptions.instead(ofKeysIn: error.reason), "--objective fkl",
      "--teacher \(shellQuoted(error.smoothedTeacher))",
    ].compactMap(\.self).joined(separator: "; or ")
  case let error as MemoryError:
    let fewer = error.fewer.map {
      "--jobs \($0.jobs), which takes about \(words(bytes: $0.needed))"
    }
    // A sweep has what is run in its study alone.
    let remedies = error.remedies.map {
      StudyError($0).description { error.limit.isSwept ? "\($0) of the study" : "--\($0)" }
    }
    return ([fewer].compactMap(\.self) + remedies).joined(separator: "; or ")
      + "; \(error.limit.source.allowance(of: error.needed))"
  case OutputError.cannotCreate(_, let reason), OutputError.cannotWrite(_, let reason),
    InputError.unreadable(_, let reason):
    return isForTooManyFiles(reason) ? moreFilesAdvice : nil
  case let error as TeacherError:
    return TeacherOptions.instead(ofKeysIn: "\(error.reason)")
  // A reason may also quote specifications that stand in a table.
  case InputError.malformed(_, _, let reason) where reason.contains("tail=…"):
    return TeacherOptions.tails
  case InputError.malformed(_, _, let reason) where reason.contains("=…"):
    return TeacherOptions.instead(ofKeysIn: reason)
  case SpecificationError.inconsistent(component: FileTeacher.name, let reason):
    return TeacherOptions.instead(ofKeysIn: reason)
  case InputError.ambiguous(_, let part, let names):
    let tail =
      names.contains("'token'") ? "; if it lists some tokens only, \(TeacherOptions.tails)" : ""
    let logits = part == .column ? "; --logits-column … for a --logits-file" : ""
    return "--teacher-\(part.rawValue) … for a --teacher-file\(tail)\(logits)"
  case SpecificationError.unknownKey(_, _, _, let meant?):
    return
      "a specification inside another stands in double quotes, and all in single ones for the shell:"
      + " \(shellQuoted(meant))"
  case SpecificationError.unknownKey(_, let key, _, _):
    // An axis is an option of its own.
    let name = key == "lr" ? LearningRateAxis.name : String(key.map { $0 == "_" ? "-" : $0 })
    return TableKind.axes.contains { $0.name == name } ? "--\(name)" : nil
  case SpecificationError.unknownName(let kind, let name, let known, _)
  where known.contains(FileTeacher.name) && name.contains(/^file=|[.\/]/):
    let path = String(name.trimmingPrefix("file="))
    let file = Specification(name: FileTeacher.name, settings: [("path", path)]).text
    return "--\(kind) \(shellQuoted(file))"
  case SpecificationError.unknownName(let kind, let name, let known, _):
    return otherCommand(for: kind, named: name.lowercased()) ?? Listing.command(listing: known)
  case let error as FigureError:
    return error.remedy.map(options)
  case GnuplotError.missing:
    return "KLSIM_GNUPLOT in the environment names the program"
  default:
    return nil
  }
}

private func options(_ remedy: FigureError.Remedy) -> String {
  switch remedy {
  case .selectRows(let selections):
    selections.map { "--where \(shellQuoted("\($0.column)=\($0.value)"))" }.joined(separator: " ")
  case .chooseObjectives(let objectives):
    "--objectives \(shellQuoted(objectives.joined(separator: ",")))"
  case .recordHeads(let heads): "klsim --head \(heads.joined(separator: ","))"
  case .recordRates(let rates):
    "klsim --learning-rate \(rates.map(\.description).joined(separator: ","))"
  case .recordStudents(let students):
    "klsim sequence --student \(students.joined(separator: ","))"
  case .enlarge(let width, let height): "--size \(width)x\(height)"
  }
}

/// A text in quotes, as a shell reads it back.
func shellQuoted(_ text: String) -> String {
  "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
}
