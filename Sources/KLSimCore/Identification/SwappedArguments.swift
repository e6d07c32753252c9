// SPDX-License-Identifier: GPL-3.0-or-later

/// The objective that another becomes when teacher and student change places.
package enum SwappedArguments {
  private static let pairs = [
    ("fkl", "rkl"), ("skew-fkl", "skew-rkl"), ("chi2-pearson", "chi2-neyman"),
  ]

  /// The specification of D(q, p) for that of D(p, q); nil for symmetric ones, and where the catalog has none.
  package static func specification(of text: String) -> String? {
    guard let given = try? Specification(parsing: text) else { return nil }
    func value(_ key: String) -> String? { given.settings.first { $0.key == key }?.value }
    func number(_ key: String, default fallback: Double) -> Double {
      value(key).flatMap(Double.init(parameterText:)) ?? fallback
    }
    func replacing(_ changed: [(key: String, value: String)], name: String? = nil) -> String {
      let kept = given.settings.filter { setting in
        setting.key != "detach-mixture" && !changed.contains { $0.key == setting.key }
      }
      let settings = changed + kept.map { (key: $0.key, value: $0.value) }
      return Specification(
        name: name ?? given.name,
        settings: settings.map { (key: $0.key, value: Optional($0.value)) }
      ).text
    }
    // No divergence of the catalog has the gradient of this one with p and q exchanged.
    if value("detach-mixture") == "true" { return nil }
    for (first, second) in pairs {
      if given.name == first { return replacing([], name: second) }
      if given.name == second { return replacing([], name: first) }
    }
    switch given.name {
    // Its gradient is that of fkl, and so is what it is exchanged for.
    case "soft-ce": return replacing([], name: "rkl")
    case "mix":
      return replacing([("lambda", (1 - number("lambda", default: 0.5)).parameterText)])
    case "gjsd": return replacing([("beta", (1 - number("beta", default: 0.5)).parameterText)])
    case "alpha": return replacing([("alpha", (1 - number("alpha", default: 0.5)).parameterText)])
    case "alpha-beta":
      return replacing([
        ("alpha", number("beta", default: 0.7).parameterText),
        ("beta", number("alpha", default: 0.2).parameterText),
      ])
    case "topk-kl":
      return replacing([("direction", value("direction") == "reverse" ? "forward" : "reverse")])
    case "csiszar": return replacing([("dual", value("dual") == "true" ? "false" : "true")])
    default: return nil
    }
  }
}
