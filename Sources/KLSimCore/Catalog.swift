// SPDX-License-Identifier: GPL-3.0-or-later

/// Every component that a user can name: the built-in ones, and those that a program adds, such as
/// `try Catalog.objectives.add(MyDivergence.self)`.
public enum Catalog {
  /// Teachers p.
  public static let teachers = Registry<any Teacher.Type>(
    [
      LongTailTeacher.self, BimodalTeacher.self, UnimodalTeacher.self, OverlappingTeacher.self,
      MixtureTeacher.self, ZipfTeacher.self, GeometricTeacher.self, UniformTeacher.self,
      DirichletTeacher.self, LogNormalTeacher.self, ParetoTeacher.self, GammaTeacher.self,
      SoftmaxNormalTeacher.self, PermutedZipfTeacher.self, FileTeacher.self, NGramTeacher.self,
      EnsembleTeacher.self,
    ],
    aliases: [
      "long-tail": ["longtail"], "zipfian": ["zipf"],
    ]
  ) { $0.name }

  /// Students: how q is parametrised.
  public static let students = Registry<any Student.Type>([
    SoftmaxStudent.self, GaussianStudent.self, GaussianMixtureStudent.self, ZipfStudent.self,
    LinearStudent.self, LowRankStudent.self, LogBilinearStudent.self,
  ]) { $0.name }

  /// Objectives: what is minimised.
  public static let objectives = Registry<any Objective.Type>(
    [
      ForwardKL.self, ReverseKL.self, SoftCrossEntropy.self, Mixture.self, Jeffreys.self,
      AdaptiveKL.self, EntropySwitchedKL.self, JensenShannon.self, GeneralizedJensenShannon.self,
      SkewForwardKL.self, SkewReverseKL.self, AlphaDivergence.self, RenyiDivergence.self,
      AlphaBetaDivergence.self, TotalVariation.self, Hellinger.self, PearsonChiSquare.self,
      NeymanChiSquare.self, TriangularDiscrimination.self, BrierScore.self, CsiszarDivergence.self,
      Wasserstein.self, Sinkhorn.self, HardCrossEntropy.self, LogitMSE.self,
      HintonDistillation.self, DecoupledKL.self, ImprovedKL.self, DecoupledDistillation.self,
      DiversityReverseKL.self, ToDi.self, RankLogistic.self, RankHinge.self,
      TopKKL.self, BatchSinkhorn.self,
    ],
    aliases: [
      "forward-kl": ["fkl"], "kl-forward": ["fkl"], "reverse-kl": ["rkl"], "kl-reverse": ["rkl"],
      "kl": ["fkl", "rkl"], "kld": ["fkl", "rkl"], "kl-div": ["fkl", "rkl"],
      "cross-entropy": ["soft-ce", "ce"], "adaptive-kl": ["akl"], "jsd": ["js"],
      "jensen-shannon": ["js"],
      "skew-kl": ["skew-fkl", "skew-rkl"], "skewed-kl": ["skew-fkl", "skew-rkl"],
      "tv": ["tvd"], "total-variation": ["tvd"], "chi2": ["chi2-pearson", "chi2-neyman"],
      "wasserstein": ["w1"], "emd": ["w1"], "kd": ["hinton"], "mse": ["mse-logits"],
    ]
  ) { $0.name }

  /// Optimizers: how the parameters are updated.
  public static let optimizers = Registry<any Optimizer.Type>(
    [
      Adam.self, AdamW.self, SGD.self, RMSProp.self,
      NaturalGradient.self, GradientFlow.self,
    ],
    aliases: [
      "gd": ["sgd"], "gradient-descent": ["sgd"],
    ]
  ) { $0.name }

  /// Schedules of the learning rate.
  public static let schedules = Registry<any Schedule.Type>(
    [
      ConstantSchedule.self, WarmupSchedule.self, LinearSchedule.self, CosineSchedule.self,
      StepSchedule.self, InverseSquareRootSchedule.self,
    ],
    aliases: [
      "cosine-annealing": ["cosine"]
    ]
  ) { $0.name }

  /// Initial logits.
  public static let initializations = Registry<any Initialization.Type>(
    [
      TorchUniformInitialization.self, UniformInitialization.self, NormalInitialization.self,
      ZerosInitialization.self, TeacherNoiseInitialization.self, FileInitialization.self,
      StudentInitialization.self, PretrainedInitialization.self,
    ],
    aliases: [
      "gaussian": ["normal"], "zero": ["zeros"],
    ]
  ) { $0.name }

  /// Rules that tell head from tail.
  public static let heads = Registry<any HeadRule.Type>([
    MassHead.self, RankHead.self, CountHead.self,
  ]) { $0.name }

  /// Metrics beside the standard ones, in the order of their columns.
  public static let metrics = Registry<any Metric.Type>(
    [
      JensenShannonMetric.self, LogRatioMetric.self, TopTokenMetric.self, ModeMassMetric.self,
      NucleusMetric.self, RelativeErrorMetric.self, ProgressMetric.self, GradientShareMetric.self,
      VoidMassMetric.self,
    ],
    aliases: [
      "jsd": ["js"], "top-1": ["top1"],
    ]
  ) { $0.name }
}
