// SPDX-License-Identifier: GPL-3.0-or-later

/// The seeds that `--seed` and `--seeds` ask for.
///
/// - Parameters:
///   - first: the first seed.
///   - count: how many, one after the other.
///   - maximum: how many are possible.
/// - Returns: the seeds, at least one.
/// - Throws: `UsageError`.
func seedRange(
  first: UInt64, count: Int, maximum: Int = .max
) throws(UsageError) -> Range<UInt64> {
  guard count >= 1 else {
    throw UsageError(description: "--seeds \(count): a number of at least 1 is needed")
  }
  guard count <= maximum else {
    throw UsageError(description: "--seeds \(count): at most \(maximum) are possible")
  }
  let (end, overflows) = first.addingReportingOverflow(UInt64(count))
  guard !overflows else {
    throw UsageError(description: "--seed \(first) --seeds \(count): beyond the largest seed")
  }
  return first..<end
}
