"""One call of the program: words, run, errors, notes, report."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Sequence
from typing import Any

from ._errors import ResultWarning, RunError
from ._messages import error_in
from ._options import options_of
from ._program import Ended, check, run

#: The report of a command: the program's JSON object. None stands for what there is not.
Report = dict[str, Any]
_LOG = logging.getLogger("hopfmap")


def call(words: Sequence[str], progress: bool | None = None, findings: bool = False) -> Report:
    """Runs a command to its end and returns its report.

    Parameters
    ----------
    words : sequence of str
        The command and its options.
    progress : bool, optional
        Whether progress is shown; by default in terminals and in Jupyter.
    findings : bool
        Whether exit code 1 with a report is a result, as of a map that does not hold.
    """
    known = options_of(words[0])
    has_json = "json" in known.flags
    # In front of the files, which stand behind --.
    ended = run([words[0], "--json", *words[1:]] if has_json else words, progress)
    report: Report = _report(ended) if has_json else {"text": ended.report}
    if not (findings and ended.code == 1 and report):
        check(ended, error_in(ended.notes, set(known.flags), set(known.valued)))
    for line in ended.notes:
        # What the library warns of begins so; the rest tells how the work was done.
        if line.startswith("note: "):
            warnings.warn(line.removeprefix("note: "), ResultWarning, stacklevel=4)
        else:
            _LOG.info("%s", line)
    if not findings:
        for flaw in flaws(report):
            warnings.warn(flaw, ResultWarning, stacklevel=4)
    return report


def flaws(report: Report) -> list[str]:
    """What a map's report says against it: an audit that found errors, and cells without a result."""
    audit, counts = report.get("audit"), report.get("outcomes")
    found = []
    if isinstance(audit, dict) and audit.get("problem"):
        found.append(f"the map does not hold: {audit['problem']}")
    if isinstance(counts, dict):
        of = sum(counts.values())
        if counts.get("unsettled"):
            found.append(
                f"{counts['unsettled']} of {of} results are unsettled and hold NaN: the time limit came first; a longer t_max helps"
            )
        if counts.get("diverged"):
            found.append(
                f"{counts['diverged']} of {of} results diverged and hold NaN: the motion left the finite numbers; a smaller dt helps"
            )
    return found


def _report(ended: Ended) -> Report:
    """The JSON object on stdout, if there is one."""
    try:
        report = json.loads(ended.report)
    except ValueError:
        if ended.code == 0:
            raise RunError(f"the program has printed no JSON: {ended.report[:200]!r}", 0) from None
        return {}
    return report if isinstance(report, dict) else {}
