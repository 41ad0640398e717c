"""Every command that writes, at a size that takes a fraction of a second, and what it makes undisturbed."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from . import compare
from .program import NEURON, PLANE, Ended, environment, fresh, run

SWEEP = ("sweep", *PLANE, *NEURON, "--engine", "cpu", "--audit", "4", "-q", "-o", "m.h5")
PARTS = (*SWEEP, "--part-cells", "2")
OTHER = tuple("R_n=5" if w == "R_n=6" else w for w in SWEEP)
SHARDS = ((*PARTS, "--shard", "0/2"), (*PARTS, "--shard", "1/2"))
TRACE = ("trace", "--set", "R_n=5", "--set", "V_n=0.23", "--set", "Gamma=1", "--t-end", "60", "-o", "t.h5")
RAMP = ("ramp", "--grid", "V_n=0:8:5", "--set", "R_n=8", "--set", "Gamma=1", "--hold", "20", "--engine", "cpu", "-q", "-o", "r.h5")
CURVES = ("curves", "--x", "V_n=1:1.2", "--y", "R_n=4:4.2", "--set", "Gamma=0.1", "-o", "c.h5")
# A stand-in for Slurm's program.
SBATCH = "#!/bin/sh\necho 1\n"


@dataclass(frozen=True)
class Command:
    """A command that writes; `before` runs first, once, undisturbed."""

    name: str
    words: tuple[str, ...]
    before: tuple[tuple[str, ...], ...] = ()
    folders: tuple[str, ...] = ()
    files: dict[str, str] = field(default_factory=dict, hash=False)


COMMANDS = (
    Command("sweep", SWEEP),
    Command("sweep-plot", (*SWEEP, "--plot", "m.png")),
    Command("sweep-parts", PARTS),
    Command("sweep-resume", PARTS, before=(SHARDS[0],)),
    Command("sweep-shard", SHARDS[1], before=(SHARDS[0],)),
    Command("sweep-force", (*SWEEP, "--force"), before=(OTHER,)),
    Command("sweep-parts-force", (*PARTS, "--force"), before=(OTHER,)),
    Command("sweep-refused", SWEEP, before=(OTHER,)),
    Command("sweep-slurm", (*PARTS, "--slurm", "2"), files={"bin/sbatch": SBATCH}),
    Command("merge", ("merge", "m.h5"), before=SHARDS),
    Command("merge-force", ("merge", "m.h5", "--force"), before=(OTHER, *[(*s, "--force") for s in SHARDS])),
    Command("merge-virtual", ("merge", "--virtual", "m.h5"), before=SHARDS),
    Command("trace", (*TRACE, "--plot", "t.svg")),
    Command("trace-force", (*TRACE, "--force"), before=((*TRACE, "--start", "0,0,0.5,0"),)),
    Command("ramp", (*RAMP, "--plot", "r.png")),
    Command("ramp-force", (*RAMP, "--force"), before=((*RAMP, "--set", "alpha=0.5"),)),
    Command("curves", (*CURVES, "--plot", "c.svg")),
    Command("curves-force", (*CURVES, "--force"), before=((*CURVES, "--set", "alpha=0.5"),)),
    Command("plot-png", ("plot", "m.h5", "-o", "m.png"), before=(SWEEP,)),
    Command("plot-svg", ("plot", "m.h5", "-o", "m.svg", "--curves"), before=(SWEEP,)),
    Command("plot-force", ("plot", "m.h5", "-o", "m.svg", "--force"), before=(SWEEP, ("plot", "m.h5", "-o", "m.svg", "--variable", "period"))),
    Command("replay", ("replay", "m.h5", "--cell", "0,1", "-o", "c.h5", "--plot", "c.png"), before=(SWEEP,)),
    Command("replay-force", ("replay", "m.h5", "--cell", "0,1", "-o", "c.h5", "--force"), before=(SWEEP, ("replay", "m.h5", "--cell", "1,1", "-o", "c.h5"))),
    Command("paper-fig7", ("paper", "fig7", "-o", "paper", "--quality", "draft", "--engine", "cpu", "-q")),
    Command("paper-fig5b", ("paper", "fig5b", "-o", "paper", "--quality", "draft", "--engine", "cpu", "-q")),
    Command("paper-force", ("paper", "fig7", "-o", "paper", "--quality", "draft", "--engine", "cpu", "-q", "--force"), files={"paper/fig7.h5": "old\n", "paper/fig7.svg": "old\n", "paper/fig7.png": "old\n"}),
    Command("man", ("man", "-o", "man"), folders=("man",)),
    Command("man-force", ("man", "-o", "man", "--force"), folders=("man",), files={"man/hopfmap.1": "old\n", "man/hopfmap-sweep.1": "old\n"}),
    # Readers: what they print is their output.
    Command("verify", ("verify", "m.h5", "--cells", "2"), before=(SWEEP,)),
    Command("diff", ("diff", "m.h5", "m.h5"), before=(SWEEP,)),
    Command("statics", ("statics", "--set", "R_n=5", "--set", "V_n=2", "--set", "Gamma=0.1", "--json")),
)


def named(name: str) -> Command:
    for command in COMMANDS:
        if command.name == name:
            return command
    raise SystemExit(f"no command {name}: take one of {', '.join(c.name for c in COMMANDS)}")


@dataclass
class Sound:
    """A command prepared: the folder that it starts in, and what it makes undisturbed."""

    command: Command
    template: Path
    before: dict[str, str]
    untouched: dict[str, str]
    code: int
    out: bytes
    after: dict[str, str]


def path_with(folder: Path) -> dict[str, str]:
    """The environment, with the folder's own programs first."""
    return environment(PATH=f"{folder / 'bin'}:{os.environ.get('PATH', '/usr/bin:/bin')}")


def words(program: Path, command: Command) -> list[str]:
    return [str(program), *command.words]


def printed(ended: Ended, folder: Path) -> bytes:
    """What a run printed, wherever its folder lies."""
    return ended.out.replace(str(folder).encode(), b"FOLDER")


def prepare(program: Path, command: Command, home: Path, *, may_fail: bool = False) -> Sound:
    """Runs a command twice, undisturbed; both must make the same. One that `may_fail` lacks what another will make."""
    template = home / "templates" / command.name
    for name in command.folders:
        (template / name).mkdir(parents=True)
    template.mkdir(parents=True, exist_ok=True)
    for name, text in command.files.items():
        (template / name).parent.mkdir(parents=True, exist_ok=True)
        (template / name).write_text(text)
        (template / name).chmod(0o755)
    for before in command.before:
        ended = run([str(program), *before], template)
        if ended.code != 0:
            raise SystemExit(f"{command.name}: {' '.join(before)} ends with {ended.code}: {ended.words()}")
    made: list[tuple[Ended, dict[str, str]]] = []
    for _ in range(2):
        folder = fresh(template, home / "sound" / command.name)
        ended = run(words(program, command), folder, env=path_with(folder))
        made.append((ended, compare.state(folder)))
        shutil.rmtree(folder)
    (first, after), (second, again) = made
    if (first.code, after) != (second.code, again) or first.code not in ((0, 1, 2) if may_fail else (0, 2)):
        different = sorted(k for k in after.keys() | again.keys() if after.get(k) != again.get(k))
        raise SystemExit(f"{command.name} alone ends with {first.code} and {second.code}, and differs in {different}: {first.words()}")
    before = compare.state(template)
    return Sound(command, template, before, compare.raw_state(template), first.code, printed(first, folder), after)
