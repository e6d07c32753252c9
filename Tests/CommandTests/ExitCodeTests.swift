// SPDX-License-Identifier: GPL-3.0-or-later

import ArgumentParser
import KLSimFiles
import Testing

@testable import KLSimNumerics
@testable import KLSimCommand

/// From categories of errors to exit codes.
@Suite struct ExitCodeTests {
  private struct Fault: CategorizedError {
    let category: ErrorCategory
    var description: String { "a fault" }
  }

  private struct Stranger: Error {}

  @Test(
    arguments: [
      (.usage, 64), (.badData, 65), (.missingInput, 66), (.missingProgram, 69),
      (.internalFault, 70), (.cannotCreate, 73), (.inputOutput, 74), (.closedPipe, 141),
    ] as [(ErrorCategory, Int32)])
  func everyCategoryHasItsCode(category: ErrorCategory, code: Int32) {
    #expect(category.exitCode.rawValue == code)
    #expect(ExitCode(of: Fault(category: category))?.rawValue == code)
  }

  /// 0 is a success, 1 means that verdicts differ, and a code tells the category.
  @Test func codesTellCategoriesApart() {
    let codes = ErrorCategory.allCases.map(\.exitCode.rawValue)
    #expect(Set(codes).count == codes.count)
    #expect(!codes.contains(0) && !codes.contains(1))
  }

  @Test func errorsHaveTheCodesOfTheirCategories() {
    #expect(ExitCode(of: GSLError(code: 8))?.rawValue == 70)
    #expect(ExitCode(of: StatisticsError(description: ""))?.rawValue == 70)
    #expect(ExitCode(of: InputError.missing(path: ""))?.rawValue == 66)
    #expect(ExitCode(of: UsageError(description: ""))?.rawValue == 64)
  }

  /// An error that no module declares is a fault of the program, too.
  @Test func unknownErrorsAreInternal() {
    #expect(ExitCode(of: Stranger())?.rawValue == 70)
    #expect(ExitCode(of: CancellationError())?.rawValue == 70)
  }

  @Test func theParserReportsItsOwn() {
    #expect(ExitCode(of: ExitCode.failure) == nil)
    #expect(ExitCode(of: ValidationError("")) == nil)
    #expect(ExitCode(of: CleanExit.helpRequest()) == nil)
    let unknown = #expect(throws: (any Error).self) { try KLSim.parseAsRoot(["run", "--colour"]) }
    #expect(unknown.map { ExitCode(of: $0) == nil } == true)
  }
}
