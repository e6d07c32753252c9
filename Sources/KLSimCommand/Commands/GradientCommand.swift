// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import KLSimCore
internal import KLSimFiles
internal import KLSimNumerics

/// Evaluates one objective at one point.
struct GradientCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradient",
    abstract: "One objective at one point: loss, and gradient per token.",
    discussion: """
      Prints token,p,z,q,gradient as a table, and on standard error the loss and AKL's two weights, \
      taken at --head, or at the objective's own head if that is akl.
      """)

  @OptionGroup var teacherOptions: TeacherOptions

  @Option(
    help: ArgumentHelp(
      "Which context of a teacher that has several, from 0.", valueName: "n"))
  var context: Int?

  @Option(
    name: [.long, .customLong("loss")], help: ArgumentHelp("Objective.", valueName: "spec"))
  var objective = ForwardKL.name

  @Option(
    help: ArgumentHelp(
      "File of the student's logits, one per token, as CSV, NPY, NPZ or safetensors."
        + " Short for --init 'file:path=<path>'.",
      valueName: "path"))
  var logitsFile: String?

  @Option(
    help: ArgumentHelp("The column of the logits file, where there are several.", valueName: "name")
  )
  var logitsColumn: String?

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "The student's logits where no file gives them. (default: torch-uniform)", valueName: "spec"))
  var initialization: String?

  @Option(help: ArgumentHelp("Seed of the logits and of a random teacher.", valueName: "s"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("What counts as head. (default: mass=0.5)", valueName: "rule"))
  var head: String?

  @Option(help: ArgumentHelp("Where the table goes; - for standard output.", valueName: "path"))
  var output = "-"

  @OptionGroup var format: FormatOptions<Answer>

  @Flag(help: "No loss and weights on standard error.")
  var quiet = false

  func run() throws {
    let kernels = try VectorKernels.chosen()
    let teachers = try teacherOptions.teachers(kernels: kernels)
    guard teachers.count == 1 else {
      throw UsageError(description: "gradient takes one teacher, not \(teachers.count)")
    }
    let count = teachers[0].component.contexts.count
    guard count == 1 || context != nil else {
      throw UsageError(
        description: "the teacher has \(count) contexts; choose one by --context 0…\(count - 1)")
    }
    let context = context ?? 0
    guard (0..<count).contains(context) else {
      throw UsageError(
        description: "--context \(context): the teacher has"
          + (count == 1 ? " one context, 0" : " the contexts 0…\(count - 1)"))
    }
    let chosen = try Catalog.objective(objective, reader: NumberFile.telling)
    guard count == 1 || !(chosen.component.objective is any BatchObjective) else {
      throw UsageError(
        description: "\(chosen.specification) is a loss of all contexts together, and gradient"
          + " evaluates a single one")
    }
    let distribution = try teachers[0].distribution(seed: seed, context: context)
    try chosen.check(distribution, of: teachers[0], context: context)
    let logits = try start().component.restricted(to: context..<context + 1, of: count)
      .logits(for: distribution, seed: seed)
    let rule = try headRule(for: chosen.component.objective)
    let headCount = try rule.component.headCount(of: distribution)

    let state = FitState(
      teacher: distribution, logits: distribution.byRank(logits), kernels: kernels)
    let (loss, gradient) = chosen.component.evaluate(at: state)

    let weight = state.headTailErrors(headCounts: [headCount])[0].headWeight
    let rows = GradientRows.rows(gradient, at: state)
    let file = try OutputFile(output, inputs: NumberFile.telling.paths)
    if format.isDocument {
      try file.write(
        .document(
          "gradient",
          [
            ("teacher", .string(teachers[0].specification)), ("context", JSON(context)),
            ("objective", .string(chosen.specification)), ("loss", JSON(loss)),
            ("head", .string(rule.specification)), ("head_count", JSON(headCount)),
            ("akl_head_weight", JSON(weight)), ("akl_tail_weight", JSON(1 - weight)),
          ] + JSON.table(GradientRows.columns, rows: rows)))
    } else {
      try file.write(format.format(of: output).table(GradientRows.columns, rows: rows))
    }
    try file.commit()
    if !loss.isFinite || !gradient.allSatisfy(\.isFinite) {
      Terminal.say("klsim: warning: the loss or its gradient is infinite or not a number here")
    }
    guard !quiet else { return }
    Terminal.say("loss \(loss.isNaN ? "nan" : "\(loss)")")
    Terminal.say("akl_head_weight \(weight)")
    Terminal.say("akl_tail_weight \(1 - weight)")
    Terminal.say("head \(rule.specification), \(headCount) of \(distribution.size) tokens")
  }

  private func start() throws -> Chosen<any Initialization> {
    guard let logitsFile else {
      guard logitsColumn == nil else {
        throw UsageError(
          description: "--logits-column says how to read --logits-file, which is missing")
      }
      return try Catalog.initialization(
        initialization ?? TorchUniformInitialization.name, reader: NumberFile.telling)
    }
    guard initialization == nil else {
      throw UsageError(description: "--logits-file and --init both give the logits; take one")
    }
    let specification = Specification(
      name: FileInitialization.name, settings: [("path", logitsFile), ("column", logitsColumn)])
    return try Catalog.initialization(specification.text, reader: NumberFile.telling)
  }

  private func headRule(for objective: any Objective) throws -> Chosen<any HeadRule> {
    guard let adaptive = objective as? AdaptiveKL else {
      return try Catalog.head(head ?? "mass=0.5")
    }
    guard head == nil else {
      throw UsageError(
        description: "akl has a head of its own; set akl:mu=… instead of --head")
    }
    return Chosen(
      specification: "mass=\(adaptive.head.mass):rule=\(adaptive.head.rule)",
      component: adaptive.head)
  }
}
