// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimCore
internal import KLSimFiles
internal import KLSimStudies

/// The schema of study files, for editors that complete and check them: JSON Schema of draft 2020-12.
///
/// It is made of the keys, axes, components and parameters that there are. A text that it takes may still be
/// refused when the study is read: ranges of parameters are in words only.
package enum StudySchema {
  /// The name of the file that it is installed as.
  package static let fileName = "study.schema.json"

  /// The text of the schema.
  package static var text: String {
    let kinds = Study.Experiment.allCases
    let kind = StudyKey.kind.name
    return JSON.object([
      ("$schema", "https://json-schema.org/draft/2020-12/schema"),
      ("title", "A study of klsim"),
      (
        "description",
        .string(
          "Runs and what is recorded of them, in the words of the command line: the runs are the product of the"
            + " lists of values on all axes.")
      ),
      ("type", "object"),
      (
        "if",
        .object([
          (
            "properties", .object([(kind, .object([("const", .string(kinds[1].rawValue))]))])
          ), ("required", .array([.string(kind)])),
        ])
      ),
      ("then", reference(kinds[1].rawValue)), ("else", reference(kinds[0].rawValue)),
      ("$defs", .object(kinds.flatMap(definitions))),
    ]).text() + "\n"
  }

  private static func reference(_ name: String) -> JSON {
    .object([("$ref", .string("#/$defs/\(name)"))])
  }

  /// The study of an experiment, and its keys.
  private static func definitions(
    _ experiment: Study.Experiment
  ) -> [(key: String, value: JSON)] {
    let keys = StudyKey.all(of: experiment)
    func name(_ key: String) -> String { "\(experiment.rawValue)-\(key)" }
    func oneOrList(_ key: String) -> JSON { oneOrMore(reference(name("one-\(key)"))) }
    let values = keys.flatMap { key -> [(key: String, value: JSON)] in
      switch key.value {
      case .texts(let texts):
        let item = (key: name("one-\(key.name)"), value: SchemaForm.item(of: texts.form))
        let value = texts.form.isList ? oneOrList(key.name) : reference(item.key)
        return [item, (name(key.name), value)]
      case .axes: return [(name(key.name), oneOrList("axes"))]
      }
    }
    let axes = object(experiment.axes.map { ($0.name, reference(name($0.name))) })
    let study = object(
      keys.flatMap { key in
        ([key.name] + key.aliases).map { word in
          (
            word,
            .object([
              ("description", .string(key.summary)), ("$ref", .string("#/$defs/\(name(key.name))")),
            ])
          )
        }
      })
    return [(experiment.rawValue, study), (name("one-axes"), axes)] + values
  }

  private static func object(_ properties: [(key: String, value: JSON)]) -> JSON {
    .object([
      ("type", "object"), ("additionalProperties", .plain("false")),
      ("properties", .object(properties)),
    ])
  }

  private static func oneOrMore(_ item: JSON) -> JSON {
    .object([
      (
        "anyOf",
        .array([
          item,
          .object([("type", "array"), ("minItems", .plain("1")), ("items", item)]),
        ])
      )
    ])
  }
}
