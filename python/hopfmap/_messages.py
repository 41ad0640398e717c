"""What the program writes on stderr: notes, warnings, errors, and its progress."""

from __future__ import annotations

import codecs
import os
import re

from ._progress import Display, bar

_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
#: A line of progress, or a bar: `  25%  100 of 400 cells computed`, `25 %: 100 of 400 cells computed`.
_PROGRESS = re.compile(r"(?:^|\s)(\d{1,3}) ?%:?\s+(\d[\d,]* of .*)$")
#: Progress of unknown extent: `310 cycles followed, 2 branches whole`, possibly behind a spinner.
_COUNT = re.compile(r"^(?:[\u2800-\u28ff] )?(\d+ cycles followed, .*)$")


class Messages:
    """Takes the lines apart: progress goes to a display, the rest is kept."""

    def __init__(self, display: Display | None) -> None:
        self.lines: list[str] = []
        self._display = display

    def read(self, descriptor: int) -> None:
        """Reads until the other end is closed, and closes this one."""
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        try:
            while True:
                try:
                    block = os.read(descriptor, 1 << 16)
                except OSError:
                    # So a pseudo-terminal ends on Linux.
                    block = b""
                rest += decoder.decode(block, final=not block)
                *whole, rest = re.split(r"\r\n|\n|\r", rest)
                for line in whole if block else [*whole, rest]:
                    self._take(line)
                if not block:
                    return
        finally:
            os.close(descriptor)

    def _take(self, line: str) -> None:
        text = _CODES.sub("", line).rstrip()
        if found := _PROGRESS.search(text):
            if self._display is not None:
                self._display.show(bar(int(found[1]), found[2]))
        elif found := _COUNT.match(text):
            if self._display is not None:
                self._display.show(found[1])
        elif text or self.lines:
            self.lines.append(text)


def error_in(lines: list[str], flags: set[str], options: set[str]) -> str:
    """The error among lines, without its first word, and with options as keywords: `t_max` for --t-max.

    Parameters
    ----------
    lines : list of str
        The lines on stderr.
    flags, options : set of str
        Long names of the command's options without and with a value.
    """
    begins = next((i for i, line in enumerate(lines) if line.startswith("error: ")), 0)
    text = "\n".join(lines[begins:]).removeprefix("error: ")
    text = re.split(r"\n+(?:Usage: |For more information)", text)[0].strip()

    # What a person would add to the command line is a keyword, or an entry of the dict.
    text = re.sub(r"--grid (\w+)=…", r"grid={'\1': …}", text)
    text = re.sub(r"--set (\w+=)", r"\1", text)

    def keyword(found: re.Match[str]) -> str:
        name = found[1]
        if name in flags:
            return f"{name.replace('-', '_')}=True"
        return name.replace("-", "_") if name in options else found[0]

    return re.sub(r"--([a-z][a-z0-9-]*[a-z0-9]|[a-z])(?![\w-])", keyword, text)
