// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore
public import KLSimNumerics

/// An input file that cannot be read or has invalid contents.
public enum InputError: CategorizedError, Equatable {
  /// The file does not exist.
  case missing(path: String)
  /// The system refuses to read it.
  case unreadable(path: String, reason: String)
  /// Its contents are invalid. Lines are counted from 1; 0 stands for the whole file.
  case malformed(path: String, line: Int, reason: String)
  /// It has no rows or columns of the kind that is asked for.
  case unanswered(path: String, reason: String)
  /// It has several columns, arrays or tensors, and none of them was named; the names in words.
  case ambiguous(path: String, part: NumberSource.Part, names: String)

  public var category: ErrorCategory {
    switch self {
    case .missing: .missingInput
    case .unreadable: .inputOutput
    case .malformed, .ambiguous: .badData
    case .unanswered: .usage
    }
  }

  public var description: String {
    switch self {
    case .missing(let path): "\(path): no such file"
    case .unanswered(let path, let reason): "\(path): \(Self.shortened(reason))"
    case .unreadable(let path, let reason): "\(path): cannot be read: \(Self.shortened(reason))"
    case .malformed(let path, let line, let reason):
      "\(path)\(line > 0 ? ", line \(line)" : ""): \(Self.shortened(reason))"
    case .ambiguous(let path, let part, let names):
      "\(path)\(part == .column ? ", line 1" : ""): there are several \(part.rawValue)s,"
        + " \(Self.shortened(names)); name the one to read by \(part.rawValue)=…"
    }
  }

  /// A reason without its middle, if it quotes a long text of the file: a line may be as long as the file.
  private static func shortened(_ reason: String) -> String {
    let scalars = reason.unicodeScalars
    guard scalars.count > 3000 else { return reason }
    return "\(String(scalars.prefix(2000))) … \(String(scalars.suffix(900)))"
  }
}

/// Names for a message, at most 12.
func listed(_ names: [String], _ describe: (String) -> String = { "'\($0)'" }) -> String {
  let shown = names.prefix(12).map(describe).joined(separator: ", ")
  return names.count > 12 ? "\(shown), … (\(names.count) in all)" : shown
}

/// An output that cannot be created or written.
public enum OutputError: CategorizedError, Equatable {
  /// The file cannot be created.
  case cannotCreate(path: String, reason: String)
  /// Writing failed.
  case cannotWrite(path: String, reason: String)
  /// The reader of standard output has closed it.
  case closedPipe

  public var category: ErrorCategory {
    switch self {
    case .cannotCreate: .cannotCreate
    case .cannotWrite: .inputOutput
    case .closedPipe: .closedPipe
    }
  }

  public var description: String {
    switch self {
    case .cannotCreate("", _): "'': cannot be created: a path is needed"
    case .cannotCreate(let path, let reason): "\(path): cannot be created: \(reason)"
    case .cannotWrite(let path, let reason): "\(path): cannot be written: \(reason)"
    case .closedPipe: "the reader of the output has closed the pipe"
    }
  }
}
