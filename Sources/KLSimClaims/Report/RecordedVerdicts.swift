// SPDX-License-Identifier: GPL-3.0-or-later

package import KLSimFiles

/// The verdicts of an earlier report.
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
  /// - Parameter folder: the folder of the report.
  /// - Throws: `InputError` if the file is missing or not such a table.
  package init(folder: String) throws(InputError) {
    let table = try Table(
      path: folder + "/claims.csv", numbers: [], texts: ["verdict", "seeds"])
    try table.require(
      ["claim", "published_verdict", "verdict", "first_seed", "seeds"], for: "reproduce --check")
    func column(_ name: String) throws(InputError) -> [String] {
      let labels = try table.labels(name)
      return labels.codes.map { labels.texts[Int($0)] }
    }
    claims = try column("claim")
    let (published, grid) = (try column("published_verdict"), try column("verdict"))
    let (firstSeeds, seedCounts) = (try column("first_seed"), try column("seeds"))
    var verdicts: [String: Recorded] = [:]
    var ranges: [Range<UInt64>] = []
    for (row, name) in claims.enumerated() {
      guard ClaimCatalog.claims.contains(where: { $0.name == name }) else {
        throw table.malformed(row, "there is no claim '\(name)'")
      }
      for verdict in [published[row], grid[row]] where Judgement(rawValue: verdict) == nil {
        throw table.malformed(row, "'\(verdict)' is not a verdict")
      }
      let recorded = Recorded(published: published[row], grid: grid[row])
      guard verdicts.updateValue(recorded, forKey: name) == nil else {
        throw table.malformed(row, "the claim '\(name)' a second time")
      }
      guard let first = UInt64(firstSeeds[row]), let count = Int(seedCounts[row]),
        (1...ClaimRunner.maximumSeeds).contains(count), first <= .max - UInt64(count)
      else { throw table.malformed(row, "first_seed and seeds are not a range of seeds") }
      ranges.append(first..<first + UInt64(count))
      guard ranges[0] == ranges[row] else {
        throw table.malformed(row, "other seeds than in the line before")
      }
    }
    self.verdicts = verdicts
    seeds = ranges[0]
  }

  /// The differences between a finding and its record, nil if there are none.
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
