"""Kills commands at random moments and judges what they leave."""

import argparse
import multiprocessing
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

from . import commands, program, table, verdict
from .commands import COMMANDS, Command, Sound
from .program import Ended

# What prints and writes nothing has nothing to lose.
WRITERS = [c for c in COMMANDS if c.words[0] not in ("verify", "diff", "statics") and c.name != "sweep-refused"]
SOUND: dict[str, Sound] = {}
SECONDS: dict[str, float] = {}
OPTIONS = argparse.Namespace()
HOME = Path()


def kill(words: list[str], folder: Path, moment: float) -> Ended | None:
    """Starts a command and kills it after some seconds; `None` where it was done before."""
    process = subprocess.Popen(
        words, cwd=folder, env=commands.path_with(folder), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(moment)
        return None
    except subprocess.TimeoutExpired:
        process.kill()
        return Ended(process.wait(), b"", b"")


def prepared(command: Command, home: Path) -> Sound:
    """A command with what it makes undisturbed and how long it takes; made where this worker first needs it."""
    if command.name not in SOUND:
        SOUND[command.name] = commands.prepare(OPTIONS.program, command, home)
        folder = program.fresh(SOUND[command.name].template, home / "time")
        begun = time.monotonic()
        program.run(commands.words(OPTIONS.program, command), folder, env=commands.path_with(folder))
        SECONDS[command.name] = time.monotonic() - begun
    return SOUND[command.name]


def attempt(seed: int) -> tuple[str, int, int, list[table.Found]]:
    """Kills one command once, twice or thrice: its name, the seed, how often it was killed, and what went wrong."""
    dice = random.Random(seed)
    home = HOME / multiprocessing.current_process().name
    sound = prepared(dice.choice(WRITERS), home)
    folder = program.fresh(sound.template, home / "run")
    kills, ended = 0, None
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        # Every other time towards the end, where files are put in place.
        share = dice.random() if dice.random() < 0.5 else 0.6 + 0.5 * dice.random()
        killed = kill(commands.words(OPTIONS.program, sound.command), folder, share * SECONDS[sound.command.name])
        if killed is None:
            break
        kills, ended = kills + 1, killed
    found = verdict.judge(sound, ended, folder, OPTIONS.program, killed=True) if ended else []
    if OPTIONS.keep and found:
        shutil.copytree(folder, OPTIONS.keep / f"{sound.command.name}-{seed}", dirs_exist_ok=True)
    return sound.command.name, seed, kills, found


def main(doc: str) -> int:
    global OPTIONS, HOME
    parser = program.arguments(doc)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("runs", type=int, nargs="?", default=2000, metavar="RUNS", help="how many kills")
    parser.add_argument("seed", type=int, nargs="?", metavar="SEED", help="of commands and moments")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the folder of each faulty run there")
    OPTIONS = program.parse(parser)
    print(f"seed {OPTIONS.seed}", flush=True)
    results = table.Table({k: verdict.WRONG[k] for k in ("wrong", "lost", "stuck", "left")})
    kills = in_time = 0
    with program.Workplace() as HOME:
        begun = time.monotonic()
        with program.workers(OPTIONS.workers) as pool:
            # More than are needed: some commands are done before they are killed.
            for name, seed, count, found in pool.imap_unordered(attempt, range(OPTIONS.seed, OPTIONS.seed + 100 * OPTIONS.runs)):
                kills, in_time = kills + count, in_time + (count == 0)
                results.add(name, found, f"scripts/kill-anything 1 {seed}", sort=str(seed), counted=count > 0)
                if kills >= OPTIONS.runs:
                    break
                if results.runs[name] % 100 == 0 and count:
                    print(f"{kills} of {OPTIONS.runs} kills, {results.faults} faults", file=sys.stderr, flush=True)
            pool.terminate()
    print(f"{kills} kills in {time.monotonic() - begun:.0f} s; {in_time} runs were done before")
    return results.print() or int(kills < OPTIONS.runs)
