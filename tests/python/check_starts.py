"""Opens a map of several starts as its users do. Usage: check_starts.py MAP.h5"""

import sys

import numpy as np
import xarray as xr

for engine in ["h5netcdf", "netcdf4", None]:
    with xr.open_dataset(sys.argv[1], engine=engine) as map:
        assert map["span"].dims == ("start", "R_n", "V_n"), map["span"].dims
        assert list(map["start"].values) == list(map["start"].attrs["flag_values"]) == [0, 1, 2], map["start"]
        lower, upper = 0, 2
        assert map["start"].attrs["flag_meanings"].split() == ["lower", "middle", "upper"], map["start"].attrs
        for name in ["attractors", "coexistence", "largest_span"]:
            assert map[name].dims == ("R_n", "V_n") and map[name].attrs["long_name"], name
        # R_n = 16, V_n = 7: a cycle beside the lower equilibrium, and the quiet state at V = 7.
        cell = map.sel(R_n=16, V_n=7)
        meanings = cell["outcome"].attrs["flag_meanings"].split()
        outcomes = [meanings[int(o)] for o in cell["outcome"]]
        assert outcomes[0] == "oscillating" and outcomes[2] == "steady", outcomes
        assert int(cell["attractors"]) == 2 and int(cell["coexistence"]) == 1, cell
        np.testing.assert_allclose(float(cell["largest_span"]), 0.0349, atol=1e-4)
        np.testing.assert_allclose(float(cell["span"].sel(start=lower)), float(cell["largest_span"]))
        np.testing.assert_allclose(float(cell["v_mean"].sel(start=upper)), 7, atol=1e-2)
        # R_n = 1: one equilibrium, so two starts are absent and have no numbers.
        single = map.sel(R_n=1, V_n=7)
        assert [meanings[int(o)] for o in single["outcome"]] == ["steady", "absent", "absent"], single["outcome"]
        assert np.isnan(single["span"].values[1:]).all() and int(single["coexistence"]) == 0
        assert "near an equilibrium" in map.attrs["start_rule"] and "lower, middle and upper" in map.attrs["start_rule"], map.attrs["start_rule"]
    with xr.open_dataset(sys.argv[1], engine=engine, group="audit") as audit:
        assert audit["span"].dims == ("claim",) and audit.sizes["claim"] >= 3
        assert (audit["outcome"] == audit["outcome_audit"]).all()

print("map of several starts reads well")
