"""Checks a page of hopfmap view in a real browser: check_page.py PAGE FILE [COLUMN]."""

import json
import random
import shutil
import sys
import time
from pathlib import Path

import h5py
import numpy as np
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

NUMBERS = 20


def open_page(browser, page_file, complaints):
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("dialog", lambda d: (complaints.append("a dialog: " + d.message), d.dismiss()))
    page.on("request", lambda r: complaints.append("a request: " + r.url) if not r.url.startswith("file:") else None)
    begun = time.time()
    page.goto(Path(page_file).resolve().as_uri())
    page.wait_for_function("window.hopfmap && window.hopfmap.ready", timeout=30000)
    print(f"loaded in {time.time() - begun:.2f} s")
    return page


def column(file, name, start, place):
    data = file[name]
    several = "start" in file and data.ndim > len(place)
    return data[(start, *place)] if several else data[tuple(place)]


def check_cells(page, file, lengths, starts):
    """Clicked cells end as in the file, and the hover's numbers are the file's."""
    names = file["outcome"].attrs["flag_meanings"].decode().split()
    cells = random.Random(7)
    for _ in range(NUMBERS):
        place = [cells.randrange(n) for n in lengths]
        start = cells.randrange(starts)
        texts = page.evaluate("([i, s]) => hopfmap.texts_of(i, s)", [place, start])
        outcome = names[int(column(file, "outcome", start, place))]
        assert texts["outcome"] == outcome.replace("_", " "), (place, texts)
        for name in ("span", "v_min", "v_max", "period", "multiplier"):
            value, text = float(column(file, name, start, place)), texts[name]
            assert (text == "–") == bool(np.isnan(value)), (name, place, text)
            assert np.isnan(value) or abs(float(text) - value) <= 1e-3 * abs(value), (name, place, text, value)
        begun = time.time()
        last = page.evaluate("([i, s]) => hopfmap.pick(i, s)", [place, start])
        print(f"{place} {start}: {outcome}, {time.time() - begun:.2f} s")
        if outcome == "absent":
            assert "error" in last, last
            continue
        if outcome not in ("steady", "oscillating"):
            continue
        span, error = (float(column(file, name, start, place)) for name in ("span", "span_error"))
        limit = max(2e-5, 2 * np.nan_to_num(error))
        assert last["outcome"] == outcome and abs(last["span"] - span) <= limit, (place, start, last, span)
        # The control: the span of another cell would not pass.
        if span > 1e-3:
            assert abs(last["span"] - 1.05 * span) > limit


def check_mouse(page, file, axes):
    """Under the mouse is the cell whose values are nearest, on uneven and descending axes too."""
    values = [file[name][:] for name in axes[-2:]] if len(axes) > 1 else [file[axes[0]][:]]
    is_log = page.evaluate("hopfmap.data.axes.map((a) => a.log)")[-len(values):]
    box = page.locator("#map").bounding_box()
    left, right, top, bottom = 66, 14, 10, 46
    ends = page.evaluate("[hopfmap.view.scale_y, hopfmap.view.scale_x].map((s) => [s.low, s.high])")
    ends = ends if len(values) > 1 else ends[1:]
    for u, w in ((0.1, 0.2), (0.47, 0.53), (0.93, 0.37), (0.31, 0.88)):
        x = box["x"] + left + u * (box["width"] - left - right)
        y = box["y"] + top + (1 - w) * (box["height"] - top - bottom)
        page.mouse.move(x, y)
        parts = [w, u] if len(values) > 1 else [u]
        for name, list_, log, part, (low, high) in zip(axes[-len(values):], values, is_log, parts, ends):
            at = low + part * (high - low)
            scaled = np.log(list_) if log else list_
            nearest = list_[np.argmin(abs(scaled - at))]
            text = page.locator(f'#cell div[data-name="{name}"] dd').inner_text()
            assert abs(float(text) - nearest) <= 1e-3 * abs(nearest), (name, text, nearest)


def check_keys(page):
    """Arrows move the cell by one; a slice key changes the picture of a cube."""
    page.focus("#map")
    before = page.evaluate("hopfmap.view.index.slice()")
    # At the right end there is no cell to go to.
    page.keyboard.press("ArrowRight")
    if page.evaluate("hopfmap.view.index.slice()") == before:
        page.keyboard.press("ArrowLeft")
    after = page.evaluate("hopfmap.view.index.slice()")
    assert sum(a != b for a, b in zip(before, after)) == 1, (before, after)
    assert page.locator("#spoken").inner_text()
    size = "hopfmap.view.scale_x.high - hopfmap.view.scale_x.low"
    wide = page.evaluate(size)
    page.keyboard.press("+")
    assert page.evaluate(size) < wide
    page.keyboard.press("0")
    assert abs(page.evaluate(size) - wide) < 1e-9
    if page.locator("#slices input").count():
        picture = "document.getElementById('canvas').toDataURL()"
        page.keyboard.press("[")
        first = page.evaluate(picture)
        page.keyboard.press("]")
        assert page.evaluate(picture) != first
        page.keyboard.press("[")
        assert page.evaluate(picture) == first


def check_access(page):
    """axe-core finds nothing serious, light and dark; its control: it does where a label is gone."""

    def serious():
        found = Axe().run(page).response["violations"]
        return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")]

    for _ in range(2):
        assert not serious(), json.dumps(serious(), indent=1)
        page.click("#theme")
    page.evaluate("document.getElementById('variable').parentElement.replaceWith(document.getElementById('variable'))")
    assert serious()


def main():
    page_file, map_file, *rest = sys.argv[1:]
    complaints = []
    with sync_playwright() as p, h5py.File(map_file) as file:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = open_page(browser, page_file, complaints)
        axes = page.evaluate("hopfmap.data.axes.map((a) => a.name)")
        starts = page.evaluate("hopfmap.data.starts.length")
        check_mouse(page, file, axes)
        check_cells(page, file, [len(file[a]) for a in axes], starts)
        check_keys(page)
        for variable in page.evaluate("hopfmap.data.columns.map((c) => c.name)"):
            page.select_option("#variable", variable)
        if rest == ["axe"]:
            check_access(page)
        assert not complaints, complaints
        browser.close()


main()
