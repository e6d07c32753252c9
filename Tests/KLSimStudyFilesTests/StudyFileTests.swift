// SPDX-License-Identifier: GPL-3.0-or-later

import KLSimCore
import KLSimStudies
import KLSimStudyFiles
import Testing

/// What a study file says.
@Suite struct StudyFileTests {
  private func study(_ text: String) throws -> Study {
    try StudyFile(Array(text.utf8), path: "study.yaml").study
  }

  @Test func everyKeyOfFitsIsRead() throws {
    var expected = Study()
    (expected.name, expected.description) = ("rates", "Which rate\nis best?\n")
    expected.choices = [
      "teacher": ["longtail", "file:path=\"a,b.csv\""], "student": ["softmax"],
      "learning-rate": ["0.05", "2e-1", "1"], "batch": ["all"], "held-out": ["0.2"],
    ]
    (expected.epochs, expected.seed, expected.seeds) = (12, 7, 100)
    (expected.heads, expected.metrics) = (["mass=0.5", "count=37"], ["js", "void-mass:mass=0.9"])
    (expected.record, expected.snapshots, expected.snapshotTokens) = ("0,1,5.5", "every=5", "top=5")
    (expected.isAggregated, expected.contexts) = (true, .mean)
    expected.zips = [
      [
        "objective": ["fkl", "rkl", "akl:mu=0.8"],
        "optimizer": ["adam", "sgd:momentum=0.9", "adam"],
      ]
    ]
    expected.exclusions = [
      ["objective": ["fkl"], "learning-rate": ["0.05", "1"]], ["init": ["zeros"]],
    ]
    #expect(
      try study(
        """
        # a comment
        experiment: fit
        name: rates
        description: |
          Which rate
          is best?
        teacher: [longtail, 'file:path="a,b.csv"']
        student: softmax
        lr: 0.05,2e-1,1
        batch: all
        held-out: 0.2
        epochs: 12
        seed: 7
        seeds: "100"
        head:
          - mass=0.5
          - count=37
        metric: js,void-mass:mass=0.9
        record: [0, 1, 5.5]
        snapshots: every=5
        snapshot-tokens: top=5
        aggregate: yes
        contexts: mean
        zip:
          objective: [fkl, "rkl,akl:mu=0.8"]
          optimizer: [adam, sgd:momentum=0.9, adam]
        exclude:
          - {objective: fkl, learning-rate: [0.05, 1]}
          - init: zeros
        """) == expected)
  }

  @Test func everyKeyOfSequencesIsRead() throws {
    var expected = Study()
    expected.experiment = .sequence
    expected.choices = ["signal": ["seq-fkl", "seqkd"], "samples": ["10"], "teacher": ["markov"]]
    (expected.epochs, expected.against) = (5, "seq-fkl")
    #expect(
      try study(
        """
        signal: seq-fkl,seqkd
        against: seq-fkl
        diagnose: true
        teacher: markov
        samples: 10
        steps: 5
        experiment: sequence
        """) == expected)
    #expect(try study("experiment: sequence\ndiagnose: on\n").against == "seq-rkl")
    #expect(try study("experiment: sequence\ndiagnose: no\n").against == nil)
  }

  /// JSON is YAML; line ends and a byte order mark of other systems make no difference.
  @Test func otherWritingsSayTheSame() throws {
    let plain = try study("objective: [fkl, rkl]\nepochs: 3\n")
    for text in [
      #"{"objective": ["fkl", "rkl"], "epochs": 3}"#,
      "\u{FEFF}objective: [fkl, rkl]\r\nepochs: 3\r\n",
      "---\nobjective:\n- fkl\n- rkl\nepochs: '3'\n...\n", "loss: 'fkl,rkl'\nsteps: 3",
      "! {objective: !!seq [fkl, ! rkl], epochs: !!str 3}",
    ] {
      #expect(try study(text) == plain)
    }
  }

  static let refused: [(text: String, says: String)] = [
    ("", ": it is empty"), ("# only a comment\n", ": it is empty"),
    ("fkl", ", line 1, column 1: 'fkl' is no study; 'key: value' is expected"),
    ("- fkl", ", line 1, column 1: a list is no study"),
    (
      "epochs: 3\nobjektive: fkl\n",
      ", line 2, column 1: objektive: unknown key; known: experiment, name, description, teacher"
    ),
    ("objektive: fkl\n", "did you mean objective?"),
    (
      "signal: seqkd\n",
      ", line 1, column 1: signal: the experiment fit has no such key; it is one of experiment: sequence"
    ),
    ("output: a.csv\n", ", line 1, column 1: output: it is no part of a study"),
    ("teacher-file: a.csv\n", "write teacher: 'file:path=…'"),
    (
      "experiment: fits\n",
      ", line 1, column 13: experiment: 'fits' is not one of fit, sequence; did"
    ),
    ("epochs: 1e3\n", ", line 1, column 9: epochs: '1e3' is not a whole number of at least 0"),
    ("epochs: [1]\n", ", line 1, column 9: epochs: a list stands where one value is expected"),
    ("seed: -1\n", ", line 1, column 7: seed: '-1' is not a whole number"),
    ("aggregate: maybe\n", ", line 1, column 12: aggregate: 'maybe' is not true or false"),
    ("contexts: all\n", "contexts: 'all' is not one of each, mean, both"),
    ("objective:\n", ": objective: a value is needed"),
    ("objective: []\n", ", line 1, column 12: objective: the list has no value"),
    ("objective:\n  - fkl\n  - ''\n", ", line 3, column 5: objective: a value is needed"),
    (
      "objective: {fkl: 1}\n",
      ", line 1, column 12: objective: a map of keys stands where a value or a list of values is expected"
    ),
    ("objective: [fkl, [rkl]]\n", ", line 1, column 18: objective: a list stands"),
    ("objective: [fkl, 'rkl,']\n", ", line 1, column 18: objective: 'rkl,': an item is empty"),
    (
      "objective: fkl\nloss: rkl\n", ", line 2, column 1: loss: objective in line 1 is the same key"
    ),
    ("zip: fkl\n", ", line 1, column 6: zip: 'fkl' stands where a map from axes to values"),
    (
      "zip: {objektive: fkl}\n",
      ", line 1, column 7: zip, objektive: it is no axis of the experiment fit"
    ),
    ("zip: {loss: fkl, objective: rkl}\n", "zip, objective: the axis is given twice"),
    ("exclude:\n- objective: {a: b}\n", ", line 2, column 14: exclude, objective: a map of keys"),
    (
      "experiment: sequence\nagainst: seq-fkl\n",
      ", line 2, column 10: against: it names what diagnose"
    ),
    ("experiment: sequence\nmetric: js\n", "metric: the experiment sequence has no such key"),
    ("epochs: 1\nepochs: 2\n", ": the key 'epochs' is given twice"),
    ("epochs: 1\n---\nepochs: 2\n", ", line 2, column 1: a second document starts here"),
    ("epochs: 1\n  seeds: 2\n", ", line 2, column 8: it is not YAML: "),
    ("epochs:\n\t1\n", "the line starts with a tab"),
    ("objective: [fkl\n", ": it is not YAML: "),
    ("epochs: !!int 1\n", ", line 1, column 9: the tag 'tag:yaml.org,2002:int' is not read"),
    ("a: &a 1\n", ", line 1, column 4: anchors (&) and aliases (*) are not read"),
    ("epochs: *a\n", ", line 1, column 9: anchors (&) and aliases (*) are not read"),
    ("? [a]\n: 1\n", ", line 1, column 3: a key must be a name, and this is a list"),
    ("name: a\u{0}b\n", ", line 1, column 8: the character U+0 is not allowed"),
    ("name: ä\u{7}\n", ", line 1, column 8: the character U+7 is not allowed"),
  ]

  @Test(arguments: refused.indices)
  func whatIsNoStudyIsRefusedWithItsPlace(place: Int) throws {
    let (text, says) = Self.refused[place]
    let error = #expect(throws: StudyFileError.self) { try study(text) }
    let description = error?.description ?? ""
    #expect(description.hasPrefix("study.yaml"), "\(description)")
    #expect(description.contains(says), "\(description)")
  }

  /// Plain text may have an ampersand and an asterisk in it.
  @Test func signsOfAnchorsInTextsAreTexts() throws {
    #expect(try study("description: 'a &b or *b'\n").description == "a &b or *b")
    #expect(
      try study("description: 'R&D of 2*D, a & b * c'\n").description == "R&D of 2*D, a & b * c")
  }

  @Test func bytesThatAreNotUTF8AreRefused() {
    let error = #expect(throws: StudyFileError.self) {
      try StudyFile(Array("name: a\nname: ".utf8) + [0xC3, 0x28], path: "study.yaml")
    }
    #expect(error?.description == "study.yaml, line 2, column 7: it is not UTF-8")
  }
}
