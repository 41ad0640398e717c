"""A call's keywords as the words of a command, with the files that they need in a folder of its own."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ._errors import RequestError, RunError
from ._inputs import as_file
from ._named import is_changed, named
from ._options import Options, options_of
from ._running import temporary
from ._words import option, pairs

#: Length of an axis's text from which it goes through a file: Linux takes 128 KiB in one word.
_LONG = 60_000


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards, whatever happens; errors name what its files hold, not the files."""
    with temporary() as path:
        try:
            yield path
        except (RequestError, RunError) as error:
            text = named(str(error), path)
            if is_changed(str(error), path):
                raise RequestError(text) from None
            error.args = (text,)
            raise


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
    # By the paper's name, each with the name that was given: the program reads it, and of a device L is another quantity than l.
    parameters: dict[str, tuple[str, Any]] = {}

    def take(values: Any) -> None:
        if not isinstance(values, Mapping):
            raise RequestError(f"{values!r} names no parameter; give a dict, such as {{'Gamma': 0.1}}")
        for name, value in values.items():
            spelt = str(name).rstrip("_")
            parameter = known.parameter(spelt) or spelt
            if parameter in parameters:
                both = f"{parameters[parameter][1]} and to {value}"
                raise RequestError(f"{parameter} is set twice, to {both}; give it once, in set or as a keyword")
            parameters[parameter] = spelt, value

    take(set or {})
    for keyword, value in given.items():
        name = known.option(keyword)
        if name == "grid" and isinstance(value, Mapping):
            out += _axes(value, own, known, given)
        elif name == "set":
            take(value or {})
        elif name is not None:
            out += option(name, as_file(name, value, own, known, given), known)
        elif known.parameter(keyword) is not None:
            if value is not None:
                take({keyword: value})
        elif "device" in given and not known.near(keyword):
            # A quantity of the device; the program knows which there are.
            take({keyword: value})
        else:
            raise known.unknown(keyword)
    if parameters and "set" not in known.valued:
        raise TypeError(f"{command}() takes no parameters, such as {next(iter(parameters))!r}")
    return out + [f"--set={pair}" for pair in pairs({name: _single(name, value) for name, value in parameters.values()})]


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
