"""Two processes on one output: who is done has its own result there, and who is refused says why and loses nothing."""

import argparse
import multiprocessing
import random
import re
import shutil
import subprocess
import time
from dataclasses import dataclass, replace
from pathlib import Path

from . import compare, program, table
from .commands import CURVES, OTHER, PARTS, RAMP, SHARDS, SWEEP, TRACE, Command, Sound, path_with, prepare
from .program import MEANT, PATIENCE, Ended
from .table import Found

# What may go wrong, worst first.
WRONG = {
    "silent": "exit 0, and its own result is not there, though no other process was told to replace it",
    "wrong": "what lies under the output's name is no result of either",
    "lost": "refused after the work was done, and no message names a place where its result is kept",
    "needless": "exit 1 after the work, though what it should make is there, whole",
    "words": "refused, and the message names no file",
    "panic": "a panic",
    "ended": "an exit code without a meaning, or a signal",
    "hang": f"no end within {PATIENCE:.0f} s",
    "left": "something is left that no message names",
}
OTHER_PARTS = (*OTHER, "--part-cells", "2")
OLD = tuple("R_n=4" if w == "R_n=6" else w for w in SWEEP)
PLOT = ("plot", "m.h5", "-o", "p.svg")
# Work that takes long enough to be lost; the others are done again in no time, or only read what stays there.
COMPUTES = ("sweep", "trace", "ramp", "curves", "replay")


@dataclass(frozen=True)
class Pair:
    """Two commands that meet, and what is there before."""

    name: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    folders: tuple[str, ...] = ()


def force(words: tuple[str, ...]) -> tuple[str, ...]:
    return (*words, "--force")


