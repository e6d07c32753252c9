// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimTestSupport
import Testing

@testable import KLSimCommand

/// The command as a function of a process that goes on.
@Suite struct ProgramTests {
  /// What a line has read is no input of the next.
  @Test func linesRunOneAfterTheOther() async throws {
    let folder = try TemporaryFolder()
    try folder.write("p\n0.5\n0.5\n", to: "p.csv")
    let (own, other) = (folder("p.csv"), folder("q.csv"))
    func gradient(_ teacher: String, to output: String) async -> Int32 {
      await KLSimProgram.run(["gradient", "--teacher", teacher, "--output", output])
    }
    #expect(await gradient("file:path=\(own)", to: own) == 73)
    #expect(await gradient("file:path=\(own)", to: other) == 0)
    #expect(await gradient("zipf:size=2", to: own) == 0)
    #expect(await gradient("file:path=\(folder("r.csv"))", to: other) == 66)
    #expect(await KLSimProgram.run(["gradients"]) == 64)
    #expect(try folder.names() == ["p.csv", "q.csv"])
  }
}
