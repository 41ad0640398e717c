"""Opens a map as its users do and holds it against what the command line said. Usage: check_map.py MAP.h5 SPAN_AT_0.1_1"""

import subprocess
import sys

import h5py
import numpy as np
import xarray as xr

path = sys.argv[1]
for engine in ["h5netcdf", "netcdf4", None]:
    with xr.open_dataset(path, engine=engine) as map:
        assert map["span"].dims == ("Gamma", "Z_T"), map["span"].dims
        assert dict(map.sizes) == {"Gamma": 9, "Z_T": 5}, map.sizes
        np.testing.assert_array_equal(map["Gamma"], 0.1 + 0.9 * np.arange(9) / 8)
        np.testing.assert_array_equal(map["Z_T"], np.arange(5) / 4)
        assert map["Gamma"].attrs["long_name"].startswith("Gamma: dephasing rate"), map["Gamma"].attrs
        assert float(map["span"].coords["V_n"]) == 2 and float(map["span"].coords["R_n"]) == 6, map["span"].coords

        cell = map.sel(Gamma=0.1, Z_T=1, method="nearest")
        assert float(cell["Gamma"]) == 0.1 and float(cell["Z_T"]) == 1
        np.testing.assert_allclose(float(cell["span"]), float(map["span"][0, 4]))
        np.testing.assert_allclose(float(cell["span"]), float(sys.argv[2]), atol=2e-5)
        np.testing.assert_allclose(float(cell["v_max"] - cell["v_min"]), float(cell["span"]), atol=1e-6)

        meanings = map["outcome"].attrs["flag_meanings"].split()
        values = list(map["outcome"].attrs["flag_values"])
        names = "steady oscillating unsettled start_dependent diverged absent chaotic quasiperiodic"
        assert meanings == names.split(), meanings
        assert meanings[values.index(int(cell["outcome"]))] == "oscillating"
        quiet = map.sel(Gamma=1, Z_T=0)
        assert meanings[int(quiet["outcome"])] == "steady" and float(quiet["span"]) < 1e-5 and np.isnan(quiet["period"])
        assert map["span"].attrs["units"] == "1" and map["period"].attrs["units"] == "1"
        assert map["period"].attrs["long_name"].endswith("in units of tau_c")
        assert map.attrs["Conventions"].startswith("CF-") and 'grid = ["Gamma=0.1:1:9", "Z_T=0:1:5"]' in map.attrs["request"]
    with xr.open_dataset(path, engine=engine, group="table") as table:
        middle = table.sel(x_V=0)
        np.testing.assert_allclose(float(middle["F00"]), 0.4041602227015936, atol=1e-6)
        assert abs(float(middle["F01"])) < 1e-6

with h5py.File(path) as file:
    span = file["span"]
    assert [span.dims[d][0].name for d in range(2)] == ["/Gamma", "/Z_T"]
    assert span.shuffle and span.compression == "gzip" and span.chunks is not None
    assert np.isnan(span.fillvalue) and np.isnan(span.attrs["_FillValue"])

header = subprocess.run(["h5dump", "-H", path], check=True, capture_output=True, text=True).stdout
assert 'DATASET "span"' in header and '"DIMENSION_LIST"' in header

print("map reads well")