def changed(words: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return (*words, *more)


PAIRS = (
    Pair("same sweep", SWEEP, SWEEP),
    Pair("same sweep in parts", PARTS, PARTS),
    Pair("same sweep, forced", force(SWEEP), force(SWEEP), before=(OLD,)),
    Pair("same sweep in parts, forced", force(PARTS), force(PARTS), before=(OLD,)),
    Pair("other sweep", SWEEP, OTHER),
    Pair("other sweep in parts", PARTS, OTHER_PARTS),
    Pair("one part and parts", SWEEP, PARTS),
    Pair("one part and other parts", SWEEP, OTHER_PARTS),
    Pair("forced and not", force(SWEEP), OTHER),
    Pair("forced parts and not", force(PARTS), OTHER),
    Pair("both forced", force(SWEEP), force(OTHER), before=(OLD,)),
    Pair("both forced, one in parts", force(PARTS), force(OTHER), before=(OLD,)),
    Pair("same shard", SHARDS[0], SHARDS[0]),
    Pair("two shards", SHARDS[0], SHARDS[1]),
    Pair("merge and shard", SHARDS[1], ("merge", "m.h5"), before=SHARDS[:1]),
    Pair("merge and resume", PARTS, ("merge", "m.h5"), before=SHARDS[:1]),
    Pair("merge and sweep of all parts", PARTS, ("merge", "m.h5"), before=SHARDS),
    Pair("two merges", ("merge", "m.h5"), ("merge", "m.h5"), before=SHARDS),
    Pair("two merges, one virtual", ("merge", "m.h5"), ("merge", "--virtual", "m.h5"), before=SHARDS),
    Pair("two virtual merges", ("merge", "--virtual", "m.h5"), ("merge", "--virtual", "m.h5"), before=SHARDS),
    Pair("two forced merges", ("merge", "--force", "m.h5"), ("merge", "--force", "m.h5"), before=(OLD, *map(force, SHARDS))),
    Pair("merge and other sweep", ("merge", "m.h5"), OTHER, before=SHARDS),
    Pair("same trace", TRACE, TRACE),
    Pair("other trace", TRACE, changed(TRACE, "--start", "0,0,0.5,0")),
    Pair("other trace, one forced", TRACE, force(changed(TRACE, "--start", "0,0,0.5,0"))),
    Pair("trace and ramp", TRACE, changed(RAMP[:-1], "t.h5")),
    Pair("same ramp", RAMP, RAMP),
    Pair("other ramp", RAMP, changed(RAMP, "--set", "alpha=0.5")),
    Pair("same curves", CURVES, CURVES),
    Pair("other curves", CURVES, changed(CURVES, "--set", "alpha=0.5")),
    Pair("same plot", PLOT, PLOT, before=(SWEEP,)),
    Pair("other plot", PLOT, changed(PLOT, "--variable", "period"), before=(SWEEP,)),
    Pair("plots, one forced", PLOT, force(changed(PLOT, "--variable", "period")), before=(SWEEP,)),
    Pair("one picture of two sweeps", changed(SWEEP, "--plot", "p.svg"), changed(tuple("o.h5" if w == "m.h5" else w for w in OTHER), "--plot", "p.svg")),
    Pair("other replay", ("replay", "m.h5", "--cell", "0,1", "-o", "c.h5"), ("replay", "m.h5", "--cell", "1,1", "-o", "c.h5"), before=(SWEEP,)),
    Pair("replay and sweep", ("replay", "m.h5", "--cell", "0,1", "-o", "c.h5"), changed(OTHER[:-1], "c.h5"), before=(SWEEP,)),
    Pair("same figure", *[("paper", "fig7", "-o", "paper", "--quality", "draft", "--engine", "cpu", "-q")] * 2),
    Pair("same manual", ("man", "-o", "man"), ("man", "-o", "man"), folders=("man",)),
    Pair("same manual, forced", ("man", "-o", "man", "--force"), ("man", "-o", "man", "--force"), folders=("man",)),
)
ALONE: dict[tuple[str, int], Sound] = {}
OPTIONS = argparse.Namespace()
HOME = Path()


def alone(pair: Pair, which: int, home: Path) -> Sound:
    """What one of the two makes where there is no other."""
    if (pair.name, which) not in ALONE:
        words = (pair.first, pair.second)[which]
        name = f"{pair.name}-{which}".replace(" ", "-").replace(",", "")
        ALONE[pair.name, which] = prepare(OPTIONS.program, Command(name, words, pair.before, pair.folders), home, may_fail=True)
    return ALONE[pair.name, which]


def in_turn(pair: Pair, which: int, home: Path) -> Sound:
    """What one of the two makes after the other, where it is refused alone: a merge once the missing part is there."""
    sound, other = alone(pair, which, home), alone(pair, 1 - which, home)
    if sound.code == 0 or other.code != 0:
        return sound
    after_other = replace(pair, name=f"{pair.name}, in turn", before=(*pair.before, other.command.words))
    return alone(after_other, which, home)


def started(words: tuple[str, ...], folder: Path) -> subprocess.Popen:
    return subprocess.Popen(
        [str(OPTIONS.program), *words],
        cwd=folder,
        env=path_with(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def ended(process: subprocess.Popen) -> Ended:
    try:
        out, err = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, out, err)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        return Ended(process.returncode, out, err, hung=True)


def outputs(sound: Sound) -> dict[str, str]:
    """What a command made itself, by its path."""
    return {k: v for k, v in sound.after.items() if sound.before.get(k) != v and v != "folder"}


def named(message: str, folder: Path) -> list[str]:
    """Every path in the folder that a message names."""
    names = re.findall(r"[\w./~+-]+", message)
    return sorted({str(Path(n.rstrip(".,:;"))) for n in names if (folder / n.rstrip(".,:;")).exists()} - {"."})


def judge(sounds: tuple[Sound, Sound], both: tuple[Ended, Ended], folder: Path) -> list[Found]:
    """Faults of two runs that met. `sounds`: what each makes alone, or in turn where it is done though refused alone."""
    found: list[Found] = []
    there = compare.state(folder)
    messages = " ".join(e.err.decode(errors="replace") for e in both)
    results = [outputs(s) for s in sounds]
    for mine, sound, end in zip((0, 1), sounds, both, strict=True):
        other, other_end = sounds[1 - mine], both[1 - mine]
        who = f"{' '.join(sound.command.words)} (exit code {end.code}: {end.words()})"
        if end.hung:
            found.append(Found("hang", who))
        elif end.panicked:
            found.append(Found("panic", who))
        elif end.code not in MEANT:
            found.append(Found("ended", who))
        own = results[mine]
        # Replaced by one that was told to, or taken up by it into a map.
        replaced = other_end.code == 0 and ("--force" in other.command.words or other.command.words[0] in ("merge", "sweep"))
        for path, wanted in own.items() if end.code == 0 else ():
            fine = there.get(path) == wanted
            if not fine and "--force" in other.command.words:
                fine = replaced and there.get(path) == results[1 - mine].get(path)
            if not fine and path not in there and ".parts" in path:
                fine = replaced and all(there.get(p) == v for p, v in results[1 - mine].items())
            # A merge that finds the other's whole map has nothing to do, and says so.
            if not fine and b"complete already" in end.out:
                fine = there.get(path) == results[1 - mine].get(path)
            if not fine:
                found.append(Found("silent", f"{who}: {path} is {there.get(path, 'gone')}"))
        if end.code in (1, 2) and sound.code == 0:
            message = end.err.decode(errors="replace")
            kept = named(message, folder)
            if not any(Path(p).name in message for p in [*own, *sound.before, *there]):
                found.append(Found("words", who))
            # Exit code 2 is said before the work, and so is a word on the other process; else the work must be somewhere.
            begun = end.code == 1 and not re.search(r"\bprocess \d+", message)
            done = all(there.get(p) == v for p, v in own.items())
            keeps = any(there.get(k) in own.values() or k.endswith(".parts") for k in kept)
            if begun and not keeps and (done or sound.command.words[0] in COMPUTES):
                found.append(Found("needless" if done else "lost", who))
    known = set().union(*(s.after.keys() | s.before.keys() for s in sounds))
    for path, digest in there.items():
        good = {s.after.get(path) for s in sounds} | {s.before.get(path) for s in sounds}
        if path in known and digest not in good and not any(f.kind == "silent" for f in found):
            found.append(Found("wrong", f"{path}: {digest}"))
        if path not in known and not any(part in messages for part in (path, Path(path).parts[0])):
            found.append(Found("left", path))
    return found


def attempt(seed: int) -> tuple[str, int, tuple[int, int], list[Found]]:
    """Lets one pair meet: its name, the seed, both exit codes, and what went wrong."""
    dice = random.Random(seed)
    pair = PAIRS[seed % len(PAIRS)]
    home = HOME / multiprocessing.current_process().name
    sounds = alone(pair, 0, home), alone(pair, 1, home)
    folder = program.fresh(sounds[0].template, home / "run")
    # Most often both at once; else the second anywhere in the first one's time.
    delay = dice.choice((0, dice.uniform(0, 0.005), dice.uniform(0, 0.25)))
    order = dice.choice(((0, 1), (1, 0)))
    processes: dict[int, subprocess.Popen] = {}
    for which in order:
        processes[which] = started(sounds[which].command.words, folder)
        if which == order[0]:
            time.sleep(delay)
    both = ended(processes[0]), ended(processes[1])
    if both[0].code == 0:
        sounds = in_turn(pair, 0, home), sounds[1]
    if both[1].code == 0:
        sounds = sounds[0], in_turn(pair, 1, home)
    found = judge(sounds, both, folder)
    if OPTIONS.keep and found:
        shutil.copytree(folder, OPTIONS.keep / f"{pair.name}-{seed}".replace(" ", "-"), dirs_exist_ok=True)
    return pair.name, seed, (both[0].code, both[1].code), found


def main(doc: str) -> int:
    global OPTIONS, HOME
    parser = program.arguments(doc)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("pairs", type=int, nargs="?", default=500, metavar="PAIRS", help="how many pairs")
    parser.add_argument("seed", type=int, nargs="?", metavar="SEED", help="of the delays")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the folder of each faulty pair there")
    # Each pair keeps two cores busy.
    parser.set_defaults(workers=1)
    OPTIONS = program.parse(parser)
    print(f"seed {OPTIONS.seed}", flush=True)
    results = table.Table(WRONG, first=1)
    codes: dict[tuple[int, int], int] = {}
    with program.Workplace() as HOME, program.workers(OPTIONS.workers) as pool:
        for name, seed, both, found in pool.imap_unordered(attempt, range(OPTIONS.seed, OPTIONS.seed + OPTIONS.pairs)):
            results.add(name, found, f"scripts/two-at-once 1 {seed}", sort=str(seed))
            key = (min(both), max(both))
            codes[key] = codes.get(key, 0) + 1
    print("exit codes: " + ", ".join(f"{a} and {b}: {n}" for (a, b), n in sorted(codes.items())))
    return results.print()
