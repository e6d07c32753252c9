// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore

/// Splits the values of a repeatable option into single specifications.
///
/// - Parameter values: the values as given; commas separate specifications.
/// - Returns: the specifications in the same order.
/// - Throws: `SpecificationError`.
func splitSpecifications(_ values: [String]) throws -> [String] {
  try values.flatMap { try Specification.list($0) }
}

/// Makes components of specifications and refuses the same one twice.
///
/// - Parameters:
///   - texts: the specifications.
///   - name: the option's name without dashes.
///   - make: makes one.
/// - Returns: the components, in the same order.
/// - Throws: `UsageError`, or what `make` throws.
func choices<Choice>(
  _ texts: [String], of name: String, make: (String) throws -> Chosen<Choice>
) throws -> [Chosen<Choice>] {
  var chosen: [Chosen<Choice>] = []
  for text in texts {
    let choice = try make(text)
    guard !chosen.contains(where: { $0.specification == choice.specification }) else {
      throw UsageError(
        description:
          "--\(name): \(choice.specification) is given twice; its rows would be duplicates")
    }
    chosen.append(choice)
  }
  return chosen
}
