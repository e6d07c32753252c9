// SPDX-License-Identifier: GPL-3.0-or-later

internal import KLSimNumerics

/// An objective whose choices are made and whose numbers are free.
struct ObjectiveForm: Sendable {
  let type: any Objective.Type
  /// The choices that are made, such as `mode=bucket`.
  let choices: [(key: String, value: String)]
  /// The numbers that are fitted.
  let free: [FreeParameter]
  private let declared: [any ParameterDeclaration]

  /// Keys that change at most the factor of a gradient, or need a file, and keep their defaults.
  private static let kept: Set<String> = [
    "reduction", "temperature-scale", "alpha-beta.limits", "csiszar.self-normalized",
    "w1.normalize-cost", "w1.positions", "sinkhorn.positions", "sinkhorn.cost", "ikl.prior",
    "hinton.soft-scale", "dkl.alpha", "dkl.beta", "sinkhorn-batch.weight",
    "sinkhorn-batch.epsilon", "sinkhorn-batch.iterations",
  ]
  /// Weights of one part of two: the factor takes the rest.
  private static let listed = ["ikl.alpha": ["1", "0"], "dkd.alpha": ["1", "0"]]
  /// Numbers at whose change the gradient has steps.
  private static let stepped: Set = ["akl.mu", "rank-hinge.margin"]
  /// No more tokens than these are tried as targets, or as the k of a truncation.
  static let mostTokens = 64
  /// The time of these grows by the square of the tokens.
  static let quadratic: Set = ["sinkhorn", "rank-logistic", "rank-hinge"]

  /// Every form of an objective for teachers of some size.
  static func all(of type: any Objective.Type, size: Int) -> [ObjectiveForm] {
    let declared = Catalog.objective.parameters(of: type)
    var forms: [[(key: String, value: String)]] = [[]]
    var numbers: [any ParameterDeclaration] = []
    for parameter in declared {
      let key = "\(type.name).\(parameter.name)"
      if kept.contains(key) || kept.contains(parameter.name) { continue }
      let values = listed[key] ?? Self.values(of: parameter, size: size)
      if parameter is Parameter<Double>, listed[key] == nil { numbers.append(parameter) }
      guard !values.isEmpty else { continue }
      forms = forms.flatMap { form in values.map { form + [(parameter.name, $0)] } }
    }
    return forms.flatMap { choices -> [ObjectiveForm] in
      let legal = numbers.filter { isLegal($0, in: choices, type, declared) }
      let free = legal.map { parameter in
        freeParameter(parameter, of: type, isCoarse: legal.count > 2)
      }
      let form = ObjectiveForm(type: type, choices: choices, free: free, declared: declared)
      // A choice that may also be a number is both.
      let margins = choices.filter { $0.value == "auto" }.compactMap { choice in
        declared.first { $0.name == choice.key && $0 is Parameter<Automatic<Double>> }
      }
      return [form]
        + margins.map { margin in
          ObjectiveForm(
            type: type, choices: choices.filter { $0.key != margin.name },
            free: free + [freeParameter(margin, of: type, isCoarse: false)], declared: declared)
        }
    }
  }

  private static func values(of parameter: any ParameterDeclaration, size: Int) -> [String] {
    switch parameter {
    case is Parameter<Bool>: ["false", "true"]
    case is Parameter<TargetToken>, is Parameter<TargetToken?>:
      ["argmax"] + (size <= mostTokens ? (0..<size).map(String.init) : [])
    case is Parameter<Int>: (1...min(size, mostTokens)).map(String.init)
    case is Parameter<Automatic<Double>>: ["auto"]
    default: parameter.names
    }
  }

  private static func freeParameter(
    _ parameter: any ParameterDeclaration, of type: any Objective.Type, isCoarse: Bool
  ) -> FreeParameter {
    FreeParameter(
      parameter.name, isSmooth: !stepped.contains("\(type.name).\(parameter.name)"),
      isCoarse: isCoarse, standard: parameter.defaultText.flatMap(Double.init(parameterText:))
    ) { parameter.canonicalText(of: $0.parameterText) != nil }
  }

  /// Whether a number may differ from its default beside the choices, as the α of Amari's f may.
  private static func isLegal(
    _ parameter: any ParameterDeclaration, in choices: [(key: String, value: String)],
    _ type: any Objective.Type, _ declared: [any ParameterDeclaration]
  ) -> Bool {
    let value = parameter.defaultText == "0.7" ? "0.3" : "0.7"
    let settings = choices + [(key: parameter.name, value: value)]
    return recipe(type, settings, declared) != nil
  }

  private static func recipe(
    _ type: any Objective.Type, _ settings: [(key: String, value: String)],
    _ declared: [any ParameterDeclaration]
  ) -> Chosen<ObjectiveRecipe>? {
    let specification = Specification(
      name: type.name, settings: settings.map { (key: $0.key, value: Optional($0.value)) })
    guard
      let values = try? Parameters(specification, declared: declared, reader: NoFiles()),
      let objective = try? type.init(values)
    else { return nil }
    return Chosen(
      specification: values.canonical.text, component: ObjectiveRecipe(objective: objective, values)
    )
  }

  /// The objective with numbers for the free parameters; nil if they are not legal.
  func recipe(_ values: [Double]) -> Chosen<ObjectiveRecipe>? {
    Self.recipe(
      type, choices + zip(free, values).map { (key: $0.name, value: $1.parameterText) }, declared)
  }

  /// Every combination of the grids of the free parameters.
  var starts: [[Double]] {
    free.reduce([[]]) { starts, parameter in
      starts.flatMap { start in parameter.grid.map { start + [$0] } }
    }
  }
}
