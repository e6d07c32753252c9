// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimFigures
internal import KLSimFiles
internal import KLSimNumerics
internal import KLSimClaims
internal import KLSimReport
internal import KLSimStudies

/// The report of `reproduce`: tables, figures, a page for the browser, and a data package that describes the
/// tables.
struct Report {
  let findings: [Finding]
  let plan: ReproducePlan

  /// A table with its figures.
  private struct Part {
    let resource: DataPackage.Resource
    let bytes: [UInt8]
    let figures: [FigureRequest]
  }

  /// Writes all files; the list of verdicts comes last.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - isDrawing: whether figures are drawn.
  /// - Throws: the error of a run, `OutputError`, or `GnuplotError.failed`.
  func write(to folder: ReportFolder, drawing isDrawing: Bool) async throws {
    let parts = try await parts()
    for part in parts { try folder.write(part.bytes, to: part.resource.path) }
    if isDrawing { try await draw(parts, in: folder) }
    try folder.write(Array(package(parts).text.utf8), to: DataPackage.fileName)
    guard !findings.isEmpty else { return }
    let table = ClaimsTable(findings)
    try folder.write(Array(try table.markdown.utf8), to: "claims.md")
    try folder.write(page.bytes, to: "index.html")
    try folder.write(table.csv, to: Self.claims.path)
  }

  private func parts() async throws -> [Part] {
    var parts = findings.map { finding in
      let claim = type(of: finding.claim)
      return Part(
        resource: DataPackage.Resource(
          path: "\(claim.name).csv", summary: "evidence for and against: \(claim.statement)",
          columns: finding.columns),
        bytes: finding.table, figures: finding.claim.figures)
    }
    for exhibit in plan.exhibits {
      let (columns, bytes) = try await exhibit.table(jobs: plan.jobs, kernels: plan.kernels)
      parts.append(
        Part(
          resource: DataPackage.Resource(
            path: "\(exhibit.name).csv", summary: exhibit.summary, columns: columns),
          bytes: bytes, figures: exhibit.figures))
    }
    return parts
  }

  private func draw(_ parts: [Part], in folder: ReportFolder) async throws {
    let gnuplot = Gnuplot(program: PlotPlan.program)
    do {
      for part in parts {
        for request in part.figures {
          let kind = try FigureCatalog.figure(named: request.kind)
          let table = try Table(
            path: folder.path(of: part.resource.path), for: kind,
            where: request.selection.map { Table.Selection(column: $0.column, value: $0.value) })
          var options = FigureOptions()
          options.title = request.title
          options.epochs = request.epochs.map { $0.map(Double.init) }
          options.objectives = request.objectives
          let figure = try kind.init(table, options)
          let format = kind.formats[0]
          try folder.write(
            try await gnuplot.picture(of: figure, on: Canvas(for: figure, format)),
            to: "figures/\(request.name).\(format.rawValue)")
        }
      }
    } catch let error as GnuplotError {
      guard case .missing = error else { throw error }
      Terminal.say("klsim: warning: no figures: \(error)")
    }
  }

  private static let claims = DataPackage.Resource(
    path: "claims.csv", summary: "one row per claim: its verdict, and where it holds",
    columns: ClaimsTable.columns)

  private static let title = "Claims about knowledge distillation, put to the test"

  private var page: ReportPage {
    get throws {
      ReportPage(
        title: Self.title, version: KLSim.version, command: command,
        caution: try ClaimsTable(findings).caution,
        parts: [try ClaimsPart.member(findings), try ExplorablePart.member()])
    }
  }

  /// The command line that makes the report again in the folder where it is run.
  private var command: String {
    let isAll =
      findings.count == ClaimCatalog.claims.count
      && plan.exhibits.count == ExhibitCatalog.names.count
    let names = isAll ? [] : findings.map { type(of: $0.claim).name } + plan.exhibits.map(\.name)
    let words =
      ["klsim reproduce"] + names
      + ["--seed \(plan.seeds.lowerBound)", "--seeds \(plan.seeds.count)", "--output ."]
    return words.joined(separator: " ")
  }

  private func package(_ parts: [Part]) -> DataPackage {
    DataPackage(
      name: "klsim-claims", title: Self.title,
      provenance: .init(version: KLSim.version, gsl: GSL.version, command: command),
      resources: (findings.isEmpty ? [] : [Self.claims]) + parts.map(\.resource))
  }
}
