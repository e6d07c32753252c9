// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// Every claim that users can name: the built-in ones, and those that a program adds by
/// `try ClaimCatalog.claims.add(MyClaim.self)`.
public enum ClaimCatalog {
  /// The claims, in the order of reports.
  public static let claims = Registry<any Claim.Type>([
    Convergence.self, ConvergenceFromAnywhere.self, HeadFirst.self, TailFirst.self,
    HeadFocus.self, TailFocus.self, NoModeDropping.self, Plateaus.self, AdaptiveBalance.self,
    GaussianModeSeeking.self, TemperatureScale.self, Curvature.self, Capacity.self,
    JensenShannonEnds.self, Truncation.self, TopKReverse.self, SparseSampling.self,
    TeacherSamples.self, TokenwisePremise.self, Mixing.self, LearningRate.self, SinkhornBias.self,
    HeadFirstShared.self, TailFirstShared.self, TwoEpochs.self, CapacityShared.self,
    Forgetting.self,
    CrossEntropyIdentity.self, OneMinimum.self,
    // Of sequences.
    PolicyGradientBias.self, BaselineVariance.self, TokenVersusSequence.self, PrefixDirection.self,
    SequenceModeSeeking.self, PositionBias.self, SingleStepVariance.self, MiniLLMCode.self,
    TeacherMixing.self, KLPlacement.self, RaoBlackwellVariance.self, DivergenceRewards.self,
    LengthNormalisation.self, RegularisedReward.self,
  ]) { $0.name }
}
