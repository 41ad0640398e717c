"""Command lines drawn from what the program's own help says of its commands and options."""

import random
import re
from dataclasses import dataclass
from pathlib import Path

from . import program
from .commands import CURVES, PARTS, RAMP, SWEEP, TRACE

Word = bytes
# Bytes that are no UTF-8, texts that are hard to print, names that are too long.
JUNK: tuple[Word, ...] = (
    b"", b" ", b"-", b"--", b"---", b"-x", b"--no-such", b"\xff\xfe", b"m\xfcller.h5", b"a\nb", b"\x1b[2J", b"%s%n", b"*", b"~", b"'", b'"',
    "Γ=0.5".encode(), "\u202e".encode(), b"x" * 300, b"x" * 5000, b"0", b"-1", b"nan", b"inf", b"1e400", b"9" * 40, b"1e-320", b"=", b",", b":",
)  # fmt: skip
NUMBERS: tuple[Word, ...] = (b"1", b"2", b"0", b"-1", b"0.5", b"1e300", b"1e-300", b"1e400", b"nan", b"inf", b"-0", b"+3", b"0x10", b"1_000", b"9" * 30, b"", b"one", b"\xb2")
COUNTS: tuple[Word, ...] = (b"1", b"2", b"3", b"4", b"0", b"-1", b"1.5", b"off", b"18446744073709551615", b"18446744073709551616", b"9" * 30, b"", b"two")
PARAMETERS: tuple[Word, ...] = (b"V_n", b"R_n", b"Gamma", b"alpha", b"Z_T", b"Omega", b"x_0", b"l", b"lambda", "Γ".encode(), b"v_n", b"GAMMA", b"beta", b"", b"=", b"\xff")
OUTPUTS: tuple[Word, ...] = (
    b"x.h5", b"y.h5", b"x.png", b"x.svg", b"-", b".", b"..", b"/", b"", b"folder", b"folder/x.h5", b"nowhere/x.h5", b"m.h5", b"m.h5/x.h5", b"/dev/null/x",
    b"x" * 240, b"x" * 255, b"x" * 256, b"y" * 5000, b"m\xfcller.h5", b"50%%.h5", b"a\nb.h5", b"-x.h5", b"x", b"x.jpg", b"spec.toml",
)  # fmt: skip
INPUTS: tuple[Word, ...] = (b"m.h5", b"m.h5", b"l.h5", b"t.h5", b"r.h5", b"c.h5", b"p.h5", b"p.h5.parts", b"spec.toml", b"text", b"folder", b"none.h5", b"", b"/dev/null", b"m\xfc.h5")
# By the name that the help gives a value; the rest gets any of these.
VALUES: dict[str, tuple[Word, ...]] = {
    "FILE.h5": OUTPUTS,
    "FILE": OUTPUTS,
    "FOLDER": (b"folder", b"new", b"m.h5", b"", b".", b"nowhere/at/all", b"m\xfc"),
    "FILE.toml": (b"spec.toml", b"none.toml", b"m.h5", b"folder", b"", b"text"),
    "MAP.h5": INPUTS,
    "MAP": INPUTS,
    "A": INPUTS,
    "B": INPUTS,
    "START": (b"rest", b"equilibria", b"lower", b"middle", b"upper", b"equilibrium", b"equilibrium:0", b"0,0,1,0", b"0,0,1", b"nan,0,0,0", b"1e300,0,0,0", b"9,9,9,9", b",,,"),
    "OPTIONS": (b"--time=1", b"'", b'"a', b"", b"$(touch x)", b"; touch x", b"\xff"),
    "ADAPTER": (b"fallback", b"no such adapter", b"", b"0", b"1", b"99999999999999999999", b"pci:0000:01:00.0", b"pci:", b"PCI:\xff", b"llvmpipe"),
    "NAME": (b"fallback", b"no such adapter", b"", b"lower", b"upper", b"middle", b"fig7", b"all"),
    "VARIABLE": (b"span", b"outcome", b"period", b"attractors", b"largest_span", b"none", b"", b"../span", b"table/F00"),
    "SHELL": (b"bash", b"zsh", b"fish", b"elvish", b"powershell", b"tcsh", b""),
    "QUALITY": (b"draft", b"huge", b""),
}


