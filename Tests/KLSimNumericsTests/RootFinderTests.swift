// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimNumerics
import Testing

/// Roots of functions whose roots are known.
@Suite struct RootFinderTests {
  @Test(arguments: [0.1, 1, 2, 1e6, 1e-9])
  func rootsOfCubes(_ root: Double) throws {
    let cube = root * root * root
    let found = try RootFinder.root(from: 0, to: 1e7) { $0 * $0 * $0 - cube }
    #expect(abs(found / root - 1) < 1e-14)
  }

  @Test func rootsAtTheEndsOfTheBracket() throws {
    #expect(try RootFinder.root(from: 0, to: 3) { $0 } == 0)
    #expect(try RootFinder.root(from: -3, to: 0) { $0 } == 0)
    #expect(try RootFinder.root(from: 1, to: 3) { $0 - 3 } == 3)
  }

  @Test func aBracketWithoutARootIsRefused() {
    #expect(throws: GSLError.self) { try RootFinder.root(from: 1, to: 2) { $0 } }
    #expect(throws: GSLError.self) { try RootFinder.root(from: 1, to: 2) { _ in .nan } }
  }
}
