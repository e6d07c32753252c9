// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

/// The product of several choices of every component, over a range of seeds.
public struct Grid: Sendable {
  public var teachers: [Chosen<TeacherRecipe>]
  public var students: [Chosen<any Student>]
  public var objectives: [Chosen<ObjectiveRecipe>]
  public var optimizers: [Chosen<any Optimizer>]
  public var learningRates: [Double]
  /// Nil for the usual start of each student.
  public var initializations: [Chosen<any Initialization>]?
  public var epochs: Int
  public var seeds: Range<UInt64>

  /// A grid of chosen components; see `Setup` for what each is.
  public init(
    teachers: [Chosen<TeacherRecipe>], students: [Chosen<any Student>],
    objectives: [Chosen<ObjectiveRecipe>], optimizers: [Chosen<any Optimizer>],
    learningRates: [Double], initializations: [Chosen<any Initialization>]?, epochs: Int,
    seeds: Range<UInt64>
  ) {
    self.teachers = teachers
    self.students = students
    self.objectives = objectives
    self.optimizers = optimizers
    self.learningRates = learningRates
    self.initializations = initializations
    self.epochs = epochs
    self.seeds = seeds
  }

  /// How many runs there are, those of a teacher's contexts counted one by one.
  ///
  /// - Throws: `GridError` if there are more than can be counted.
  public var runCount: Int {
    get throws(GridError) {
      let contexts = setups.reduce(0) { $0 + $1.teacher.component.contexts.count }
      let (count, overflows) = contexts.multipliedReportingOverflow(by: seeds.count)
      guard !overflows else { throw GridError(description: "more runs than can be counted") }
      return count
    }
  }

  /// Whether a teacher has several contexts.
  public var hasContexts: Bool { teachers.contains { $0.component.contexts.count > 1 } }

  /// How often each initial state is started from: by every objective, optimizer and learning rate.
  var usesOfAStart: Int { objectives.count * optimizers.count * learningRates.count }

  /// Every setup, in the order of the key columns: the last component changes fastest.
  public var setups: [Setup] {
    teachers.flatMap { teacher in
      students.flatMap { student in
        objectives.flatMap { objective in
          optimizers.flatMap { optimizer in
            learningRates.flatMap { learningRate in
              (initializations ?? [student.component.usualStart]).map { initialization in
                Setup(
                  teacher: teacher, student: student, objective: objective, optimizer: optimizer,
                  learningRate: learningRate, initialization: initialization, epochs: epochs)
              }
            }
          }
        }
      }
    }
  }
}
