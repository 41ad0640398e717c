"""Maps of where a memristive quantum neuron oscillates (Potter, Zagoskin, Savel'ev, Balanov), as xarray datasets.

>>> import hopfmap
>>> map = hopfmap.sweep({"Gamma": (0.02, 1, 128), "Z_T": (0, 1, 128)}, V_n=2, R_n=6)
>>> map.span.plot()  # doctest: +SKIP

The functions are the commands of the program ``hopfmap``, which is installed with this package and does the work. Parameters
have the paper's names, in any letter case, or Greek letters: V_n, R_n, Gamma (Γ), alpha (α), Z_T, Omega (Ω), x_0, l, lambda (λ).
All numbers are without dimension, and times in units of tau_c = C_ext R_ext.
"""

from importlib import metadata as _metadata

from ._call import Report
from ._errors import RequestError, ResultWarning, RunError
from ._files import Source, open, outcomes
from ._plot import Picture, plot
from ._reports import adapters, command, convert, diff, optimum, options, replay, statics, verify
from ._results import curves, cycles, ramp, sweep, trace

try:
    __version__ = _metadata.version("hopfmap")
except _metadata.PackageNotFoundError:
    # Run from a clone.
    __version__ = "uninstalled"

__all__ = [
    "Picture",
    "Report",
    "RequestError",
    "ResultWarning",
    "RunError",
    "Source",
    "adapters",
    "command",
    "convert",
    "curves",
    "cycles",
    "diff",
    "open",
    "optimum",
    "options",
    "outcomes",
    "plot",
    "ramp",
    "replay",
    "statics",
    "sweep",
    "trace",
    "verify",
]
