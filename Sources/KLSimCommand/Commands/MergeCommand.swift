// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimStudies

/// Puts the shards of a sweep together.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put the shards of a sweep together.",
    discussion: """
      Takes the finished chunks of a sweep from the folders in which its shards ran, and writes the complete \
      tables: the same bytes as one process would have written. It refuses shards of different studies, \
      and names the chunks that no folder has.
      """)

  @Argument(help: ArgumentHelp("The folders of the shards.", valueName: "folder"))
  var folders: [String]

  @Option(
    help: ArgumentHelp(
      "Where the tables go. (default: the folder, if there is only one)", valueName: "folder"))
  var output: String?

  @Flag(help: "One file for each table however large.")
  var oneFile = false

  @Flag(help: "No summary; warnings and errors still appear.")
  var quiet = false

  func run() throws {
    guard let destination = output ?? (folders.count == 1 ? folders[0] : nil) else {
      throw UsageError(description: "--output FOLDER says where the tables of several folders go")
    }
    let runs = try SweepCollection(folders, into: destination).run(
      isOneFile: oneFile, tell: { Terminal.say("klsim: note: \($0)") })
    guard !quiet else { return }
    Terminal.say("\(runs) runs are complete in \(destination)")
  }
}
