"""Values of options that the program reads from files: devices, inputs, points, maps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from ._errors import RequestError
from ._files import path_of
from ._options import Options
from ._words import number

_FORMS = "give a DataFrame, or columns by name such as {'Gamma': [0.1, 0.2], 'Z_T': [1, 0.5]}, or a list of dicts"


def as_file(name: str, value: Any, own: Path, known: Options, given: Mapping[str, Any]) -> Any:
    """The value of an option, or the file that holds it."""
    if name == "device" and isinstance(value, Mapping):
        path = own / "device.toml"
        path.write_text("".join(f"{key} = {number(entry)}\n" for key, entry in value.items()), encoding="utf-8")
        return path
    if name == "input" and isinstance(value, (tuple, list)) and len(value) == 2:
        return _input(own / "input.csv", value)
    if name == "points" and value is not None and not isinstance(value, str) and not hasattr(value, "__fspath__"):
        # Of a device there are quantities, too, which the program knows.
        of_device = any(given.get(option) is not None for option in ("device", "spec", "from_"))
        return _table(own / "points.csv", _columns(value), known, of_device)
    if name == "from" and isinstance(value, xr.Dataset):
        return path_of(value, own, "from")
    if isinstance(value, xr.Dataset):
        raise RequestError(
            f"{name.replace('-', '_')} is a Dataset, which it does not take; hopfmap.options({known.command!r}) says what it takes"
        )
    return value


def _input(path: Path, columns: Any) -> Path:
    """A table of times and voltages as CSV."""
    try:
        t, v = (np.asarray(column, dtype=float) for column in columns)
    except (TypeError, ValueError) as error:
        raise RequestError(f"input holds what is no number ({error}); give two arrays, times and voltages") from None
    if t.ndim != 1 or t.shape != v.shape:
        raise RequestError(f"input has times of shape {t.shape} and voltages of shape {v.shape}; give two arrays of one length")
    np.savetxt(path, np.column_stack([t, v]), fmt="%.17g", delimiter=",")
    return path


def _columns(points: Any) -> dict[str, Any]:
    """The columns of points by name: of a DataFrame, a dict of arrays, a list of records, or an array with named fields."""
    fields = getattr(getattr(points, "dtype", None), "names", None)
    if fields:
        return {name: points[name] for name in fields}
    if hasattr(points, "keys"):
        return {str(name): points[name] for name in points.keys()}
    if isinstance(points, (list, tuple)) and points and all(isinstance(point, Mapping) for point in points):
        names = [str(name) for name in points[0]]
        for row, point in enumerate(points):
            if {str(name) for name in point} != {*names}:
                raise RequestError(
                    f"row {row} of points has {', '.join(map(str, point))}, and row 0 has {', '.join(names)}; give all rows the same"
                )
        return {str(name): [point[name] for point in points] for name in points[0]}
    shape = np.shape(points) if isinstance(points, np.ndarray) else None
    what = f"an array of shape {shape} without names" if shape is not None else f"a {type(points).__name__} without names"
    raise RequestError(f"points is {what}: {_FORMS}")


def _table(path: Path, points: Mapping[str, Any], known: Options, of_device: bool) -> Path:
    """A table of points as CSV with its columns' names."""
    columns: dict[str, Any] = {}
    taken: set[str] = set()
    for name, column in points.items():
        parameter = known.parameter(name) or (name if of_device else None)
        if parameter is None:
            raise RequestError(
                f"the column {name!r} of points is no parameter; there are {', '.join(sorted({*known.parameters.values()}))}"
            )
        if parameter in taken:
            raise RequestError(f"points have two columns of {parameter}; give each parameter one")
        taken.add(parameter)
        try:
            columns[name] = np.asarray(column, dtype=float)
        except (TypeError, ValueError) as error:
            raise RequestError(f"the column {name!r} of points holds what is no number: {error}") from None
    sizes = {name: column.shape for name, column in columns.items()}
    if len({*sizes.values()}) > 1 or any(column.ndim != 1 for column in columns.values()):
        raise RequestError(f"points have columns of the shapes {sizes}: give one value of each parameter for each point")
    if not any(column.size for column in columns.values()):
        raise RequestError(f"there are no points; {_FORMS}")
    np.savetxt(
        path, np.column_stack(list(columns.values())), fmt="%.17g", delimiter=",", header=",".join(columns), comments="", encoding="utf-8"
    )
    return path
