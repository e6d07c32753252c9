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
    let (logQ, logP) = (state.logProbabilities, state.teacher.logProbabilities)
    return moment.means { abs(logQ[$0] - logP[$0]) }
  }
}
