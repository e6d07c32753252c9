// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimClaims
import KLSimCore
import MyComponents

try registerMyComponents()
try fitting()
try comparing()
try await asking()

/// The library section of the README.
func fitting() throws {
  let run = try Experiment(teacher: "longtail", objective: "rkl").run(seed: 1)
  for epoch in [1, 10, 200] {
    guard let record = run[epoch: epoch] else { continue }
    print("epoch \(epoch): head error \(record.errors.head), tail error \(record.errors.tail)")
  }
}

/// Components of one's own, by name beside the built-in ones.
func comparing() throws {
  for objective in ["fkl", "rkl", "bhattacharyya"] {
    let experiment = try Experiment(
      teacher: "yule-simon:shape=1.5", objective: objective, optimizer: "lion", learningRate: 0.02,
      epochs: 100, metrics: ["top-overlap:k=5"])
    let run = try experiment.run(seed: 1)
    guard let record = run[epoch: 100] else { continue }
    let overlap = record.extras[0][0].map { "\($0)" } ?? "none"
    print("\(objective) with lion: TVD \(record.totalVariation), top-overlap \(overlap)")
  }
}

/// A claim of one's own, put to the test.
func asking() async throws {
  let finding = try await ClaimRunner(BetweenTheKLs(), seeds: 1..<129, jobs: 2).finding()
  print(
    "\(BetweenTheKLs.name): \(finding.published) in its setting, \(finding.judgement) over the grid"
  )
  for boundary in finding.boundaries { print("  \(boundary)") }
}
