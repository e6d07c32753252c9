// Tables of the document, whose form PageTable.swift describes.

/// The number of a text: `inf` is one, and nothing is none.
const numberOf = (text) => text === "" ? NaN : Number(text.replace("inf", "Infinity"));

class DataTable {
  constructor(json) {
    this.count = json.rows;
    this.columns = json.columns.map((column) => ({...column, isNumeric: column.kind !== "string"}));
    this.byName = new Map(this.columns.map((column) => [column.name, column]));
    for (const group of json.coded) {
      const codes = DataTable.codes(group.runs, json.rows);
      group.columns.forEach((place, index) => {
        const values = group.values.map((value) => value[index]);
        const numbers = values.map(numberOf);
        Object.assign(this.columns[place], {
          codes,
          values,
          text: (row) => values[codes[row]],
          number: (row) => numbers[codes[row]],
        });
      });
    }
    for (const {column, values} of json.numbers) {
      const texts = values.split(",");
      Object.assign(this.columns[column], {
        text: (row) => texts[row],
        number: (row) => numberOf(texts[row]),
      });
    }
  }

  static codes(runs, count) {
    const codes = new Int32Array(count);
    let row = 0;
    for (let run = 0; run < runs.length; run += 3) {
      for (let step = 0; step < runs[run + 2]; step++) codes[row++] = runs[run] + step * runs[run + 1];
    }
    return codes;
  }

  has(name) {
    return this.byName.has(name);
  }
  column(name) {
    return this.byName.get(name);
  }
  text(name, row) {
    return this.byName.get(name).text(row);
  }
  number(name, row) {
    return this.byName.get(name).number(row);
  }

  /// The different values of a coded column: numbers ascending, texts as they come.
  values(name, rows = null) {
    const column = this.column(name);
    const known = new Set(rows ? rows.map(column.text) : column.values);
    const values = [...known];
    return column.isNumeric ? values.sort((first, second) => first - second) : values;
  }

  get keys() {
    return this.columns.filter((column) => column.role === "key" || column.name === "tail_mass");
  }

  /// The rows that have a value in each of some columns; a filter names alternatives of a column.
  rows(filters) {
    const tests = [];
    for (const {columns, value} of filters) {
      const own = columns.filter((name) => this.has(name)).map((name) => this.column(name));
      if (own.length === 0) return [];
      tests.push(
        own.map((column) => ({codes: column.codes, fits: column.values.map((text) => text === value)})));
    }
    const rows = [];
    for (let row = 0; row < this.count; row++) {
      if (tests.every((ways) => ways.some(({codes, fits}) => fits[codes[row]]))) rows.push(row);
    }
    return rows;
  }
}

/// The table of a claim or a comparison, made when it is first looked at.
const tableOf = (owner) => (owner.decoded ??= new DataTable(owner.table));

const VERDICTS = ["holds", "mixed", "fails", "chaotic"];

/// How many of some rows have each verdict.
const tally = (table, rows) => {
  const {codes, values} = table.column("verdict");
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0]));
  for (const row of rows) counts[values[codes[row]]]++;
  return counts;
};

/// The joint verdict of cells; chaotic ones are left out.
const judgement = (counts) => {
  const calm = counts.holds + counts.mixed + counts.fails;
  if (calm > 0 && counts.holds === calm) return "holds";
  return calm > 0 && counts.fails === calm ? "fails" : "depends";
};

const total = (counts) => VERDICTS.reduce((sum, verdict) => sum + counts[verdict], 0);

/// The command that makes the number of one row: that of the claim, and then its line of the table.
const rowCommand = (claim, row) =>
  `${claim.command} && sed -n '1p;${row + 2}p' ${claim.name}/${claim.name}.csv`;
