// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// Several teachers averaged into one.
///
///     logits          log p = mean_k log p_k + const, the geometric mean
///     probabilities   p = mean_k p_k
///
/// Members keep their own parameters and are averaged token by token and context by context. Random
/// ones draw from the same stream, one after the other.
package struct EnsembleTeacher: ContextTeacher {
  package static let name = "ensemble"
  package static let summary = "several teachers averaged into one"
  package static let formula = "logits: p ∝ (Π_k p_k)^(1/K);  probabilities: p = (1/K) Σ_k p_k"
  package static let reference = "Timiryasov, Tastet, BabyLlama, arXiv 2308.02019 (logits)"

  enum Average: String, ParameterChoice {
    case logits
    case probabilities
  }

  static let members = Parameter<String>(
    "of", default: nil, .nonEmpty,
    summary: "the teachers, in double quotes with commas between them")
  static let average = Parameter("average", default: Average.logits, summary: "what is averaged")
  package static let parameters: [any ParameterDeclaration] = [members, average]

  package let contexts: TeacherContexts
  private let members: [Chosen<TeacherRecipe>]
  private let average: Average
  private let kernels: VectorKernels

  package init(_ values: Parameters) throws {
    members = try Specification.list(values[Self.members]).map {
      try Catalog.teacher($0, reader: values.reader, kernels: values.kernels)
    }
    average = values[Self.average]
    kernels = values.kernels
    contexts = members[0].component.contexts
    for member in members where member.component.contexts.count != contexts.count {
      throw SpecificationError.inconsistent(
        component: values.component,
        "\(members[0].specification) has \(contexts.count) contexts and \(member.specification)"
          + " \(member.component.contexts.count); they must have the same number")
    }
  }

  package var size: Int { members[0].component.size }

  package var isRandom: Bool { members.contains { $0.component.isRandom } }

  package func positions(count: Int) -> [Double] {
    members[0].component.family.positions(count: count)
  }

  package func weights(
    of context: Int, drawnWith stream: inout RandomStream
  ) throws -> TeacherWeights {
    let logs = try members.map {
      let teacher = try $0.component.distribution(of: context, drawnWith: &stream)
      return teacher.byToken(teacher.logProbabilities)
    }
    for (member, own) in zip(members, logs) where own.count != logs[0].count {
      throw DistributionError.sizes(
        members[0].specification, logs[0].count, member.specification, own.count)
    }
    guard average == .logits else { return .logarithmic(kernels.logSumExp(over: logs).logs) }
    let share = 1 / Double(logs.count)
    return .logarithmic(
      logs[0].indices.map { token in logs.reduce(0) { $0 + share * $1[token] } })
  }
}
