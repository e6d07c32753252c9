// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimNumerics

/// How the student q is parametrised.
public enum StudentAxis: Axis {
  public static let name = "student"
  public static let column = Column(key: "student", .text, "specification of the student q")
  public static let help =
    "Student: softmax, gaussian:mean=20:width=5, … (default: softmax)"
  public static let decidesStart = true

  public static func defaults(after setup: Setup) -> [String] { [SoftmaxStudent.name] }

  public static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<any Student> {
    try Catalog.student(text, reader: reader, kernels: kernels)
  }
}
