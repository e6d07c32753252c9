// SPDX-License-Identifier: GPL-3.0-or-later

// Runs command lines one after the other in this process, on Linux: most of the time of a short one is the start of its
// process.
//
//     klsim-lines OUTPUT ERRORS
//
// A request on standard input is a number of bytes in eight digits, then these: the path of the command's standard
// input and its words, each with a zero byte after it. What the command prints is in the files OUTPUT and ERRORS; the
// answer on standard output is its exit code, processor time in microseconds and peak of memory in kilobytes.

import CLibrary
import KLSimCommand
import SystemPackage

let requests = try FileDescriptor.standardInput.duplicate()
let answers = try FileDescriptor.standardOutput.duplicate()
let (output, errors) = (FilePath(CommandLine.arguments[1]), FilePath(CommandLine.arguments[2]))
// What is written there lets the peak of memory begin anew.
let peak = try FileDescriptor.open(FilePath("/proc/self/clear_refs"), .writeOnly)
// A command writes to a closed pipe as the program does.
_ = signal(SIGPIPE, SIG_IGN)

/// The next bytes of the requests; nil if there are no more.
func read(_ count: Int) throws -> [UInt8]? {
  var bytes = [UInt8](repeating: 0, count: count)
  var place = 0
  while place < count {
    let more = try unsafe bytes.withUnsafeMutableBytes {
      try unsafe requests.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[place...]))
    }
    guard more > 0 else { return nil }
    place += more
  }
  return bytes
}

/// Opens a file as one of the standard descriptors.
func open(
  _ path: FilePath, _ mode: FileDescriptor.AccessMode, _ options: FileDescriptor.OpenOptions = [],
  as descriptor: FileDescriptor
) throws {
  let file = try FileDescriptor.open(path, mode, options: options, permissions: .ownerReadWrite)
  _ = try file.closeAfter { try file.duplicate(as: descriptor) }
}

/// Microseconds of processor time so far, and the peak of memory in kilobytes.
func usage() -> (time: Int, memory: Int) {
  var usage = rusage()
  _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  let time = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + 1_000_000 * $1.tv_sec + $1.tv_usec }
  return (time, usage.ru_maxrss)
}

while let digits = try read(8), let count = Int(String(decoding: digits, as: UTF8.self)),
  let request = try read(count)
{
  let words = request.split(separator: 0, omittingEmptySubsequences: false).dropLast().map {
    String(decoding: $0, as: UTF8.self)
  }
  try open(FilePath(words[0]), .readOnly, as: .standardInput)
  try open(output, .writeOnly, [.create, .truncate], as: .standardOutput)
  try open(errors, .writeOnly, [.create, .truncate], as: .standardError)
  _ = try peak.writeAll("5".utf8)
  let start = usage().time
  let code = await KLSimProgram.run(Array(words.dropFirst()))
  let end = usage()
  _ = try answers.writeAll("\(code) \(end.time - start) \(end.memory)\n".utf8)
}
