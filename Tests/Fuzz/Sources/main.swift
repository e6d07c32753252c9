// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation

/// The whole of libFuzzer: it reads the arguments, and calls a function with one input after the other.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ argumentCount: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

// The package manager gives programs a main function of their own, so that libFuzzer's is not taken.
var argumentCount = CommandLine.argc
var arguments = unsafe CommandLine.unsafeArgv
exit(unsafe runFuzzer(&argumentCount, &arguments, testOneInput))
