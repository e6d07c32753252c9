// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimSequences
internal import KLSimStudies

/// A command in which signals move students of sequences.
protocol SignalCommand {
  /// The signals unless others are named.
  static var signals: [String] { get }
}

/// The options that name a teacher and a student of sequences, and what moves it.
struct SequenceWorldOptions<Command: SignalCommand>: ParsableArguments {
  @Option(help: help(WorldAxis.self), completion: .list(SequenceCatalog.worlds.names))
  var teacher: [String] = []

  @Option(help: help(SequenceStudentAxis.self), completion: .list(SequenceCatalog.students.names))
  var student: [String] = []

  @Option(
    help: ArgumentHelp(
      "\(SignalAxis.help). (default: \(Command.signals.joined(separator: ",")))",
      valueName: "\(SignalAxis.valueName)"),
    completion: .list(SequenceCatalog.objectives.names + SequenceCatalog.signals.names))
  var signal: [String] = []

  @Option(parsing: .unconditionalSingleValue, help: help(SamplesAxis.self))
  var samples: [String] = []

  @Option(
    name: .customLong(SequenceStartAxis.name), help: help(SequenceStartAxis.self),
    completion: .list(Catalog.initializations.names))
  var initialization: [String] = []

  /// The choices by the name of their axis.
  var choices: [String: [String]] {
    [
      WorldAxis.name: teacher, SequenceStudentAxis.name: student, SignalAxis.name: signal,
      SamplesAxis.name: samples, SequenceStartAxis.name: initialization,
    ]
  }
}
