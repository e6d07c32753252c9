// Small charts as inline SVG, drawn as wide as their place is.

/// Draws now and whenever the width changes; gives a function that draws again.
const responsive = (host, draw) => {
  let width = 0;
  const redraw = () => {
    width = host.clientWidth;
    if (width > 0) host.replaceChildren(draw(width));
  };
  new ResizeObserver(() => {
    if (host.clientWidth !== width) redraw();
  }).observe(host);
  return redraw;
};

/// Counts of verdicts side by side.
const verdictBar = (counts, width = 140) => {
  const sum = total(counts) || 1;
  let x = 0;
  const words =
    VERDICTS.filter((verdict) => counts[verdict] > 0).map((verdict) => `${verdict} in ${counts[verdict]}`);
  return svg(
    "svg", {width, height: 10, role: "img", "aria-label": words.join(", ")}, VERDICTS.map((verdict) => {
      const length = (width * counts[verdict]) / sum;
      const part = svg("rect", {x, y: 0, width: length, height: 10, class: verdict});
      x += length;
      return part;
    }));
};

/// A value with its interval on a scale; `marks` are lines of reference.
const intervalMark = ({low, value, high}, [from, to], marks, verdict, width = 70) => {
  const x = (number) => 3 + ((width - 6) * (Math.min(to, Math.max(from, number)) - from)) / (to - from || 1);
  return svg(
    "svg", {width, height: 14, class: verdict, "aria-hidden": "true"},
    marks.map((mark) => svg("line", {class: "track", x1: x(mark), x2: x(mark), y1: 1, y2: 13})),
    svg("line", {class: "track", x1: 3, x2: width - 3, y1: 7, y2: 7}),
    Number.isFinite(low) && Number.isFinite(high) ?
      svg("line", {class: "whisker", x1: x(low), x2: x(high), y1: 7, y2: 7}) :
      null,
    Number.isFinite(value) ? svg("circle", {class: "dot", cx: x(value), cy: 7, r: 3.2}) : null);
};

/// Which of some places get a label, so that neighbours are `gap` apart.
const labelled = (positions, gap) => {
  let last = -Infinity;
  return positions.map((position) => {
    if (position - last < gap) return false;
    last = position;
    return true;
  });
};

/// Round numbers from 0 until the last is at least a maximum.
const niceTicks = (most) => {
  const size = 10 ** Math.floor(Math.log10(most / 4 || 1));
  const step = size * ([1, 2, 2.5, 5].find((factor) => factor * size * 4 >= most * (1 - 1e-9)) ?? 10);
  return [...Array(Math.ceil(most / step - 1e-9) + 1).keys()].map((count) => count * step);
};

/// Curves over places of equal distance, of which `names` are the labels.
const lineChart =
  ({names, series, label, xTitle, yTitle, most, here, tick = digits}, width, height = 190) => {
    const ticks = niceTicks(most);
    const [from, to] = [0, ticks.at(-1)];
    const [left, right, top, bottom] = [46, 8, 26, 36];
    const count = names.length;
    const x = (place) => left + ((width - left - right) * (place + 0.5)) / count;
    const y = (value) => height - bottom - ((height - top - bottom) * (value - from)) / (to - from || 1);
    const path = (values, command = "M") => {
      let text = "", next = command;
      values.forEach((value, place) => {
        if (!Number.isFinite(value)) return (next = "M");
        text += `${next}${x(place).toFixed(1)},${y(value).toFixed(1)}`;
        next = "L";
      });
      return text;
    };
    const isNamed = labelled(names.map((_, place) => x(place)), 30);
    return svg(
      "svg", {width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label},
      ticks.map(
        (value) =>
          [svg("line", {class: "axis", x1: left, x2: width - right, y1: y(value), y2: y(value)}),
           svg("text", {x: left - 6, y: y(value) + 4, "text-anchor": "end"}, tick(value))]),
      names.map(
        (name, place) =>
          (isNamed[place] ?
             svg("text", {x: x(place), y: height - bottom + 15, "text-anchor": "middle"}, name) :
             null)),
      svg("text", {x: width - right, y: height - 4, "text-anchor": "end"}, xTitle),
      svg("text", {x: 0, y: 10}, yTitle),
      here === undefined ?
        null :
        svg("line", {class: "here", x1: x(here), x2: x(here), y1: top, y2: height - bottom}),
      series.map(
        ({values, low, high, kind}) => svg(
          "g", {class: kind},
          low ? svg("path", {
            class: "band",
            d: path(low) +
              [...high.keys()]
                .filter((place) => Number.isFinite(high[place]))
                .reverse()
                .map((place) => `L${x(place).toFixed(1)},${y(high[place]).toFixed(1)}`)
                .join("") +
              "Z"
          }) :
                null,
          svg("path", {class: "line", d: path(values)}),
          here !== undefined && Number.isFinite(values[here]) ?
            svg("circle", {class: "dot", cx: x(here), cy: y(values[here]), r: 4}) :
            null)));
  };

