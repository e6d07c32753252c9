# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages for the browser work in one: no error, by keyboard, with labels, in both themes and in a narrow window.

    python check_report.py KLSIM [FOLDER]

Makes a report and a comparison with the command KLSIM, opens both from the disk in headless Chromium, and writes
pictures of every section to FOLDER, if it is given, to be looked at. Needs Playwright (pip install playwright) and
Chromium; without Chromium, or without Playwright, nothing is checked, and a line says so.
"""

import functools
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None
)
WIDTHS = {"wide": 1280, "narrow": 360}
HOSTILE = "</script><img src=x onerror=\"document.title='harm'\">'\u2028&lt;<b>"

# Every control has a name, every table a caption and headings with a scope, every picture a label.
UNLABELLED = """() => [
  ...[...document.querySelectorAll('button, select, input')].filter(
    (node) => !node.getAttribute('aria-label') && !node.textContent.trim() && !(node.labels?.length)),
  ...[...document.querySelectorAll('select, input')].filter((node) => !node.labels.length),
  ...[...document.querySelectorAll('table')].filter((node) => !node.caption?.textContent),
  ...[...document.querySelectorAll('th')].filter((node) => !node.scope),
  ...[...document.querySelectorAll('svg')].filter(
    (node) => !node.closest('[aria-hidden=true]') && !node.matches('[role=img][aria-label]')),
  ...[...document.querySelectorAll('section')].filter((node) => !node.getAttribute('aria-labelledby')),
].map((node) => node.outerHTML.slice(0, 200))"""

# Texts of one picture that overlap.
OVERLAPS = """() => [...document.querySelectorAll('.chart svg')].flatMap((picture) => {
  const boxes = [...picture.querySelectorAll('text')].map((node) => [node.textContent, node.getBoundingClientRect()]);
  return boxes.flatMap(([text, a], place) => boxes.slice(place + 1).filter(([, b]) =>
    a.left < b.right && b.left < a.right && a.top + 2 < b.bottom && b.top + 2 < a.bottom)
    .map(([other]) => `${text} | ${other}`));
})"""


def make_pages(klsim, work):
    """A report of claims with and without a phase map, and a comparison of objectives with hostile names."""
    run = functools.partial(subprocess.run, check=True, cwd=work)
    run([klsim, "reproduce", "convergence", "tail-first", "fkl-is-cross-entropy", "--seeds", "8", "--quiet",
         "--no-figures", "--output", "report"])
    run([klsim, "run", "--seeds", "40", "--epochs", "10", "--record", "1,10", "--quiet", "--output", "runs.csv"])
    header, rows = (work / "runs.csv").read_text().split("\n", 1)
    name = HOSTILE.replace('"', '""')
    (work / "runs.csv").write_text(header + "\n" + rows.replace(",rkl,", f',"{name}",'))
    run([klsim, "compare", "runs.csv", "--html", "comparison.html", "--output", "comparison.csv"])
    return work / "report" / "index.html", work / "comparison.html"


def check_claims(page, klsim, work):
    """Filters, sliders and commands of a report do what they say."""
    rows = page.locator(".verdicts tbody tr")
    assert rows.count() == 3, rows.count()
    page.get_by_label("Teacher", exact=True).select_option("bimodal")
    assert rows.count() == 3 and "cells that are left" in page.locator("#verdicts").inner_text()
    page.get_by_label("Measure", exact=True).select_option("absolute")
    assert rows.count() == 1 and "tail-first" in rows.first.inner_text()
    page.get_by_role("button", name="Clear").click()
    assert rows.count() == 3

    cut, epoch = page.locator("#map input").all()
    readout = page.locator("#map .readout")
    cut.focus()
    page.keyboard.press("Home")
    assert cut.get_attribute("aria-valuetext") == "1 tokens in the head"
    before = readout.inner_text()
    page.keyboard.press("ArrowRight")
    assert cut.get_attribute("aria-valuetext") == "2 tokens in the head" and readout.inner_text() != before
    epoch.focus()
    page.keyboard.press("End")
    assert "at epoch 200 with 2 of 80 tokens" in readout.inner_text(), readout.inner_text()
    shown = readout.inner_text().split(" seeds")[0].split()[-3:]
    page.locator("#map .touch").click(position={"x": 700, "y": 100})
    assert "with 2 of 80" not in readout.inner_text()
    page.locator("#map").get_by_label("teacher").focus()
    page.locator("#map").get_by_label("teacher").select_option("zipf")
    assert "of 1000 tokens in the head" in readout.inner_text()
    assert page.evaluate("document.activeElement.tagName") == "SELECT"

    # The name of a claim leads to its cells, of which pages, order and filters are right.
    page.get_by_role("button", name="tail-first", exact=True).press("Enter")
    evidence = page.locator("#evidence")
    assert evidence.locator("h3").inner_text() == "tail-first"
    assert "rows 1–25 of 31,543" in evidence.inner_text()
    evidence.get_by_role("button", name="Next").press("Enter")
    assert "rows 26–50 of" in evidence.inner_text()
    cell = {"teacher": "longtail", "optimizer": "adam", "learning rate": "0.2", "init": "torch-uniform",
            "head count": "2", "epoch": "200", "measure": "absolute"}
    for label, value in cell.items():
        evidence.get_by_label(label, exact=True).select_option(value)
    cells = evidence.locator("tbody tr")
    assert cells.count() == 1 and shown[0] in cells.first.inner_text(), (shown, cells.first.inner_text())
    command = cells.first.get_by_role("button").get_attribute("title")
    made = subprocess.run(
        ["sh", "-c", f"klsim() {{ {shlex.quote(klsim)} \"$@\" --quiet; }}\n{command}"], cwd=work, check=True,
        capture_output=True, text=True).stdout.splitlines()
    made = dict(zip(made[0].split(","), made[1].split(",")))
    assert (made["head_count"], made["epoch"], made["hits"], made["seeds"]) == ("2", "200", shown[0], shown[2]), made
    evidence.get_by_role("button", name="mean", exact=False).first.press("Enter")
    assert evidence.locator("th[aria-sort=ascending]").count() == 1

    tail, epoch = page.locator("#explore input").all()
    errors = page.locator("#explore tbody")
    tail.focus()
    page.keyboard.press("Home")
    heading = tail.get_attribute("aria-valuetext")
    assert heading.startswith("exponent 2.4"), heading
    before = errors.inner_text()
    page.keyboard.press("End")
    assert tail.get_attribute("aria-valuetext").startswith("exponent 0.2") and errors.inner_text() != before
    page.get_by_label("Scale").select_option("logarithmic")


def check_comparison(page, klsim, work):
    """Hostile names are texts, and the answer is that of the table."""
    rows = page.locator("#pairs tbody tr")
    assert rows.count() == 2, rows.count()
    # A line separator is no text that is laid out.
    assert HOSTILE in rows.first.text_content(), rows.first.text_content()
    assert page.locator("img, b").count() == 0
    page.get_by_label("epoch", exact=True).select_option("10")
    assert rows.count() == 1


def check(browser, path, interact, klsim, work, pictures):
    for size, width in WIDTHS.items():
        for scheme in ["light", "dark"]:
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            problems, requests = [], []
            page.on("console", lambda message: problems.append(message.text))
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("request", lambda request: requests.append(request.url))
            page.goto(path.as_uri())
            page.wait_for_selector("section svg, section table")
            title = page.title()
            background = page.evaluate("getComputedStyle(document.body).backgroundColor")
            for section in page.locator("section").all():
                if pictures:
                    name = f"{path.stem}-{section.get_attribute('id')}-{size}-{scheme}.png"
                    section.screenshot(path=pictures / name)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, size)
            for script in [UNLABELLED, OVERLAPS]:
                assert page.evaluate(script) == [], (path, size, page.evaluate(script))
            # The button has three themes, of which the last is the other one or the same.
            theme = page.get_by_role("button", name="Theme")
            seen = {background}
            for _ in range(2):
                theme.press("Enter")
                seen.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
            assert len(seen) == 2, seen
            if size == "wide" and scheme == "light":
                interact(page, klsim, work)
            assert page.title() == title
            assert problems == [] and requests == [path.as_uri()], (problems, requests)
            page.close()


def main():
    klsim = str(Path(sys.argv[1]).resolve())
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("pages are not checked: there is no Playwright")
        return
    if not CHROMIUM:
        print("pages are not checked: there is no Chromium")
        return
    pictures = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        work = Path(folder)
        report, comparison = make_pages(klsim, work)
        # Its own sandbox is not to be had for root.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        check(browser, report, check_claims, klsim, work, pictures)
        check(browser, comparison, check_comparison, klsim, work, pictures)
        browser.close()
    print("pages work in the browser")


if __name__ == "__main__":
    main()
