"""Checks that every axis of a file lists the maps along it, and no others. Usage: check_scales.py FILE.h5

Prints the number of lists; says which is missing or wrong, with exit code 1.
"""

import sys

import h5py

bad, lists = [], 0


def check(name, data):
    global lists
    if not isinstance(data, h5py.Dataset) or data.attrs.get("CLASS") == b"DIMENSION_SCALE":
        return
    dimensions = data.attrs.get("DIMENSION_LIST")
    if data.shape and dimensions is None:
        bad.append(f"{name} has dimensions without scales")
        return
    for number, references in enumerate([] if dimensions is None else dimensions):
        (scale,) = (file[reference] for reference in references)
        if not h5py.h5ds.is_attached(data.id, scale.id, number):
            bad.append(f"{scale.name} does not list dimension {number} of {name}")
        if scale.shape != (data.shape[number],):
            bad.append(f"{scale.name} is not as long as dimension {number} of {name}")
        for other in set(range(data.ndim)) - {number}:
            if h5py.h5ds.is_attached(data.id, scale.id, other):
                bad.append(f"{scale.name} lists dimension {other} of {name}")
        entries = [n for reference, n in scale.attrs["REFERENCE_LIST"] if file[reference] == data] if "REFERENCE_LIST" in scale.attrs else []
        if entries != [number]:
            bad.append(f"{scale.name} lists {name} along {entries} instead of {number}")
        lists += 1


with h5py.File(sys.argv[1]) as file:
    file.visititems(check)
print("\n".join(bad) if bad else f"{lists} lists are right")
sys.exit(bool(bad))
