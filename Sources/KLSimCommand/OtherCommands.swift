// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimSequences

/// The command that knows a name which this one does not: fits of distributions and training on sequences have
/// teachers, students and losses of their own.
///
/// - Parameters:
///   - kind: what the name was taken for.
///   - name: the name, in lower case.
/// - Returns: what to do; nil if no command knows it.
func otherCommand(for kind: String, named name: String) -> String? {
  func asks(_ own: any Kind, _ other: any Kind) -> Bool {
    kind == own.singular && other.components.contains { $0.name == name }
  }
  let sequences = "an option of klsim sequence and klsim estimate"
  if asks(Catalog.teacher, SequenceCatalog.world) {
    return "\(name) writes sequences: --teacher \(name) is \(sequences)"
  }
  if asks(Catalog.student, SequenceCatalog.student) {
    return "\(name) writes sequences: --student \(name) is \(sequences)"
  }
  if asks(Catalog.objective, SequenceCatalog.objective)
    || asks(Catalog.objective, SequenceCatalog.estimator)
  {
    return "\(name) moves students of sequences: --signal \(name) is \(sequences)"
  }
  if asks(SequenceCatalog.world, Catalog.teacher) {
    return "\(name) is one distribution: --teacher \(name) is an option of klsim run; here"
      + " --teacher markov, … writes sequences"
  }
  if asks(SequenceCatalog.student, Catalog.student) {
    return "\(name) is a student of one distribution, an option of klsim run"
  }
  if asks(SequenceCatalog.estimator, Catalog.objective) {
    return
      "\(name) is a divergence of tokens: --signal gkd:objective=\(name) takes it at every prefix,"
      + " gkd-samples:objective=\(name) at sampled ones"
  }
  return nil
}

/// The commands that have an option which the one on the command line does not have.
///
/// - Parameters:
///   - error: an error of the parser.
///   - arguments: the arguments of the process.
/// - Returns: the commands, and what this one has instead; nil for another error, or an option of no command.
func otherCommand(for error: any Error, arguments: [String]) -> String? {
  guard
    let match = KLSim.message(for: error).firstMatch(of: /^Unknown option '(--[a-z-]+)'/)
  else { return nil }
  let option = String(match.1)
  let commands = KLSim.configuration.subcommands.filter { command in
    KLSim.helpMessage(for: command).split { ", \n[]".contains($0) }.contains { $0 == option }
  }.compactMap { $0.configuration.commandName }
  guard let last = commands.last else { return nil }
  let list = (commands.dropLast().joined(separator: ", ") + " and \(last)")
    .trimmingPrefix(" and ")
  let trained = [SequenceCommand.self, EstimateCommand.self] as [any ParsableCommand.Type]
  let isOfSequences = trained.contains { $0.configuration.commandName == arguments.first }
  let instead =
    switch option {
    case "--objective", "--loss":
      isOfSequences
        ? "; students of sequences are moved by --signal: seq-rkl, gkd:objective=rkl, policy-gradient, …"
        : ""
    case "--signal": "; students of one distribution are fitted under an --objective"
    default: ""
    }
  return "\(option) is an option of \(list)\(instead)"
}
