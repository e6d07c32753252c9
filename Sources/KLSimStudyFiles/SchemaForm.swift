// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles

/// The schemas of the forms that values of a study have.
enum SchemaForm {
  /// The schema of a value, or of one of several.
  static func item(of form: StudyKey.Form) -> JSON {
    switch form {
    case .text: any([type("string"), type("number"), type("boolean")])
    case .words(let words): .object([("enum", .array(words.map { .string($0) }))])
    case .wholeNumber(let minimum): any(wholeNumber(from: minimum))
    case .flag: any([type("boolean"), texts("true|false|yes|no|on|off")])
    case .commaSeparated: any([type("string"), number(from: 0)])
    case .choices(let forms):
      any(forms.flatMap(alternatives) + several(forms.map(outline).joined(separator: "|")))
    case .rules(let kind):
      any(rules(kind) + several("(?:\(names(kind)))=\(value)\(settings)"))
    case .specification(let kind): any(alternatives(.component(kind)))
    }
  }

  private static func type(_ name: String) -> JSON { .object([("type", .string(name))]) }

  private static func any(_ forms: [JSON]) -> JSON { .object([("anyOf", .array(forms))]) }

  /// Texts that match a regular expression as a whole.
  private static func texts(_ pattern: String) -> JSON {
    .object([("type", "string"), ("pattern", .string("^(?:\(pattern))$"))])
  }

  private static func wholeNumber(from minimum: Int) -> [JSON] {
    [.object([("type", "integer"), ("minimum", .plain("\(minimum)"))]), texts("[0-9]+")]
  }

  private static func number(from minimum: Double, below bound: Double? = nil) -> JSON {
    .object(
      [("type", "number"), ("minimum", .plain(minimum.parameterText))]
        + (bound.map { [("exclusiveMaximum", .plain($0.parameterText))] } ?? []))
  }

  /// Several items with commas between them.
  private static func several(_ item: String) -> [JSON] {
    [texts("(?:\(item))(?:,(?:\(item)))+")]
  }

  /// The ways in which a choice is written.
  private static func alternatives(_ form: ChoiceForm) -> [JSON] {
    switch form {
    case .component(let kind):
      kind.components.filter { required($0, of: kind).isEmpty }.map { described($0, of: kind) } + [
        texts(kind.components.map { specification($0, of: kind) }.joined(separator: "|"))
      ]
    case .number(let minimum, let bound):
      [number(from: minimum, below: bound), texts(Double.pattern)]
    case .wholeNumber(let minimum): wholeNumber(from: minimum)
    case .words(let words): [.object([("enum", .array(words.map { .string($0) }))])]
    case .numbered: [texts(outline(form))]
    }
  }

  /// A regular expression of a choice, which does not look at the keys of a specification.
  private static func outline(_ form: ChoiceForm) -> String {
    switch form {
    case .component(let kind): "(?:\(names(kind)))\(settings)"
    case .number: Double.pattern
    case .wholeNumber: Int.pattern
    case .words(let words): words.joined(separator: "|")
    case .numbered(let words): "(?:\(words.joined(separator: "|")))=\(Double.pattern)"
    }
  }

  private static let value = String.pattern
  private static let settings = #"(?::[^:,="]+=\#(value))*"#

  /// The names of all components of a kind, and other words for them.
  private static func names(_ kind: any Kind) -> String {
    kind.components.flatMap { [$0.name] + kind.aliases(of: $0.name) }.joined(separator: "|")
  }

  /// The regular expression of a specification of a component; the keys that it needs come first in it.
  private static func specification(_ component: any Component.Type, of kind: any Kind) -> String {
    let names = [component.name] + kind.aliases(of: component.name)
    let needed = required(component, of: kind).map { "(?=.*:\($0.name)=)" }.joined()
    let keys = setting(component, of: kind)
    return "(?:\(names.joined(separator: "|")))\(needed)"
      + (keys.isEmpty ? "" : "(?::(?:\(keys)))*")
  }

  /// The rules of a kind: the name of each is also its first key.
  private static func rules(_ kind: any Kind) -> [JSON] {
    kind.components.map { component in
      let keys = setting(component, of: kind)
      return texts("(?=\(component.name)=)(?:\(keys))(?::(?:\(keys)))*")
    }
  }

  private static func setting(_ component: any Component.Type, of kind: any Kind) -> String {
    kind.parameters(of: component).map { "\($0.name)=\($0.pattern)" }.joined(separator: "|")
  }

  private static func required(
    _ component: any Component.Type, of kind: any Kind
  ) -> [any ParameterDeclaration] {
    kind.parameters(of: component).filter { $0.defaultText == nil }
  }

  /// The name of a component, with what `klsim list` says of it.
  private static func described(_ component: any Component.Type, of kind: any Kind) -> JSON {
    let keys = kind.parameters(of: component).map { parameter in
      let fallback = parameter.defaultText.map { $0.isEmpty ? "none" : $0 } ?? ""
      return
        "\(parameter.name)=…: \(parameter.summary); \(parameter.domainSummary); default: \(fallback)"
    }
    return .object([
      ("const", .string(component.name)),
      ("description", .string(([component.summary] + keys).joined(separator: "\n"))),
    ])
  }
}
