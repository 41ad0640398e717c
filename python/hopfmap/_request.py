"""A call's keywords as the words of a command, with the files that they need in a folder of its own."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ._errors import RequestError
from ._options import Options, options_of
from ._words import number, option, pairs

#: Length of an axis's text from which it goes through a file: Linux takes 128 KiB in one word.
_LONG = 60_000


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards, whatever happens."""
    with tempfile.TemporaryDirectory(prefix="hopfmap-", ignore_cleanup_errors=True) as path:
        yield Path(path)


def words(command: str, own: Path, set: Mapping[str, Any] | None, given: Mapping[str, Any]) -> list[str]:
    """The words of a command, with its name.

    Parameters
    ----------
    command : str
        Its name.
    own : Path
        A folder for the files that the program reads.
    set : mapping, optional
        Parameters that are the same everywhere.
    given : mapping
        Options and parameters by keyword.
    """
    known = options_of(command)
    out = [command]
    parameters = dict(set or {})
    for keyword, value in given.items():
        name = known.option(keyword)
        if name == "grid" and isinstance(value, Mapping):
            out += _axes(value, own, known, given)
        elif name is not None:
            out += option(name, _as_file(name, value, own), known)
        elif (parameter := known.parameter(keyword)) is not None:
            if value is not None:
                parameters[parameter] = value
        elif "device" in given and not known.near(keyword):
            # A quantity of the device; the program knows which there are.
            parameters[keyword] = value
        else:
            raise known.unknown(keyword)
    if parameters and "set" not in known.valued:
        raise TypeError(f"{command}() takes no parameters, such as {next(iter(parameters))!r}")
    return out + [f"--set={pair}" for pair in pairs({name: _single(name, value) for name, value in parameters.items()})]


def _axes(grid: Mapping[str, Any], own: Path, known: Options, given: Mapping[str, Any]) -> list[str]:
    """The words of the axes; axes that are too long for a command line go through a file of the request."""
    axes = pairs(grid)
    if sum(map(len, axes)) <= _LONG:
        return option("grid", axes, known)
    if given.get("spec") is not None or given.get("from_") is not None:
        raise RequestError(
            f"these axes are too long to go together with spec or from_: give them as ranges, or as {len(axes)} axes in the file"
        )
    path = own / "request.toml"
    path.write_text(f"grid = [{', '.join(json.dumps(axis) for axis in axes)}]\n", encoding="utf-8")
    return [f"--spec={path}"]


def _single(name: str, value: Any) -> Any:
    """A parameter's value; arrays of one dimension and ranges are no values of one."""
    if isinstance(value, (tuple, list)) or np.ndim(value) > 0:
        raise RequestError(f"{name} has several values: give an axis as grid={{{name!r}: …}}")
    return value


def _as_file(name: str, value: Any, own: Path) -> Any:
    """The value of an option, or the file that holds it."""
    if name == "device" and isinstance(value, Mapping):
        path = own / "device.toml"
        path.write_text("".join(f"{key} = {number(entry)}\n" for key, entry in value.items()), encoding="utf-8")
        return path
    if name == "input" and isinstance(value, (tuple, list)) and len(value) == 2:
        path = own / "input.csv"
        np.savetxt(path, np.column_stack([np.asarray(v, dtype=float) for v in value]), fmt="%.17g", delimiter=",")
        return path
    if name == "points" and not isinstance(value, str) and hasattr(value, "keys"):
        return _table(own / "points.csv", value)
    return value


def _table(path: Path, points: Any) -> Path:
    """A table of points, such as a pandas DataFrame or a dict of arrays, as CSV with its columns' names."""
    columns = {str(name): np.asarray(points[name], dtype=float) for name in points.keys()}
    sizes = {name: column.shape for name, column in columns.items()}
    if not columns or len({*sizes.values()}) > 1 or any(column.ndim != 1 for column in columns.values()):
        raise RequestError(f"points have columns of the shapes {sizes}: give one value of each parameter for each point")
    np.savetxt(
        path, np.column_stack(list(columns.values())), fmt="%.17g", delimiter=",", header=",".join(columns), comments="", encoding="utf-8"
    )
    return path
