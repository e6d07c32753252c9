// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

extension Setup {
  var contextGroups: [Range<Int>] {
    let count = teacher.component.contexts.count
    return isJoint ? [0..<count] : (0..<count).map { $0..<$0 + 1 }
  }
}
