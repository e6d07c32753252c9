// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFigures
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimClaims
internal import KLSimStudies

/// The validated options of `reproduce`.
struct ReproducePlan: Sendable {
  let claims: [any Claim]
  let exhibits: [Exhibit]
  /// The verdicts to compare with, nil without --check.
  let recorded: RecordedVerdicts?
  let seeds: Range<UInt64>
  let jobs: Int
  let kernels: VectorKernels
  /// What is asked for by name, or all there is.
  private let names: [String]
  private let output: String?

  private static let defaultSeeds: Range<UInt64> = 1..<1001

  /// Validates the options.
  ///
  /// - Throws: `UsageError`, `SpecificationError`, or `InputError` for a record that cannot be read.
  init(_ command: ReproduceCommand) throws {
    guard command.output == nil || command.check == nil else {
      throw UsageError(description: "--output writes and --check compares; give one of them")
    }
    guard command.output != "-" else {
      throw UsageError(
        description: "--output -: a folder is needed; without --output the verdicts go to standard"
          + " output")
    }
    guard command.output != nil || !command.isWithoutFigures else {
      throw UsageError(description: "--no-figures means nothing without --output")
    }
    guard command.output != nil || !command.resume else {
      throw UsageError(
        description: "--resume goes on in the folder of --output; name it as well")
    }
    recorded = try command.check.map { folder in try RecordedVerdicts(folder: folder) }
    let defaults = recorded?.seeds ?? Self.defaultSeeds
    seeds = try Study.seedRange(
      first: command.seed ?? defaults.lowerBound, count: command.seeds ?? defaults.count,
      maximum: ClaimRunner.maximumSeeds)
    jobs = try command.jobs.count
    kernels = try .chosen()
    let known = ClaimCatalog.claims.map { $0.name } + ExhibitCatalog.names
    for (place, name) in command.names.enumerated() {
      _ = try known.place(of: name, kind: "claim or exhibit")
      guard !command.names[..<place].contains(name) else {
        throw UsageError(description: "'\(name)' is given twice")
      }
    }
    let names = command.names.isEmpty ? recorded?.claims ?? known : command.names
    claims = ClaimCatalog.claims.filter { names.contains($0.name) }.map { $0.init() }
    exhibits = ExhibitCatalog.exhibits(seeds: seeds).filter { names.contains($0.name) }
    try Self.checkFigures(claims.flatMap { $0.figures } + exhibits.flatMap { $0.figures })
    (self.names, output) = (names, command.output)
    if let recorded {
      let strangers = names.filter { !recorded.claims.contains($0) }
      guard strangers.isEmpty else {
        throw UsageError(
          description: "no verdict on \(strangers.joined(separator: ", ")) is recorded in"
            + " '\(command.check ?? "")'; there is \(recorded.claims.joined(separator: ", "))")
      }
    } else if command.output == nil, !command.names.isEmpty, let exhibit = exhibits.first {
      throw UsageError(
        description: "\(exhibit.name) is an exhibit, which has no verdict; --output takes its table"
      )
    }
  }

  /// Refuses figures of an unknown kind, before any work is done for them.
  static func checkFigures(_ requests: [FigureRequest]) throws(SpecificationError) {
    for request in requests { _ = try FigureCatalog.figure(named: request.kind) }
  }

  /// Refuses a folder whose report has verdicts that the new one would not have.
  ///
  /// - Throws: `UsageError`, or `InputError` for a report that cannot be read.
  func refuseToForget() throws {
    guard let output else { return }
    var recorded: [String] = []
    do {
      recorded = try RecordedVerdicts(folder: output).claims
    } catch {
      guard case .missing = error else { throw error }
    }
    let forgotten = recorded.filter { !names.contains($0) }
    guard forgotten.isEmpty else {
      throw UsageError(
        description: "--output \(output): there is a report with verdicts on"
          + " \(forgotten.joined(separator: ", ")), too; name these claims as well, or take another"
          + " folder")
    }
  }
}
