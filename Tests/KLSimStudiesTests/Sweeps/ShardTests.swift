// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimStudies
import Testing

/// Which chunks a shard has.
@Suite struct ShardTests {
  @Test func shardsDivideTheChunks() throws {
    let shards = try (1...4).map { try Shard(parsing: "\($0)/4", environment: { _ in nil }) }
    for chunk in 0..<20 { #expect(shards.count { $0.contains(chunk) } == 1) }
    #expect(try Shard(parsing: "1/1", environment: { _ in nil }) == .all)
  }

  @Test(arguments: ["", "0/4", "5/4", "1/0", "1", "a/b", "1/2/3", "-1/2", "1.0/2"])
  func othersAreRefused(text: String) {
    #expect(throws: StudyError.self) { try Shard(parsing: text, environment: { _ in nil }) }
  }

  @Test func slurmSaysWhichTaskItIs() throws {
    let array = [
      "SLURM_ARRAY_TASK_ID": "7", "SLURM_ARRAY_TASK_MIN": "3", "SLURM_ARRAY_TASK_COUNT": "4",
      "SLURM_ARRAY_TASK_STEP": "2",
    ]
    let shard = try Shard(parsing: "slurm") { array[$0] }
    #expect(shard.index == 2 && shard.count == 4)
    for (name, value) in [
      ("SLURM_ARRAY_TASK_ID", "8"), ("SLURM_ARRAY_TASK_ID", "11"), ("SLURM_ARRAY_TASK_MIN", nil),
    ] {
      #expect(throws: StudyError.self) {
        try Shard(parsing: "slurm") { $0 == name ? value : array[$0] }
      }
    }
  }
}