/// The colour of a share: that of `holds` at 1, of `fails` at 0.
const shareColour = (share) => share >= 0.5 ?
  `color-mix(in oklab, var(--map-holds) ${((2 * share - 1) * 100).toFixed(0)}%, var(--middle))` :
  `color-mix(in oklab, var(--map-fails) ${((1 - 2 * share) * 100).toFixed(0)}%, var(--middle))`;

/// Shares over cuts (across) and epochs (upwards); `share(x, y)` is undefined where there is no cell.
const heatMap = ({xNames, yNames, share, isChaotic, here, label, xTitle, yTitle, onPick}, width) => {
  const [left, right, top, bottom] = [42, 8, 20, 38];
  const rowHeight = Math.max(16, Math.min(28, 300 / yNames.length));
  const height = top + bottom + rowHeight * yNames.length;
  const columnWidth = (width - left - right) / xNames.length;
  const x = (place) => left + place * columnWidth;
  const y = (place) => height - bottom - (place + 1) * rowHeight;
  const isNamed = labelled(xNames.map((_, place) => x(place) + columnWidth / 2), 30);
  const cells = [];
  for (let row = 0; row < yNames.length; row++) {
    for (let column = 0; column < xNames.length; column++) {
      const value = share(column, row);
      if (value === undefined) continue;
      const cell = svg("rect", {
        x: x(column).toFixed(2),
        y: y(row),
        width: (columnWidth + 0.3).toFixed(2),
        height: rowHeight + 0.3,
        class: isChaotic(column, row) ? "chaotic" : null
      });
      if (!isChaotic(column, row)) cell.style.fill = shareColour(value);
      cells.push(cell);
    }
  }
  const node = svg(
    "svg",
    {width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "touch"},
    cells,
    xNames.map(
      (name, place) => (
        isNamed[place] ?
          svg(
            "text", {x: x(place) + columnWidth / 2, y: height - bottom + 15, "text-anchor": "middle"}, name) :
          null)),
    yNames.map(
      (name, place) =>
        svg("text", {x: left - 6, y: y(place) + rowHeight / 2 + 4, "text-anchor": "end"}, name)),
    svg("text", {x: width - right, y: height - 6, "text-anchor": "end"}, xTitle),
    svg("text", {x: 0, y: 10}, yTitle),
    svg("rect", {class: "cross", x: x(here[0]), y: top, width: columnWidth, height: height - top - bottom}),
    svg("rect", {class: "cross", x: left, y: y(here[1]), width: width - left - right, height: rowHeight}));
  const pick = (event) => {
    const box = node.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left - left) / columnWidth);
    const row = Math.floor((box.top + height - bottom - event.clientY) / rowHeight);
    if (column >= 0 && column < xNames.length && row >= 0 && row < yNames.length) onPick(column, row);
  };
  node.addEventListener("click", pick);
  node.addEventListener(
    "pointermove", (event) => event.buttons === 1 && event.pointerType === "mouse" && pick(event));
  return node;
};
