"""Lets every command that reads a file meet hostile ones, with little memory and little time."""

import argparse
import hashlib
import multiprocessing
import random
import resource
import shutil
import stat
import sys
from pathlib import Path

from . import hostile, program, table
from .commands import CURVES, PARTS, RAMP, SHARDS, SWEEP, TRACE
from .program import NEURON, Ended
from .table import Found

# Bytes of address space, and seconds.
MEMORY, SECONDS = 2 << 30, 5.0
WRONG = {
    "signal": "ended by a signal",
    "panic": "a panic",
    "ended": "an exit code other than 0, 1 and 2",
    "hang": f"no end within {SECONDS:.0f} s, nor within four times that",
    "wrote": "something was written under another name than the output's, or though it was refused",
    "read": "another file was read than the one that was named",
}
LINE = ("sweep", "--grid", "Gamma=0.3,1", "--set", "Z_T=0.5", *NEURON, "--engine", "cpu", "--audit", "2", "-q")
STARTS = ("sweep", "--grid", "R_n=1,16", "--set", "V_n=7", "--set", "Gamma=0.1", "--start", "equilibria", "--engine", "cpu", "--audit", "2", "-q")
# What is there: an output's name, and the commands that make it.
SOUND = (
    SWEEP,
    tuple("n.h5" if w == "m.h5" else w for w in SWEEP),
    (*LINE, "-o", "l.h5"),
    (*STARTS, "-o", "s.h5"),
    *[tuple("v.h5" if w == "m.h5" else w for w in words) for words in (*SHARDS, ("merge", "--virtual", "m.h5"))],
    *[tuple("p.h5" if w == "m.h5" else w for w in words) for words in SHARDS],
    TRACE,
    RAMP,
    CURVES,
)
SPEC = 'grid = ["Gamma=0.3,1", "Z_T=0.2,1"]\nengine = "cpu"\nstart = "rest"\naudit = 4\n[set]\nV_n = 2.0\nR_n = 6.0\n'


def read(name: str, cell: str = "0,0") -> list[tuple[str, ...]]:
    """The commands that read a result."""
    return [
        ("plot", name, "-o", "out.png"),
        ("plot", name, "-o", "out.svg", "--curves"),
        ("verify", name, "--cells", "2"),
        ("replay", name, "--cell", cell),
        ("replay", name, "--cell", cell, "-o", "out.h5", "--plot", "out.png"),
        ("diff", name, "n.h5"),
        ("diff", "n.h5", name),
        ("sweep", "--from", name, "--engine", "cpu", "-q", "-o", "out.h5"),
        # Without -o nothing may be written, whatever the file says.
        ("sweep", "--from", name, "--engine", "cpu", "-q", "--force"),
        ("ramp", "--from", name, "--engine", "cpu", "-q", "-o", "out.h5"),
        ("merge", name),
    ]


PARTED = tuple("p.h5" if w == "m.h5" else w for w in PARTS)
FOLDER = [("merge", "p.h5"), ("merge", "--virtual", "p.h5"), PARTED, (*PARTED, "--shard", "1/2"), ("sweep", "--from", "p.h5.parts", "--engine", "cpu", "-q", "-o", "out.h5")]
# Where a hostile file may stand, and who reads it there.
PLACES = {
    "m.h5": read("m.h5"),
    "l.h5": read("l.h5", "0"),
    "s.h5": read("s.h5", "0"),
    "v.h5": read("v.h5"),
    "v.h5.parts/part-000001.h5": read("v.h5"),
    "p.h5.parts/part-000001.h5": FOLDER,
    "p.h5.parts/plan.toml": FOLDER,
    "spec.toml": [("sweep", "--spec", "spec.toml", "--engine", "cpu", "-q", "-o", "out.h5")],
    "t.h5": read("t.h5"),
    "r.h5": read("r.h5"),
    "c.h5": read("c.h5"),
}
OPTIONS = argparse.Namespace()
HOME = Path()


def combinations() -> list[tuple[str, str]]:
    """Every place with every kind of file that can stand there."""
    kinds = lambda place: ["request"] * 8 if place.endswith(".toml") else list(hostile.MAKERS)
    every = [(place, kind) for place in PLACES for kind in [*kinds(place), *hostile.SPECIAL]]
    # A request may come through a pipe, and then it is waited for.
    return [c for c in every if c != ("spec.toml", "fifo")]


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def allowed(path: str, words: tuple[str, ...]) -> bool:
    """Whether a command may write under this name."""
    outputs = [w for before, w in zip(words, words[1:]) if before in ("-o", "--plot")] + [w for w in words if words[0] == "merge" and w.endswith(".h5")]
    return any(path == o or path.startswith((f"{o}.parts", f"{o}.slurm")) for o in outputs)


