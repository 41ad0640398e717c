"""The options and parameters of each command, out of the program's own help, so that none is missing here."""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass

from ._messages import error_in
from ._program import check, run

_OPTION = re.compile(r"^ {2,6}(?:-\w, )?--([a-z][a-z0-9-]*)( <[^>]*>|\[=<[^>]*>\])?")
_PARAMETER = re.compile(r"^  (\S+) +(\S+) +\S.* \[.*\]$")
#: Options that these functions set themselves.
OWN = frozenset({"output", "json", "quiet", "progress", "help"})


@dataclass(frozen=True)
class Options:
    """What a command takes.

    Attributes
    ----------
    command : str
        Its name.
    help : str
        Its help text.
    flags, valued : frozenset of str
        Long names of the options without and with a value.
    optional, off : frozenset of str
        Those with a value that can be left out, and those of which one value is `off`.
    parameters : dict of str to str
        The parameters' names, by each form of them in small letters: `gamma` and `γ` are `Gamma`.
    """

    command: str
    help: str
    flags: frozenset[str]
    valued: frozenset[str]
    optional: frozenset[str]
    off: frozenset[str]
    parameters: dict[str, str]

    @property
    def keywords(self) -> list[str]:
        """The options as keywords."""
        return sorted(name.replace("-", "_") for name in (self.flags | self.valued) - OWN)

    def option(self, keyword: str) -> str | None:
        """The long option of a keyword; None if there is none."""
        name = keyword.rstrip("_").replace("_", "-")
        return name if name in (self.flags | self.valued) - OWN else None

    def parameter(self, keyword: str) -> str | None:
        """The parameter of a keyword; None if there is none."""
        return self.parameters.get(keyword.rstrip("_").casefold())

    def unknown(self, keyword: str) -> TypeError:
        """The error of a keyword that is neither an option nor a parameter, with the nearest that is."""
        names = self.keywords + sorted({*self.parameters.values()})
        nearest = difflib.get_close_matches(keyword, names, 1, 0.5)
        hint = f"did you mean {nearest[0]!r}?" if nearest else f"there are {', '.join(names)}"
        return TypeError(f"{self.command}() has no option or parameter {keyword!r}; {hint}")

    def near(self, keyword: str) -> bool:
        """Whether a keyword looks like a misspelt option."""
        return bool(difflib.get_close_matches(keyword, self.keywords, 1, 0.75))


@functools.cache
def options_of(command: str) -> Options:
    """Reads the help of a command."""
    text = _help([command])
    # Examples have options at the beginning of lines, too.
    listed = text.partition("\nOptions:")[2].partition("\nExample")[0]
    found = [(m[1], m[2]) for m in map(_OPTION.match, listed.splitlines()) if m]
    flags = frozenset(name for name, value in found if value is None)
    valued = {name: value for name, value in found if value}
    optional = frozenset(name for name, value in valued.items() if value.startswith("["))
    off = frozenset(name for name, value in valued.items() if "off" in re.split(r"[^a-z]+", value))
    return Options(command, text, flags, frozenset(valued), optional, off, _parameters())


@functools.cache
def _parameters() -> dict[str, str]:
    """The parameters' names by their forms in small letters."""
    _, _, listed = _help([]).partition("\nParameters")
    found = [(m[1], m[2]) for m in map(_PARAMETER.match, listed.splitlines()) if m]
    return {form.casefold(): name for name, symbol in found for form in (name, symbol, name.replace("_", ""))}


def _help(words: list[str]) -> str:
    """The long help of a command, or of the program."""
    ended = run([*words, "--help"], show=False)
    check(ended, error_in(ended.notes, set(), set()))
    return ended.report
