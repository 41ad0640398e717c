"""Checks pages of hopfmap view in a real browser: check_page.py FILE.h5 …, each with its page FILE.html."""

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

CELLS = 20
# Names that stand for numbers.
NAMED = ("outcome", "certificate")


def wait(page, condition):
    """Waits until it holds; Playwright's own way needs eval, which the page's policy forbids."""
    end = time.time() + 60
    while not page.evaluate(condition):
        assert time.time() < end, condition
        time.sleep(0.02)


def open_page(browser, page_file, complaints):
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    page.on("dialog", lambda d: (complaints.append("a dialog: " + d.message), d.dismiss()))
    page.on("request", lambda r: complaints.append("a request: " + r.url) if not r.url.startswith("file:") else None)
    page.goto(page_file.resolve().as_uri())
    wait(page, "window.hopfmap && window.hopfmap.ready")
    ready = page.evaluate("performance.now()")
    print(f"{page_file.name}: ready after {ready / 1000:.2f} s")
    return page


def number_in(file, name, start, place, kind):
    """A number of the file; None where it has no such variable."""
    data = file[name]
    if kind == "ramp":
        return data[(start, *place)] if data.ndim > len(place) else data[tuple(place[1:])]
    return data[(start, *place)] if "start" in file and data.ndim > len(place) else data[tuple(place)]


def names_of(data):
    values = data.attrs["flag_values"]
    return dict(zip((int(v) for v in values), data.attrs["flag_meanings"].decode().split()))


def check_texts(page, file, place, start, kind):
    """All numbers of the hover are the file's, in the digits that are shown."""
    texts = page.evaluate("([i, s]) => hopfmap.texts_of(i, s)", [place, start])
    assert "outcome" in texts and len(texts) >= 9, texts
    for name, text in texts.items():
        value = number_in(file, name, start, place, kind)
        if name in NAMED and int(value) in names_of(file[name]):
            assert text == names_of(file[name])[int(value)].replace("_", " "), (name, place, text, value)
        elif name not in NAMED:
            digits = 6e-4 if abs(value) < 1e-3 else 6e-6
            assert (text == "–") == (not np.isfinite(value)), (name, place, text, value)
            assert text == "–" or abs(float(text) - value) <= digits * abs(value), (name, place, text, value)
    return texts


def check_cells(page, file, shape, starts, count):
    """Computed cells end as in the file, with its span and period."""
    cells = random.Random(7)
    compared = periods = 0
    has_input = "latency" in file
    for _ in range(count if np.prod(shape) * starts > 12 else 4):
        place, start = [cells.randrange(n) for n in shape], cells.randrange(starts)
        outcome = check_texts(page, file, place, start, "map")["outcome"]
        last = page.evaluate("([i, s]) => hopfmap.pick(i, s)", [place, start])
        if outcome == "absent":
            assert "error" in last, last
        if has_input or outcome not in ("steady", "oscillating"):
            continue
        span, error, period = (float(number_in(file, n, start, place, "map")) for n in ("span", "span_error", "period"))
        limit = max(2e-5, 2 * np.nan_to_num(error))
        assert last["outcome"] == outcome and abs(last["span"] - span) <= limit, (place, start, last, span)
        compared += 1
        if outcome == "oscillating":
            # The file has f32, and V is flat at its maxima, which the period is measured between.
            assert abs(last["period"] - period) <= 1e-4 * period, (place, start, last, period)
            periods += 1
            # The controls: neither another span nor another period passes.
            assert span < 1e-3 or abs(last["span"] - 1.05 * span) > limit
            assert abs(last["period"] - 2 * period) > 1e-4 * period
    assert compared or has_input
    return periods


def check_mouse(page, file, axes):
    """Under the mouse is the cell whose values are nearest, on uneven and descending axes too."""
    values = [file[name][:] for name in axes[-2:]]
    is_log = page.evaluate("hopfmap.data.axes.map((a) => a.log)")[-len(values) :]
    box = page.locator("#map").bounding_box()
    left, right, top, bottom = 66, 14, 10, 46
    ends = page.evaluate("[hopfmap.view.scale_y, hopfmap.view.scale_x].map((s) => [s.low, s.high])")[-len(values) :]
    for u, w in ((0.107, 0.213), (0.471, 0.537), (0.933, 0.371), (0.313, 0.887)):
        # The mouse is on whole pixels.
        width, height = box["width"] - left - right, box["height"] - top - bottom
        x, y = round(box["x"] + left + u * width), round(box["y"] + top + (1 - w) * height)
        u, w = (x - box["x"] - left) / width, 1 - (y - box["y"] - top) / height
        page.mouse.move(x, y)
        for name, list_, log, part, (low, high) in zip(axes[-2:], values, is_log, (w, u)[-len(values) :], ends):
            scaled = np.log(list_) if log else list_
            nearest = list_[np.argmin(abs(scaled - low - part * (high - low)))]
            text = page.locator(f'#cell div[data-name="{name}"] dd').inner_text()
            assert abs(float(text) - nearest) <= 1e-3 * abs(nearest), (name, text, nearest)


