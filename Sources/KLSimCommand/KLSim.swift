// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// The command.
struct KLSim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "klsim",
    abstract: "Simulates knowledge distillation on toy distributions.",
    discussion: """
      A student softmax is fitted to a teacher under a divergence; every epoch is recorded with \
      how far the head and the tail of the student are from the teacher.

      Components are named by specifications: name, or name:key=value:key=value. \
      'klsim list' shows every name with its keys, defaults and sources.

      Exit codes: 0 success, 1 a verdict that reproduce --check does not find again, 64 usage, \
      65 bad data, 66 input missing, 69 gnuplot missing, 70 gnuplot, GSL or klsim failed, 73 output \
      cannot be created, 74 read or write error, 130 interrupted.
      """,
    version: "klsim \(version) (GSL \(GSL.version))",
    subcommands: [
      RunCommand.self, ReproduceCommand.self, PlotCommand.self, GradientCommand.self,
      ListCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  static let version = "0.1.0"

  /// Runs the command, and ends the process unless it succeeds.
  static func runToTheEnd() async {
    do {
      try refuseUnknownCommand()
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch OutputError.closedPipe {
      // The reader has closed the pipe, as `head` does, and needs no more output: a success.
    } catch {
      guard let code = ExitCode(of: error) else { exit(withError: error) }
      Terminal.say("klsim: error: \(errorText(error))")
      if let hint = hint(for: error) { Terminal.say("klsim: hint: \(hint)") }
      exit(withError: code)
    }
  }

  /// Refuses a first argument that is neither an option nor a command.
  ///
  /// The default command takes options only, so that the parser would not name the commands.
  private static func refuseUnknownCommand() throws(SpecificationError) {
    guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-") else { return }
    let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    _ = try known.place(of: word, kind: "command")
  }
}
