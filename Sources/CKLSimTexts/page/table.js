// A long table: filters, sorting, pages.

const ROWS_A_PAGE = 25;
/// A column with more values than this has no filter.
const MOST_CHOICES = 120;

/// A control for each of some key columns that vary; `onChange` gets the filters.
const filterControls = (table, names, onChange) => {
  const chosen = new Map();
  const change = () => onChange(
    [...chosen].filter(([, value]) => value !== "").map(([name, value]) => ({columns: [name], value})));
  return names.map((name) => {
    const node = select(name.replaceAll("_", " "), [], (value) => {
      chosen.set(name, value);
      change();
    });
    node.set([["", "any"], ...table.values(name)], "");
    return node;
  });
};

/// A table with filters and pages; `cells` says what a row shows beside its keys:
/// `{ title, meaning, sort: row => number or text, cell: row => td, isFirst: whether it stands before them
/// }`. Keys with one value are told above the table, but for those that are `always` in it.
const longTable = (table, {caption, cells, filters = [], always = []}) => {
  const keys = table.keys.filter((column) => column.codes);
  const isVarying = (column) => always.includes(column.name) || new Set(column.values).size > 1;
  const varying = keys.filter(isVarying);
  const constant = keys.filter((column) => !isVarying(column) && column.values[0] !== "");
  // Long texts break, but into no shorter lines than this.
  const textWidth = (column) => Math.min(28, Math.max(...column.values.map((text) => text.length)));
  const columns = [
    ...cells.filter((cell) => cell.isFirst),
    ...varying.map((column) => ({
                     title: column.name.replaceAll("_", " "),
                     meaning: column.meaning,
                     isNumeric: column.isNumeric,
                     sort: column.isNumeric ? column.number : column.text,
                     cell: column.isNumeric ?
                       (row) => el("td", {class: "number"}, digits(column.number(row))) :
                       (row) => el(
                         "td", {class: "text", style: `min-width:calc(${textWidth(column)}ch + 1.3rem)`},
                         column.text(row)),
                   })),
    ...cells.filter((cell) => !cell.isFirst),
  ];
  const state = {rows: [], page: 0, sort: null, isDescending: false};
  const body = el("tbody");
  const position = el("span");
  const turn = (step) => () => {
    state.page += step;
    show();
  };
  const previous = el("button", {type: "button", click: turn(-1)}, "‹ Previous");
  const next = el("button", {type: "button", click: turn(1)}, "Next ›");
  const heads = columns.map((column) => {
    if (!column.sort) return el("th", {scope: "col", class: "tool"}, column.title);
    const button =
      el("button", {type: "button", title: column.meaning, click: () => sort(column)}, column.title);
    return el("th", {scope: "col", class: column.isNumeric ? "number" : null}, button);
  });

  const sort = (column) => {
    state.isDescending = state.sort === column && !state.isDescending;
    state.sort = column;
    order();
    show();
  };
  const order = () => {
    if (!state.sort) return;
    const sign = state.isDescending ? -1 : 1;
    const value = new Map(state.rows.map((row) => [row, state.sort.sort(row)]));
    // What does not exist comes last.
    const isMissing = (entry) => typeof entry === "number" && Number.isNaN(entry);
    state.rows.sort((first, second) => {
      const [a, b] = [value.get(first), value.get(second)];
      if (isMissing(a) || isMissing(b)) return isMissing(a) - isMissing(b);
      return a < b ? -sign : a > b ? sign : first - second;
    });
  };
  const show = () => {
    const pages = Math.max(1, Math.ceil(state.rows.length / ROWS_A_PAGE));
    state.page = Math.min(Math.max(0, state.page), pages - 1);
    const start = state.page * ROWS_A_PAGE;
    const shown = state.rows.slice(start, start + ROWS_A_PAGE);
    body.replaceChildren(...shown.map((row) => el("tr", {}, columns.map((column) => column.cell(row)))));
    position.textContent = state.rows.length === 0 ?
      "no row" :
      `rows ${(start + 1).toLocaleString("en")}–${(start + shown.length).toLocaleString("en")} of ${
        state.rows.length.toLocaleString("en")}`;
    previous.disabled = state.page === 0;
    next.disabled = state.page === pages - 1;
    previous.hidden = next.hidden = pages === 1;
    heads.forEach((head, place) => {
      if (columns[place] === state.sort)
        head.setAttribute("aria-sort", state.isDescending ? "descending" : "ascending");
      else
        head.removeAttribute("aria-sort");
    });
  };
  const filter = (filters) => {
    state.rows = table.rows(filters);
    state.page = 0;
    order();
    show();
    say(counted(state.rows.length, "row"));
  };

  const choices = [...varying.map((column) => column.name), ...filters].filter(
    (name) =>
      table.column(name).codes && table.values(name).length > 1 && table.values(name).length <= MOST_CHOICES);
  const controls = filterControls(table, choices, filter);
  state.rows = table.rows([]);
  show();
  return el(
    "div", {},
    constant.length > 0 ?
      el(
        "p", {class: "small soft"}, "In all rows: ",
        constant.map((column) => `${column.name.replaceAll("_", " ")} ${column.values[0]}`).join(" · ")) :
      null,
    controls.length > 0 ?
      el("div", {class: "controls", role: "group", "aria-label": "Filter the rows"}, controls) :
      null,
    el(
      "div", {class: "scroll", tabindex: 0, role: "region", "aria-label": "Table, can be scrolled"},
      el(
        "table", {}, el("caption", {}, el("div", {class: "stuck"}, caption)),
        el("thead", {}, el("tr", {}, heads)), body)),
    el("div", {class: "pages"}, previous, position, next));
};
