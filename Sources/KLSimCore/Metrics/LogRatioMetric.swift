// SPDX-License-Identifier: GPL-3.0-or-later

/// The mean of `|log q − log p|` over the tokens of the head, and over those of the tail.
package struct LogRatioMetric: Metric {
  package static let name = "log-ratio"
  package static let summary = "mean |log q - log p| on head and on tail"
  package static let columns = [
    Column("head_log_ratio", .number, "mean |log q - log p| over the head's tokens, nats"),
    Column(
      "tail_log_ratio", .number,
      "mean |log q - log p| over the tail's tokens, nats; empty if there is no tail"),
  ]

  package init(_ values: Parameters) {}

  package func values(at moment: Moment) -> [Double?] {
    let state = moment.state
    return moment.parts.map { ranks in
      guard !ranks.isEmpty else { return nil }
      let sum = ranks.reduce(0) {
        $0 + abs(state.logProbabilities[$1] - state.teacher.logProbabilities[$1])
      }
      return sum / Double(ranks.count)
    }
  }
}
