// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimFiles
import KLSimNumerics
import KLSimSequences
import KLSimStudies
import KLSimStudyFiles

extension Fuzzer {
  /// Specifications of the command line, selections of epochs and rules for heads.
  static let specifications = Fuzzer("specifications") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    attempt { _ = try EpochSelection(parsing: text) }
    for item in try Specification.list(text) {
      attempt {
        let specification = try Specification(parsing: item)
        expect(
          try Specification(parsing: specification.text) == specification,
          "'\(specification.text)' to be read as the same")
      }
      attempt {
        let canonical = try Catalog.head(item).specification
        expect(try Catalog.head(canonical).specification == canonical, "'\(canonical)' to stay")
      }
      let name = item.prefix { $0 != ":" }.lowercased()
      let kinds = (Catalog.kinds + SequenceCatalog.kinds).filter { kind in
        kind.components.contains { $0.name == name || kind.aliases(of: $0.name).contains(name) }
      }
      for kind in kinds.isEmpty ? [Catalog.teacher] : kinds {
        attempt { try checkCanonical(item, as: kind) }
      }
    }
  }

  private static func checkCanonical(_ text: String, as kind: some Kind) throws {
    let canonical = try kind(text, reader: NoFiles(), kernels: .best).specification
    let again = try kind(canonical, reader: NoFiles(), kernels: .best).specification
    expect(again == canonical, "\(kind.singular) '\(canonical)' to stay, not to be '\(again)'")
  }

  /// Study files; what is written is read as the same study.
  static let study = Fuzzer("study") { bytes in
    let study = try StudyFile(bytes, path: "study.yaml").study
    attempt { _ = try study.seedRange }
    attempt { _ = try study.measurement() }
    let text = StudyFile.text(of: study, schema: "study.schema.json")
    let again = try StudyFile(Array(text.utf8), path: "study.yaml").study
    expect(again == study, "the same study from\n\(text)")
  }

  /// Texts whose n-grams are a teacher.
  static let text = Fuzzer("text") { bytes in
    let reader = try NumberFile(contents: bytes)
    let settings = [
      "order=3:histories=2", "order=2:history=of:size=5", "order=1:k=0:keep-case=true",
      "order=4:unit=characters:estimator=kneser-ney:size=30",
      "order=2:unit=characters:estimator=kneser-ney:discount=1:histories=3",
    ]
    for setting in settings {
      attempt {
        let teacher = try Catalog.teacher("ngram:path=contents:\(setting)", reader: reader)
        for distribution in try teacher.distributions(seed: 1) { checkTeacher(distribution) }
      }
    }
  }
}
