// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// The objectives that the laws are tried on.
public enum ObjectiveCatalog {
  /// The blends of the two KLs, which the fused kernel fits: defaults, then variants.
  public static let blends =
    Catalog.objectives.filter { $0 is any KLBlend.Type }.map { $0.name } + [
      "fkl:reduction=mean", "rkl:reduction=mean", "mix:lambda=0", "mix:lambda=0.9", "mix:lambda=1",
      "akl:mu=0.8", "akl:mu=0", "akl:mu=1", "akl:head-rule=inclusive",
      "akl:mu=0.2:head-rule=inclusive:reduction=mean",
    ]

  /// What must be said of an objective that has no default for it.
  static let required = ["hinton": "target=argmax", "topk-kl": "k=1:mode=bucket"]

  /// Specifications of the others that leave the defaults.
  static let variants =
    [
      "bdkd:kappa=0.5", "gjsd:beta=0", "gjsd:beta=0.1", "gjsd:beta=0.9", "gjsd:beta=1",
      "gjsd:beta=0.1:weighting=crossed", "gjsd:beta=0.9:weighting=crossed", "skew-fkl:alpha=0",
      "skew-fkl:alpha=0.7", "skew-rkl:alpha=0", "skew-rkl:alpha=0.7",
      "skew-rkl:detach-mixture=true", "alpha:alpha=-1", "alpha:alpha=0", "alpha:alpha=0.05",
      "alpha:alpha=0.97", "alpha:alpha=1", "alpha:alpha=1.5", "renyi:alpha=0.05", "renyi:alpha=1",
      "renyi:alpha=0.99", "renyi:alpha=2.5", "alpha-beta:alpha=0.5:beta=0",
      "alpha-beta:alpha=0:beta=0.5", "alpha-beta:alpha=0.5:beta=-0.5", "alpha-beta:alpha=0:beta=0",
      "alpha-beta:alpha=0.5:beta=0:limits=abkd-code", "alpha-beta:alpha=0.6:beta=0.6",
      "alpha-beta:alpha=-0.1:beta=0.9", "alpha-beta:alpha=0.05:beta=0.5", "todi:beta=0",
      "todi:beta=0.5", "drkl:gamma=2", "dkd:alpha=0.5:beta=0.25:temperature=1",
      "hinton:alpha=0:temperature=3", "ce:target=0", "dkl:temperature=2:alpha=0.5",
      "ikl:weight-temperature=1", "ikl:temperature=2:gamma=0.5:normalize=true:beta=3",
      "w1:normalize-cost=false", "topk-kl:k=1:mode=bucket:direction=reverse",
      "js:temperature=2", "rkl:temperature=0.5:temperature-scale=false",
      "tvd:temperature=3:reduction=mean", "akl:temperature=2",
    ] + csiszar

  /// Every function of the Csiszár divergence, and its modifiers.
  public static let csiszar =
    csiszarFunctions.flatMap { function in
      let plain = "csiszar:f=\(function)"
      return ["", ":dual=true", ":symmetrized=true", ":self-normalized=true"].map { plain + $0 }
    } + ["csiszar:f=amari-alpha:alpha=0.3:dual=true", "csiszar:f=t-power:t=1.5"]

  /// The functions by name.
  public static let csiszarFunctions = [
    "kl-forward", "kl-reverse", "amari-alpha", "jensen-shannon", "arithmetic-geometric",
    "total-variation", "pearson", "squared-hellinger", "triangular", "t-power", "log1p-abs",
    "jeffreys", "chi-square", "modified-gan",
  ]

  /// Every objective of one context with its defaults, then the variants; but for `sinkhorn` and
  /// those of pairs, which take too long for all that the others are put through and have laws of
  /// their own.
  public static let specifications =
    blends
    + Catalog.objectives.filter {
      !($0 is any KLBlend.Type) && !($0 is any BatchObjective.Type)
        && !["sinkhorn", "rank-logistic", "rank-hinge", "csiszar"].contains($0.name)
    }.map { type in required[type.name].map { "\(type.name):\($0)" } ?? type.name } + variants

  /// The objectives that compare no contexts; those that do have laws of their own.
  public static let names = Catalog.objectives.filter { !($0 is any BatchObjective.Type) }.map {
    $0.name
  }

  /// Whether the gradient is not that of the value.
  public static func isStopped(_ specification: String) -> Bool {
    objective(specification).holdsPartsConstant
  }

  /// Whether the value has corners, where no gradient is right.
  public static func hasCorners(_ specification: String) -> Bool {
    objective(specification).hasCorners
  }

  private static func objective(_ specification: String) -> any Objective {
    do {
      return try Catalog.objective(specification).component.objective
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// Whether an objective goes by the order of the tokens, or by one of them by its index.
  public static func dependsOnTheOrder(_ specification: String) -> Bool {
    name(of: specification) == "w1" || specification.contains("target=0")
  }

  /// Those of `specifications` whose gradient is that of their value.
  public static let plainSpecifications = specifications.filter { !isStopped($0) }

  /// The blends whose gradient holds weights constant.
  public static let stoppedBlends = blends.filter { isStopped($0) }

  /// The value at q = p, which is the least; nil where the teacher is not the best student.
  public static func minimum(of specification: String, teacher: TeacherDistribution) -> Double? {
    let log2 = 0.69314718055994530942
    func has(_ text: String) -> Bool { specification.contains(text) }
    switch name(of: specification) {
    case "soft-ce": return teacher.entropy
    case "ce": return nil
    case "hinton": return has("alpha=0") ? 0 : nil
    case "dkl", "ikl": return has("temperature=2") ? nil : teacher.entropy
    case "csiszar":
      if has("jensen-shannon") { return has("self-normalized") ? 0 : -2 * log2 }
      if has("arithmetic-geometric") { return has("self-normalized") ? 0 : 2 * log2 }
      return has("modified-gan") ? log2 : 0
    default: return 0
    }
  }

  /// The name at the start of a specification.
  public static func name(of specification: String) -> String {
    String(specification.prefix { $0 != ":" })
  }
}
