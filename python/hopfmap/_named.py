"""Messages of the program about files in a folder that the caller does not know: they name what the files hold."""

from __future__ import annotations

import os
import re
from pathlib import Path

#: What the files of a folder hold, by their names.
_HELD = {
    "source.h5": "the Dataset",
    "a.h5": "the first Dataset",
    "b.h5": "the second Dataset",
    "from.h5": "the Dataset of from_",
    "points.csv": "points",
    "input.csv": "input",
    "device.toml": "device",
    "request.toml": "grid",
    "result.h5": "the result",
}
_DATASETS = [name for name in _HELD if name.endswith(".h5") and name != "result.h5"]
#: What the program says of a file that does not fit its own attributes, with the reason.
_CHANGED = re.compile(r"damaged|outcome .* is none|gives a cell the outcome|do not fit its values")

#: What the program says of parts that are gone with their folder.
_STOPPED = re.compile(r"stopped with \d+ of \d+ parts kept in [^;]*; run the same command again to continue")


def is_changed(text: str, own: Path) -> bool:
    """Whether a message says that a Dataset is not as the program wrote it."""
    return _dataset(text, own) is not None and bool(_CHANGED.search(text))


def named(text: str, own: Path) -> str:
    """A message that names what files hold in place of the files."""
    if is_changed(text, own):
        name = _dataset(text, own) or ""
        # Its remedies are those of a file.
        reason = re.sub(r"; (?:compute it again|name a file).*$", "", text.removeprefix(str(own / name)), flags=re.S)
        reason = re.sub(r"^ is (?:truncated or )?damaged", "", " ".join(reason.split(" "))).strip(" :")
        reason = re.sub(r"\s+", " ", reason[1:-1] if reason.startswith("(") else reason)
        return (
            f"{_HELD[name]} is not as hopfmap wrote it, but a selection or changed ({reason}): give the whole Dataset or its file; "
            "plot(map, at={…}) draws a cut of a map, and xarray's .plot() any selection"
        )
    if str(own / "result.h5") in text:
        text = _STOPPED.sub("stopped, and nothing is kept; with to=path the same call continues it", text)
    for name, held in _HELD.items():
        text = text.replace(f"{own / name} is an HDF5 file, but", f"{held} is").replace(str(own / name), held)
    # The first line of a table has its names.
    text = re.sub(r"\bpoints, line (\d+), ", lambda found: f"points, row {int(found[1]) - 2}, " if int(found[1]) > 1 else "points, ", text)
    return text.replace(str(own) + os.sep, "")


def _dataset(text: str, own: Path) -> str | None:
    """The file of a Dataset with which a message begins."""
    return next((name for name in _DATASETS if text.startswith(str(own / name))), None)
