// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

/// No output takes the place of a file that the command reads.
@Suite struct InputOverwritingEndToEndTests {
  @Test(arguments: [
    "--teacher-file in.csv --teacher-values counts --epochs 1 --quiet",
    "--teacher file:path=in.csv:values=counts --epochs 1 --quiet",
    "--teacher zipf:size=3 --init file:path=in.csv --epochs 1 --quiet",
    "gradient --teacher-file in.csv --teacher-values counts", "compare in.csv",
  ])
  func isRefused(line: String) async throws {
    let klsim = try CommandUnderTest()
    let outcome = try await klsim.shell(
      "printf '3\\n2\\n1\\n' >in.csv; \"$klsim\" \(line) --output ./in.csv; code=$?; cat in.csv; exit $code"
    )
    #expect(outcome.end == .exit(73))
    #expect(outcome.output == "3\n2\n1\n")
    #expect(outcome.errors.contains("./in.csv: cannot be created: it is an input"))
    #expect(try klsim.folder.names() == ["in.csv"])
  }
}
