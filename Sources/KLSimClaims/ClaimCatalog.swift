// SPDX-License-Identifier: GPL-3.0-or-later

/// Every claim a user can name, in one place.
public enum ClaimCatalog {
  public static let claims: [any Claim.Type] = [
    Convergence.self, ConvergenceFromAnywhere.self, HeadFirst.self, TailFirst.self,
    HeadFocus.self, TailFocus.self, NoModeDropping.self, Plateaus.self, AdaptiveBalance.self,
    GaussianModeSeeking.self, TemperatureScale.self, Curvature.self, Capacity.self,
    JensenShannonEnds.self, Truncation.self, Mixing.self, SinkhornBias.self,
    CrossEntropyIdentity.self, OneMinimum.self,
  ]
}
