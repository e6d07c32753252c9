// Elements, texts and buttons. Texts of the document become text nodes or attribute values, never HTML.

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function")
      node.addEventListener(name, value);
    else
      node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child !== undefined && child !== null));
  return node;
};

const el = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);

const svg = (name, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

let identifiers = 0;
const newIdentifier = () => `n${++identifiers}`;

/// A number to so many significant digits, with a minus sign.
const digits = (number, count = 4) => {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? "–" : number > 0 ? "∞" : "−∞";
  const size = Math.abs(number);
  const text = size > 0 && size < 1e-3 ? number.toExponential(count - 1).replace(/\.?0*e/, "e") :
                                         String(Number(number.toPrecision(count)));
  return text.replaceAll("-", "−");
};

const percent = (share) => `${digits(100 * share)} %`;

/// A share with its interval.
const shareWords = (share, low, high) => `${percent(share)} (${digits(100 * low)}–${digits(100 * high)})`;

const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/// Tells screen readers what has changed.
const say = (text) => {
  document.getElementById("news").textContent = text;
};

const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not every browser lets a page from the disk use the clipboard.
    const area = el("textarea", {"aria-hidden": "true", class: "hidden"});
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
};

/// A button that copies a command; `what` says which numbers the command makes.
const copyButton = (command, what, label = "Copy") => {
  const button = el(
    "button", {type: "button", "aria-label": `Copy the command that makes ${what}`, title: command}, label);
  button.addEventListener("click", async () => {
    const done = await copyText(command);
    button.textContent = done ? "Copied" : "No access";
    say(done ? "The command is copied." : "The clipboard is not accessible.");
    setTimeout(() => (button.textContent = label), 1500);
  });
  return button;
};

const commandBox = (command, what) =>
  el("div", {class: "command"}, el("code", {}, command), copyButton(command, what));

const badge = (verdict) => el("span", {class: `badge ${verdict}`}, verdict);

/// A control below its label.
const field = (label, control, kind = "") => {
  control.id = newIdentifier();
  return el("div", {class: `field ${kind}`}, el("label", { for: control.id
            }, label), control);
};

/// A labelled select; options are texts, or pairs of a value and a text.
const select = (label, options, onChange, kind) => {
  const control = el("select", {change: () => onChange(control.value)});
  const node = field(label, control, kind);
  node.control = control;
  node.set = (options, value) => {
    const pairs = options.map((option) => (Array.isArray(option) ? option : [option, option]));
    control.replaceChildren(...pairs.map(([value, text]) => el("option", {value, title: text}, text)));
    if (value !== undefined) control.value = value;
  };
  node.set(options);
  return node;
};

/// A slider over the places 0…count − 1, whose output says what is there.
const slider = (label, onInput) => {
  const input = el("input", {type: "range", min: 0, step: 1});
  const node = field(label, input, "slide");
  const output = el("output", { for: input.id
  });
  input.before(output);
  node.show = (place, count, text) => {
    input.max = count - 1;
    input.value = place;
    input.setAttribute("aria-valuetext", text);
    output.textContent = text;
  };
  input.addEventListener("input", () => onInput(Number(input.value)));
  return node;
};

const themeButton = () => {
  const themes = ["auto", "light", "dark"];
  const button = el("button", {type: "button"});
  const show = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  // Browsers may refuse to store anything for a page from the disk.
  const stored = (action) => {
    try {
      return action(localStorage);
    } catch {
      return null;
    }
  };
  const start = stored((storage) => storage.getItem("theme"));
  show(themes.includes(start) ? start : "auto");
  button.addEventListener("click", () => {
    const next = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
    stored((storage) => storage.setItem("theme", next));
    show(next);
  });
  return button;
};
