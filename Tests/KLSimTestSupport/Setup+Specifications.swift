// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimCore

extension Setup {
  /// A setup made of specifications, with the defaults of the run command.
  public init(
    teacher: String = "longtail", student: String = "softmax", objective: String = "fkl",
    optimizer: String = "adam", learningRate: Double = 0.2, initialization: String? = nil,
    schedule: String? = nil, epochs: Int = 200, reader: any NumberReader = NoFiles()
  ) throws {
    try self.init(
      [
        "teacher": teacher, "student": student, "objective": objective, "optimizer": optimizer,
        "learning-rate": learningRate.description, "init": initialization, "schedule": schedule,
      ], epochs: epochs, reader: reader)
  }
}

/// Numbers that a specification can name as if they were in a file.
public struct FixedNumbers: NumberReader {
  private let numbers: [Double]

  /// The reader that always reads these.
  public init(_ numbers: [Double]) {
    self.numbers = numbers
  }

  public func numbers(_ source: NumberSource) -> [Double] { numbers }

  public func text(path: String) -> String { "to be or not to be" }
}
