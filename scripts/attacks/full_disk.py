"""A small disk that is full for a few milliseconds, again and again, while commands write to it."""

import argparse
import itertools
import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from . import commands, program, table, verdict
from .commands import Command

PLANE = ("--grid", "Gamma=0.02:1:16", "--grid", "Z_T=0:1:16", *program.NEURON, "--engine", "cpu", "--audit", "4", "-q")
COMMANDS = (
    Command("sweep", ("sweep", *PLANE, "-o", "m.h5")),
    Command("sweep-parts", ("sweep", *PLANE, "-o", "m.h5", "--part-cells", "64")),
    Command("trace", (*commands.TRACE, "--plot", "t.svg")),
    Command("ramp", (*commands.RAMP, "--plot", "r.svg")),
    Command("curves", commands.CURVES),
)
# Bytes of the disk.
SIZE = 4 << 20
# Set in a process that was started again in a name space of its own, where it may mount.
INSIDE = "ATTACK_MAY_MOUNT"


class Filler(threading.Thread):
    """Fills the disk and empties it again, until it is told to stop."""

    def __init__(self, path: Path, dice: random.Random) -> None:
        super().__init__(daemon=True)
        self.path, self.dice, self.done, self.times = path, dice, threading.Event(), 0

    def run(self) -> None:
        block, page = bytes(1 << 18), bytes(1 << 12)
        with self.path.open("wb", buffering=0) as file:
            while not self.done.wait(self.dice.uniform(0.001, 0.02)):
                for piece in (block, page):
                    try:
                        while True:
                            file.write(piece)
                    except OSError:
                        pass
                self.times += 1
                self.done.wait(self.dice.uniform(0.001, 0.005))
                file.truncate(0)
                file.seek(0)

    def stop(self) -> None:
        self.done.set()
        self.join()
        self.path.unlink()


def mount(disk: Path) -> None:
    """Mounts the disk; a user who may not tries again in a name space of their own."""
    disk.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", disk], capture_output=True, text=True)
    if done.returncode == 0:
        return
    shutil.rmtree(disk.parent)
    if INSIDE in os.environ or not shutil.which("unshare"):
        sys.exit(f"a tmpfs may not be mounted here ({done.stderr.strip()}): run as root")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", ["unshare", "--map-root-user", "--mount", sys.executable, *sys.argv])


def main(words: list[str]) -> int:
    parser = program.arguments(__doc__ or "")
    parser.add_argument("--maps", type=int, default=300, help="stop when so many runs have finished with exit code 0")
    parser.add_argument("--seed", type=int)
    sys.argv[1:] = [*words]
    options = program.parse(parser)
    sys.argv[1:] = ["full-disk", *words]
    print(f"seed {options.seed}", flush=True)
    results = table.Table(verdict.WRONG)
    finished = 0
    with program.Workplace() as home:
        disk = home / "disk"
        mount(disk)
        try:
            sounds = [commands.prepare(options.program, command, home) for command in COMMANDS]
            for turn in itertools.count():
                sound = sounds[turn % len(sounds)]
                seed = options.seed + turn
                folder = program.fresh(sound.template, disk / "run")
                filler = Filler(disk / "filler", random.Random(seed))
                filler.start()
                ended = program.run(commands.words(options.program, sound.command), folder, env=commands.path_with(folder))
                filler.stop()
                finished += ended.code == 0
                repeat = f"scripts/inject-faults full-disk --maps 1 --seed {seed} ({sound.command.name}, full {filler.times} times)"
                results.add(sound.command.name, verdict.judge(sound, ended, folder, options.program), repeat, counted=filler.times > 0)
                if finished >= options.maps or turn >= 20 * options.maps:
                    break
        finally:
            subprocess.run(["umount", "-l", disk], check=True)
    print(f"{finished} runs finished with exit code 0")
    return results.print() or int(finished < options.maps)
