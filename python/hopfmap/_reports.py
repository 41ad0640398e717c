"""Commands whose result is a report: the program's JSON object as a dict, with None for what there is not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ._call import Report, call
from ._files import Source, path_of
from ._options import options_of
from ._request import folder, words
from ._results import Parameters


def statics(set: Parameters | None = None, **options: Any) -> Report:
    """Equilibria, their stability, folds, cusps and Hopf points of one neuron.

    Parameters
    ----------
    set, **options
        Parameters and options as for `sweep`. Without ``V_n`` there are no equilibria, without ``Gamma`` no stability.

    Returns
    -------
    dict
        Lists ``equilibria``, ``folds``, ``cusps``, ``hopf`` and ``thresholds`` of dicts; ``omega`` in 1/tau_c.
    """
    with folder() as own:
        return call(words("statics", own, set, options))


def optimum(over: Parameters, set: Parameters | None = None, *, progress: bool | None = None, **options: Any) -> Report:
    """The largest span, or another quantity of stable cycles, over some parameters within bounds.

    Parameters
    ----------
    over : mapping
        Ranges by the parameter's name: ``(start, stop)`` or ``("log", start, stop)``.
    set, progress, **options
        As for `sweep`; the options are those of ``hopfmap optimum``, such as ``of="power"`` or ``within="multiplier<0.95"``.

    Returns
    -------
    dict
        The list ``optima``, best first: each with ``at``, ``span``, ``period`` (tau_c), ``gradient`` and ``hessian``.
    """
    with folder() as own:
        return call(words("optimum", own, set, {"over": over, **options}), progress)


def _kept(own: Path, report: Report) -> Report:
    """A report without the names of files that are gone with the folder."""
    gone = str(own)
    return {key: None if isinstance(value, str) and value.startswith(gone) else value for key, value in report.items()}


def verify(map: Source, *, progress: bool | None = None, **options: Any) -> Report:
    """Computes some cells of a map again by another rule and compares them.

    Parameters
    ----------
    map : path-like or xarray.Dataset
        The map.
    progress, **options
        As for `sweep`; the options are ``cells`` and ``seed``.

    Returns
    -------
    dict
        ``holds`` is False where an outcome or a number is wrong; ``audit`` and ``missed`` say which.
    """
    with folder() as own:
        return _kept(own, call([*words("verify", own, None, options), "--", path_of(map, own)], progress, findings=True))


def diff(a: Source, b: Source, *, progress: bool | None = None, **options: Any) -> Report:
    """Compares two maps of one grid.

    Returns
    -------
    dict
        ``agree`` is False where outcomes contradict each other or spans lie farther apart than their errors.
    """
    with folder() as own:
        files = [path_of(a, own, "a"), path_of(b, own, "b")]
        return _kept(own, call([*words("diff", own, None, options), "--", *files], progress, findings=True))


def replay(map: Source, *, progress: bool | None = None, **options: Any) -> Report:
    """Computes one cell of a map again and compares it.

    Parameters
    ----------
    map : path-like or xarray.Dataset
        The map.
    progress, **options
        As for `sweep`; the options are those of ``hopfmap replay``: ``at={"Gamma": 0.1}`` or ``cell=(1, 1)`` names the
        cell, and ``to=path`` keeps its trajectory.

    Returns
    -------
    dict
        ``holds`` is False where the cell differs; ``in_map`` and ``again`` are both results.
    """
    to = options.pop("to", None)
    with folder() as own:
        kept = [] if to is None else [f"--output={os.fspath(to)}"]
        return _kept(own, call([*words("replay", own, None, options), *kept, "--", path_of(map, own)], progress, findings=True))


def convert(si: Parameters | None = None, set: Parameters | None = None, **options: Any) -> Report:
    """Converts a device in SI units to the dimensionless parameters, or back (Table I).

    Parameters
    ----------
    si : mapping, optional
        Quantities in SI units: all thirteen, some in place of the device's, or with `set` the four scales.
    set, **options
        Parameters, and ``device={…}`` or ``device="device.toml"``.

    Returns
    -------
    dict
        ``si``, ``dimensionless``, ``scales`` (``tau_c`` in s, volts and watts per unit), ``two_levels``.
    """
    with folder() as own:
        return call(words("convert", own, set, {"si": si, **options}))


def adapters() -> Report:
    """The GPU adapters there are, and which engine ``engine="auto"`` takes."""
    return call(["adapters"])


def command(name: str, *files: str | os.PathLike[str], progress: bool | None = None, **options: Any) -> Report:
    """Runs any command, such as ``command("merge", "map.h5")``, with its options by keyword, and returns its report.

    Parameters
    ----------
    name : str
        The command.
    *files : path-like
        Its arguments.
    progress, **options
        As for `sweep`; ``output=path`` is where it writes.
    """
    output = options.pop("output", None)
    with folder() as own:
        kept = [] if output is None else [f"--output={os.fspath(output)}"]
        return call([*words(name, own, options.pop("set", None), options), *kept, "--", *(os.fspath(file) for file in files)], progress)


def options(command: str) -> str:
    """The help text of a command: its options, which are keywords here with _ for -, and the parameters."""
    return options_of(command).help
