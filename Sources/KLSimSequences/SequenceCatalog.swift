// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore

/// Every component of sequences that a user can name.
package enum SequenceCatalog {
  /// Teachers of sequences.
  package static let worlds = Registry<any SequenceTeacher.Type>([
    TabularWorld.self, MarkovWorld.self, BanditWorld.self,
  ]) { $0.name }

  /// Students of sequences.
  package static let students = Registry<any SequenceStudent.Type>([
    TabularSequenceStudent.self, MarkovSequenceStudent.self, LowRankSequenceStudent.self,
  ]) { $0.name }

  /// Exact losses of sequences.
  package static let objectives = Registry<any SequenceObjective.Type>(
    [
      SequenceForwardKL.self, SequenceReverseKL.self, SequenceJensenShannon.self,
      SequenceTotalVariation.self, PrefixObjective.self,
    ],
    aliases: [
      "fkl": ["seq-fkl"], "forward-kl": ["seq-fkl"], "rkl": ["seq-rkl"], "reverse-kl": ["seq-rkl"],
      "tvd": ["seq-tvd"], "gjsd": ["seq-gjsd"],
    ]
  ) { $0.name }

  /// What moves the student at a step: exact gradients, then estimates from sampled sequences.
  package static let signals = Registry<any Signal.Type>([
    SequenceKD.self, PolicyGradient.self, RaoBlackwell.self, KLEstimatorSignal.self,
    DivergenceReward.self, TokenLoss.self, MiniLLM.self, GKDSamples.self, SpeculativeKD.self,
    SparseTeacher.self, PreferenceDistillation.self, PreferenceOptimization.self,
    SelfNormalizedImportance.self, ScoreClimbing.self, PromptAdaptation.self,
  ]) { $0.name }

  package static let world = ComponentKind(
    singular: "world", plural: "worlds", registry: worlds,
    sharedParameters: WorldRecipe.parameters
  ) {
    $0
  } make: {
    try WorldRecipe(family: try $0.init($1), $1)
  }

  package static let student = ComponentKind(
    singular: "sequence-student", plural: "sequence-students", registry: students
  ) {
    $0
  } make: {
    try $0.init($1)
  }

  package static let objective = ComponentKind(
    singular: "sequence-objective", plural: "sequence-objectives", registry: objectives
  ) {
    $0
  } make: {
    try $0.init($1)
  }

  package static let estimator = ComponentKind(
    singular: "signal", plural: "signals", registry: signals
  ) {
    $0
  } make: {
    try $0.init($1)
  }

  /// Every kind.
  package static let kinds: [any Kind] = [world, student, objective, estimator]
}
