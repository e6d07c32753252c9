// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// The objectives that the laws are tried on.
public enum ObjectiveCatalog {
  /// Specifications that leave the defaults.
  static let variants = [
    "fkl:reduction=mean", "rkl:reduction=mean", "mix:lambda=0", "mix:lambda=0.9", "mix:lambda=1",
    "akl:mu=0.8", "akl:mu=0", "akl:mu=1", "akl:head-rule=inclusive",
    "akl:mu=0.2:head-rule=inclusive:reduction=mean",
  ]

  /// Every objective of the catalog of one context with its defaults, then the variants.
  public static let specifications = names + variants

  /// The objectives that compare no contexts; those that do have laws of their own.
  public static let names = Catalog.objectives.filter { !($0 is any BatchObjective.Type) }.map {
    $0.name
  }

  /// The objectives that are not the gradients of their own values.
  private static let stopGradients = ["akl"]

  /// Those of `specifications` whose gradient is that of their value.
  public static let plainSpecifications = specifications.filter { !isStopped($0) }

  /// Those whose gradient holds weights constant.
  public static let stoppedSpecifications = specifications.filter { isStopped($0) }

  private static func isStopped(_ specification: String) -> Bool {
    stopGradients.contains { specification.split(separator: ":").first == $0[...] }
  }

  /// The value at q = p: 0, but for a cross entropy.
  public static func minimum(of specification: String, teacher: TeacherDistribution) -> Double {
    specification == "soft-ce" ? teacher.entropy : 0
  }
}
