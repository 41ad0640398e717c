"""Fault injection with strace: every call of a kind fails once, or from then on, and the run is judged."""

import argparse
import collections
import multiprocessing
import random
import re
import shutil
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from . import commands, program, table, verdict
from .commands import COMMANDS, Command, Sound

# The calls, and the errors that each can give.
CALLS = {
    **dict.fromkeys(["write", "pwrite64", "writev"], ["EIO", "ENOSPC", "EINTR"]),
    **dict.fromkeys(["fsync", "fdatasync"], ["EIO", "ENOSPC", "EINTR", "EINVAL"]),
    **dict.fromkeys(["rename", "renameat", "renameat2"], ["EIO", "ENOSPC", "EACCES", "EINVAL"]),
    **dict.fromkeys(["link", "linkat"], ["EIO", "ENOSPC", "EACCES", "EPERM"]),
    **dict.fromkeys(["open", "openat"], ["EIO", "ENOSPC", "EINTR", "EACCES", "EMFILE"]),
    **dict.fromkeys(["ftruncate", "fallocate"], ["EIO", "ENOSPC", "EINTR"]),
    "close": ["EIO", "ENOSPC", "EINTR"],
    **dict.fromkeys(["read", "pread64"], ["EIO", "EINTR"]),
    "mmap": ["EACCES"],
    **dict.fromkeys(["unlink", "unlinkat", "rmdir"], ["EIO", "EACCES"]),
    **dict.fromkeys(["mkdir", "mkdirat"], ["EIO", "ENOSPC", "EACCES"]),
    "flock": ["ENOLCK", "EACCES", "EINTR", "EIO"],
    "fcntl": ["ENOLCK", "EACCES", "EINTR", "EMFILE"],
    "getdents64": ["EIO"],
    **dict.fromkeys(["statx", "newfstatat", "fstat"], ["EIO", "EACCES"]),
    "statfs": ["EIO", "ENOSYS"],
}
# Rust asks for the standard streams by this call, first of all in main; what comes before is the loader's.
MAIN = "poll"
# How Rust ends a program that gets no memory for its heap or for a thread's stacks.
NO_MEMORY = (b"memory allocation of", b"failed to allocate an alternative stack", b"failed to set up alternative stack guard page")


@dataclass(frozen=True)
class Injection:
    command: str
    syscall: str
    errno: str
    when: str

    def repeat(self) -> str:
        return f"scripts/inject-faults --only {self.command} --syscall {self.syscall} --errno {self.errno} --when {self.when}"


def strace(log: Path, syscall: str, *more: str) -> list[str]:
    return ["strace", "-f", "--seccomp-bpf", "-qqq", "-o", str(log), "-e", f"trace={syscall}", *more]


def count(sound: Sound, options: argparse.Namespace, home: Path) -> dict[str, tuple[int, int]]:
    """The first and the last call of each kind after main began, as strace counts them: by thread.

    A call of another thread that stands before the main thread's first one has no number of its own: there the loader would fail.
    """
    folder = program.fresh(sound.template, home / "count")
    log = home / "count.log"
    words = strace(log, ",".join([*CALLS, MAIN])) + commands.words(options.program, sound.command)
    ended = program.run(words, folder, env=commands.path_with(folder))
    if ended.code != sound.code:
        raise SystemExit(f"{sound.command.name} under strace ends with {ended.code}: {ended.words()}")
    main, seen = None, collections.Counter()
    loaded: collections.Counter[str] = collections.Counter()
    last: dict[str, int] = {}
    for line in log.read_text(errors="replace").splitlines():
        # PID CALL(…; the second half of a call that was interrupted in the log begins with `<...`.
        match = re.match(r"(\d+) +(\w+)\(", line)
        if not match:
            continue
        thread, call = match.groups()
        seen[thread, call] += 1
        if main is None and call == MAIN:
            main, loaded = thread, collections.Counter({c: n for (_, c), n in seen.items()})
        elif call != MAIN and main is not None:
            last[call] = max(last.get(call, 0), seen[thread, call])
    if main is None:
        raise SystemExit(f"{sound.command.name}: where main begins is not to be seen: it makes no call of {MAIN}")
    return {call: (loaded[call] + 1, n) for call, n in last.items() if n > loaded[call]}


def injections(command: Command, counts: dict[str, tuple[int, int]]) -> list[Injection]:
    made = []
    for call, (first, last) in counts.items():
        for n in range(first, last + 1):
            for errno in CALLS[call]:
                # No kernel interrupts for ever.
                for when in (f"{n}", f"{n}..{n + 2}" if errno == "EINTR" else f"{n}+"):
                    made.append(Injection(command.name, call, errno, when))
    return made


