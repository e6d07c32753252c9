// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimClaims
internal import KLSimCore
package import KLSimFiles
internal import KLSimStudies

/// The claims of a report, with the evidence of every cell.
package enum ClaimsPart {
  /// The member of the page's document.
  ///
  /// - Parameter findings: the findings on the claims.
  /// - Returns: its name and value.
  /// - Throws: `InputError` for a table of evidence that is none.
  package static func member(_ findings: [Finding]) throws -> (key: String, value: JSON) {
    ("claims", .array(try findings.map(json)))
  }

  private static func json(_ finding: Finding) throws -> JSON {
    let claim = type(of: finding.claim)
    let texts = [
      ("name", claim.name), ("statement", claim.statement), ("source", claim.source),
      ("setting", claim.setting), ("kind", claim.kind.rawValue), ("quantity", claim.quantity),
      ("command", command(finding)),
    ].map { (key: $0, value: JSON.string($1)) }
    return .object(
      texts + [("finding", finding.record), ("table", try evidence(of: finding).json)])
  }

  /// The command that makes the evidence of one claim again, in a folder of the claim's name.
  private static func command(_ finding: Finding) -> String {
    let name = type(of: finding.claim).name
    return "klsim reproduce \(name) --seed \(finding.seeds.lowerBound)"
      + " --seeds \(finding.seeds.count) --no-figures --output \(name)"
  }

  /// The table of evidence; the interval of a mean, which is symmetric, is given by half its width.
  private static func evidence(of finding: Finding) throws -> PageTable {
    let names = finding.columns.map(\.name)
    guard let low = names.firstIndex(of: "mean_low"), let high = names.firstIndex(of: "mean_high")
    else { preconditionFailure("evidence has an interval of the mean") }
    var reader = CSVReader(
      path: "\(type(of: finding.claim).name).csv", bytes: finding.table)
    _ = try reader.next()
    var rows: [[String]] = []
    while let record = try reader.next() {
      var fields = record.fields
      if let lower = Double(fields[low]), let upper = Double(fields[high]) {
        fields[low] = digits((upper - lower) / 2, 2)
      }
      fields.remove(at: high)
      rows.append(fields + [finding.places[rows.count].rawValue])
    }
    var columns = finding.columns
    columns[low] = Column("mean_half", .number, "half the width of the mean's 95 % t interval")
    columns.remove(at: high)
    columns.append(
      Column(
        "counts", .text,
        "source: for both verdicts; grid: for that over the grid; beside: for neither"))
    let cut = ["head_count", "vocabulary", "tail_mass"]
    let share = ["seeds", "hits", "share", "share_low", "share_high", "verdict"]
    return PageTable(columns, rows: rows, groups: [cut, share, ["chaos"]])
  }
}
