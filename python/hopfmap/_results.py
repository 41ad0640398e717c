"""Commands whose result is a dataset."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import xarray as xr

from ._call import call
from ._files import load, open
from ._request import folder, words

Parameters = Mapping[str, Any]
PathLike = str | os.PathLike[str]


def _dataset(command: str, set: Parameters | None, to: PathLike | None, progress: bool | None, given: dict[str, Any]) -> xr.Dataset:
    """Runs a command; its file is kept at `to`, or read into memory and removed."""
    for name in ("shard", "slurm", "dry_run"):
        if given.get(name):
            raise TypeError(f"{command}() returns a whole map, and {name} makes none yet: hopfmap.command({command!r}, {name}=…, output=…)")
    if to is None and given.get("force") is not None and given.get("plot") is None:
        raise TypeError(f"{command}(): force is for files that are kept: give to=path")
    with folder() as own:
        path = own / "result.h5" if to is None else Path(to)
        call([*words(command, own, set, given), f"--output={path}"], progress)
        return load(path) if to is None else open(path)


def sweep(
    grid: Parameters | None = None,
    set: Parameters | None = None,
    *,
    to: PathLike | None = None,
    progress: bool | None = None,
    **options: Any,
) -> xr.Dataset:
    """Integrates a grid of neurons (Eq. 10) and returns the map of their oscillations.

    Parameters
    ----------
    grid : mapping
        Axes by the parameter's name, slowest first: ``(start, stop, n)`` with both ends, ``("log", start, stop, n)``, or a
        list or an array of values.
    set : mapping, optional
        Parameters that are the same everywhere; they can be keywords as well, such as ``V_n=2`` or ``Γ=0.1``.
    to : path-like, optional
        Where the file is kept; without it there is none afterwards. A long sweep with it is continued by the same call.
    progress : bool, optional
        Whether progress is shown; by default in terminals and in Jupyter.
    **options
        Parameters, and the options of ``hopfmap sweep`` with _ for -, such as ``start="equilibria"``, ``t_max=1e4``,
        ``precision="f64"``, ``engine="cpu"``, ``means=True``, ``audit=False``, ``points=table`` (a DataFrame, columns by
        name, or a list of dicts), ``from_=map`` (a Dataset or its file), ``device={…}`` (SI units) or ``input=(t, v)`` (two
        arrays); `hopfmap.options` lists them.

    Returns
    -------
    xarray.Dataset
        ``span``, ``outcome``, ``period`` and the other variables of docs/files.md, over the axes in their order, and over
        ``start`` where there are several. They have no dimension; times are in units of tau_c = C_ext R_ext.

    Raises
    ------
    RequestError
        The request is not possible; nothing was computed.
    RunError
        The run failed.
    TypeError
        There is no such option or parameter; the message names the nearest.

    Examples
    --------
    >>> map = hopfmap.sweep({"Gamma": (0.02, 1, 128), "Z_T": (0, 1, 128)}, V_n=2, R_n=6)
    >>> float(map.span.max())  # doctest: +SKIP
    0.1087
    """
    return _dataset("sweep", set, to, progress, {"grid": grid, **options})


def ramp(
    grid: Parameters | None = None,
    set: Parameters | None = None,
    *,
    to: PathLike | None = None,
    progress: bool | None = None,
    **options: Any,
) -> xr.Dataset:
    """Moves one parameter up and down with the state carried along: hysteresis loops (Figs. 2 and 4b).

    Parameters
    ----------
    grid : mapping
        Axes as for `sweep`: the first one is moved, the others are lanes.
    set, to, progress, **options
        As for `sweep`; the options are those of ``hopfmap ramp``, such as ``hold=100`` (tau_c).

    Returns
    -------
    xarray.Dataset
        ``v_mean``, ``span``, ``outcome`` and others over ``direction`` (0 up, 1 down) and the axes; ``loop_area`` and
        ``loop_complete`` over the lanes.
    """
    return _dataset("ramp", set, to, progress, {"grid": grid, **options})


def trace(set: Parameters | None = None, *, to: PathLike | None = None, progress: bool | None = None, **options: Any) -> xr.Dataset:
    """Integrates one neuron in time (Fig. 3).

    Parameters
    ----------
    set, to, progress, **options
        As for `sweep`; the options are those of ``hopfmap trace``, such as ``t_end=4000`` (tau_c), ``start=(0, 0, 1, 0)``,
        ``input="triangle:0,8,200"`` or ``input=(t, v)``, ``model="pendulum"``, ``noise=1e-6``.

    Returns
    -------
    xarray.Dataset
        ``X``, ``Y``, ``Z``, ``V``, ``I`` and others over ``t`` (tau_c), the spectrum ``S`` over ``angular_frequency``
        (1/tau_c), and attributes such as ``motion`` and ``period``.
    """
    return _dataset("trace", set, to, progress, options)


def curves(
    x: Parameters | str,
    y: Parameters | str,
    set: Parameters | None = None,
    *,
    to: PathLike | None = None,
    progress: bool | None = None,
    **options: Any,
) -> xr.Dataset:
    """Computes the bifurcation curves in a plane of two parameters: Hopf, fold, cusp, and with ``cycles=True`` those of cycles.

    Parameters
    ----------
    x, y : mapping or str
        The plane: ``{"V_n": (0, 9)}`` and ``{"R_n": (0, 16)}``.
    set, to, progress, **options
        As for `sweep`; the options are those of ``hopfmap curves``.

    Returns
    -------
    xarray.Dataset
        Along ``point`` both parameters, ``V``, ``kind`` (0 Hopf, 1 fold, 2 cusp, 3 LPC, 4 PD, 5 NS) and ``line``; along
        ``special`` the points of codimension 2.
    """
    return _dataset("curves", set, to, progress, {"x": x, "y": y, **options})


def cycles(
    along: Parameters | str, set: Parameters | None = None, *, to: PathLike | None = None, progress: bool | None = None, **options: Any
) -> xr.Dataset:
    """Follows cycles along one parameter, stable and unstable alike, with their bifurcations.

    Parameters
    ----------
    along : mapping or str
        The parameter and its range: ``{"V_n": (0, 9)}``.
    set, to, progress, **options
        As for `sweep`; the options are those of ``hopfmap cycles``, such as ``start_from="rest"`` or ``branches="all"``.

    Returns
    -------
    xarray.Dataset
        Along ``point`` the parameter, ``span``, ``period`` (tau_c), ``stable``, ``branch`` and others, with the Floquet
        multipliers over ``multiplier``; along ``special`` the bifurcations.
    """
    return _dataset("cycles", set, to, progress, {"along": along, **options})
