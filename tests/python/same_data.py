"""Compares two HDF5 files: all data and all attributes, bit for bit, but for the attribute `history`, which holds the time."""
import sys

import h5py
import numpy


def same(a, b, where):
    a, b = numpy.asarray(a), numpy.asarray(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return [f"{where}: {a.dtype}{a.shape} and {b.dtype}{b.shape}"]
    equal = a.tobytes() == b.tobytes() if a.dtype.kind in "fiu" else (a == b).all()
    return [] if equal else [f"{where} differs"]


def attributes(a, b, where):
    found = []
    if set(a.attrs) != set(b.attrs):
        found.append(f"{where} has attributes {sorted(set(a.attrs) ^ set(b.attrs))} in one file only")
    for name in set(a.attrs) & set(b.attrs):
        # References are addresses in their own file.
        if name not in ("history", "DIMENSION_LIST", "REFERENCE_LIST"):
            found += same(a.attrs[name], b.attrs[name], f"{where}@{name}")
    return found


def differences(a, b, where=""):
    found = attributes(a, b, where or "/")
    if set(a) != set(b):
        return found + [f"{where}: {sorted(set(a) ^ set(b))} in one file only"]
    for name in a:
        here = f"{where}/{name}"
        if isinstance(a[name], h5py.Group):
            found += differences(a[name], b[name], here)
        else:
            found += same(a[name][()], b[name][()], here) + attributes(a[name], b[name], here)
    return found


with h5py.File(sys.argv[1]) as first, h5py.File(sys.argv[2]) as second:
    found = differences(first, second)
print("\n".join(found) or "the same")
sys.exit(bool(found))
