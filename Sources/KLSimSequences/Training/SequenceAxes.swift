// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimCore
package import KLSimNumerics

/// The axes of runs on sequences, in the order of key columns and of products.
package enum SequenceAxes {
  package static let all: [any Axis.Type] = [
    WorldAxis.self, SequenceStudentAxis.self, SignalAxis.self, SamplesAxis.self,
    OptimizerAxis.self, LearningRateAxis.self, SequenceStartAxis.self, ScheduleAxis.self,
    ClipAxis.self,
  ]

  /// The axes whose columns lead the rows of some setups, and those that end them because a setup departs from
  /// the default there.
  package static func columns(
    of setups: [SequenceSetup]
  ) -> (leading: [any Axis.Type], trailing: [any Axis.Type]) {
    (
      all.filter { !$0.isAddition },
      all.filter { axis in axis.isAddition && setups.contains { $0.choices.departs(on: axis) } }
    )
  }
}

/// The teacher of sequences.
package enum WorldAxis: ComponentAxis {
  package typealias Value = WorldRecipe
  package static let name = "teacher"
  package static let column = Column(
    key: "teacher", .text, "specification of the teacher of sequences p")
  package static let help =
    "Teacher of sequences: tabular:size=3:length=4, markov:order=2:text=alice:unit=characters, …"
    + " (default: markov)"
  package static let decidesStart = true
  package static var kind: any Kind<Value> { SequenceCatalog.world }
  package static func defaults(after choices: Choices) -> [String] { [MarkovWorld.name] }
}

/// How the student is parametrised.
package enum SequenceStudentAxis: ComponentAxis {
  package typealias Value = any SequenceStudent
  package static let name = "student"
  package static let column = Column(
    key: "student", .text, "specification of the student of sequences q")
  package static let help = "Student: tabular, markov:order=1, low-rank:rank=2, … (default: markov)"
  package static let decidesStart = true
  package static var kind: any Kind<Value> { SequenceCatalog.student }
  package static func defaults(after choices: Choices) -> [String] { [MarkovSequenceStudent.name] }
}

/// What moves the student.
package enum SignalAxis: Axis {
  package static let name = "signal"
  package static let column = Column(
    key: "signal", .text, "specification of what moves the student: an exact loss, or an estimator")
  package static let help =
    "Signal: an exact loss such as seq-fkl or 'gkd:objective=\"gjsd:beta=0.5\"', or an estimator such as"
    + " policy-gradient:gamma=0"
  package static let forms = [
    ChoiceForm.component(SequenceCatalog.objective), .component(SequenceCatalog.estimator),
  ]
  package static let isCompared = true
  package static func defaults(after choices: Choices) -> [String] {
    [SequenceForwardKL.name, SequenceReverseKL.name]
  }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<SignalChoice> {
    try SignalChoice.choose(text, reader: reader, kernels: kernels)
  }
}

/// The number of samples a step.
package enum SamplesAxis: Axis {
  package static let name = "samples"
  package static let column = Column(
    key: "samples", .integer, "number of samples a step; exact losses use none")
  package static let valueName = "n"
  package static let help = "How many sequences are sampled a step. (default: 100)"
  package static let forms = [ChoiceForm.wholeNumber(from: 1)]
  package static func defaults(after choices: Choices) -> [String] { ["100"] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<Int> {
    try wholeNumber(text, expected: "a number of sequences a step: at least 1")
  }
}

/// The student's start.
package enum SequenceStartAxis: ComponentAxis {
  package typealias Value = any Initialization
  package static let name = "init"
  package static let column = Column(key: "init", .text, "specification of the initial logits")
  package static let help =
    "Initial logits of all histories: zeros, normal:sigma=1, teacher-noise:sigma=1, file:path=…"
    + " (default: normal; low-rank starts where its specification says)"
  package static let decidesStart = true
  package static var kind: any Kind<Value> { Catalog.initialization }
  package static func defaults(after choices: Choices) -> [String] {
    choices[SequenceStudentAxis.self].component is LowRankSequenceStudent
      ? [StudentInitialization.name] : [NormalInitialization.name]
  }
}
