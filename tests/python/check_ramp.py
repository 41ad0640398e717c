"""Opens a ramp as its users do. Usage: check_ramp.py RAMP.h5"""

import sys

import xarray as xr

for engine in ["h5netcdf", "netcdf4"]:
    r = xr.open_dataset(sys.argv[1], engine=engine)
    assert r["v_mean"].dims == ("direction", "V_n", "x_0"), r["v_mean"].dims
    assert r["direction"].attrs["flag_meanings"].split() == ["up", "down"], r["direction"]
    assert r["loop_area"].dims == ("x_0",) and (r["loop_area"] > 0.5).all()
    assert r["loop_complete"].attrs["flag_meanings"].split() == ["incomplete", "complete"]
    assert (r["loop_complete"] == 1).all() and r["missed_fold_above"].isnull().all()
    gap = abs(r["v_mean"].sel(direction=0) - r["v_mean"].sel(direction=1)).sel(V_n=4, x_0=0.8, method="nearest")
    assert float(gap) > 1

print("ramp reads well")
