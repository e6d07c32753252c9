// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// Temporary arrays that are reused, so that no epoch allocates its own.
package final class ScratchArrays: Sendable {
  private let idle = Mutex<[[Double]]>([])

  package init() {}

  /// Lends an array with undefined contents.
  ///
  /// - Parameters:
  ///   - count: how many elements.
  ///   - body: uses the array.
  /// - Returns: what the body returns.
  package func lend<Result>(_ count: Int, to body: (inout [Double]) -> Result) -> Result {
    let known = idle.withLock { idle in
      idle.lastIndex { $0.count == count }.map { idle.remove(at: $0) }
    }
    var array = known ?? [Double](repeating: 0, count: count)
    let result = body(&array)
    let returned = array
    idle.withLock { $0.append(returned) }
    return result
  }
}
