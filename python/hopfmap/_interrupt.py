"""Ctrl-C while the program runs: the program is stopped first, and then KeyboardInterrupt is raised."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from types import FrameType, TracebackType

#: Seconds that the program has to stop by itself, before it is killed.
PATIENCE = 1.5


def ask_to_stop(process: subprocess.Popen[bytes]) -> None:
    """Sends the signal at which the program removes what is of no use, and ends."""
    # It may have ended meanwhile.
    with contextlib.suppress(OSError):
        process.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stops a run; where it does not come to that in time it is killed."""
    ask_to_stop(process)
    try:
        process.wait(PATIENCE)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


class Interrupt:
    """Keeps Ctrl-C from raising an exception at any place while a program is started, watched, or ended.

    Signals reach Python's main thread alone, so elsewhere this does nothing; nor where the caller has a handler of its own. There
    the program shares this process's group, and a terminal or Jupyter sends Ctrl-C to it, too.
    """

    def __init__(self) -> None:
        self.taken = False
        self._process: subprocess.Popen[bytes] | None = None
        self._killer: threading.Timer | None = None
        self._replaced = False

    def __enter__(self) -> Interrupt:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._take)
            self._replaced = True
        return self

    @property
    def is_taken_here(self) -> bool:
        """Whether the program needs a group of its own, where Ctrl-C does not reach it: its second signal ends it at once.

        So it is where this process takes Ctrl-C for it, and where Ctrl-C is ignored, as in scripts in the background.
        """
        return self._replaced or signal.getsignal(signal.SIGINT) is signal.SIG_IGN

    def watch(self, process: subprocess.Popen[bytes]) -> None:
        """Names the process that is to be stopped."""
        self._process = process
        if self.taken:
            self._stop()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._killer is not None:
            self._killer.cancel()
        if self._replaced:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if self.taken and error is None:
            raise KeyboardInterrupt

    def _take(self, number: int, frame: FrameType | None) -> None:
        self.taken = True
        self._stop()

    def _stop(self) -> None:
        process = self._process
        if process is None or self._killer is not None:
            return
        ask_to_stop(process)
        self._killer = threading.Timer(PATIENCE, process.kill)
        self._killer.daemon = True
        self._killer.start()
