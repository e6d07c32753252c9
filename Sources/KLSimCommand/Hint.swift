// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFigures
internal import KLSimFiles
internal import KLSimStudies

/// The text of an error, with the options of the command for the keys of a study.
func errorText(_ error: any Error) -> String {
  (error as? StudyError)?.description(naming: { "--\($0)" }) ?? "\(error)"
}

/// The options that avoid an error, nil if the error's own description is enough.
///
/// The modules below do not know the options of the command.
func hint(for error: any Error) -> String? {
  switch error {
  case let error as InfiniteObjective:
    return "--teacher \(shellQuoted(error.smoothedTeacher))"
  case let error as TeacherError:
    guard case .notNormalised = error.reason else { return nil }
    return "--teacher-values counts, for a --teacher-file"
  case InputError.ambiguousColumn:
    return "--teacher-column for a --teacher-file, --logits-column for a --logits-file"
  case let error as FigureError:
    return error.remedy.map(options)
  case let error as StudyError where error.description.hasPrefix("`contexts`"):
    return "'klsim list teachers' tells which teachers have several contexts"
  case GnuplotError.missing:
    return "KLSIM_GNUPLOT in the environment names the program"
  default:
    return nil
  }
}

private func options(_ remedy: FigureError.Remedy) -> String {
  switch remedy {
  case .selectRows(let column, let value): "--where \(shellQuoted("\(column)=\(value)"))"
  case .chooseObjectives(let objectives):
    "--objectives \(shellQuoted(objectives.joined(separator: ",")))"
  case .recordHeads(let heads): "klsim --head \(heads.joined(separator: ","))"
  }
}

/// A text in quotes, as a shell reads it back.
private func shellQuoted(_ text: String) -> String {
  "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
}
