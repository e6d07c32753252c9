// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// The verdicts that an earlier report has recorded.
package struct RecordedVerdicts: Sendable {
  /// The recorded claims, in order.
  package let claims: [String]
  private let verdicts: [String: Recorded]
  /// The seeds they were found with.
  package let seeds: Range<UInt64>

  /// The verdicts on a claim: in its source's setting, and over the grid.
  private struct Recorded: Equatable {
    let published: String
    let grid: String
  }

  /// Reads `claims.csv` of a folder.
  ///
  /// - Parameter folder: where the report is.
  /// - Throws: `InputError` if it is not there or not such a table.
  package init(folder: String) throws(InputError) {
    let path = folder + "/claims.csv"
    var reader = try CSVReader(path: path)
    func malformed(_ line: Int, _ reason: String) -> InputError {
      .malformed(path: path, line: line, reason: reason)
    }
    guard let header = try reader.next() else { throw malformed(0, "the file is empty") }
    func place(_ name: String) throws(InputError) -> Int {
      guard let place = header.fields.firstIndex(of: name) else {
        throw malformed(1, "no column '\(name)'; a table that 'klsim reproduce' wrote is needed")
      }
      return place
    }
    let claim = try place("claim")
    let columns = (published: try place("published_verdict"), grid: try place("verdict"))
    let (firstSeed, seeds) = (try place("first_seed"), try place("seeds"))
    var claims: [String] = []
    var verdicts: [String: Recorded] = [:]
    var range: Range<UInt64>?
    while let record = try reader.next() {
      let name = record.fields[claim]
      guard ClaimCatalog.claims.contains(where: { $0.name == name }) else {
        throw malformed(record.line, "there is no claim '\(name)'")
      }
      let recorded = Recorded(
        published: record.fields[columns.published], grid: record.fields[columns.grid])
      for verdict in [recorded.published, recorded.grid] where Judgement(rawValue: verdict) == nil {
        throw malformed(record.line, "'\(verdict)' is no verdict")
      }
      guard verdicts.updateValue(recorded, forKey: name) == nil else {
        throw malformed(record.line, "the claim '\(name)' a second time")
      }
      guard let first = UInt64(record.fields[firstSeed]), let count = Int(record.fields[seeds]),
        (1...ClaimRunner.maximumSeeds).contains(count), first <= .max - UInt64(count)
      else { throw malformed(record.line, "first_seed and seeds are no range of seeds") }
      guard range == nil || range == first..<first + UInt64(count) else {
        throw malformed(record.line, "other seeds than in the line before")
      }
      range = first..<first + UInt64(count)
      claims.append(name)
    }
    guard let range else { throw malformed(0, "there is no claim below the header") }
    self.claims = claims
    self.verdicts = verdicts
    self.seeds = range
  }

  /// What is to be said of a finding that differs from its record, nil of one that does not.
  package func difference(_ finding: Finding) -> String? {
    let name = type(of: finding.claim).name
    guard let recorded = verdicts[name] else { return "\(name): not recorded" }
    let now = Recorded(
      published: finding.published.rawValue, grid: finding.judgement.rawValue)
    let changes = [
      ("in its source's setting", recorded.published, now.published),
      ("over the grid", recorded.grid, now.grid),
    ].filter { $0.1 != $0.2 }.map { "\($0.0) recorded '\($0.1)', now '\($0.2)'" }
    guard !changes.isEmpty else { return nil }
    return "\(name): \(changes.joined(separator: "; ")): \(finding.boundaries[0])"
  }
}
