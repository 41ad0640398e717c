"""Opens a trace as its users do. Usage: check_trace.py TRACE.h5"""

import sys

import numpy as np
import xarray as xr

for engine in ["h5netcdf", "netcdf4"]:
    r = xr.open_dataset(sys.argv[1], engine=engine)
    assert r["V"].dims == ("t",) and r["S"].dims == ("angular_frequency",) and r["I"].attrs["long_name"].startswith("current")
    assert np.allclose(np.diff(r["t"]), r.attrs["dt"])
    assert (r["X"] ** 2 + r["Y"] ** 2 + r["Z"] ** 2 <= 1 + 1e-9).all()
    assert abs(float(r["V"].max() - r["V"].min()) - r.attrs["span"]) < 1e-4
    assert abs(float(r["angular_frequency"][r["S"].argmax()]) - r.attrs["frequency"]) < 0.05
    assert abs(r.attrs["samples_per_period"] * r.attrs["dt"] - r.attrs["period"]) < 1e-9
    # Parseval's theorem, computed independently.
    v = r["V"].values
    assert abs(float(r["S"].sum() * (r["angular_frequency"][1] - r["angular_frequency"][0])) / v.var() - 1) < 0.02

print("trace reads well")
