// The phase map of a claim about cuts: the share of seeds over cut and epoch.

/// What a map does not fix.
const SPANNED = ["head_count", "vocabulary", "tail_mass", "epoch"];

const hasMap = (claim) =>
  ["head_count", "epoch"].every((name) => tableOf(claim).has(name)) && mapsOf(claim).maps.length > 0;

/// The maps of a claim: the rows of each combination of the other keys, if they span cuts and epochs.
const mapsOf = (claim) => {
  const table = tableOf(claim);
  const keys = table.keys.filter((column) => !SPANNED.includes(column.name));
  const maps = new Map();
  for (const row of table.rows([])) {
    const values = keys.map((column) => column.text(row));
    const name = JSON.stringify(values);
    if (!maps.has(name)) maps.set(name, {values, rows: []});
    maps.get(name).rows.push(row);
  }
  return {
    keys,
    maps: [...maps.values()].filter(
      ({rows}) => table.values("head_count", rows).length > 1 && table.values("epoch", rows).length > 1)
  };
};

const mapSection = (claims) => {
  const own = claims.filter(hasMap);
  const state = {};
  const dimensions = el("div", {style: "display:contents"});
  const [map, byEpoch, byCut] = [0, 1, 2].map(() => el("div", {class: "chart"}));
  const readout = el("div", {class: "readout", role: "status"});
  const cut = slider("Cut:", (place) => move(place, state.here[1]));
  const epoch = slider("Epoch:", (place) => move(state.here[0], place));

  const move = (column, row) => {
    state.here = [column, row];
    show();
  };
  const at = (column, row) => state.cells.get(`${state.cuts[column]} ${state.epochs[row]}`);

  /// Takes the rows of one map.
  const choose = (chosen) => {
    const {table} = state;
    state.map = chosen;
    const old = state.here && [state.cuts[state.here[0]], state.epochs[state.here[1]]];
    state.cuts = table.values("head_count", chosen.rows);
    state.epochs = table.values("epoch", chosen.rows);
    state.cells = new Map(
      chosen.rows.map((row) => [`${table.text("head_count", row)} ${table.text("epoch", row)}`, row]));
    const published = chosen.rows.find((row) => table.text("counts", row) === "source");
    const wanted = old ??
      (published === undefined ? [] : [table.text("head_count", published), table.text("epoch", published)]);
    const place = (values, value) => {
      const index = values.indexOf(value);
      return index >= 0 ? index : Math.floor(values.length / 2);
    };
    state.here = [place(state.cuts, wanted[0]), place(state.epochs, wanted[1])];
  };

  /// The controls of the keys that vary; a change keeps the others as far as there is such a map.
  const control = () => {
    const {keys, maps} = state;
    dimensions.replaceChildren(
      ...keys
        .map((column, place) => {
          const values = [...new Set(maps.map(({values}) => values[place]))];
          if (values.length < 2) return null;
          const node = select(column.name.replaceAll("_", " "), values, (value) => {
            const kept = (candidate) =>
              candidate.values.filter((text, other) => text === state.map.values[other]).length;
            const fitting = maps.filter((candidate) => candidate.values[place] === value);
            choose(fitting.reduce((best, candidate) => (kept(candidate) > kept(best) ? candidate : best)));
            control();
            show();
            dimensions.querySelectorAll("select")[node.index]?.focus();
          });
          node.control.value = state.map.values[place];
          return node;
        })
        .filter((node) => node !== null));
    [...dimensions.children].forEach((node, index) => (node.index = index));
  };

  const chooseClaim = (name) => {
    state.claim = own.find((claim) => claim.name === name);
    state.table = tableOf(state.claim);
    Object.assign(state, mapsOf(state.claim));
    const isPublished = ({rows}) => rows.some((row) => state.table.text("counts", row) === "source");
    choose(state.maps.find(isPublished) ?? state.maps[0]);
    control();
    show();
  };

  const series = (places, cell) => {
    const rows = places.map(cell);
    const of = (name) => rows.map((row) => (row === undefined ? NaN : state.table.number(name, row)));
    return [{values: of("share"), low: of("share_low"), high: of("share_high"), kind: "plain"}];
  };
  const drawMap = responsive(
    map,
    (width) => heatMap(
      {
        xNames: state.cuts,
        yNames: state.epochs,
        here: state.here,
        xTitle: "tokens in the head",
        yTitle: "epoch",
        onPick: move,
        label: `Share of seeds for which ${state.claim.name} holds, over ${state.cuts.length} cuts and ${
          state.epochs.length} epochs; the sliders read it cell by cell`,
        share: (column, row) => {
          const cell = at(column, row);
          return cell === undefined ? undefined : state.table.number("share", cell);
        },
        isChaotic: (column, row) => state.table.text("verdict", at(column, row)) === "chaotic",
      },
      width));
  const tick = (value) => `${Math.round(100 * value)} %`;
  const drawByEpoch = responsive(
    byEpoch,
    (width) => lineChart(
      {
        names: state.epochs,
        here: state.here[1],
        most: 1,
        tick,
        xTitle: "epoch",
        yTitle: `share of seeds, ${state.cuts[state.here[0]]} tokens in the head`,
        label: "Share of seeds over epochs at this cut, with its interval",
        series: series(state.epochs, (_, row) => at(state.here[0], row)),
      },
      width));
  const drawByCut = responsive(
    byCut,
    (width) => lineChart(
      {
        names: state.cuts,
        here: state.here[0],
        most: 1,
        tick,
        xTitle: "tokens in the head",
        yTitle: `share of seeds, epoch ${state.epochs[state.here[1]]}`,
        label: "Share of seeds over cuts at this epoch, with its interval",
        series: series(state.cuts, (_, column) => at(column, state.here[1])),
      },
      width));

  const show = () => {
    const {table, cuts, epochs, here} = state;
    const row = at(...here);
    const number = (name) => table.number(name, row);
    cut.show(here[0], cuts.length, `${cuts[here[0]]} tokens in the head`);
    epoch.show(here[1], epochs.length, epochs[here[1]]);
    drawMap();
    drawByEpoch();
    drawByCut();
    const mean = row === undefined || Number.isNaN(number("mean")) ?
      "" :
      ` Mean of ${state.claim.quantity}: ${digits(number("mean"))} ± ${digits(number("mean_half"), 2)}.`;
    readout.replaceChildren(...(row === undefined ? ["There is no cell at this cut and epoch."] : [
      badge(table.text("verdict", row)),
      ` ${number("hits")} of ${number("seeds")} seeds, ${
        shareWords(
          number("share"), number("share_low"), number("share_high"))}, at epoch ${epochs[here[1]]} with ${
        cuts[here[0]]} of ${table.text("vocabulary", row)} tokens in the head; the tail has ${
        digits(number("tail_mass"), 3)} of the mass.${mean}`,
      commandBox(rowCommand(state.claim, row), "this cell"),
    ]));
  };

  const claimSelect = select("Claim", own.map(({name}) => name), chooseClaim);
  // The claim about the tail has the map with the most to see.
  chooseClaim((own.find(({name}) => name === "tail-first") ?? own[0]).name);
  const legend = el(
    "div", {class: "key"},
    "share of seeds for which the claim holds:", [0, 0.25, 0.5, 0.75, 1].map((share) => {
      const mark = svg("rect", {width: 14, height: 12});
      mark.style.fill = shareColour(share);
      return el(
        "span", {}, svg("svg", {width: 14, height: 12, "aria-hidden": "true"}, mark), ` ${100 * share} %`);
    }),
    el(
      "span", {},
      svg(
        "svg", {width: 14, height: 12, "aria-hidden": "true"},
        svg("rect", {width: 14, height: 12, class: "chaotic"})),
      " chaotic"));
  claimSelect.control.value = state.claim.name;
  return [
    el(
      "p", {},
      "How many tokens count as head decides much. The map shows the share of seeds for which a claim holds, for every number of head tokens and every epoch. The sliders, or a click on the map, choose a cell; the curves are the column and the row through it."),
    el(
      "div", {class: "controls", role: "group", "aria-label": "What the map shows"}, claimSelect, dimensions),
    legend,
    map,
    el("div", {class: "controls", role: "group", "aria-label": "The cell"}, cut, epoch),
    readout,
    el("div", {class: "pair"}, byEpoch, byCut),
  ];
};
