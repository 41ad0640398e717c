"""Opens curves as their users do. Usage: check_curves.py CURVES.h5 WITHOUT_POINTS.h5"""

import sys

import xarray as xr

for engine in ["h5netcdf", "netcdf4"]:
    c = xr.open_dataset(sys.argv[1], engine=engine)
    assert c["V_n"].dims == ("point",) and c.sizes["point"] > 500, c
    names = c["kind"].attrs["flag_meanings"].split()
    assert names == ["hopf", "fold", "cusp", "LPC", "PD", "NS"], names
    cusp = c.isel(point=c["kind"].values == 2)
    assert abs(float(cusp["V_n"][0]) - 2.445427544) < 1e-8 and abs(float(cusp["R_n"][0]) - 1.777922545) < 1e-8
    hopf = c.isel(point=c["kind"].values == 0)
    assert (hopf["angular_frequency"] > 6).all() and (hopf["lyapunov"] < 0).any()
    assert float(c["Gamma"]) == 0.1
    assert xr.open_dataset(sys.argv[2], engine=engine)["V"].size == 0

print("curves read well")
