// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimTestSupport
import Synchronization
import Testing

@testable import KLSimCore

/// Numbers of a file that look like something else than they are said to be.
@Suite struct FileTeacherNoteTests {
  /// Rows as if they were in a file, and what is told about it.
  private struct Rows: NumberReader {
    final class Notes: Sendable {
      let all = Mutex<[String]>([])
    }

    let rows: [[Double]]
    var precision = NumberPrecision.exact
    let notes = Notes()

    func note(_ message: String) { notes.all.withLock { $0.append(message) } }
    func numbers(_ source: NumberSource) -> [Double] { rows[0] }
    func contexts(_ source: NumberSource) -> NumberRows {
      NumberRows(count: rows.count, width: rows[0].count, precision: precision) { [rows] in rows[$0]
      }
    }
  }

  private func notes(_ rows: Rows, values: String = "logits") throws -> [String] {
    _ = try Catalog.teacher("file:path=t:values=\(values)", reader: rows)
    return rows.notes.all.withLock { $0 }
  }

  @Test func probabilitiesAreNoLogits() throws {
    let p = [[0.5, 0.25, 0.25], [0, 1, 0]]
    let notes = try notes(Rows(rows: p))
    #expect(notes.count == 1)
    #expect(notes.first?.contains("t: these logits look like probabilities") == true)
    #expect(notes.first?.contains("values=probabilities") == true)
    #expect(try self.notes(Rows(rows: p), values: "counts").isEmpty)
    // One row that is none is enough.
    for other in [[0.5, 0.25, 0.26], [1.25, -0.25, 0]] {
      #expect(try self.notes(Rows(rows: p + [other])).isEmpty)
    }
    #expect(try self.notes(Rows(rows: [[1]])).isEmpty)
  }

  /// The upper half of a single-precision number is bfloat16.
  private func bits(_ numbers: [Float], isSigned: Bool) -> [Double] {
    numbers.map {
      let bits = UInt16(truncatingIfNeeded: $0.bitPattern >> 16)
      return isSigned ? Double(Int16(bitPattern: bits)) : Double(bits)
    }
  }

  @Test(arguments: [false, true])
  func bitsAreNoNumbers(isSigned: Bool) throws {
    let type = isSigned ? "int16" : "uint16"
    let precision = NumberPrecision(type: type, roundoff: 0, leastPositive: 0)
    func notes(_ integers: [Double], _ precision: NumberPrecision) throws -> [String] {
      try self.notes(Rows(rows: [integers], precision: precision))
    }
    // Logits of both signs, a mask of zeros, and probabilities from 1 to 2⁻⁶⁰.
    for numbers in [[-3.5, 12, 0.01, -0.5], [0, 2, 0, 3], [0.75, 0.25, 0x1p-60, 0x1p-40]]
      as [[Float]]
    {
      let integers = bits(numbers, isSigned: isSigned)
      let told = try notes(integers, precision)
      #expect(told.count == 1)
      #expect(told.first?.contains("its \(type) numbers look like the bits of bfloat16") == true)
      #expect(try notes(integers, .exact).isEmpty)
    }
    // Counts.
    for integers in [[3.0, 17, 20_000, 0], [0, 0, 16_000], [1, 1, 1], [0, 0, 0]] {
      #expect(try notes(integers, precision).isEmpty, "\(integers)")
    }
  }
}
