// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// Half a cosine from the learning rate to a share of it.
package struct CosineSchedule: Schedule {
  package static let name = "cosine"
  package static let summary = "falls along half a cosine to a share of the learning rate"
  package static let formula = "factor = f + (1 - f) (1 + cos(π e/E))/2"
  package static let reference =
    "Loshchilov, Hutter, arXiv 1608.03983; torch.optim.lr_scheduler.CosineAnnealingLR(E, f η)"
  package static let parameters: [any ParameterDeclaration] = [finalShare]

  let final: Double

  package init(_ values: Parameters) { final = values[finalShare] }

  package func factor(update: Int, of count: Int) -> Double {
    final + (1 - final) * (1 + cosine(.pi * Double(update) / Double(count))) / 2
  }
}
