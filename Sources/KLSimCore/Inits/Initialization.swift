// SPDX-License-Identifier: GPL-3.0-or-later

/// The initial logits of a softmax student.
public protocol Initialization: Component {
  /// The initial logits by token index.
  ///
  /// - Parameters:
  ///   - teacher: the teacher, which has as many tokens.
  ///   - seed: the experiment's seed, with which the stream of the draws is seeded.
  /// - Returns: z.
  /// - Throws: `SetupError` if there are no such logits for this teacher.
  func logits(for teacher: TeacherDistribution, seed: UInt64) throws -> [Double]

  /// The starts of some of a teacher's contexts; the same for all unless a type says otherwise.
  ///
  /// - Parameters:
  ///   - contexts: one of the contexts, or all of them.
  ///   - count: the number of the teacher's contexts.
  /// - Returns: the starts.
  /// - Throws: `SetupError` if there are none for so many contexts.
  func restricted(to contexts: Range<Int>, of count: Int) throws -> any Initialization
}

extension Initialization {
  public func restricted(to contexts: Range<Int>, of count: Int) -> any Initialization { self }
}

/// An initialization that can give a student's parameters themselves.
protocol ParameterInitialization: Initialization {
  /// The initial parameters.
  ///
  /// - Parameters:
  ///   - model: the student.
  ///   - setup: the setup of the run; only choices on axes that decide starts may matter.
  ///   - seed: the experiment's seed.
  /// - Returns: θ; nil if the student starts from logits.
  /// - Throws: `SetupError` if there are no such parameters for this student.
  func parameters(
    of model: any StudentModel, in setup: Setup, seed: UInt64
  ) throws -> [Double]?
}

/// The initial parameters that the student's own specification gives.
package struct StudentInitialization: Initialization {
  package static let name = "student"
  package static let summary = "the start that the student's specification gives"

  package init(_ values: Parameters) {}

  package func logits(
    for teacher: TeacherDistribution, seed: UInt64
  ) throws(SetupError) -> [Double] {
    throw SetupError(
      "the init \(Self.name) is for students without free logits; choose another,"
        + " e.g. \(TorchUniformInitialization.name)")
  }

  /// Refuses initial logits for a student without free logits.
  static func check(
    _ initialization: any Initialization, of student: String
  ) throws(SetupError) {
    guard initialization is StudentInitialization else {
      throw SetupError(
        "the init \(type(of: initialization).name) gives one logit per token, and the"
          + " parameters of \(student) are not logits; choose the init \(Self.name), and set the"
          + " start in the student's specification")
    }
  }
}
