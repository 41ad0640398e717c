"""Runs the program with random command lines and random requests in TOML."""

import argparse
import multiprocessing
import os
import random
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import commands, grammar, program, table
from .program import MEANT, Ended
from .table import Found

# Seconds that a run gets, and then as many to obey SIGTERM.
SECONDS = 5.0
WRONG = {
    "signal": "ended by a signal",
    "panic": "a panic",
    "ended": "an exit code without a meaning",
    "silent": "refused without a word",
    "hang": f"SIGTERM after {SECONDS:.0f} s is not obeyed within {4 * SECONDS:.0f} s",
    "wrote": "exit code 2 or --dry-run, and something was written",
}
SPEC = (
    'grid = ["Gamma=0.3,1", "Z_T=0.2,1"]\nengine = "cpu"\nstart = "rest"\naudit = 4\n[set]\nV_n = 2.0\nR_n = 6.0\n',
    '# A line.\ngrid = ["Gamma=log:0.1:1:2"]\nengine = "cpu"\nprecision = "f64"\noutput = "x.h5"\ndt = 0.02\n[set]\nV_n = 2\nR_n = 6.0\nalpha = 0.5\n',
    'engine = "cpu"\ngrid = ["V_n=1:3:2", "R_n=4:8:2"]\nstart = "equilibria"\n\n[set]\nGamma = 0.5\nZ_T = 1.0\n',
)
TOKENS = ("[set]", "[[set]]", "=", '"', "'''", "[", "]", "{", "}", ",", "\n", "#", "nan", "inf", "true", "1979-05-27", "0x10", "1e400", "9" * 30, "-1", '""', "grid", "output", "set.V_n", "\\u0000", "\ufeff", "é", "V_n=1:2:2", "engine")  # fmt: skip
GRAMMAR: dict[bytes, list[grammar.Option]] = {}
OPTIONS = argparse.Namespace()
HOME = Path()


def spec(dice: random.Random) -> bytes:
    """A request that was right before it was changed in a few places."""
    text = dice.choice(SPEC).encode()
    for _ in range(dice.choice((1, 1, 2, 4))):
        at, to = sorted((dice.randrange(len(text) + 1), dice.randrange(len(text) + 1)))
        lines = text.split(b"\n")
        which = dice.randrange(len(lines))
        match dice.randrange(6):
            case 0:
                text = text[:at] + dice.choice(TOKENS).encode() + text[at:]
            case 1:
                text = text[:at] + text[min(to, at + 8) :]
            case 2:
                text = b"\n".join([*lines[:which], lines[which], *lines[which:]])
            case 3:
                text = b"\n".join([*lines[:which], *lines[which + 1 :]])
            case 4:
                text = text[:at] + bytes([dice.randrange(256)]) + text[at + 1 :]
            case _:
                # A value exchanged for another.
                parts = lines[which].split(b"=", 1)
                lines[which] = parts[0] + b"= " + dice.choice((*TOKENS[10:], '"rest"', "4", "[1, 2]", '["Gamma=1"]', "0", '"cpu"')).encode()
                text = b"\n".join(lines)
    # A grid that is long and right would only take long.
    return re.sub(rb":(\d{3,11})\b", b":3", text)


def state(folder: Path) -> dict[str, tuple[int, ...]]:
    return {os.fsdecode(bytes(p.relative_to(folder))): (s.st_ino, s.st_size, s.st_mtime_ns if not p.is_dir() else 0) for p in sorted(folder.rglob("*")) if (s := p.lstat())}


def run(words: list[bytes], folder: Path, streams: str) -> Ended:
    """Runs to the end, or until it obeys SIGTERM; `streams` says whether what it prints can be written."""
    env = program.environment(PATH=str(folder / "no-programs"))
    out: int | object = subprocess.DEVNULL
    if streams == "full":
        out = open("/dev/full", "wb")
    elif streams == "closed":
        reader, writer = os.pipe()
        os.close(reader)
        out = open(writer, "wb")
    err_to = subprocess.PIPE if streams == "whole" else out
    process = subprocess.Popen(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err_to)
    if out is not subprocess.DEVNULL:
        out.close()
    for patience in (SECONDS, 4 * SECONDS):
        try:
            _, err = process.communicate(timeout=patience)
            return Ended(process.returncode, b"", err or b"")
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGTERM)
    process.kill()
    _, err = process.communicate()
    return Ended(process.returncode, b"", err or b"", hung=True)


