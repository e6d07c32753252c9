// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimTestSupport
import Testing

/// Objectives against their formulas, worked out slowly in wider arithmetic.
@Suite struct ObjectiveReferenceTests {
  @Test(arguments: ObjectiveCatalog.names)
  func aReferenceExists(name: String) {
    #expect(ReferenceObjective(name) != nil, "write its formula in ReferenceObjective")
  }

  /// Teachers and students a few nats apart: nothing cancels.
  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all([.moderate]))
  func moderateGradientsEqualTheFormulas(specification: String, randomCase: RandomCase) throws {
    let (actual, expected) = try values(of: specification, at: randomCase)
    #expect(worstGap(actual.gradient, expected.gradient) <= 1e-12 * largest(expected.gradient))
    #expect(
      gap(actual.loss, expected.loss)
        <= max(1e-12 * abs(expected.loss), expected.lossRounding, 1e-18))
  }

  /// Every way to truncate, with S neither one token nor all.
  @Test(
    arguments: ["truncate", "renormalize-teacher", "renormalize", "bucket", "clamp"],
    ["forward", "reverse"])
  func truncationsEqualTheFormulas(mode: String, direction: String) throws {
    for randomCase in RandomCase.all([.moderate], sizes: [3, 80, 1000]) {
      for selection in ["teacher", "student"] {
        for count in [2, randomCase.size / 2 + 1] {
          let specification =
            "topk-kl:k=\(count):mode=\(mode):direction=\(direction):select=\(selection)"
          let (actual, expected) = try values(of: specification, at: randomCase)
          #expect(
            worstGap(actual.gradient, expected.gradient) <= 1e-12 * largest(expected.gradient),
            "\(specification), \(randomCase)")
          #expect(
            gap(actual.loss, expected.loss) <= max(1e-12 * abs(expected.loss), 1e-15),
            "\(specification), \(randomCase)")
        }
      }
    }
  }

  /// Of equals the lower token is selected, whatever the order of the teacher.
  @Test func tiesOfTheStudentGoToTheLowerToken() throws {
    let teacher = try TeacherDistribution(.linear([0.1, 0.2, 0.3, 0.4]))
    let state = FitState(teacher: teacher, logits: teacher.byRank([0, 1, 1, 1]))
    let gradient = try Catalog.objective("topk-kl:k=2:select=student").component
      .lossAndGradient(at: state).gradient
    #expect(gradient[1] != 0 && gradient[2] != 0)
    #expect(gradient[0] == 0 && gradient[3] == 0)
  }

  /// p down to 1e-300 and logits to ±700.
  ///
  /// Where teacher and student, or a student and itself, sit on one token, components are
  /// differences of almost equal numbers: sixteen times what one rounding of every log p and log q
  /// does to them is then allowed, or a hundred of q itself, instead of 1e-12 of what is left. What exceeds a double in the
  /// formula is not finite in the objective.
  @Test(arguments: ObjectiveCatalog.specifications, RandomCase.all([.extreme, .logits]))
  func extremeGradientsEqualTheFormulas(specification: String, randomCase: RandomCase) throws {
    let (actual, expected) = try values(of: specification, at: randomCase)
    guard expected.loss.isFinite, expected.gradient.allSatisfy(\.isFinite) else {
      let isFinite = actual.loss.isFinite && actual.gradient.allSatisfy(\.isFinite)
      #expect(!isFinite && !actual.loss.isNaN)
      return
    }
    #expect(
      worstGap(actual.gradient, expected.gradient)
        <= max(1e-12 * largest(expected.gradient), 16 * expected.rounding, 0x1p-46))
    #expect(
      gap(actual.loss, expected.loss)
        <= max(1e-12 * abs(expected.loss), 16 * expected.lossRounding, 0x1p-49))
  }

  private func values(
    of specification: String, at randomCase: RandomCase
  ) throws -> (actual: (loss: Double, gradient: [Double]), expected: ReferenceObjective.Value) {
    let reference = try #require(ReferenceObjective(specification))
    let objective = try Catalog.objective(specification).component
    let state = ReferenceState(randomCase.weights, logits: randomCase.logits)
    return (
      objective.lossAndGradient(at: try randomCase.state()), reference.value(at: state)
    )
  }

  /// The worked values of the mathematical specification, given there to 1e-11.
  struct WorkedValue: Sendable, CustomStringConvertible {
    let objective: String
    let loss: Double
    let gradient: [Double]
    var description: String { objective }
  }

  static let workedValues = [
    WorkedValue(
      objective: "ce:target=0", loss: 1.329975758871,
      gradient: [-0.735516327395, 0.195934323739, 0.323041087208, 0.216540916449]),
    WorkedValue(
      objective: "soft-ce", loss: 1.399975758871,
      gradient: [-0.235516327395, -0.104065676261, 0.173041087208, 0.166540916449]),
    WorkedValue(
      objective: "fkl", loss: 0.257855715883,
      gradient: [-0.235516327395, -0.104065676261, 0.173041087208, 0.166540916449]),
    WorkedValue(
      objective: "rkl", loss: 0.313316001776,
      gradient: [-0.251297728047, -0.144857959734, 0.146605162964, 0.249550524817]),
    WorkedValue(
      objective: "mix:lambda=0.9", loss: 0.307769973187,
      gradient: [-0.249719587982, -0.140778731387, 0.149248755388, 0.241249563980]),
    WorkedValue(
      objective: "jeffreys", loss: 0.571171717659,
      gradient: [-0.486814055442, -0.248923635995, 0.319646250172, 0.416091441266]),
    WorkedValue(
      objective: "akl:mu=0.5", loss: 0.294083824115,
      gradient: [-0.245825150757, -0.130712261955, 0.155772450574, 0.220764962139]),
    WorkedValue(
      objective: "akl:mu=0.8", loss: 0.285585858829,
      gradient: [-0.243407027721, -0.124461817998, 0.159823125086, 0.208045720633]),
    WorkedValue(
      objective: "bdkd", loss: 1.197803721211,
      gradient: [-0.989409511537, -0.538639555463, 0.612856576099, 0.915192490901]),
    WorkedValue(
      objective: "js", loss: 0.068181012136,
      gradient: [-0.056935491034, -0.029173006778, 0.040295778803, 0.045812719009]),
    WorkedValue(
      objective: "gjsd:beta=0.1", loss: 0.023365706678,
      gradient: [-0.020879675542, -0.009551199318, 0.015304731398, 0.015126143462]),
    WorkedValue(
      objective: "gjsd:beta=0.1:weighting=crossed", loss: 0.190985947287,
      gradient: [-0.167200381309, -0.079005886099, 0.122136548434, 0.124069718974]),
    WorkedValue(
      objective: "skew-fkl:alpha=0.1", loss: 0.211938477363,
      gradient: [-0.185490469530, -0.087687721946, 0.135490525563, 0.137687665913]),
    WorkedValue(
      objective: "skew-rkl:alpha=0.1", loss: 0.235471338176,
      gradient: [-0.190137630906, -0.104465663519, 0.126008743578, 0.168594550848]),
    WorkedValue(
      objective: "skew-rkl:alpha=0.1:detach-mixture=true", loss: 0.235471338176,
      gradient: [-0.217948081699, -0.122688156319, 0.136483249064, 0.204152988953]),
    WorkedValue(
      objective: "tvd", loss: 0.339582003657,
      gradient: [-0.142710629999, -0.105722634988, 0.148733930109, 0.099699334878]),
    WorkedValue(
      objective: "alpha:alpha=0.5", loss: 0.278888451284,
      gradient: [-0.235214788614, -0.120346228584, 0.160780747442, 0.194780269755]),
    WorkedValue(
      objective: "renyi:alpha=0.5", loss: 0.144543868099,
      gradient: [-0.126421788508, -0.064682945947, 0.086415440837, 0.104689293618]),
    WorkedValue(
      objective: "hellinger", loss: 0.069722112821,
      gradient: [-0.058803697153, -0.030086557146, 0.040195186861, 0.048695067439]),
    WorkedValue(
      objective: "chi2-pearson", loss: 0.485771267660,
      gradient: [-0.552275691458, -0.168224001113, 0.410314582824, 0.310185109748]),
    WorkedValue(
      objective: "chi2-neyman", loss: 0.901373753637,
      gradient: [-0.725958174415, -0.489153699727, 0.162963564533, 1.052148309609]),
    WorkedValue(
      objective: "triangular", loss: 0.261750986243,
      gradient: [-0.214578126425, -0.110499741640, 0.160726307261, 0.164351560804]),
    WorkedValue(
      objective: "alpha-beta:alpha=0.2:beta=0.7", loss: 0.348240340722,
      gradient: [-0.276611303950, -0.155470706736, 0.169979953062, 0.262102057624]),
    WorkedValue(
      objective: "alpha-beta:alpha=0.5:beta=0", loss: 0.617127221186,
      gradient: [-0.451720257509, -0.259098787616, 0.281443942145, 0.429375102979]),
    WorkedValue(
      objective: "alpha-beta:alpha=0.5:beta=0:limits=abkd-code", loss: 0.308563610593,
      gradient: [-0.225860128754, -0.129549393808, 0.140721971072, 0.214687551490]),
    WorkedValue(
      objective: "alpha-beta:alpha=0:beta=0", loss: 1.661990789639,
      gradient: [-0.946292779603, -0.655259673511, 0.389163797005, 1.212388656109]),
    WorkedValue(
      objective: "brier", loss: 0.123976700159,
      gradient: [-0.129490343828, -0.044417417240, 0.105801799694, 0.068105961375]),
    WorkedValue(
      objective: "mse-logits", loss: 0.745429022873,
      gradient: [-0.464672940136, -0.359260128253, 0.237313462027, 0.586619606361]),
    WorkedValue(
      objective: "hinton:temperature=2:alpha=0.5:target=0", loss: 0.826081590972,
      gradient: [-0.488404521299, 0.026761761129, 0.239456659480, 0.222186100690]),
    WorkedValue(
      objective: "ikl:weight-temperature=1", loss: 1.593189734667,
      gradient: [-0.425002758609, -0.154509847860, 0.326791078493, 0.252721527977]),
    WorkedValue(
      objective: "dkd:temperature=4:alpha=1:beta=8:target=0", loss: 2.561733260042,
      gradient: [-0.239110847903, -2.696847700176, 0.715309273046, 2.220649275033]),
    WorkedValue(
      objective: "rank-logistic", loss: 0.697020313198,
      gradient: [-0.237592913825, -0.120313505895, 0.128496831416, 0.229409588304]),
    WorkedValue(
      objective: "rank-hinge", loss: 0.248296443879,
      gradient: [-0.136199334616, -0.035587507591, 0.102846662599, 0.068940179608]),
    WorkedValue(
      objective: "drkl:gamma=0.5:target=0", loss: 0.249959043389,
      gradient: [-0.198966071312, -0.090978701244, 0.112018479600, 0.177926292957]),
    WorkedValue(
      objective: "todi", loss: 0.571171717659,
      gradient: [-0.382612772395, -0.202846099161, 0.233785739731, 0.351673131825]),
    WorkedValue(
      objective: "sinkhorn:epsilon=0.1", loss: 0.282760928025,
      gradient: [-0.108869786126, -0.031380190233, 0.044141513704, 0.096108462655]),
    WorkedValue(
      objective: "sinkhorn:epsilon=0.1:debiased=true", loss: 0.162346600607,
      gradient: [-0.108664244146, -0.033620077670, 0.048034851615, 0.094249470200]),
    WorkedValue(
      objective: "w1", loss: 0.247213082500,
      gradient: [-0.131504742127, -0.032109667827, 0.054740470060, 0.108873939894]),
    WorkedValue(
      objective: "topk-kl:k=2:mode=renormalize", loss: 0.005292006311,
      gradient: [-0.050557483188, 0.050557483188, 0, 0]),
    WorkedValue(
      objective: "topk-kl:k=2:mode=bucket", loss: 0.247719694327,
      gradient: [-0.235516327395, -0.104065676261, 0.203303555185, 0.136278448471]),
    WorkedValue(
      objective: "topk-kl:k=2:mode=truncate:direction=reverse", loss: -0.251899362021,
      gradient: [0.040903137181, 0.071609765326, -0.067360086335, -0.045152816173]),
    WorkedValue(
      objective: "csiszar:f=modified-gan", loss: 0.944196462983,
      gradient: [-0.195474022724, -0.119890642505, 0.103959646823, 0.211405018406]),
    WorkedValue(
      objective: "csiszar:f=arithmetic-geometric", loss: 1.535518195677,
      gradient: [-0.129536045654, -0.066115804441, 0.079231567479, 0.116420282616]),
  ]

  @Test(arguments: workedValues)
  func workedValuesAreMet(value: WorkedValue) throws {
    let teacher = try TeacherDistribution(.linear([0.5, 0.3, 0.15, 0.05]))
    let state = FitState(teacher: teacher, logits: teacher.byRank([0.2, -0.1, 0.4, 0]))
    let actual = try Catalog.objective(value.objective).component.lossAndGradient(at: state)
    #expect(gap(actual.loss, value.loss) <= 1e-11)
    #expect(worstGap(actual.gradient, value.gradient) <= 1e-11)
  }

  @Test(arguments: [
    ("akl", 0.5, 0.5, 0.153169911492),
    ("akl:head-rule=inclusive", 0.646832763190, 0.353167236810, 0.152989165556),
  ])
  func headRulesChangeTheWeights(
    specification: String, forward: Double, reverse: Double, loss: Double
  ) throws {
    let teacher = try TeacherDistribution(.linear([0.45, 0.3, 0.15, 0.1]))
    let state = FitState(teacher: teacher, logits: teacher.byRank([0, 0.5, -0.3, 0.1]))
    let recipe = try Catalog.objective(specification).component
    let weights = try #require(recipe.objective as? AdaptiveKL).rule.weights(at: state)
    #expect(worstGap([weights.forward, weights.reverse], [forward, reverse]) <= 1e-11)
    #expect(gap(recipe.lossAndGradient(at: state).loss, loss) <= 1e-11)
  }

  /// The errors of head and tail are 0/0 there; the authors' code divides.
  @Test func adaptiveWeightsAreHalvesAtTheTeacherItself() throws {
    let teacher = try TeacherDistribution(.linear([1, 1]))
    let state = FitState(teacher: teacher, logits: [0, 0])
    let recipe = try Catalog.objective("akl").component
    let weights = try #require(recipe.objective as? AdaptiveKL).rule.weights(at: state)
    #expect(weights.forward == 0.5 && weights.reverse == 0.5)
    #expect(recipe.lossAndGradient(at: state) == (0, [0, 0]))
  }

  /// p − q has one sign on the head and the other on the tail, and sums to 0.
  @Test(arguments: 1...20)
  func adaptiveWeightsAreHalvesForTwoTokens(seed: UInt64) throws {
    let state = try RandomCase(.moderate, size: 2, seed: seed).state()
    let recipe = try Catalog.objective("akl").component
    let weights = try #require(recipe.objective as? AdaptiveKL).rule.weights(at: state)
    // Two errors of about 0.1 made of numbers of about 1.
    #expect(gap(weights.forward, 0.5) <= 1e-13 && gap(weights.reverse, 0.5) <= 1e-13)
  }
}
