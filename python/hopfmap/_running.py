"""Runs that are under way and their temporary folders: none outlives the interpreter."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ._interrupt import PATIENCE, ask_to_stop

_processes: set[subprocess.Popen[bytes]] = set()
_folders: set[Path] = set()
_lock = threading.Lock()
_watches = False

#: The option of Linux's prctl that names the signal a process gets when the thread that started it has ended.
_PR_SET_PDEATHSIG = 1


@contextlib.contextmanager
def running(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Names a run that has to end with the interpreter."""
    with _lock:
        _processes.add(process)
    _watch_main_thread()
    try:
        yield
    finally:
        with _lock:
            _processes.discard(process)


@contextlib.contextmanager
def temporary() -> Iterator[Path]:
    """A folder that is gone afterwards, whatever happens."""
    path = Path(tempfile.mkdtemp(prefix="hopfmap-"))
    with _lock:
        _folders.add(path)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        with _lock:
            _folders.discard(path)


def tie() -> Callable[[], None] | None:
    """What a new process does before it becomes the program, so that it ends with the thread that started it.

    It gets SIGTERM even where this process is killed and can clean up nothing itself. Linux alone has this; None elsewhere.
    """
    if sys.platform != "linux":
        return None
    try:
        # Found now: a process that was forked from one of several threads had better load nothing.
        prctl = ctypes.CDLL(None).prctl
    except (OSError, AttributeError):
        return None
    parent, number = os.getpid(), int(signal.SIGTERM)

    def tied() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        # It may have ended before.
        if os.getppid() != parent:
            os.kill(os.getpid(), number)

    return tied


def _is_interrupted() -> bool:
    """Whether Ctrl-C has ended the main thread."""
    return isinstance(getattr(sys, "last_value", None), KeyboardInterrupt)


def _stop_all() -> None:
    """Stops every run; those that do not come to that in time are killed."""
    with _lock:
        due = list(_processes)
    if _is_interrupted():
        # In a terminal it has reached them, too, and a second signal would end them at once.
        _wait(due)
    for process in due:
        if process.poll() is None:
            ask_to_stop(process)
    for process in _wait(due):
        process.kill()
        process.wait()


def _wait(due: list[subprocess.Popen[bytes]]) -> list[subprocess.Popen[bytes]]:
    """Those that have not ended by themselves in time."""
    latest = time.monotonic() + PATIENCE
    for process in due:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, latest - time.monotonic()))
    return [process for process in due if process.poll() is None]


@atexit.register
def _end() -> None:
    """Runs of daemon threads are under way still when the interpreter ends."""
    _stop_all()
    with _lock:
        due = list(_folders)
    for folder in due:
        shutil.rmtree(folder, ignore_errors=True)


def _watch_main_thread() -> None:
    """Has runs of other threads stopped where Ctrl-C has ended the main thread: the interpreter would wait for them."""
    global _watches
    with _lock:
        if _watches or threading.current_thread() is threading.main_thread():
            return
        _watches = True
    threading.Thread(target=_after_main_thread, daemon=True).start()


def _after_main_thread() -> None:
    threading.main_thread().join()
    if _is_interrupted():
        _stop_all()


def _forget() -> None:
    """A forked process has runs and folders of its own alone."""
    global _lock, _watches
    _processes.clear()
    _folders.clear()
    _lock, _watches = threading.Lock(), False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
