// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// Whether gnuplot is installed; in CI it must be.
let canDraw: Bool = {
  let environment = ProcessInfo.processInfo.environment
  let folders = environment["PATH"]?.split(separator: ":") ?? []
  return environment["CI"] != nil
    || folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/gnuplot") }
}()
