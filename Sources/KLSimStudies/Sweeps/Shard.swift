// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// The chunks of a sweep that one of several processes works on: every n-th.
package struct Shard: Equatable, Sendable {
  /// Its number, from 0.
  package let index: Int
  /// The number of shards.
  package let count: Int

  /// All chunks.
  package static let all = Shard(index: 0, count: 1)

  private init(index: Int, count: Int) { (self.index, self.count) = (index, count) }

  /// Reads a shard.
  ///
  /// - Parameters:
  ///   - text: `i/n`, i from 1 to n; or `slurm`, the task of a Slurm job array.
  ///   - environment: gives the value of an environment variable, nil if it is not set.
  /// - Throws: `StudyError`.
  package init(
    parsing text: String, environment: (String) -> String?
  ) throws(StudyError) {
    if text == "slurm" {
      self = try Self.slurm(environment)
      return
    }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 1,
      (1...count).contains(number)
    else {
      throw StudyError(
        "`shard` \(text): i/n with i from 1 to n is needed, such as 2/8, or slurm in a Slurm job array"
      )
    }
    self.init(index: number - 1, count: count)
  }

  /// Source: slurm.schedmd.com/job_array.html.
  private static func slurm(_ environment: (String) -> String?) throws(StudyError) -> Shard {
    func number(_ name: String) throws(StudyError) -> Int {
      let text = environment(name)
      guard let number = text.flatMap({ Int($0) }) else {
        throw StudyError(
          "`shard` slurm: the environment variable \(name) is \(text.map { "'\($0)'" } ?? "not set");"
            + " it is set in a job array: sbatch --array=1-n")
      }
      return number
    }
    let (task, first, count) = (
      try number("SLURM_ARRAY_TASK_ID"), try number("SLURM_ARRAY_TASK_MIN"),
      try number("SLURM_ARRAY_TASK_COUNT")
    )
    let step = environment("SLURM_ARRAY_TASK_STEP").flatMap { Int($0) } ?? 1
    let index = step > 0 ? (task - first) / step : -1
    guard count >= 1, (0..<count).contains(index), index * step == task - first else {
      throw StudyError(
        "`shard` slurm: task \(task) of an array of \(count) from \(first) is none of 1 to n in equal"
          + " steps; use sbatch --array=1-n")
    }
    return Shard(index: index, count: count)
  }

  /// Whether a chunk belongs to it.
  package func contains(_ chunk: Int) -> Bool { chunk % count == index }
}
