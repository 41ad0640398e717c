"""Pictures, drawn by the program."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

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


def plot(source: Source, *, to: str | os.PathLike[str] | None = None, format: str = "png", **options: Any) -> Picture:
    """Draws a map, a trajectory, a ramp, curves or branches of cycles.

    Parameters
    ----------
    source : path-like or xarray.Dataset
        A file of hopfmap, or what one of this package's functions has returned.
    to : path-like, optional
        Where the picture is kept, FILE.png or FILE.svg.
    format : {"png", "svg"}
        The form of a picture that is not kept.
    **options
        The options of ``hopfmap plot``, such as ``variable="period"``, ``at={"alpha": 1}``, ``curves=True``,
        ``regions=True``, ``cmap="magma"``.

    Returns
    -------
    Picture
        The picture; the last line of a notebook's cell shows it.
    """
    with folder() as own:
        path = own / f"picture.{format}" if to is None else Path(to)
        call([*words("plot", own, None, options), f"--output={path}", "--", path_of(source, own)])
        return Picture(path.read_bytes(), path.suffix.removeprefix(".").lower())
