"""Values of Python as words of the command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ._errors import RequestError
from ._options import Options


def number(value: Any) -> str:
    """A number in as many digits as it needs, to be read again as the same one."""
    if isinstance(value, (bool, np.bool_)):
        raise RequestError(f"{value} is not a number")
    try:
        as_float = float(value)
    except (TypeError, ValueError):
        raise RequestError(f"{value!r} is not a number; give a number, or (start, stop, count), or a list or an array of numbers") from None
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    return repr(as_float)


def values(value: Any) -> str:
    """What stands behind NAME=: a number, a range, a list, or a text as it is.

    (start, stop, n) and (start, stop) are ranges, ("log", start, stop, n) one with equal ratios; lists and arrays hold single
    values.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        head, rest = (["log"], value[1:]) if value and value[0] == "log" else ([], value)
        if len(rest) == 3 and not isinstance(rest[2], (int, np.integer)):
            raise RequestError(
                f"{value} is no range: its last number counts values, and {rest[2]!r} is no whole number; a list holds single values"
            )
        if len(rest) not in (2, 3):
            raise RequestError(f"{value} is no range: give (start, stop, count), or a list of single values")
        return ":".join([*head, *map(number, rest)])
    array = np.asarray(value)
    if array.ndim == 0:
        return number(array.item() if array.dtype.kind in "fiub" else value)
    if array.ndim != 1 or array.size == 0:
        raise RequestError(f"an axis of shape {array.shape}: give a list or an array of one dimension that is not empty")
    return ",".join(map(number, array.tolist()))


def pairs(value: Any) -> list[str]:
    """NAME=VALUES for each entry of a mapping; texts as they are."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [f"{name}={values(entry)}" for name, entry in value.items()]
    if isinstance(value, Iterable):
        return [word for entry in value for word in pairs(entry)]
    raise RequestError(f"{value!r} names no parameter; give a dict, such as {{'Gamma': 0.1}}")


def option(name: str, value: Any, known: Options) -> list[str]:
    """The words of one option. False is its value `off`, or that a flag is absent; None is its default."""
    if isinstance(value, np.bool_):
        value = bool(value)
    if value is False and name in known.off:
        return [f"--{name}=off"]
    if value is None or (value is False and name in known.flags | known.optional):
        return []
    keyword = name.replace("-", "_")
    if value is False:
        raise RequestError(f"{keyword}=False: this option takes a value; leave it out, which is its default")
    if value is True:
        if name in known.valued - known.optional:
            raise RequestError(f"{keyword}=True: this option takes a value")
        return [f"--{name}"]
    if name in known.flags:
        raise RequestError(f"{keyword}={value!r}: this option is True or False")
    if isinstance(value, Mapping):
        return [f"--{name}={pair}" for pair in pairs(value)]
    if isinstance(value, os.PathLike):
        return [f"--{name}={os.fspath(value)}"]
    if isinstance(value, str):
        return [f"--{name}={value}"]
    entries = np.asarray(value).tolist() if hasattr(value, "__array__") else value
    if isinstance(entries, Iterable):
        entries = list(entries)
        if any(isinstance(entry, (str, Mapping)) for entry in entries):
            return [f"--{name}={pair}" for pair in pairs(entries)]
        return [f"--{name}={','.join(map(number, entries))}"]
    return [f"--{name}={number(entries)}"]
