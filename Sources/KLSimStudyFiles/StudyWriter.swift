// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
package import KLSimStudies

extension StudyFile {
  /// A study as YAML, which is read as the same study: what differs from the defaults, in the order of the
  /// keys.
  ///
  /// - Parameters:
  ///   - study: the study; names of axes and specifications are texts that are not empty.
  ///   - schema: where editors find the schema of study files.
  /// - Returns: the text, with a comment at its top that names the schema.
  package static func text(of study: Study, schema: String) -> String {
    var pairs: [(key: String, value: YAMLNode)] = []
    for key in StudyKey.all(of: study.experiment) {
      let value: YAMLNode? =
        switch key.value {
        case .texts(let texts): node(texts.get(study), isLong: texts.form.isLong)
        case .axes(let path): node(study[keyPath: path], of: study.experiment)
        }
      if let value { pairs.append((key.name, value)) }
    }
    return "# yaml-language-server: $schema=\(schema)\n\(YAMLNode.map(pairs).document)"
  }

  /// One text, or a list; nil for none.
  private static func node(_ texts: [String], isLong: Bool = false) -> YAMLNode? {
    guard texts.count != 1 else { return scalar(texts[0], isLong: isLong) }
    guard !texts.isEmpty else { return nil }
    let isShort = texts.reduce(0) { $0 + $1.count + 2 } <= 80
    return .list(texts.map { scalar($0) }, isFlow: isShort)
  }

  /// A text, in lines of its own if it is long.
  private static func scalar(_ text: String, isLong: Bool = false) -> YAMLNode {
    // Outside double quotes these would be read as line feeds, or not at all.
    let isEscaped = text.unicodeScalars.contains {
      ["\r", "\t", "\u{85}", "\u{2028}", "\u{2029}"].contains($0)
    }
    let isBlock = isLong && text.contains("\n") && text.first?.isWhitespace == false
    return .text(text, isEscaped ? .escaped : isBlock ? .literal : .any)
  }

  /// One map, or a list; nil for none.
  private static func node(
    _ groups: [[String: [String]]], of experiment: Study.Experiment
  ) -> YAMLNode? {
    let maps = groups.map { group in
      YAMLNode.map(
        experiment.axes.compactMap { axis in
          node(group[axis.name] ?? []).map { (axis.name, $0) }
        })
    }
    return switch maps.count {
    case 0: nil
    case 1: maps[0]
    default: .list(maps)
    }
  }
}
