// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFiles
package import KLSimNumerics

/// A sweep that cannot begin, go on, or be put together.
package enum SweepError: CategorizedError, Equatable {
  /// The folder holds another sweep.
  case otherSweep(path: String, difference: String)
  /// A table was changed after it had been put together.
  case changed(path: String)
  /// Some chunks failed; the first errors.
  case failed(count: Int, errors: [String])
  /// Some chunks are finished in none of the folders: the first of them, and how many there are.
  case incomplete(path: String, first: [Int], count: Int, of: Int)

  package var category: ErrorCategory {
    switch self {
    case .otherSweep: .usage
    case .changed, .incomplete: .badData
    case .failed: .internalFault
    }
  }

  package var description: String {
    switch self {
    case .otherSweep(let path, let difference):
      "\(path): there is another sweep in this folder: \(difference); name another folder, or remove it"
    case .changed(let path):
      "\(path): it is not as the sweep has written it; move it away, and start again to compute it anew"
    case .failed(let count, let errors):
      "\(count) chunk\(count == 1 ? "" : "s") failed; the next start tries them again: "
        + errors.joined(separator: "; ")
    case .incomplete(let path, let first, let count, let all):
      "\(path): the sweep is not complete: "
        + (count == 0
          ? "all \(all) chunks are finished, but not put together"
          : "\(count) of \(all) chunks are not finished: "
            + first.map(\.description).joined(separator: ", ")
            + (count > first.count ? ", …" : ""))
        + "; 'klsim sweep \(path)/\(SweepFolder.studyName) --output \(path)' goes on with it, 'klsim status"
        + " \(path)' tells how far it is"
    }
  }
}
