"""Pictures, drawn by the program."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, overload

from ._call import call
from ._files import Source, path_of
from ._request import folder, words


class Picture:
    """A picture in memory, which notebooks show.

    Attributes
    ----------
    data : bytes
        The file: PNG, or SVG in UTF-8.
    format : str
        ``"png"`` or ``"svg"``.
    """

    def __init__(self, data: bytes, format: str) -> None:
        self.data = data
        self.format = format

    def __repr__(self) -> str:
        return f"<hopfmap.Picture: {self.format}, {len(self.data)} bytes; save(path) keeps it>"

    def _repr_png_(self) -> bytes | None:
        return self.data if self.format == "png" else None

    def _repr_svg_(self) -> str | None:
        return self.data.decode() if self.format == "svg" else None

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the file; one that is there is replaced."""
        Path(path).write_bytes(self.data)


@overload
def plot(source: Source, *, to: str | os.PathLike[str] | None = ..., format: str = ..., each: None = ..., **options: Any) -> Picture: ...
@overload
def plot(
    source: Source, *, to: str | os.PathLike[str] | None = ..., format: str = ..., each: str | Mapping[str, Any], **options: Any
) -> list[Picture]: ...
def plot(
    source: Source,
    *,
    to: str | os.PathLike[str] | None = None,
    format: str = "png",
    each: str | Mapping[str, Any] | None = None,
    **options: Any,
) -> Picture | list[Picture]:
    """Draws a map, a trajectory, a ramp, curves or branches of cycles.

    Parameters
    ----------
    source : path-like or xarray.Dataset
        A file of hopfmap, or what one of this package's functions has returned, whole.
    to : path-like, optional
        Where the picture is kept, FILE.png or FILE.svg; with `each`, {} in it is the number of the picture.
    format : {"png", "svg"}
        The form of a picture that is not kept.
    each : str or mapping, optional
        An axis of a map, ``"alpha"``, or some of its values, ``{"alpha": [0.5, 1]}``: a picture for each.
    **options
        The options of ``hopfmap plot``, such as ``variable="period"``, ``at={"alpha": 1}``, ``curves=True``,
        ``regions=True``, ``cmap="magma"``.

    Returns
    -------
    Picture
        The picture; the last line of a notebook's cell shows it. With `each`, the list of them in the order of the values.
    """
    with folder() as own:
        name = f"picture.{format}" if each is None else f"picture-{{}}.{format}"
        path = own / name if to is None else Path(to)
        given = words("plot", own, None, {"each": each, **options})
        report = call([*given, f"--output={path}", "--", path_of(source, own)])
        # The report's names are text, which not every name of a folder is.
        files = [path] if each is None else [path.with_name(Path(name).name) for name in report["drawn"]]
        pictures = [Picture(file.read_bytes(), path.suffix.removeprefix(".").lower()) for file in files]
        return pictures[0] if each is None else pictures
