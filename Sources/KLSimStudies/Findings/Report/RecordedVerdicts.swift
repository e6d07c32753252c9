// SPDX-License-Identifier: GPL-3.0-or-later

public import KLSimFiles

/// The verdicts that an earlier report has recorded.
public struct RecordedVerdicts: Sendable {
  /// The recorded claims, in order.
  public let claims: [String]
  private let verdicts: [String: String]
  /// The seeds they were found with.
  public let seeds: Range<UInt64>

  /// Reads `claims.csv` of a folder.
  ///
  /// - Parameter folder: where the report is.
  /// - Throws: `InputError` if it is not there or not such a table.
  public init(folder: String) throws(InputError) {
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
    let (claim, verdict) = (try place("claim"), try place("verdict"))
    let (firstSeed, seeds) = (try place("first_seed"), try place("seeds"))
    var claims: [String] = []
    var verdicts: [String: String] = [:]
    var range: Range<UInt64>?
    while let record = try reader.next() {
      let name = record.fields[claim]
      guard ClaimCatalog.claims.contains(where: { $0.name == name }) else {
        throw malformed(record.line, "there is no claim '\(name)'")
      }
      guard Judgement(rawValue: record.fields[verdict]) != nil else {
        throw malformed(record.line, "'\(record.fields[verdict])' is no verdict")
      }
      guard verdicts.updateValue(record.fields[verdict], forKey: name) == nil else {
        throw malformed(record.line, "the claim '\(name)' a second time")
      }
      guard let first = UInt64(record.fields[firstSeed]), let count = UInt64(record.fields[seeds]),
        count > 0, first <= .max - count
      else { throw malformed(record.line, "first_seed and seeds are no range of seeds") }
      guard range == nil || range == first..<first + count else {
        throw malformed(record.line, "other seeds than in the line before")
      }
      range = first..<first + count
      claims.append(name)
    }
    guard let range else { throw malformed(0, "there is no claim below the header") }
    self.claims = claims
    self.verdicts = verdicts
    self.seeds = range
  }

  /// What is to be said of a finding that differs from its record, nil of one that does not.
  public func difference(_ finding: Finding) -> String? {
    let name = type(of: finding.claim).name
    guard let recorded = verdicts[name] else { return "\(name): not recorded" }
    guard recorded != finding.judgement.rawValue else { return nil }
    return "\(name): recorded '\(recorded)', now '\(finding.judgement.rawValue)':"
      + " \(finding.boundaries[0])"
  }
}