def state(folder: Path) -> dict[str, object]:
    """Everything in a folder; what is no plain file, or is huge, by what the system says of it."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        plain = stat.S_ISREG(status.st_mode) and status.st_size < 1 << 26
        found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest() if plain else (status.st_mode, status.st_ino if not stat.S_ISDIR(status.st_mode) else 0)
    return found


def prepare(home: Path) -> Path:
    """The folder of sound files."""
    template = home / "template"
    template.mkdir()
    for words in SOUND:
        ended = program.run([str(OPTIONS.program), *words], template)
        if ended.code != 0:
            raise SystemExit(f"{' '.join(words)} ends with {ended.code}: {ended.words()}")
    (template / "spec.toml").write_text(SPEC)
    outside = home / "outside"
    outside.mkdir()
    shutil.copy(template / "m.h5", outside / "secret.h5")
    (outside / "secret.bin").write_bytes(b"secret\n" * 4096)
    return template


def made(place: str, kind: str, seed: int, home: Path) -> tuple[str, bytes | None]:
    """A hostile file: how it is, in words, and its bytes, unless it is no plain file."""
    if kind in hostile.SPECIAL:
        return kind, None
    path, dice, outside = home / "hostile" / Path(place).name, random.Random(seed), HOME / "outside"
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(HOME / "template" / place, path)
    if kind == "request":
        return kind, hostile.request(dice, path.read_text(), outside, of_map=False)
    how = hostile.make(path, kind, dice, outside)
    return how, path.read_bytes()


def placed(place: str, kind: str, data: bytes | None, folder: Path) -> None:
    """A fresh folder with the hostile file in its place."""
    program.fresh(HOME / "template", folder)
    if data is None:
        hostile.special(folder / place, kind)
    else:
        (folder / place).write_bytes(data)


def meet(words: tuple[str, ...], kind: str, folder: Path, log: Path) -> tuple[Ended, list[str]]:
    """Runs a command on it: how it ended, and which files outside it opened."""
    command = [str(OPTIONS.program), *words]
    watched = kind in hostile.POINTING and shutil.which("strace")
    if watched:
        command = ["strace", "-f", "--seccomp-bpf", "-qqq", "-o", str(log), "-e", "trace=open,openat,openat2", *command]
    before = program.run(command, folder, patience=SECONDS, limit=limited)
    if before.hung:
        # On a busy machine a second time, with patience: what hangs still hangs.
        before = program.run(command, folder, patience=4 * SECONDS, limit=limited)
    opened = [l for l in log.read_text(errors="replace").splitlines() if "secret" in l and " = -1" not in l] if watched else []
    return before, opened


def attempt(work: tuple[int, str, str]) -> tuple[str, str, int, int, list[tuple[str, Found]]]:
    """Lets every command meet one hostile file: place, kind, seed, runs, and what went wrong with which command."""
    seed, place, kind = work
    home = HOME / multiprocessing.current_process().name
    found: list[tuple[str, Found]] = []
    runs = 0
    try:
        how, data = made(place, kind, seed, home)
    except (ValueError, TypeError, LookupError, OSError, RuntimeError) as error:
        # Not every kind fits every file.
        if OPTIONS.verbose:
            print(f"{place}, {kind}, seed {seed}: {error}", file=sys.stderr)
        return place, kind, seed, 0, []
    folder = home / "run"
    for words in PLACES[place]:
        placed(place, kind, data, folder)
        before, outside = state(folder), state(HOME / "outside")
        ended, opened = meet(words, kind, folder, home / "log")
        after = state(folder)
        runs += 1
        who = f"{how}: hopfmap {' '.join(words)}"
        said = f"exit code {ended.code}: {ended.words()}"
        if ended.hung:
            found.append((who, Found("hang", said)))
        elif ended.panicked:
            found.append((who, Found("panic", ended.err.decode(errors="replace")[:300])))
        elif ended.code < 0 or ended.code > 128:
            found.append((who, Found("signal", said)))
        elif ended.code not in (0, 1, 2):
            found.append((who, Found("ended", said)))
        changed = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))
        # A part that is set aside or replaced lies in the folder of parts of the command's own output.
        bad = [k for k in changed if not allowed(k, words) or (ended.code == 2 and place != k)]
        # What a run that was ended leaves is for the next one to clear.
        if (bad and not ended.hung and 0 <= ended.code <= 128) or state(HOME / "outside") != outside:
            found.append((who, Found("wrote", f"{said}; {', '.join(bad) or 'outside the folder'}")))
        if opened:
            found.append((who, Found("read", opened[0])))
    if OPTIONS.keep and found:
        shutil.copytree(home / "run", OPTIONS.keep / f"{place.replace('/', '-')}-{kind}-{seed}", symlinks=True, dirs_exist_ok=True)
    return place, kind, seed, runs, found


def main(doc: str) -> int:
    global OPTIONS, HOME
    parser = program.arguments(doc)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("count", type=int, nargs="?", default=1000, metavar="COUNT", help="how many files")
    parser.add_argument("--seed", type=int, help="of the files")
    parser.add_argument("--place", choices=list(PLACES), metavar="FILE", help="where the file stands; with --kind, one file")
    parser.add_argument("--kind", help="what is wrong with it")
    parser.add_argument("--verbose", action="store_true", help="say which files could not be made")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the folder of each faulty file there (none that is no plain file)")
    OPTIONS = program.parse(parser)
    print(f"seed {OPTIONS.seed}", flush=True)
    results = table.Table(WRONG)
    made = 0
    with program.Workplace() as HOME:
        prepare(HOME)
        every = [c for c in combinations() if OPTIONS.place in (None, c[0]) and OPTIONS.kind in (None, c[1])]
        if OPTIONS.place is None:
            random.Random(OPTIONS.seed).shuffle(every)
        work = [(OPTIONS.seed + i, *every[i % len(every)]) for i in range(OPTIONS.count)]
        with program.workers(OPTIONS.workers) as pool:
            for place, kind, seed, runs, found in pool.imap_unordered(attempt, work):
                made += runs > 0
                for _ in range(runs - len({who for who, _ in found})):
                    results.add(place, [], "")
                repeat = f"scripts/hostile-files 1 --seed {seed} --place {place} --kind {kind}"
                for who in dict.fromkeys(who for who, _ in found):
                    results.add(place, [f for w, f in found if w == who], f"{repeat}   # {who}", sort=kind)
    print(f"{made} hostile files of {OPTIONS.count}; the others could not be made")
    return results.print()
