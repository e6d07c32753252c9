// SPDX-License-Identifier: GPL-3.0-or-later

/// A kind of study: how its work is cut into items, and how an item is done.
///
/// To add a kind of experiment, conform to this; the runner does the rest.
public protocol StudyKind: Sendable {
  /// A piece of work.
  associatedtype Item: WorkItem
  /// Its result.
  associatedtype Result: Sendable

  /// How many items there are.
  var itemCount: Int { get }

  /// An item.
  ///
  /// - Parameter index: its place in the order in which results are handed over.
  /// - Returns: the item.
  func item(_ index: Int) -> Item

  /// Does an item; may be called from several threads.
  ///
  /// - Throws: what is wrong with it, or `CancellationError`.
  func run(_ item: Item) throws -> Result
}

/// A piece of work of a study.
public protocol WorkItem: Sendable {
  /// All that decides the result, in canonical words: equal words, equal results.
  var words: [String] { get }
}

extension WorkItem {
  /// Tells the item from all others, in this study and in any other, on any machine.
  public var identity: ItemIdentity { ItemIdentity(of: words) }
}

/// The hash of an item's words: FNV-1a of 128 bits over UTF-8, each word ended by a zero byte.
///
/// Source: draft-eastlake-fnv.
public struct ItemIdentity: Hashable, Sendable, CustomStringConvertible {
  private let hash: UInt128

  /// The identity of some words.
  public init(of words: [String]) {
    var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
    for word in words {
      for byte in Array(word.utf8) + [0] {
        hash ^= UInt128(byte)
        hash &*= 0x0000_0000_0100_0000_0000_0000_0000_013b
      }
    }
    self.hash = hash
  }

  /// 32 hexadecimal digits.
  public var description: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 32 - digits.count) + digits
  }
}
