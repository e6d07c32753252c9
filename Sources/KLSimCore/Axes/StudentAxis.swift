// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimNumerics

/// How the student q is parametrised.
package enum StudentAxis: Axis {
  package static let name = "student"
  package static let column = Column(key: "student", .text, "specification of the student q")
  package static let help =
    "Student: softmax, gaussian:mean=20:width=5, … (default: softmax)"
  package static let decidesStart = true

  package static func defaults(after setup: Setup) -> [String] { [SoftmaxStudent.name] }

  package static func choose(
    _ text: String, reader: any NumberReader, kernels: VectorKernels
  ) throws -> Chosen<any Student> {
    try Catalog.student(text, reader: reader, kernels: kernels)
  }
}
