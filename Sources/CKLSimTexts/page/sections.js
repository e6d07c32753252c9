// The sections of a page, in order: each is shown if the document has what it needs.

const SECTIONS = [
  {id: "verdicts", title: "Verdicts", needs: "claims", draw: verdictsSection},
  {
    id: "map",
    title: "Phase map",
    needs: "claims",
    isShown: (claims) => claims.some(hasMap),
    draw: mapSection
  },
  {id: "evidence", title: "Evidence, cell by cell", needs: "claims", draw: evidenceSection},
  {id: "explore", title: "See both KLs learn", needs: "explorable", draw: exploreSection},
  {id: "pairs", title: "Pair by pair", needs: "comparison", draw: pairsSection},
];

{
  const page = JSON.parse(document.getElementById("document").textContent);
  document.title = page.title;
  document.getElementById("title").textContent = page.title;
  document.getElementById("origin").textContent = `Made by klsim ${page.klsim} with the command`;
  document.getElementById("command").append(commandBox(page.command, "everything on this page"));
  if (page.caution) document.getElementById("command").after(el("p", {class: "caution"}, page.caution));
  const links = {};
  const main = document.getElementById("main");
  main.replaceChildren();
  const contents = [];
  for (const {id, title, needs, isShown, draw} of SECTIONS) {
    const part = page[needs];
    if (part === undefined || (isShown && !isShown(part))) continue;
    contents.push(el("a", {href: `#${id}`}, title));
    const section =
      el("section", {id, "aria-labelledby": `${id}-title`}, el("h2", {id: `${id}-title`}, title));
    main.append(section);
    section.append(...draw(part, links).filter((node) => node !== null));
  }
  document.getElementById("contents").append(...(contents.length > 1 ? contents : []), themeButton());
  addEventListener(
    "beforeprint", () => document.querySelectorAll("details").forEach((details) => (details.open = true)));
}
