"""Runs the program under attack, and finds a Python that can read its files."""

import argparse
import functools
import importlib.util
import multiprocessing
import multiprocessing.pool
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
# A run that takes longer hangs: each takes a fraction of a second.
PATIENCE = 20.0
# Exit codes with a meaning: done, found something or failed, refused, SIGINT, SIGTERM.
MEANT = {0, 1, 2, 130, 143}
# Arguments that are the same in every command: one neuron, and a plane of four cells.
NEURON = ("--set", "V_n=2", "--set", "R_n=6")
PLANE = ("--grid", "Gamma=0.3,1", "--grid", "Z_T=0.2,1")


def need_h5py() -> None:
    """Starts this script again in the tests' Python where the present one cannot read HDF5 files."""
    if importlib.util.find_spec("h5py") and importlib.util.find_spec("numpy"):
        return
    python = TARGET / "tmp/python/bin/python3"
    if python.is_file() and Path(sys.prefix) != python.parents[1]:
        os.execv(python, [str(python), *sys.argv])
    sys.exit("h5py is missing: run scripts/setup tests")


def arguments(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--program", type=Path, default=TARGET / "release/hopfmap", help="the program to attack")
    parser.add_argument("--workers", type=int, default=2, help="runs at the same time")
    return parser


def parse(parser: argparse.ArgumentParser) -> argparse.Namespace:
    options = parser.parse_args()
    options.program = options.program.resolve()
    if not os.access(options.program, os.X_OK):
        sys.exit(f"{options.program} is not there: run cargo build --release, or name one with --program")
    if getattr(options, "seed", 0) is None:
        options.seed = random.SystemRandom().randrange(1 << 32)
    return options


class Workplace:
    """A folder in memory that is gone at the end."""

    def __enter__(self) -> Path:
        # The folder goes at SIGTERM, too.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        shm = Path("/dev/shm")
        self.path = Path(tempfile.mkdtemp(prefix="hopfmap-attack-", dir=shm if os.access(shm, os.W_OK) else None))
        return self.path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def workers(count: int) -> multiprocessing.pool.Pool:
    """Processes that work on attempts. SIGTERM, by which the pool ends them, ends them at once: in a handler of Python's it could be lost
    while they wait for work."""
    default = functools.partial(signal.signal, signal.SIGTERM, signal.SIG_DFL)
    return multiprocessing.get_context("fork").Pool(count, initializer=default)


@dataclass
class Ended:
    """How a run ended: its exit code (a signal's number, negated, where one ended it) and what it said."""

    code: int
    out: bytes
    err: bytes
    hung: bool = False

    @property
    def panicked(self) -> bool:
        return b"panicked at" in self.err or self.code == 101

    def words(self) -> str:
        """The last line on stderr."""
        lines = self.err.decode(errors="replace").strip().splitlines()
        return lines[-1][:160] if lines else ""


def environment(**more: str) -> dict[str, str]:
    """One thread a process, so that counts repeat; nothing of a job array."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SLURM_", "HOPFMAP_"))}
    return {**kept, "RAYON_NUM_THREADS": "1", "NODEVICE_SELECT": "1", **more}


def run(
    words: list[str | bytes],
    folder: Path,
    *,
    patience: float = PATIENCE,
    env: dict[str, str] | None = None,
    limit: Callable[[], None] | None = None,
) -> Ended:
    """Runs a command to its end; `limit` sets limits in its process before it begins."""
    process = subprocess.Popen(
        words,
        cwd=folder,
        env=env or environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=limit,
    )
    try:
        out, err = process.communicate(timeout=patience)
        return Ended(process.returncode, out, err)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        return Ended(process.returncode, out, err, hung=True)


def fresh(template: Path, folder: Path) -> Path:
    """`folder` as a copy of `template`."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(template, folder, symlinks=True)
    return folder
