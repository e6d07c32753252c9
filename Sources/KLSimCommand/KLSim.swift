// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import CLibrary
internal import Dispatch
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics
internal import SystemPackage

/// The whole command, for programs that add components of their own: they appear by name beside the
/// built-in ones in every subcommand.
public enum KLSimProgram {
  /// Runs the command with the arguments of the process; ends the process unless the command succeeds.
  ///
  /// The main thread waits: the process starts and ends sooner than with an executor on it.
  public static func main() {
    reserveStandardDescriptors()
    refuseTooFewDescriptors()
    refuseTooLittleAddressSpace()
    MappedFile.exitWhenCutShort(code: ErrorCategory.inputOutput.exitCode.rawValue) {
      Terminal.printable("klsim: error: \($0)\n")
    }
    let signals = watchSignals()
    let isDone = DispatchSemaphore(value: 0)
    Task.detached {
      let code = await run(Array(CommandLine.arguments.dropFirst()))
      if code != 0 { exit(code) }
      isDone.signal()
    }
    isDone.wait()
    withExtendedLifetime(signals) {}
  }

  /// Runs the command with some arguments in this process, whose signals and limits stay as they are.
  ///
  /// - Parameter arguments: the words behind the name of the program.
  /// - Returns: the exit code; what is wrong stands on standard error.
  public static func run(_ arguments: [String]) async -> Int32 {
    await NumberFile.$telling.withValue(NumberFile.makeTelling()) {
      await KLSim.run(arguments).rawValue
    }
  }

  /// Keeps other files from the numbers of standard input, output and error where those are closed.
  ///
  /// What is there then is open the other way round: reading and writing fail as if it were closed.
  private static func reserveStandardDescriptors() {
    for (descriptor, mode) in [
      (FileDescriptor.standardInput, FileDescriptor.AccessMode.writeOnly),
      (.standardOutput, .readOnly), (.standardError, .readOnly),
    ] where fcntl(descriptor.rawValue, F_GETFD) < 0 {
      _ = try? FileDescriptor.open("/dev/null", mode)
    }
  }

  /// Ends the process if it can open few more files.
  ///
  /// Dispatch opens six, some of them while the command is at work: without one it traps, or does not hear of signals.
  private static func refuseTooFewDescriptors() {
    guard !canOpenFiles(16) else { return }
    Terminal.say("klsim: error: \(tooManyFilesText)")
    exit(ErrorCategory.inputOutput.exitCode.rawValue)
  }

  /// Ends the process if its address space has no room for threads.
  private static func refuseTooLittleAddressSpace() {
    guard let limit = SystemMemory.makeRoomForThreads() else { return }
    Terminal.say(
      "klsim: error: 'ulimit -v' leaves too little memory; 'ulimit -v \(limit)' is enough to start")
    exit(ErrorCategory.usage.exitCode.rawValue)
  }

  /// Handles Ctrl-C, termination and a closed terminal for as long as the returned sources exist, and
  /// ignores closed pipes.
  private static func watchSignals() -> [any DispatchSourceSignal] {
    // A write to a closed pipe fails with an error instead.
    _ = signal(SIGPIPE, SIG_IGN)
    let queue = DispatchQueue(label: "signals", qos: .userInteractive)
    return [SIGHUP, SIGINT, SIGTERM].map { number in
      _ = signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        TemporaryFiles.shared.removeAll()
        ProgressLine.erase()
        _exit(128 + number)
      }
      source.resume()
      return source
    }
  }
}

struct KLSim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "klsim",
    abstract: "Simulates knowledge distillation on toy distributions.",
    discussion: """
      A student softmax is fitted to a teacher under a divergence; every epoch is recorded with \
      how far the head and the tail of the student are from the teacher.

      Components are named by specifications: name, or name:key=value:key=value. \
      'klsim list' shows every name with its keys, defaults and sources.

      Exit codes: 0 success, 1 a verdict that reproduce --check does not find again, or another objective than \
      identify --expect, 64 usage, \
      65 bad data, 66 input missing, 69 gnuplot missing, 70 gnuplot, GSL or klsim failed, 73 output \
      cannot be created, 74 read or write error, 130 interrupted.
      """,
    version: "klsim \(version) (GSL \(GSL.version))",
    subcommands: [
      RunCommand.self, SequenceCommand.self, SweepCommand.self, StatusCommand.self,
      MergeCommand.self, EstimateCommand.self, CompareCommand.self, ReproduceCommand.self,
      PlotCommand.self,
      GradientCommand.self, PointsCommand.self, IdentifyCommand.self, ListCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  static let version = "0.1.0"

  /// Runs the command with some arguments, and says on standard error what is wrong.
  static func run(_ arguments: [String]) async -> ExitCode {
    do {
      do {
        try refuseUnknownCommand(in: arguments)
        var command = try parseAsRoot(arguments)
        if var asynchronous = command as? any AsyncParsableCommand {
          try await asynchronous.run()
        } else {
          try command.run()
        }
      } catch  where exitCode(for: error) == .success {
        // Help, the version or a script; the parser would not notice that they cannot be written.
        let text = fullMessage(for: error)
        if !text.isEmpty { try Terminal.output(text + "\n") }
      }
    } catch OutputError.closedPipe {
      // The reader, such as `head`, needs no more output: a success.
    } catch {
      guard let code = ExitCode(of: error) else {
        let message = fullMessage(for: error)
        if !message.isEmpty { Terminal.say(message) }
        if let hint = otherCommand(for: error, arguments: arguments) {
          Terminal.say("klsim: hint: \(hint)")
        }
        return exitCode(for: error)
      }
      Terminal.say("klsim: error: \(errorText(error))")
      if let hint = hint(for: error) { Terminal.say("klsim: hint: \(hint)") }
      return code
    }
    return .success
  }

  /// Refuses a first argument that is neither an option nor a command.
  ///
  /// The parser would take it for an argument of `run`, and not name the commands.
  private static func refuseUnknownCommand(in arguments: [String]) throws(SpecificationError) {
    guard let word = arguments.first, !word.hasPrefix("-") else { return }
    let known = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    _ = try known.place(of: word, kind: "command")
  }
}
