// Teachers of many tail weights and their students, to walk through.

const exploreSection = (grid) => {
  const state = {
    teacher: Math.max(0, grid.teachers.findIndex(({exponent}) => exponent === 1)),
    epoch: Math.floor(grid.epochs.length / 3),
    isLogarithmic: false
  };
  const picture = el("div", {class: "chart"});
  const charts = ["head_error", "tail_error"].map(() => el("div", {class: "chart"}));
  const place = el("tbody");
  const command = el("div");
  const teacher = slider("Tail of the teacher, Zipf’s", (value) => {
    state.teacher = value;
    show();
  });
  const epoch = slider("Epoch:", (value) => {
    state.epoch = value;
    show();
  });
  const scale = select("Scale", [["linear", "linear"], ["logarithmic", "logarithmic"]], (value) => {
    state.isLogarithmic = value === "logarithmic";
    show();
  });
  const kinds = ["fkl", "rkl"];
  const world = () => grid.teachers[state.teacher];

  const draw = (width) => {
    const {p, students, head_count: head} = world();
    const height = Math.min(320, 180 + width / 6);
    const [left, right, top, bottom] = [46, 8, 26, 36];
    const curves = students.map(({q}) => q[state.epoch]);
    const least = 1e-6;
    const highest = Math.max(...p, ...curves.flat());
    const linear = niceTicks(highest);
    const most = state.isLogarithmic ? highest : linear.at(-1);
    const part = (value) => (
      state.isLogarithmic ? Math.log(Math.max(value, least) / least) / Math.log(most / least) : value / most);
    const x = (token) => left + ((width - left - right) * token) / grid.size;
    const y = (value) => height - bottom - (height - top - bottom) * part(value);
    const ticks =
      state.isLogarithmic ? [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1].filter((value) => value <= most) : linear;
    const isNamed = labelled(p.map((_, token) => x(token)), 34);
    return svg(
      "svg", {
        width,
        height,
        viewBox: `0 0 ${width} ${height}`,
        role: "img",
        "aria-label": `Teacher and students token by token at epoch ${
          grid.epochs[state.epoch]}, Zipf exponent ${world().exponent}; the table below has the errors`
      },
      ticks.map(
        (value) =>
          [svg("line", {class: "axis", x1: left, x2: width - right, y1: y(value), y2: y(value)}),
           svg("text", {x: left - 6, y: y(value) + 4, "text-anchor": "end"}, digits(value, 2))]),
      p.map((value, token) => svg("rect", {
              class: "teacher",
              x: x(token) + 1,
              y: y(value),
              width: Math.max(1, (width - left - right) / grid.size - 2),
              height: height - bottom - y(value)
            })),
      p.map(
        (_, token) =>
          (isNamed[token] ? svg(
                              "text", {x: x(token + 0.5), y: height - bottom + 15, "text-anchor": "middle"},
                              `${token + 1}`) :
                            null)),
      svg("line", {class: "here", x1: x(head), x2: x(head), y1: top, y2: height - bottom}),
      svg("text", {x: x(head) + 5, y: top + 10}, "tail →"),
      curves.map((q, index) => svg("g", {class: kinds[index]}, svg("path", {
                                     class: "line",
                                     d: q.map(
                                           (value, token) => `${token === 0 ? "M" : "L"}${
                                             x(token + 0.5).toFixed(1)},${y(value).toFixed(1)}`)
                                          .join("")
                                   }))),
      svg("text", {x: 0, y: 10}, "probability"),
      svg("text", {x: width - right, y: height - 4, "text-anchor": "end"}, "token, by the teacher’s rank"));
  };
  const redraw = responsive(picture, draw);
  const redraws = ["head_error", "tail_error"].map(
    (name, index) => responsive(
      charts[index],
      (width) => lineChart(
        {
          names: grid.epochs.map(String),
          here: state.epoch,
          xTitle: "epoch",
          yTitle: name.replace("_", " "),
          most: Math.max(...world().students.flatMap((student) => student[name])),
          label: `The ${name.replace("_", " ")} of both students over epochs`,
          series: world().students.map((student, place) => ({values: student[name], kind: kinds[place]})),
        },
        width)));

  const show = () => {
    const {exponent, p, head_count: head, students, specification} = world();
    const tail = p.slice(head).reduce((sum, value) => sum + value, 0);
    teacher.show(
      state.teacher, grid.teachers.length,
      `exponent ${exponent}, ${percent(Number(tail.toFixed(3)))} of the mass`);
    epoch.show(state.epoch, grid.epochs.length, String(grid.epochs[state.epoch]));
    redraw();
    for (const draw of redraws) draw();
    const [first, second] = students;
    place.replaceChildren(...["head_error", "tail_error"].map((name) => {
      const [a, b] = [first[name][state.epoch], second[name][state.epoch]];
      return el(
        "tr", {}, el("th", {scope: "row"}, name.replace("_", " ")), numberCell(digits(a, 3)),
        numberCell(digits(b, 3)),
        el(
          "td", {},
          a === b ? "neither" : el("span", {class: a < b ? "fkl" : "rkl"}, a < b ? "forward" : "reverse")));
    }));
    const epochs = grid.epochs[state.epoch];
    command.replaceChildren(commandBox(
      `klsim run --teacher ${specification} --objective ${grid.objectives.join(",")} --epochs ${
        epochs} --record ${epochs} --output errors.csv --snapshots ${epochs} --snapshot-output students.csv`,
      "this picture"));
  };
  show();
  return [
    el(
      "p", {},
      `Walk through it yourself: a teacher over ${
        grid
          .size} tokens whose probabilities follow Zipf’s law, and two students that start from the same logits and learn by Adam at 0.2, one under forward KL, one under reverse KL. Give the teacher a heavier tail, and let the epochs pass.`),
    el("div", {class: "controls", role: "group", "aria-label": "Teacher and epoch"}, teacher, epoch, scale),
    el(
      "div", {class: "key"},
      el(
        "span", {},
        svg(
          "svg", {width: 14, height: 12, "aria-hidden": "true"},
          svg("rect", {class: "teacher", width: 14, height: 12})),
        " teacher p"),
      [["fkl", " q under forward KL"], ["rkl", " q under reverse KL"]].map(
        ([kind, text]) => el(
          "span", {},
          svg(
            "svg", {width: 20, height: 12, class: kind, "aria-hidden": "true"},
            svg("line", {class: "whisker", x1: 0, x2: 20, y1: 6, y2: 6})),
          text))),
    picture,
    el(
      "div", {class: "pair"},
      el(
        "div", {},
        el(
          "table", {},
          el(
            "caption", {},
            "Errors at this epoch, Σ|p − q|; the head is the most probable tokens up to half of the teacher’s mass. One seed."),
          el(
            "thead", {},
            el(
              "tr", {},
              ["", "forward", "reverse", "smaller"].map(
                (text, index) => el(
                  index === 0 ? "td" : "th",
                  {scope: index === 0 ? null : "col", class: index === 1 || index === 2 ? "number" : null},
                  text)))),
          place)),
      charts),
    el("h3", {}, "Commands"),
    command,
    el(
      "details", {}, el("summary", {}, "For all teachers and epochs at once"),
      commandBox(grid.command, "all pictures of this section")),
  ];
};
