// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// A list of what users can name, to which a program can add.
public final class Registry<Element: Sendable>: Sendable {
  private let elements: Mutex<[Element]>
  private let name: @Sendable (Element) -> String

  /// A list.
  ///
  /// - Parameters:
  ///   - builtIn: what is there from the start.
  ///   - name: gives the name of an element.
  package init(_ builtIn: [Element], name: @escaping @Sendable (Element) -> String) {
    elements = Mutex(builtIn)
    self.name = name
  }

  /// The names of all elements.
  public var names: [String] { elements.withLock { $0.map(name) } }

  /// Adds an element.
  ///
  /// - Throws: `SpecificationError.nameTaken`.
  public func add(_ element: Element) throws(SpecificationError) {
    let isTaken = elements.withLock { elements in
      let isTaken = elements.contains { name($0) == name(element) }
      if !isTaken { elements.append(element) }
      return isTaken
    }
    if isTaken { throw .nameTaken(name(element)) }
  }
}

extension Registry: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { elements.withLock { $0.count } }
  public subscript(index: Int) -> Element { elements.withLock { $0[index] } }
}

extension [String] {
  /// The place of a name among the names that a user can choose from.
  ///
  /// - Parameters:
  ///   - name: what the user wrote.
  ///   - kind: what it names, such as `teacher`; for the error.
  /// - Returns: its index.
  /// - Throws: `SpecificationError.unknownName`.
  package func place(of name: String, kind: String) throws(SpecificationError) -> Int {
    guard let place = firstIndex(of: name) else {
      throw .unknownName(kind: kind, name: name, known: self)
    }
    return place
  }
}