def check_keys(page):
    """Arrows move the cell by one, keys zoom; a slice key changes the picture of a cube."""
    page.focus("#map")
    index = "hopfmap.view.index.slice()"
    before = page.evaluate(index)
    # At an end there is no cell to go to.
    for key in ("ArrowRight", "ArrowLeft"):
        if page.evaluate(index) == before:
            page.keyboard.press(key)
    after = page.evaluate(index)
    cells = page.evaluate("hopfmap.data.axes.map((a) => a.values.length).reduce((a, b) => a * b, 1)")
    assert sum(a != b for a, b in zip(before, after)) == (0 if cells == 1 else 1), (before, after)
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


def check_access(page, control):
    """axe-core finds nothing serious, light and dark; its control: it does where a label is gone."""

    def serious():
        found = Axe().run(page).response["violations"]
        return [(v["id"], [n["html"][:120] for n in v["nodes"]]) for v in found if v["impact"] in ("serious", "critical")]

    for _ in range(2):
        found = serious()
        assert not found, json.dumps(found, indent=1)
        page.click("#theme")
    if control:
        select = "document.getElementById('variable')"
        page.evaluate(f"{select}.parentElement.replaceWith({select})")
        assert serious()


def check_map(page, file, kind, count):
    axes = page.evaluate("hopfmap.data.axes.map((a) => a.name)")
    shape = page.evaluate("hopfmap.data.axes.map((a) => a.values.length)")
    starts = page.evaluate("hopfmap.data.starts.length")
    if kind == "map":
        if axes != ["point"]:
            check_mouse(page, file, axes)
        check_cells(page, file, shape, starts, count)
    else:
        check_ramp_cells(page, file, shape)
    check_keys(page)
    # Every variable, as a line too, linear and logarithmic; the first over every pair of axes.
    choices = "(id) => [...document.getElementById(id).options].map((o) => o.value)"
    for number, variable in enumerate(page.evaluate(choices, "variable")):
        page.select_option("#variable", variable)
        for across in page.evaluate(choices, "across") if number == 0 else []:
            page.select_option("#across", across)
            for up in page.evaluate(choices, "up"):
                page.select_option("#up", up)
        page.select_option("#up", page.evaluate(choices, "up")[-(number % 2)])
        if page.locator("#log").is_enabled():
            page.click("#log")


def check_ramp_cells(page, file, shape):
    """A value of a ramp ends where it does in the file, on the same side of the loop."""
    cells = random.Random(7)
    apart = 0
    for _ in range(CELLS):
        place, direction = [cells.randrange(n) for n in shape], cells.randrange(2)
        outcome = check_texts(page, file, place, direction, "ramp")["outcome"]
        last = page.evaluate("([i, s]) => hopfmap.pick(i, s)", [place, direction])
        v, other = (float(file["v_mean"][(d, *place)]) for d in (direction, 1 - direction))
        assert last["outcome"] == outcome, (place, direction, last, outcome)
        assert abs(last["span"] - float(file["span"][(direction, *place)])) <= 2e-5
        assert outcome != "steady" or abs(last["v_end"] - v) <= 1e-4, (place, direction, last, v)
        # The control: within the loop the other way would not pass.
        apart += abs(v - other) > 1e-2
    assert apart


def check_trajectory(page, file):
    t, v = file["t"][:], file["V"][:]
    shown = page.evaluate("[...hopfmap.plot('plot_v').data[1]]")
    assert np.array_equal(shown, v) and not np.array_equal(shown, file["X"][:])
    last = page.evaluate("hopfmap.last")
    period = file.attrs["period"]
    assert (last["period"] is None) == bool(np.isnan(period)) and last["span"] == file.attrs["span"]
    assert np.isnan(period) or last["period"] == period
    assert last["outcome"] == file.attrs["motion"].decode()
    scale = "(({ min, max }) => max - min)(hopfmap.plot('plot_v').scales.x)"
    page.focus("#plot_v")
    page.keyboard.press("+")
    wait(page, f"Math.abs({scale} - {0.5 * (t[-1] - t[0])}) < 1e-6")
    page.keyboard.press("0")
    wait(page, f"Math.abs({scale} - {t[-1] - t[0]}) < 1e-6")
    for name in page.evaluate("[...document.getElementById('variable').options].map((o) => o.value)"):
        page.select_option("#variable", name)


def main():
    complaints = []
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for number, path in enumerate(map(Path, sys.argv[1:])):
            begun = time.time()
            page = open_page(browser, path.with_suffix(".html"), complaints)
            kind = page.evaluate("hopfmap.data.kind")
            assert page.locator("#title").inner_text().split() == path.name.split()
            with h5py.File(path) as file:
                if kind == "trajectory":
                    check_trajectory(page, file)
                else:
                    check_map(page, file, kind, CELLS if number == 0 else 8)
            if number == 0 or kind != "map":
                check_access(page, number == 0)
            assert not complaints, (path.name, complaints)
            page.close()
            print(f"{path.name}: {kind}, {time.time() - begun:.1f} s")
        browser.close()


main()
