// The evidence of a claim and the answer of a comparison, row by row.

const numberCell = (text) => el("td", {class: "number"}, text);

/// The columns of evidence beside its keys.
const evidenceCells = (claim) => {
  const table = tableOf(claim);
  const number = (name, row) => table.number(name, row);
  const column = (name, title, cell) => ({
    title,
    meaning: table.column(name).meaning,
    sort: (row) => table.number(name, row),
    cell,
    isNumeric: true
  });
  return [
    {
      title: "verdict",
      isFirst: true,
      meaning: table.column("verdict").meaning,
      sort: (row) => table.text("verdict", row),
      cell: (row) => el("td", {}, badge(table.text("verdict", row)))
    },
    {
      ...column(
        "share", "share of seeds, % (95 %)",
        (row) => el(
          "td", {class: "graphic"},
          intervalMark(
            {low: number("share_low", row), value: number("share", row), high: number("share_high", row)},
            [0, 1], [0.05, 0.95], table.text("verdict", row)),
          shareWords(number("share", row), number("share_low", row), number("share_high", row)))),
      isFirst: true,
      isNumeric: false
    },
    column("seeds", "seeds", (row) => numberCell(table.text("seeds", row))),
    column(
      "mean", "mean (± 95 %)",
      (row) => numberCell(
        Number.isNaN(number("mean", row)) ?
          "–" :
          `${digits(number("mean", row))} ± ${digits(number("mean_half", row), 2)}`)),
    column("chaos", "chaos", (row) => numberCell(digits(number("chaos", row), 2))),
    {
      title: "counts for",
      meaning: table.column("counts").meaning,
      sort: (row) => table.text("counts", row),
      cell: (row) => el("td", {}, {source: "both", grid: "grid", beside: "–"}[table.text("counts", row)])
    },
    {
      title: "command",
      cell: (row) => el("td", {class: "tool"}, copyButton(rowCommand(claim, row), `row ${row + 1}`))
    },
  ];
};

const evidenceSection = (claims, links) => {
  const place = el("div");
  const show = (name) => {
    const claim = claims.find((candidate) => candidate.name === name);
    const {finding} = claim;
    place.replaceChildren(
      el("h3", {}, claim.name), el("p", {}, claim.statement), el("p", {class: "small soft"}, claim.source),
      el(
        "p", {}, badge(finding.published), ` in its source’s setting: ${claim.setting}. `,
        badge(finding.judgement), " over the grid:"),
      el("ul", {}, finding.boundaries.map((line) => el("li", {}, line))),
      commandBox(claim.command, `the evidence on ${claim.name}`), longTable(tableOf(claim), {
        cells: evidenceCells(claim),
        filters: ["verdict"],
        caption: `The cells of ${claim.name}. The mean is of ${
          claim
            .quantity}. Marks of the intervals: 5 % and 95 %. A row’s command makes the evidence again and shows the row.`,
      }));
  };
  const control = select("Claim", claims.map(({name}) => name), show, "wide");
  links.showEvidence = (claim) => {
    control.control.value = claim.name;
    show(claim.name);
    document.getElementById("evidence").scrollIntoView();
    control.control.focus({preventScroll: true});
  };
  show(claims[0].name);
  return [el("div", {class: "controls"}, control), place];
};

const pairsSection = ({remarks, table: json}) => {
  const table = tableOf({table: json});
  const number = (name, row) => table.number(name, row);
  const column = (name, title, cell) =>
    ({title, meaning: table.column(name).meaning, sort: (row) => number(name, row), cell, isNumeric: true});
  const plain = (name, title, count) =>
    column(name, title, (row) => numberCell(digits(number(name, row), count)));
  // The intervals of one measurement share a scale, which has 0 in it.
  const scales = new Map();
  for (const row of table.rows([])) {
    const ends = ["difference", "difference_low", "difference_high"]
                   .map((name) => number(name, row))
                   .filter(Number.isFinite);
    const [from, to] = scales.get(table.text("metric", row)) ?? [0, 0];
    scales.set(table.text("metric", row), [Math.min(from, ...ends), Math.max(to, ...ends)]);
  }
  const side = (row) =>
    ({[table.text("a", row)]: "plain", [table.text("b", row)]: "rkl"})[table.text("leads", row)] ?? "mixed";
  const chosen = table.columns.filter(({name}) => /^[ab]_(?!median$|lower$)/.test(name));
  const cells = [
    { title: "leads", meaning: table.column("leads").meaning, sort: (row) => table.text("leads", row), cell: (row) => el("td", { class: "text" }, table.text("leads", row)) },
    ...chosen.map(({ name, meaning, text }) => ({ title: name.replaceAll("_", " "), meaning, sort: text, cell: (row) => el("td", { class: "text" }, text(row)) })),
    plain("pairs", "pairs"), plain("a_median", "median a"), plain("b_median", "median b"),
    { ...column("difference", "median of a − b (interval)", (row) => el("td", { class: "graphic" },
      intervalMark({ low: number("difference_low", row), value: number("difference", row), high: number("difference_high", row) }, scales.get(table.text("metric", row)), [0], side(row)),
      `${digits(number("difference", row), 3)} (${digits(number("difference_low", row), 3)} to ${digits(number("difference_high", row), 3)})`)), isNumeric: false },
    { ...column("share", "a lower in (interval)", (row) => el("td", { class: "graphic" },
      intervalMark({ low: number("share_low", row), value: number("share", row), high: number("share_high", row) }, [0, 1], [0.5], side(row)),
      shareWords(number("share", row), number("share_low", row), number("share_high", row)))), isNumeric: false },
    plain("p", "p", 2), plain("p_holm", "p (Holm)", 2),
  ];
  return [
    el(
      "p", {},
      "Of every two values of a column, a and b: the median of a − b over the pairs, the share of pairs in which a is lower, and the p value of the sign test, adjusted by Holm’s method over all rows. A value leads if the interval of its share lies above one half and the adjusted p is small enough."),
    remarks.length > 0 ? el("ul", {class: "soft"}, remarks.map((remark) => el("li", {}, remark))) : null,
    longTable(table, {
      cells,
      filters: ["leads"],
      always: ["a", "b"],
      caption:
        "A row is a pair of values in one condition, measurement and epoch. Marks of the intervals: no difference."
    }),
  ];
};
