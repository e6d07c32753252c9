// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import KLSimCore
import KLSimSequences
import KLSimStudyFiles
import Testing

/// The schema of study files; `Scripts/check_study_schema.py` validates studies by it.
@Suite struct StudySchemaTests {
  static let kinds: [any Kind] = Catalog.kinds + SequenceCatalog.kinds

  /// The regular expressions of the schema take every default.
  @Test(arguments: kinds.indices)
  func patternsTakeDefaults(place: Int) throws {
    let kind = Self.kinds[place]
    for component in kind.components {
      for parameter in kind.parameters(of: component) {
        guard let text = parameter.defaultText else { continue }
        let pattern = try Regex("^(?:\(parameter.pattern))$")
        #expect(
          text.firstMatch(of: pattern) != nil, "\(component.name): \(parameter.name)=\(text)")
      }
    }
  }

  @Test func theSchemaIsJSON() throws {
    let schema = try JSONSerialization.jsonObject(with: Data(StudySchema.text.utf8))
    let definitions = (schema as? [String: Any])?["$defs"] as? [String: Any]
    for name in ["fit", "fit-objective", "fit-zip", "sequence", "sequence-signal"] {
      #expect(definitions?[name] != nil, "\(name)")
    }
  }
}
