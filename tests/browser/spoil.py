"""Writes texts into a file's attributes that would run as scripts, or are no UTF-8: spoil.py FILE."""

import sys

import h5py
import numpy as np

SCRIPT = "'\"><img src=x onerror=alert(5)></script><script>alert(4)</script><!-- {{DATA}} \u2028 ${alert(6)}"

with h5py.File(sys.argv[1], "r+") as file:
    for name in ("engine", "request", "motion", "hopfmap_version", "title", "history"):
        if name in file.attrs:
            old = file.attrs[name]
            old = old.decode() if isinstance(old, bytes) else str(old)
            del file.attrs[name]
            file.attrs.create(name, np.bytes_((old + "\n# " + SCRIPT).encode()))
    for name in ("precision", "equations"):
        if name in file.attrs:
            del file.attrs[name]
            file.attrs.create(name, np.bytes_(b"\xff\xfe<script>alert(7)</script>"))
