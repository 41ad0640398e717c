"""Progress in terminals and in Jupyter."""

from __future__ import annotations

import shutil
import sys
from typing import Any

#: Width of the bar in characters.
_WIDTH = 24


def bar(percent: int, text: str) -> str:
    """A line with a bar, e.g. `██████░░░░░░  50 %  200 of 400 cells computed`."""
    done = _WIDTH * min(percent, 100) // 100
    return f"{'█' * done}{'░' * (_WIDTH - done)} {percent:3} %  {text}"


class Display:
    """Where progress is shown: one line that changes, gone at the end."""

    @staticmethod
    def of(show: bool | None) -> Display | None:
        """The display of this process; None where nothing is shown.

        Parameters
        ----------
        show : bool, optional
            Whether progress is shown; by default in terminals and in Jupyter.
        """
        if show is False:
            return None
        kernel = _kernel()
        if kernel is not None:
            return Notebook(kernel)
        try:
            terminal = sys.stderr.isatty()
        except (AttributeError, ValueError):
            terminal = False
        return Display() if terminal or show else None

    _shown = False

    def show(self, text: str) -> None:
        """Shows how far the work is."""
        self._shown = True
        # A line that is broken could not be removed.
        columns = shutil.get_terminal_size().columns - 1
        self._write(f"\r\x1b[2K{text[:columns]}")

    def close(self) -> None:
        """Removes the line."""
        if self._shown:
            self._write("\r\x1b[2K")

    def _write(self, text: str) -> None:
        try:
            sys.stderr.write(text)
            sys.stderr.flush()
        except (AttributeError, OSError, UnicodeError, ValueError):
            # A closed stderr, or one without these characters: the result counts, not its progress.
            pass


class Notebook(Display):
    """A line below the cell of a notebook."""

    def __init__(self, display: Any) -> None:
        self._display = display
        self._handle: Any = None

    def show(self, text: str) -> None:
        """Shows how far the work is."""
        data = {"text/plain": text}
        if self._handle is None:
            self._handle = self._display(data, raw=True, display_id=True)
        else:
            self._handle.update(data, raw=True)

    def close(self) -> None:
        """Empties the line."""
        if self._handle is not None:
            self._handle.update({"text/plain": ""}, raw=True)


def _kernel() -> Any:
    """IPython's function `display` if this runs in a notebook, else None."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or not hasattr(shell, "kernel"):
        return None
    from IPython.display import display

    return display
