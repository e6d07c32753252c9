// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimFiles
import Testing

@Suite struct UnnamedFileTests {
  @Test(arguments: ["", "a\nb", String(repeating: "long ", count: 100_000)])
  func itReadsFromTheStart(text: String) throws {
    let file = FileHandle(fileDescriptor: try UnnamedFile(text).descriptor, closeOnDealloc: true)
    #expect(try file.readToEnd() ?? Data() == Data(text.utf8))
  }
}