def by(dice: random.Random, *choices: Word) -> Word:
    return dice.choice(choices)


def pair(dice: random.Random) -> Word:
    return dice.choice(PARAMETERS) + by(dice, b"=", b"=", b"=", b"", b"==") + dice.choice(NUMBERS)


def axis(dice: random.Random) -> Word:
    """A range, a list, or something like it; never an honest grid that would take long."""
    name, a, b, n = dice.choice(PARAMETERS), dice.choice(NUMBERS), dice.choice(NUMBERS), dice.choice(COUNTS)
    return dice.choice((
        name + b"=" + a + b":" + b + b":" + n,
        name + b"=log:" + a + b":" + b + b":" + n,
        name + b"=" + b",".join(dice.choice(NUMBERS) for _ in range(dice.randrange(4))),
        name + b"=" + a + b":" + b,
        name + b"=0:1:1000000000000",
        name + b"=0.1:1:2",
    ))  # fmt: skip


def value(dice: random.Random, kind: str) -> Word:
    """A value for an option whose help calls it so: mostly one that fits, sometimes junk."""
    if dice.random() < 0.08:
        return dice.choice(JUNK)
    if kind in VALUES:
        return dice.choice(VALUES[kind])
    if kind == "AXIS":
        return axis(dice)
    if kind == "RANGE":
        return dice.choice(PARAMETERS) + b"=" + dice.choice(NUMBERS) + b":" + dice.choice(NUMBERS)
    if kind.startswith("NAME=VALUE"):
        return b",".join(pair(dice) for _ in range(dice.choice((1, 1, 1, 2) if kind == "NAME=VALUE" else (1, 2, 3))))
    if kind.startswith(("N", "CELLS", "S", "I")):
        return dice.choice((*COUNTS, b"0/2", b"1/2", b"2/2", b"0/0", b"slurm", b"0,0", b"1,1", b"9,9", b"0"))
    if kind in ("H", "T", "T0"):
        return dice.choice(NUMBERS)
    return dice.choice((*NUMBERS, *JUNK))


@dataclass(frozen=True)
class Option:
    name: Word
    kind: str | None
    choices: tuple[Word, ...]


def options(text: str) -> list[Option]:
    """The options of a command, as its help lists them."""
    found = []
    for match in re.finditer(r"^ +(?:-\w, )?(--[\w-]+)(?: <([^>]+)>)?(.*(?:\n(?! *-).*)*)", text, re.MULTILINE):
        name, kind, rest = match.groups()
        listed = re.findall(r"^ +- (\w+):", rest, re.MULTILINE) or [c for c in re.findall(r"\[possible values: ([^\]]+)", rest) for c in c.split(", ")]
        found.append(Option(name.encode(), kind, tuple(c.encode() for c in listed)))
    return found


def grammar(binary: Path) -> dict[bytes, list[Option]]:
    """Every command with its options."""
    help_of = lambda *words: program.run([str(binary), *words, "--help"], Path("/")).out.decode()
    names = re.search(r"Commands:\n((?:  .*\n)+)", help_of())
    if names is None:
        raise SystemExit(f"{binary} --help lists no commands")
    found = [n for n in re.findall(r"^  (\w+)", names.group(1), re.MULTILINE) if n != "help"]
    return {n.encode(): options(help_of(n)) for n in found}


