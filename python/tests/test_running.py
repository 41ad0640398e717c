"""Does the program end with the Python process that runs it, however that ends; and does no folder stay where it can be helped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import hopfmap
from hopfmap._program import program

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and Linux alone ties a process to its parent")

#: More than any machine computes while a test runs.
WORK = """
import os, threading, time, hopfmap
def work():
    hopfmap.sweep({"Gamma": (0.02, 1, 2000), "Z_T": (0, 1, 2000)}, V_n=2, R_n=6, engine="cpu", precision="f64")
"""
JOINED = "thread = threading.Thread(target=work)\nthread.start()\nthread.join()\n"
DAEMON = "threading.Thread(target=work, daemon=True).start()\nwhile not os.path.exists(os.environ['STARTED']): time.sleep(0.02)\n"
UNTIED = "import hopfmap._program\nhopfmap._program.tie = lambda: None\n"
#: Writes its number as soon as it works, which stays the same when it becomes the program.
STARTS = """#!/bin/sh
case "$*" in *--help*) exec "$REAL" "$@";; esac
echo $$ > "$STARTED.part" && mv "$STARTED.part" "$STARTED" && exec "$REAL" "$@"
"""


def runs(number: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


def wait_until(condition: object) -> None:
    # Where it never holds the test is to fail, not to hang.
    for _ in range(10_000):
        if condition():  # type: ignore[operator]
            return
        time.sleep(0.02)
    raise AssertionError("the program goes on")


class Script:
    """A Python process in a session of its own, and the program that it runs."""

    def __init__(self, folder: Path, body: str) -> None:
        folder.mkdir()
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        fake, started = folder / "hopfmap", folder / "started"
        fake.write_text(STARTS)
        fake.chmod(0o755)
        own = {"HOPFMAP": str(fake), "REAL": program(), "STARTED": str(started), "TMPDIR": str(self.temporary)}
        package = str(Path(hopfmap.__file__).parents[1])
        self.python = subprocess.Popen(
            [sys.executable, "-c", WORK + body],
            env={**os.environ, **own, "PYTHONPATH": package},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_until(lambda: started.exists() or self.python.poll() is not None)
        self.program = int(started.read_text())

    def ended(self) -> int:
        """Waits for the end of both; the exit code of Python."""
        code = self.python.wait()
        wait_until(lambda: not runs(self.program))
        return code


@pytest.fixture
def scripts(tmp_path: Path) -> Iterator[list[Script]]:
    started: list[Script] = []
    yield started
    for script in started:
        for number in (script.python.pid, script.program):
            if runs(number):
                os.kill(number, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_that_ends_python_ends_the_program(number: signal.Signals, tmp_path: Path, scripts: list[Script]) -> None:
    scripts += [Script(tmp_path / "tied", "work()"), Script(tmp_path / "untied", UNTIED + "work()")]
    for script in scripts:
        script.python.send_signal(number)
    tied, untied = scripts
    assert tied.ended() == -number
    # The negative control: a program that is not tied to its parent goes on.
    untied.python.wait()
    assert runs(untied.program)


@pytest.mark.parametrize("to_group", [True, False])
def test_ctrl_c_while_a_thread_is_waited_for_ends_the_program(to_group: bool, tmp_path: Path, scripts: list[Script]) -> None:
    scripts.append(script := Script(tmp_path / "joined", JOINED))
    # A terminal sends it to the whole group, an editor to Python alone.
    (os.killpg if to_group else os.kill)(script.python.pid, signal.SIGINT)
    assert script.ended() == -signal.SIGINT
    assert list(script.temporary.iterdir()) == []


def test_the_end_of_the_interpreter_ends_the_program_and_removes_its_folder(tmp_path: Path, scripts: list[Script]) -> None:
    scripts.append(script := Script(tmp_path / "daemon", DAEMON))
    assert script.ended() == 0
    assert list(script.temporary.iterdir()) == []


def test_runs_of_threads_are_waited_for_where_nothing_was_interrupted(tmp_path: Path) -> None:
    # The negative control: the end of the main thread alone stops no run.
    body = "import threading, hopfmap\nthreading.Thread(target=lambda: print(len(hopfmap.sweep({'Z_T': (0, 1, 3)}, V_n=2, R_n=6, Gamma=0.1).Z_T))).start()"
    done = subprocess.run(
        [sys.executable, "-c", body],
        env={**os.environ, "HOPFMAP": program(), "PYTHONPATH": str(Path(hopfmap.__file__).parents[1])},
        capture_output=True,
    )
    assert done.stdout.strip() == b"3", done.stderr