def prepared(home: Path) -> Path:
    """The folder that command lines find, made where this worker first needs it."""
    template = home / "template"
    if not template.is_dir():
        template.mkdir(parents=True)
        rename = lambda words, name: tuple(name if w == "m.h5" else w for w in words)
        line = ("sweep", "--grid", "Gamma=0.3,1", "--set", "Z_T=0.5", *program.NEURON, "--engine", "cpu", "-q", "-o", "l.h5")
        for words in (commands.SWEEP, rename(commands.OTHER, "o.h5"), line, *[rename(s, "p.h5") for s in commands.SHARDS], commands.TRACE, commands.RAMP, commands.CURVES):
            ended = program.run([str(OPTIONS.program), *words], template)
            if ended.code != 0:
                raise SystemExit(f"{' '.join(words)} ends with {ended.code}: {ended.words()}")
        (template / "folder").mkdir()
        (template / "text").write_text("no map\n")
        (template / "spec.toml").write_text(SPEC[0])
        program.fresh(template, home / "run")
    return template


def attempt(work: tuple[str, int]) -> tuple[str, int, list[Found], str]:
    """One command line, or one request: what it is, how it ended, what went wrong, and the line."""
    kind, seed = work
    dice = random.Random(f"{kind} {seed}")
    home = HOME / multiprocessing.current_process().name
    template, folder = prepared(home), home / "run"
    if kind == "command":
        words = grammar.line(dice, GRAMMAR)
        name = words[0].decode()
    else:
        (folder / "fuzz.toml").write_bytes(spec(dice))
        words = [b"sweep", b"--spec", b"fuzz.toml", b"-q", *dice.choice(([b"-o", b"x.h5"], []))]
        name = "sweep --spec"
    before = state(folder)
    streams = dice.choices(("whole", "full", "closed"), (8, 1, 1))[0]
    ended = run([bytes(OPTIONS.program), *words], folder, streams)
    after = state(folder)
    found = []
    said = f"exit code {ended.code}: {ended.words()}"
    if ended.hung:
        found.append(Found("hang", said))
    elif ended.panicked:
        found.append(Found("panic", ended.err.decode(errors="replace")[:300]))
    elif ended.code < 0:
        found.append(Found("signal", said))
    elif ended.code not in MEANT:
        found.append(Found("ended", said))
    elif ended.code in (1, 2) and streams == "whole" and not ended.err.strip() and name not in ("diff", "verify"):
        found.append(Found("silent", said))
    if after != before:
        if ended.code == 2 or b"--dry-run" in words:
            found.append(Found("wrote", f"{said}; {sorted(k for k in after.keys() | before.keys() if after.get(k) != before.get(k))}"))
        program.fresh(template, folder)
    (folder / "fuzz.toml").unlink(missing_ok=True)
    shown = " ".join(shlex.quote(os.fsdecode(w)) for w in words)
    return name, ended.code, found, f"scripts/fuzz-commands 1 {seed} --{kind}s   # hopfmap {shown.encode(errors='backslashreplace').decode()[:400]}{'' if streams == 'whole' else f', streams {streams}'}"


def main(doc: str) -> int:
    global GRAMMAR, OPTIONS, HOME
    parser = program.arguments(doc)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("count", type=int, nargs="?", default=20_000, metavar="COUNT", help="command lines; a quarter as many requests come on top")
    parser.add_argument("seed", type=int, nargs="?", metavar="SEED", help="of both")
    parser.add_argument("--commands", action="store_true", help="command lines alone")
    parser.add_argument("--specs", action="store_true", help="requests alone, COUNT of them")
    OPTIONS = program.parse(parser)
    print(f"seed {OPTIONS.seed}", flush=True)
    GRAMMAR = grammar.grammar(OPTIONS.program)
    results = table.Table(WRONG)
    lines = 0 if OPTIONS.specs else OPTIONS.count
    specs = OPTIONS.count if OPTIONS.specs else 0 if OPTIONS.commands else OPTIONS.count // 4
    work = [("command", OPTIONS.seed + i) for i in range(lines)] + [("spec", OPTIONS.seed + i) for i in range(specs)]
    codes: dict[int, int] = {}
    begun = time.monotonic()
    with program.Workplace() as HOME, program.workers(OPTIONS.workers) as pool:
        for done, (name, code, found, repeat) in enumerate(pool.imap_unordered(attempt, work, chunksize=8), 1):
            results.add(name, found, repeat)
            codes[code] = codes.get(code, 0) + 1
            if done % 1000 == 0:
                print(f"{done} of {len(work)}, {results.faults} faults, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    print("exit codes: " + ", ".join(f"{c}: {n}" for c, n in sorted(codes.items())))
    return results.print()
