"""Is a run stopped by Ctrl-C, with nothing left of it; and is its progress shown."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import hopfmap
from hopfmap import RunError
from hopfmap._messages import Messages, error_in
from hopfmap._program import run
from hopfmap._progress import Display
from hopfmap._running import _processes

#: More than any machine computes while a test runs.
LARGE = {"Gamma": (0.02, 1, 2000), "Z_T": (0, 1, 2000)}


def interrupt_when(there: object) -> None:
    """Sends Ctrl-C to this process as soon as the condition holds."""

    def wait() -> None:
        while not there():  # type: ignore[operator]
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait, daemon=True).start()


def test_ctrl_c_stops_the_program_and_leaves_nothing(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def popen(*words: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(real(*words, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", popen)
    # The program works: its parts have a folder.
    interrupt_when(lambda: list(temporary.glob("*/*")))
    with pytest.raises(KeyboardInterrupt):
        hopfmap.sweep(LARGE, V_n=2, R_n=6, engine="cpu", precision="f64")
    assert started[-1].returncode is not None and list(temporary.iterdir()) == []


def test_a_program_that_does_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf, begun = tmp_path / "deaf", tmp_path / "begun"
    deaf.write_text(f"#!/bin/sh\ntrap '' INT\ntouch {begun}\nexec sleep 3600\n")
    deaf.chmod(0o755)
    monkeypatch.setenv("HOPFMAP", str(deaf))
    interrupt_when(begun.exists)
    with pytest.raises(KeyboardInterrupt):
        run(["sweep"])


def test_programs_that_die_or_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = tmp_path / "dying"
    dying.write_text('#!/bin/sh\necho "error: out of memory" >&2\nkill -9 $$\n')
    dying.chmod(0o755)
    monkeypatch.setenv("HOPFMAP", str(dying))
    with pytest.raises(RunError, match="SIGKILL: out of memory") as caught:
        hopfmap.adapters()
    assert caught.value.exit_code == -9
    monkeypatch.setenv("HOPFMAP", str(tmp_path / "none"))
    with pytest.raises(RunError, match="cannot be started"):
        hopfmap.adapters()


def test_progress_is_shown_and_is_no_note(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(sys, "stderr", screen)
    messages = Messages(Display.of(True))
    reads, writes = os.pipe()
    lines = "\r\x1b[2K█████ 25% 100 of 400 cells computed, 60 settled  2s left\rnote: é\n50 %: 200 of 400 cells computed\n⠁ 3 cycles followed, 1 branches whole\nlast"
    os.write(writes, lines.encode())
    os.close(writes)
    messages.read(reads)
    assert messages.lines == ["note: é", "last"]
    shown = screen.getvalue()
    assert "  25 %  100 of 400 cells computed" in shown and "  50 %  200 of 400" in shown and "3 cycles followed" in shown
    assert Display.of(False) is None and Display.of(None) is None


def test_a_run_of_another_thread_says_what_is_kept(temporary: Path, tmp_path: Path) -> None:
    def of_group(to: Path | None) -> str:
        """The error of a run in a thread, after Ctrl-C has come to the whole group."""
        found: list[BaseException] = []

        def work() -> None:
            try:
                hopfmap.sweep(LARGE, V_n=2, R_n=6, engine="cpu", precision="f64", to=to)
            except BaseException as error:
                found.append(error)

        before = started()
        thread = threading.Thread(target=work)
        thread.start()
        while not (new := started() - before) or not list((temporary if to is None else tmp_path).glob("**/*.parts")):
            time.sleep(0.02)
        os.kill(new.pop(), signal.SIGINT)
        thread.join()
        assert isinstance(found[0], RunError) and found[0].exit_code == 130
        return str(found[0])

    kept = of_group(tmp_path / "map.h5")
    assert "map.h5.parts; run the same command again to continue" in kept
    gone = of_group(None)
    assert gone.startswith("stopped, and nothing is kept; with to=path the same call continues it") and "/" not in gone.partition("\n")[0]


def started() -> set[int]:
    """The processes that are under way."""
    return {process.pid for process in _processes}


def test_errors_name_keywords() -> None:
    lines = ["engine cpu", "error: x.h5 exists; add --force or give --t-max, not --other", "", "Usage: hopfmap"]
    assert (
        error_in(["error: R_n is missing; add --set R_n=… or --grid R_n=…"], set(), {"set"})
        == "R_n is missing; add R_n=… or grid={'R_n': …}"
    )
    assert error_in(lines, {"force"}, {"t-max"}) == "x.h5 exists; add force=True or give t_max, not --other"
