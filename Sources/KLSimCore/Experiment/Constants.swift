// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// What depends on the teacher alone, worked out once.
final class Constants: Sendable {
  private let known = Mutex<[String: any Sendable]>([:])

  /// Gives a value, which is worked out the first time.
  ///
  /// - Parameters:
  ///   - key: says what it is, with everything that it depends on besides the teacher.
  ///   - make: works it out.
  /// - Returns: the value.
  func value<Value: Sendable>(for key: String, _ make: () -> Value) -> Value {
    if let value = known.withLock({ $0[key] }) as? Value { return value }
    let value = make()
    known.withLock { $0[key] = value }
    return value
  }
}
