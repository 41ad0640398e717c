"""What goes wrong: a request that is not possible, or a run that failed."""

from __future__ import annotations


class RequestError(ValueError):
    """The request was wrong: nothing has been computed or written.

    The message says which value, which limit, and what to do. It is the program's, which ended with exit code 2.
    """


class RunError(RuntimeError):
    """A run failed, for another reason than the request.

    Attributes
    ----------
    exit_code : int or None
        The program's exit code; below 0 the signal that ended it; None where the program could not be started.
    """

    def __init__(self, message: str, exit_code: int | None = None) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class ResultWarning(UserWarning):
    """The program says of a result that not all of it holds, e.g. that its audit found cells that are wrong."""
