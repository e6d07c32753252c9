// SPDX-License-Identifier: GPL-3.0-or-later

/// The learning rate as it is.
public struct ConstantSchedule: Schedule {
  public static let name = "constant"
  public static let summary = "the learning rate as it is"
  public static let formula = "factor = 1"

  public init(_ values: Parameters) {}

  public func factor(update: Int, of count: Int) -> Double { 1 }
}
