// The table of verdicts, with filters over the cells of all claims.

const FILTERS = [
  {label: "Teacher", columns: ["teacher"]},
  {label: "Optimizer", columns: ["optimizer"]},
  {label: "Start", columns: ["init"]},
  {label: "Objective", columns: ["objective"]},
  {label: "Measure", columns: ["measure", "error"]},
];

/// The values of some columns over all claims, the commonest first.
const commonValues = (claims, columns) => {
  const counts = new Map();
  for (const claim of claims) {
    const table = tableOf(claim);
    const values = new Set(columns.filter((name) => table.has(name)).flatMap((name) => table.values(name)));
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort(([first, a], [second, b]) => b - a || (first < second ? -1 : 1));
};

const countWords = (counts) => VERDICTS.filter((verdict) => counts[verdict] > 0)
                                 .map((verdict) => `${verdict} in ${counts[verdict].toLocaleString("en")}`)
                                 .join(", ");

const whereCell = (boundaries) => {
  const [first, ...others] = boundaries;
  return el(
    "td", {role: "cell", "data-label": "Where it holds"}, first,
    others.length === 0 ? null :
                          el(
                            "details", {}, el("summary", {}, counted(others.length, "further line")),
                            el("ul", {}, others.map((line) => el("li", {}, line)))));
};

/// A row of the table; `matched` are the rows of evidence that the filters leave, or null for all.
const verdictRow = (claim, matched, links) => {
  const {finding} = claim;
  const {headline} = finding;
  const table = tableOf(claim);
  const counts = (places) => {
    const {codes, values} = table.column("counts");
    const own = (matched ?? table.rows([])).filter((row) => places.includes(values[codes[row]]));
    return tally(table, own);
  };
  const grid = counts(["source", "grid"]);
  const source = matched ? counts(["source"]) : null;
  const isSourceLeft = !matched || total(source) > 0;
  return el(
    "tr", {role: "row"},
    el(
      "th", {scope: "row", role: "rowheader", class: "card"},
      el("button", {type: "button", class: "link code", click: () => links.showEvidence(claim)}, claim.name),
      claim.kind === "check" ? el("span", {class: "small soft"}, " a check of a theorem") : null,
      el("div", {}, claim.statement), el("div", {class: "small soft"}, claim.source)),
    el(
      "td", {role: "cell", "data-label": "In its source’s setting"},
      isSourceLeft ? badge(matched ? judgement(source) : finding.published) :
                     el("span", {class: "soft"}, "not among these cells"),
      el("div", {class: "small"}, claim.setting),
      el(
        "div", {class: "small soft"},
        `Least favourable: ${headline.words}: ${
          shareWords(
            headline.hits / headline.seeds, headline.low, headline.high)} of ${headline.seeds} seeds`)),
    el(
      "td", {role: "cell", "data-label": matched ? "Over the cells that are left" : "Over the grid"},
      badge(judgement(grid)), el("div", {style: "margin:.35rem 0"}, verdictBar(grid)),
      el("div", {class: "small"}, `${countWords(grid)} of ${counted(total(grid), "cell")}`)),
    whereCell(finding.boundaries),
    el("td", {role: "cell", class: "tool"}, copyButton(claim.command, `the evidence on ${claim.name}`)));
};

const verdictsSection = (claims, links) => {
  const chosen = FILTERS.map(() => "");
  let [words, verdict] = ["", ""];
  const body = el("tbody", {role: "rowgroup"});
  const outcome = el("p", {class: "soft", role: "status"});
  const heading = (text) => el("th", {scope: "col", role: "columnheader"}, text);
  const overGrid = heading("Over the grid");

  const show = () => {
    const filters =
      FILTERS.map(({columns}, place) => ({columns, value: chosen[place]})).filter(({value}) => value !== "");
    const isFiltered = filters.length > 0;
    overGrid.textContent = isFiltered ? "Over the cells left" : "Over the grid";
    const rows = [];
    let cells = 0;
    for (const claim of claims) {
      const text = `${claim.name} ${claim.statement} ${claim.source} ${claim.finding.boundaries.join(" ")}`
                     .toLowerCase();
      if (!words.toLowerCase().split(/\s+/).every((word) => text.includes(word))) continue;
      const table = tableOf(claim);
      const matched = isFiltered ? table.rows(filters) : null;
      const {codes, values} = table.column("counts");
      const covered = (matched ?? table.rows([])).filter((row) => values[codes[row]] !== "beside");
      if (covered.length === 0) continue;
      if (verdict !== "" && judgement(tally(table, covered)) !== verdict) continue;
      cells += covered.length;
      rows.push(verdictRow(claim, matched, links));
    }
    body.replaceChildren(...rows);
    outcome.textContent = `${rows.length} of ${counted(claims.length, "claim")}, ${counted(cells, "cell")}` +
      (isFiltered ?
         "; claims without a cell there are left out, and verdicts are those of the cells that are left" :
         "");
  };

  const controls = FILTERS.map(({label, columns}, place) => {
    const node = select(label, [], (value) => {
      chosen[place] = value;
      show();
    });
    node.set(
      [["", "any"], ...commonValues(claims, columns).map(([value, count]) => [value, `${value} (${count})`])],
      "");
    return node;
  });
  const verdicts = select("Verdict", [], (value) => {
    verdict = value;
    show();
  });
  verdicts.set([["", "any"], "holds", "depends", "fails"], "");
  const search = el("input", {
    type: "search",
    input: () => {
      words = search.value.trim();
      show();
    }
  });
  const reset = el(
    "button", {
      type: "button",
      click: () => {
        chosen.fill("");
        [words, verdict, search.value, verdicts.control.value] = ["", "", "", ""];
        for (const node of controls) node.control.value = "";
        show();
      }
    },
    "Clear");
  show();
  return [
    el(
      "p", {},
      "Every claim has two verdicts: in the setting in which its source makes it, and over a grid of teachers, optimizers, starts, cuts and epochs. A claim that holds in its source’s setting and depends over the grid is true there; the text says where it ends."),
    el(
      "p", {class: "soft small"},
      "A cell holds if the share of seeds is at least 0.95 with 95 % confidence, fails if it is at most 0.05, and is mixed otherwise. It is chaotic, and counts for no verdict, if its runs change when their start moves by one unit in the last place. Shares are of seeds, with 95 % Clopper-Pearson intervals."),
    el(
      "div", {class: "controls", role: "group", "aria-label": "Filter the claims"}, controls, verdicts,
      field("Words", search), reset),
    outcome,
    el(
      "div", {class: "key", "aria-hidden": "true"},
      VERDICTS.map(
        (name) => el(
          "span", {}, svg("svg", {width: 12, height: 12}, svg("rect", {width: 12, height: 12, class: name})),
          ` ${name}`))),
    el(
      "table", {class: "verdicts cards", role: "table"},
      el(
        "caption", {},
        "The claims, their verdicts, and where they hold. The name of a claim leads to its evidence."),
      el(
        "thead", {role: "rowgroup"},
        el(
          "tr", {role: "row"}, heading("Claim"), heading("In its source’s setting"), overGrid,
          heading("Where it holds"),
          el("th", {scope: "col", role: "columnheader", class: "tool"}, "Command"))),
      body),
  ];
};
