// SPDX-License-Identifier: GPL-3.0-or-later

/// Whether a text names an option of the command, such as `--teacher`.
public func namesAnOption(_ text: String) -> Bool { text.contains(#/--[a-z]/#) }
