// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics

/// A parser of what users write, which libFuzzer gives its inputs.
struct Fuzzer: Sendable {
  /// Its name, and that of the folder of its corpus.
  let name: String
  /// Reads an input, and checks what comes of it.
  let run: @Sendable ([UInt8]) throws -> Void

  init(_ name: String, _ run: @escaping @Sendable ([UInt8]) throws -> Void) {
    (self.name, self.run) = (name, run)
  }

  /// Every fuzzer.
  static let all = [
    specifications, csv, npy, npz, safetensors, points, text, study, table, folder,
  ]

  /// The one that `--parser=name` asks for; libFuzzer leaves options with two dashes alone.
  static let chosen: Fuzzer = {
    let option = "--parser="
    let name = CommandLine.arguments.last { $0.hasPrefix(option) }?.dropFirst(option.count)
    guard let fuzzer = all.first(where: { $0.name == name ?? "" }) else {
      fatalError("\(option)… is one of \(all.map(\.name).joined(separator: ", "))")
    }
    return fuzzer
  }()
}

/// What libFuzzer calls with each input.
///
/// - Parameters:
///   - start: the first byte.
///   - count: how many bytes there are.
/// - Returns: 0, by which it keeps inputs that reach new code.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  attempt { try Fuzzer.chosen.run(bytes) }
  return 0
}

/// Runs a part of a fuzzer, and checks its error.
func attempt(_ body: () throws -> Void) {
  do {
    try body()
  } catch {
    let text = "\(error)"
    expect(error is any CategorizedError, "an error with an exit code: \(type(of: error)) \(text)")
    expect(!text.allSatisfy(\.isWhitespace), "an error that says something: \(type(of: error))")
    expect(text.utf8.count <= 1 << 14, "a message, not a whole file: \(text.prefix(200))")
  }
}

/// Ends the process, which libFuzzer takes for a crash, unless a condition holds.
func expect(_ condition: Bool, _ expectation: @autoclosure () -> String) {
  if !condition { fatalError("expected \(expectation())") }
}
