// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimTestSupport
import Testing

/// The tables that users rely on.
@Suite struct RecordRowsTests {
  static let keys = "teacher,student,objective,optimizer,learning_rate,init,seed"
  static let values = "loss,fkl,rkl,tvd,entropy,head_error,tail_error,head_mass_error"

  private static func measurement(
    metrics: [String] = [], heads: [String] = ["mass=0.5"]
  ) throws -> Measurement {
    Measurement(
      heads: try heads.map { try Catalog.head($0) },
      metrics: try metrics.map { try Catalog.metric($0).component },
      snapshots: { epoch, _ in epoch == 1 })
  }

  /// The rows of a table with their fields, by column name.
  private static func rows(_ bytes: [UInt8]) throws -> [[String: String]] {
    let folder = try TemporaryFolder()
    var reader = try CSVReader(path: try folder.write(bytes, to: "table.csv"))
    let header = try #require(try reader.next()).fields
    var rows: [[String: String]] = []
    while let record = try reader.next() {
      rows.append(Dictionary(uniqueKeysWithValues: zip(header, record.fields)))
    }
    return rows
  }

  @Test func columnsAreThoseOfTheInterface() throws {
    let table = RecordRows(try Self.measurement(), recorded: .all)
    #expect(
      String(decoding: table.header, as: UTF8.self)
        == "\(Self.keys),head,epoch,\(Self.values),akl_head_weight\n")
    let extended = RecordRows(
      try Self.measurement(metrics: ["js", "log-ratio", "top1"]), recorded: .all)
    #expect(
      String(decoding: extended.header, as: UTF8.self)
        == "\(Self.keys),head,epoch,\(Self.values),akl_head_weight,"
        + "js,head_log_ratio,tail_log_ratio,top1\n")
  }

  @Test func snapshotColumnsAreThoseOfTheInterface() {
    #expect(
      String(decoding: SnapshotRows().header, as: UTF8.self)
        == "\(Self.keys),epoch,token,rank,p,q\n")
  }

  @Test func rowsHoldTheRecords() throws {
    let measurement = try Self.measurement(
      metrics: Catalog.metrics.map { $0.name }, heads: ["mass=0.5", "count=3", "mass=1"])
    let setup = try Setup(
      teacher: "dirichlet:size=7", objective: "akl:mu=0.8", learningRate: 0.5, epochs: 4)
    let trajectory = try setup.trajectory(seed: 11, measurement)
    let table = RecordRows(measurement, recorded: .list([0, 3]))
    let rows = try Self.rows(table.header + table.rows([trajectory], of: setup))
    #expect(rows.map { $0["epoch"] } == ["0", "0", "0", "3", "3", "3"])
    let heads = measurement.heads.map(\.specification)
    #expect(rows.map { $0["head"] } == heads + heads)
    for (index, row) in rows.enumerated() {
      #expect(row["teacher"] == "dirichlet:size=7")
      #expect(row["student"] == "softmax")
      #expect(row["objective"] == "akl:mu=0.8")
      #expect(row["optimizer"] == "adam")
      #expect(row["learning_rate"] == "0.5")
      #expect(row["init"] == "torch-uniform")
      #expect(row["seed"] == "11")
      let record = trajectory.records[index < 3 ? 0 : 3]
      let error = record.heads[index % 3]
      let expected = [
        record.loss, record.forwardKL, record.reverseKL, record.totalVariation, record.entropy,
        error.head, error.tail, error.headMass, error.headWeight,
      ]
      // The shortest text of a double reads back to its bits.
      let columns = (Self.values + ",akl_head_weight").split(separator: ",").map(String.init)
      #expect(columns.map { row[$0].flatMap { Double($0) } } == expected)
      let extras = measurement.metrics.flatMap { type(of: $0).columns.map(\.name) }.map {
        row[$0] ?? "?"
      }
      #expect(extras.map { Double($0) } == record.extras[index % 3])
      #expect(extras[3] == "0" || extras[3] == "1")
      // All is head: there is no tail whose ratio could be given.
      #expect(extras[2].isEmpty == (index % 3 == 2))
    }
  }

  @Test func divergedRunsAreWrittenInWords() throws {
    let measurement = try Self.measurement(metrics: ["js", "log-ratio", "top1"])
    let setup = try Setup(learningRate: 1e308, epochs: 3)
    let trajectory = try setup.trajectory(seed: 1, measurement)
    let table = RecordRows(measurement, recorded: .list([3]))
    let rows = try Self.rows(table.header + table.rows([trajectory], of: setup))
    #expect(rows.count == 1)
    #expect(rows[0]["learning_rate"] == "1e+308")
    #expect(rows[0]["loss"] == "nan")
    #expect(rows[0]["top1"]?.isEmpty == true)
    let words = String(decoding: table.rows([trajectory], of: setup), as: UTF8.self)
    #expect(!words.contains("NaN") && !words.contains("-nan") && !words.contains("infinity"))
  }

  @Test func infiniteValuesAreWrittenInWords() throws {
    let measurement = try Self.measurement()
    let setup = try Setup(teacher: "longtail:top-k=3", epochs: 0)
    let trajectory = try setup.trajectory(seed: 1, measurement)
    let table = RecordRows(measurement, recorded: .all)
    let rows = try Self.rows(table.header + table.rows([trajectory], of: setup))
    #expect(rows[0]["rkl"] == "inf")
  }

  @Test func specificationsAreQuotedWhereTheyMustBe() throws {
    let measurement = try Self.measurement()
    let path = #"a,b:"c".csv"#
    let text = Specification(name: "file", settings: [("path", path), ("values", "counts")]).text
    let setup = try Setup(teacher: text, epochs: 1, reader: FixedNumbers([2, 1, 1]))
    let trajectory = try setup.trajectory(seed: 1, measurement)
    let table = RecordRows(measurement, recorded: .all)
    let rows = try Self.rows(table.header + table.rows([trajectory], of: setup))
    #expect(rows.map { $0["teacher"] } == [text, text])
    let snapshots = try Self.rows(
      SnapshotRows().header + SnapshotRows().rows([trajectory], of: setup))
    #expect(snapshots.map { $0["teacher"] } == [text, text, text])
  }

  @Test func linesEndInLineFeeds() throws {
    let measurement = try Self.measurement()
    let setup = try Setup(epochs: 2)
    let trajectory = try setup.trajectory(seed: 1, measurement)
    let bytes = RecordRows(measurement, recorded: .all).rows([trajectory], of: setup)
    #expect(bytes.count { $0 == 0x0A } == 3)
    #expect(!bytes.contains(0x0D))
    #expect(bytes.last == 0x0A)
  }

  @Test func snapshotsAreByTokenWithTheirRanks() throws {
    let setup = try Setup(
      teacher: "file:path=p:values=counts", epochs: 1, reader: FixedNumbers([1, 3, 2]))
    let trajectory = try setup.trajectory(seed: 5, try Self.measurement())
    let rows = try Self.rows(SnapshotRows().header + SnapshotRows().rows([trajectory], of: setup))
    #expect(rows.map { $0["epoch"] } == ["1", "1", "1"])
    #expect(rows.map { $0["token"] } == ["0", "1", "2"])
    #expect(rows.map { $0["rank"] } == ["2", "0", "1"])
    let q = trajectory.teacher.byToken(trajectory.snapshots[0].probabilities)
    let p = trajectory.teacher.byToken(trajectory.teacher.probabilities)
    #expect(rows.map { $0["q"].flatMap { Double($0) } } == q)
    #expect(rows.map { $0["p"].flatMap { Double($0) } } == p)
  }

  @Test func someTokensAreTheMostProbableOnesOrSpread() throws {
    let setup = try Setup(
      teacher: "file:path=p:values=counts", epochs: 1, reader: FixedNumbers([1, 3, 2, 5]))
    let trajectory = try setup.trajectory(seed: 5, try Self.measurement())
    let all = try Self.rows(SnapshotRows().header + SnapshotRows().rows([trajectory], of: setup))
    for (selection, ranks) in [(TokenSelection.top(2), ["0", "1"]), (.log(2), ["0", "3"])] {
      let table = SnapshotRows(tokens: selection)
      let rows = try Self.rows(table.header + table.rows([trajectory], of: setup))
      #expect(rows == all.filter { $0["rank"].map(ranks.contains) ?? false })
    }
  }

  @Test(arguments: RowFormat.all.map(\.name))
  func theSizeOfSnapshotsIsKnownBefore(format: String) throws {
    let format = try RowFormat.named(format)
    let setup = try Setup(teacher: "zipf:size=2000", epochs: 1)
    let trajectory = try setup.trajectory(seed: 5, try Self.measurement())
    for tokens in [TokenSelection.all, .top(100)] {
      let table = SnapshotRows(tokens: tokens, format: format)
      let size = Double(table.rows([trajectory], of: setup).count)
      let estimate = table.estimatedSize(of: setup, vocabulary: 2000)
      #expect((0.9...1.1).contains(estimate / size), "\(estimate) for \(size)")
    }
  }

  @Test func gradientsAreByToken() throws {
    let teacher = try TeacherDistribution(.linear([1, 3, 2]))
    let state = FitState(teacher: teacher, logits: teacher.byRank([0.5, -1, 0]))
    let recipe = try Catalog.objective("rkl").component
    let gradient = recipe.evaluate(at: state).gradient
    let text = RowFormat.csv.table(
      GradientRows.columns, rows: GradientRows.rows(gradient, at: state))
    #expect(String(decoding: text, as: UTF8.self).hasPrefix("token,p,z,q,gradient\n0,"))
    let rows = try Self.rows(text)
    #expect(rows.map { $0["token"] } == ["0", "1", "2"])
    #expect(rows.map { $0["z"] } == ["0.5", "-1.0", "0.0"])
    #expect(rows.map { $0["gradient"].flatMap { Double($0) } } == teacher.byToken(gradient))
    #expect(rows.map { $0["q"].flatMap { Double($0) } } == teacher.byToken(state.probabilities))
  }
}
