// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The values of `torch.manual_seed(seed); torch.rand(V)` on the CPU, bit for bit.
///
///     float32:  (x AND 2²⁴−1)·2⁻²⁴              x: one 32-bit output of MT19937
///     float64:  (x·2³²+x′ AND 2⁵³−1)·2⁻⁵³       x, x′: two outputs
package struct TorchUniformInitialization: Initialization {
  package static let name = "torch-uniform"
  package static let summary = "what torch.manual_seed(seed); torch.rand(V) gives"
  package static let reference = "PyTorch, CPUGeneratorImpl and DistributionsHelper"

  /// The type of PyTorch's tensor.
  package enum Precision: String, ParameterChoice {
    case float32
    case float64
  }

  static let skip = Parameter(
    "skip", default: 0, .range(0...(1 << 28)),
    summary: "number of values of the stream to skip first")
  static let dtype = Parameter(
    "dtype", default: Precision.float32, summary: "type of PyTorch's tensor")
  package static let parameters: [any ParameterDeclaration] = [skip, dtype]

  let skip: Int
  let precision: Precision

  package init(_ values: Parameters) {
    (skip, precision) = (values[Self.skip], values[Self.dtype])
  }

  package func logits(for teacher: TeacherDistribution, seed: UInt64) -> [Double] {
    var stream = RandomStream(seed: seed)
    let perValue = precision == .float32 ? 1 : 2
    for _ in 0..<skip * perValue { _ = stream.nextBits() }
    let bits = stream.nextBits(teacher.size * perValue)
    return switch precision {
    case .float32:
      bits.map { Double($0 & 0xFF_FFFF) * 0x1p-24 }
    case .float64:
      (0..<teacher.size).map { token in
        let pair = UInt64(bits[2 * token]) << 32 | UInt64(bits[2 * token + 1])
        return Double(pair & 0x1F_FFFF_FFFF_FFFF) * 0x1p-53
      }
    }
  }
}