# Lines that are right, for half of the draws to start from.
RIGHT: dict[bytes, tuple[tuple[str, ...], ...]] = {
    b"sweep": (tuple("x.h5" if w == "m.h5" else w for w in SWEEP)[1:], tuple("y.h5" if w == "m.h5" else w for w in PARTS)[1:], ("--from", "m.h5", "-o", "x.h5", "--plot", "x.png"), ("--spec", "spec.toml", "-o", "x.h5", "-q")),
    b"merge": (("p.h5",), ("p.h5", "--virtual")),
    b"diff": (("m.h5", "m.h5"), ("m.h5", "o.h5")),
    b"plot": (("m.h5", "-o", "x.png"), ("l.h5",), ("m.h5", "-o", "x.svg", "--curves")),
    b"trace": (tuple("x.h5" if w == "t.h5" else w for w in TRACE)[1:],),
    b"ramp": (tuple("x.h5" if w == "r.h5" else w for w in RAMP)[1:],),
    b"replay": (("m.h5", "--cell", "0,1"), ("m.h5", "--at", "Gamma=1,Z_T=1", "-o", "x.h5")),
    b"verify": (("m.h5", "--cells", "2"),),
    b"statics": (("--set", "R_n=5", "--set", "V_n=2", "--set", "Gamma=0.1"),),
    b"curves": (tuple("x.h5" if w == "c.h5" else w for w in CURVES)[1:],),
    b"convert": (("--set", "V_n=2", "--set", "R_n=6", "--set", "Gamma=0.1", "--set", "Z_T=0.99", "--si", "L=2e-9", "q=1.602e-19", "R_ext=5e5", "C_ext=1.4e-14"),),
    b"paper": (("fig7", "-o", "new", "--quality", "draft"),),
    b"man": (("-o", "folder"), ()),
    b"completions": (("bash",),),
}
SHORT = {b"--output": b"-o", b"--quiet": b"-q"}
# What takes long when it is right: these get a word that is wrong.
SLOW = (b"bench", b"adapters")


def line(dice: random.Random, commands: dict[bytes, list[Option]]) -> list[Word]:
    """One command line, without the program."""
    command = dice.choice(sorted(commands))
    words: list[Word] = []
    if command in RIGHT and dice.random() < 0.6:
        words = [w.encode() for w in dice.choice(RIGHT[command])]
    for _ in range(dice.choice((0, 1, 1, 2) if words else (0, 1, 2, 3, 5))):
        option = dice.choice(commands[command])
        word = option.name
        if option.kind is not None:
            given = dice.choice(option.choices) if option.choices and dice.random() < 0.8 else value(dice, option.kind)
            # On an adapter in software each run takes long.
            given = b"cpu" if given in (b"gpu", b"auto") and dice.random() < 0.95 else given
            there = next((i for i, w in enumerate(words[:-1]) if w in (word, SHORT.get(word))), None)
            if there is not None and dice.random() < 0.7:
                # Most options may be given once.
                words[there + 1] = given
            else:
                words += [word + b"=" + given] if dice.random() < 0.2 else [word, given]
        else:
            words.append(word)
    # A word lost, doubled, moved, changed or added.
    for _ in range(dice.choice((0, 0, 1, 2))):
        at = dice.randrange(len(words) + 1)
        match dice.randrange(5):
            case 0 if at < len(words):
                del words[at]
            case 1 if at < len(words):
                words.insert(at, words[at])
            case 2:
                dice.shuffle(words)
            case 3 if at < len(words) and words[at]:
                cut = dice.randrange(len(words[at]))
                words[at] = words[at][:cut] + dice.choice((b"", b"\xff", b"=", b"9", b"-")) + words[at][cut + 1 :]
            case _:
                words.insert(at, dice.choice(JUNK))
    if command in SLOW:
        words.append(dice.choice((b"--no-such", b"--help", b"more")))
    if command == b"paper":
        words = [w for w in words if w not in (b"paper", b"poster", b"all") and not w.startswith((b"fig2", b"fig3", b"fig4", b"fig5", b"fig6", b"numbers"))]
        words += [b"fig7", b"--quality=draft"] if dice.random() < 0.9 else [b"fig7", b"--no-such"]
    # No argument of a process holds a NUL.
    return [w.replace(b"\0", b"") for w in [command, *words]]
