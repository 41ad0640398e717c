"""Files and datasets: what a command has written is read, and what it reads may be a dataset."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import xarray as xr

from ._errors import RequestError

#: A file, or a dataset that was read from one.
Source = str | os.PathLike[str] | xr.Dataset
# h5netcdf reads by h5py, which has wheels for every platform; netCDF4 would bring the same HDF5 and a second library.
_ENGINE: Any = "h5netcdf"


def open(path: str | os.PathLike[str], group: str | None = None) -> xr.Dataset:
    """Opens a file of hopfmap: a map, ramp, trajectory, curves or branches of cycles.

    Parameters
    ----------
    path : str or path-like
        The file.
    group : str, optional
        A group of a map: ``"audit"``, its results that were checked, or ``"table"``, its conductance functions.

    Returns
    -------
    xarray.Dataset
        The variables of docs/files.md, without dimension, times in units of tau_c. Values are read when they are used;
        ``with hopfmap.open(path) as map:`` closes the file.

    Notes
    -----
    Damage is not looked for, which would take reading the whole file: `verify`, `plot` and all other functions that take a file
    compare it with the checksum at its end first.
    """
    return xr.open_dataset(path, group=group, engine=_ENGINE)


def load(path: Path) -> xr.Dataset:
    """Reads a whole file into memory and closes it."""
    dataset: xr.Dataset = xr.load_dataset(path, engine=_ENGINE)
    # The file is a temporary one.
    for variable in dataset.variables.values():
        variable.encoding.pop("source", None)
    dataset.encoding.pop("source", None)
    return dataset


def path_of(source: Source, own: Path, name: str = "source") -> str:
    """The path of a file; a dataset is written to the folder first, as it is now."""
    if isinstance(source, xr.DataArray):
        raise RequestError(f"{source.name} is one variable of a Dataset; give the whole Dataset")
    if not isinstance(source, xr.Dataset):
        return os.fspath(source)
    path = own / f"{name}.h5"
    try:
        source.to_netcdf(path, engine=_ENGINE)
    except (NotImplementedError, TypeError, ValueError) as error:
        raise RequestError(f"the Dataset cannot be written to a file: {error}; give it as a function of hopfmap returned it") from error
    return str(path)


def outcomes(map: xr.Dataset) -> dict[str, int]:
    """Counts the cells of each outcome.

    Parameters
    ----------
    map : xarray.Dataset
        A map, or a ramp.

    Returns
    -------
    dict of str to int
        By the outcome's name: ``{"steady": 2728, "oscillating": 1368, …}``, those that occur. Names and numbers are the
        attributes ``flag_meanings`` and ``flag_values`` of the variable ``outcome``.
    """
    outcome = map["outcome"]
    pairs = zip(outcome.attrs["flag_meanings"].split(), outcome.attrs["flag_values"], strict=True)
    counts = {name: int((outcome == value).sum()) for name, value in pairs}
    return {name: count for name, count in counts.items() if count}
