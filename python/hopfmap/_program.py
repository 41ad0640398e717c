"""The program hopfmap: where it is, and how it is run, watched and stopped."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sysconfig
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ._errors import RequestError, RunError
from ._interrupt import PATIENCE, Interrupt, stop
from ._messages import Messages
from ._progress import Display
from ._running import running, tie

_POSIX = os.name == "posix"


def program() -> str:
    """The path of the program: the environment variable HOPFMAP, or the one installed with this package, or on the PATH."""
    named = os.environ.get("HOPFMAP")
    if named:
        return named
    name = "hopfmap" + (sysconfig.get_config_var("EXE") or "")
    schemes = [sysconfig.get_default_scheme(), sysconfig.get_preferred_scheme("user")]
    for scheme in schemes:
        here = Path(sysconfig.get_path("scripts", scheme)) / name
        if here.is_file():
            return str(here)
    found = shutil.which(name)
    if found is None:
        raise RunError(f"the program {name} is not there: install it with 'pip install hopfmap', or name it in the variable HOPFMAP")
    return found


@dataclass(frozen=True)
class Ended:
    """What a run has left: its exit code, its report, and its lines on stderr other than progress."""

    code: int
    report: str
    notes: list[str]


def run(arguments: Sequence[str], show: bool | None = None) -> Ended:
    """Runs the program to its end. Ctrl-C stops it: by SIGINT, and if that takes too long, at once.

    It does not outlive this process: on Linux it ends with the thread that runs it, elsewhere with the interpreter.

    Parameters
    ----------
    arguments : sequence of str
        The command and its options.
    show : bool, optional
        Whether progress is shown; by default in terminals and in Jupyter.
    """
    display = Display.of(show)
    messages = Messages(display)
    reads, writes = _channel(display is not None)
    command = [program(), *arguments]
    # Jupyter asks every program for colours, and a narrow terminal for broken lines, which would stand in the help and in messages.
    environment = {name: value for name, value in os.environ.items() if name not in ("CLICOLOR_FORCE", "FORCE_COLOR")}
    environment |= {"NO_COLOR": "1", "COLUMNS": "1000"}
    with Interrupt() as interrupt:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=writes,
                env=environment,
                start_new_session=_POSIX and interrupt.is_taken_here,
                preexec_fn=tie(),
            )
        except OSError as error:
            os.close(reads)
            raise RunError(f"{command[0]} cannot be started: {error}; install it again with 'pip install hopfmap'") from error
        finally:
            os.close(writes)
        interrupt.watch(process)
        try:
            with running(process):
                reader = threading.Thread(target=messages.read, args=(reads,), daemon=True)
                reader.start()
                assert process.stdout is not None
                with process.stdout:
                    report = process.stdout.read().decode(errors="replace")
                code = process.wait()
            reader.join(PATIENCE)
        except BaseException:
            stop(process)
            raise
        finally:
            if display is not None:
                display.close()
    return Ended(code, report, messages.lines)


def _channel(terminal: bool) -> tuple[int, int]:
    """A pipe for stderr; where progress is shown a pseudo-terminal, since the program draws its bar on terminals alone."""
    if not (terminal and _POSIX):
        return os.pipe()
    import fcntl
    import struct
    import termios

    reads, writes = os.openpty()
    # Lines are not to be broken.
    fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 200, 0, 0))
    return reads, writes


def check(ended: Ended, message: str) -> None:
    """Raises what an exit code means, with the program's message."""
    if ended.code == 0:
        return
    if ended.code == 2:
        raise RequestError(message)
    if ended.code < 0:
        name = signal.Signals(-ended.code).name if _POSIX else str(ended.code)
        message = f"the program was ended by {name}" + (f": {message}" if message else "")
    raise RunError(message or f"the program ended with exit code {ended.code}", ended.code)