def attempt(one: Injection) -> tuple[Injection, bool, list[table.Found]]:
    """Runs one injection: whether the call was reached, and what went wrong."""
    sound, options, home = SOUND[one.command], OPTIONS, HOME
    place = home / multiprocessing.current_process().name
    folder = program.fresh(sound.template, place / "run")
    log = place / "log"
    words = strace(log, one.syscall, "-e", f"inject={one.syscall}:error={one.errno}:when={one.when}")
    ended = program.run(words + commands.words(options.program, sound.command), folder, env=commands.path_with(folder))
    injected = [line for line in log.read_text(errors="replace").splitlines() if "(INJECTED)" in line]
    found = verdict.judge(sound, ended, folder, options.program)
    # Without memory a program cannot go on, and its language ends it; what it must not do is lose anything.
    if any("MAP_ANONYMOUS" in line for line in injected) and any(words in ended.err for words in NO_MEMORY):
        found = [f for f in found if f.kind not in ("ended", "panic")]
    if options.keep and found:
        shutil.copytree(folder, options.keep / f"{one.command}-{one.syscall}-{one.errno}-{one.when}", dirs_exist_ok=True)
    return one, bool(injected), found


SOUND: dict[str, Sound] = {}
OPTIONS = argparse.Namespace()
HOME = Path()


def chosen(options: argparse.Namespace, home: Path) -> list[Injection]:
    """What is to be run, with the commands prepared for it."""
    dice = random.Random(options.seed)
    names = [options.only] if options.only else options.command or [c.name for c in COMMANDS]
    if options.sample and not options.only:
        # A sample prepares a third of the commands: as many as it can pay for.
        names = sorted(dice.sample(names, max(1, min(len(names), options.sample // 20))))
    for name in names:
        SOUND[name] = commands.prepare(options.program, commands.named(name), home)
    if options.only:
        return [Injection(options.only, options.syscall, options.errno, options.when)]
    everything = [injections(commands.named(name), count(SOUND[name], options, home)) for name in names]
    if not options.sample:
        return [one for of in everything for one in of if options.syscall in (None, one.syscall)]
    # Kinds of call come equally often, so that the few renames are not lost among the many reads.
    drawn: set[Injection] = set()
    while len(drawn) < min(options.sample, sum(map(len, everything))):
        of = dice.choice(everything)
        call = dice.choice(sorted({one.syscall for one in of}))
        drawn.add(dice.choice([one for one in of if one.syscall == call]))
    return sorted(drawn, key=lambda one: (one.command, one.syscall, one.when, one.errno))


def main(doc: str) -> int:
    global OPTIONS, HOME
    parser = program.arguments(doc)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--command", action="append", metavar="NAME", help="attack this command only; may be repeated")
    parser.add_argument("--sample", type=int, metavar="K", help="K injections drawn at random")
    parser.add_argument("--seed", type=int, help="of the draw")
    parser.add_argument("--only", metavar="COMMAND", help="one injection; needs --syscall, --errno and --when")
    parser.add_argument("--syscall", choices=list(CALLS), metavar="CALL")
    parser.add_argument("--errno", metavar="E")
    parser.add_argument("--when", metavar="N", help="N, N+ or N..M, as strace counts")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the folder of each faulty run there")
    OPTIONS = program.parse(parser)
    if not shutil.which("strace"):
        sys.exit("strace is missing: run scripts/setup tests")
    if OPTIONS.only and not (OPTIONS.syscall and OPTIONS.errno and OPTIONS.when):
        parser.error("--only needs --syscall, --errno and --when")
    results = table.Table(verdict.WRONG)
    with program.Workplace() as HOME:
        if OPTIONS.sample:
            print(f"seed {OPTIONS.seed}", flush=True)
        work = chosen(OPTIONS, HOME)
        begun = time.monotonic()
        with program.workers(OPTIONS.workers) as pool:
            for done, (one, reached, found) in enumerate(pool.imap_unordered(attempt, work, chunksize=4), 1):
                results.add(one.command, found, one.repeat(), sort=one.syscall, counted=reached)
                if done % 500 == 0:
                    left = (time.monotonic() - begun) / done * (len(work) - done)
                    print(f"{done} of {len(work)}, {results.faults} faults, {left / 60:.0f} min left", file=sys.stderr, flush=True)
    return results.print()
