"""Are results those of the program, and is what goes wrong an error with its message."""

from __future__ import annotations

import json
import subprocess
import warnings
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import hopfmap
from hopfmap import RequestError, ResultWarning, RunError
from hopfmap._options import options_of
from hopfmap._program import program

AXES = {"Gamma": (0.1, 1, 4), "Z_T": (0, 1, 5)}
NEURON = {"V_n": 2, "R_n": 6}


@pytest.fixture(scope="module")
def map() -> xr.Dataset:
    return hopfmap.sweep(AXES, NEURON, engine="cpu")


def test_a_sweep_is_the_program_s(map: xr.Dataset, tmp_path: Path) -> None:
    path = tmp_path / "map.h5"
    words = "sweep --grid Gamma=0.1:1:4 --grid Z_T=0:1:5 --set V_n=2 --set R_n=6 --engine cpu -q -o"
    subprocess.run([program(), *words.split(), path], check=True, stdout=subprocess.DEVNULL)
    with hopfmap.open(path) as file:
        xr.testing.assert_identical(map.drop_attrs(deep=False), file.load().drop_attrs(deep=False))
    assert map.span.dims == ("Gamma", "Z_T") and map.attrs["request"]
    with hopfmap.open(path, group="audit") as audit:
        assert audit.sizes["claim"] == 20
    # The negative control: another parameter is another map.
    other = hopfmap.sweep(AXES, V_n=2.1, R_n=6, engine="cpu")
    assert not np.array_equal(map.span, other.span)


def test_names_of_parameters_and_forms_of_axes(map: xr.Dataset) -> None:
    arrays = {"γ": np.linspace(0.1, 1, 4), "zt": [0, 0.25, 0.5, 0.75, 1]}
    for named in ({"v_n": 2, "r_n": 6}, {"VN": 2, "RN": 6}):
        same = hopfmap.sweep(arrays, **named, λ=0.13, engine="cpu")
        np.testing.assert_allclose(same.span, map.span, atol=1e-6)
    assert float(hopfmap.sweep({"Z_T": [1]}, NEURON, Gamma=0.1, lambda_=0.2, engine="cpu")["lambda"]) == 0.2


def test_a_file_that_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "map.h5"
    for force in (False, True):
        with hopfmap.sweep({"Z_T": (0, 1, 3)}, NEURON, Gamma=0.1, to=path, force=force, engine="cpu") as kept:
            assert kept.sizes == {"Z_T": 3}
    # The same request is complete already; another one replaces nothing.
    assert hopfmap.sweep({"Z_T": (0, 1, 3)}, NEURON, Gamma=0.1, to=path, engine="cpu").sizes == {"Z_T": 3}
    with pytest.raises(RequestError, match="force=True"):
        hopfmap.sweep({"Z_T": (0, 1, 4)}, NEURON, Gamma=0.1, to=path)


def test_a_long_axis() -> None:
    axis = np.linspace(0.001, 0.999, 9001)
    line = hopfmap.sweep({"V_n": axis}, R_n=0, Gamma=1, engine="cpu", audit="off")
    assert np.array_equal(line["V_n"], axis)


def test_ramp_trace_curves_cycles() -> None:
    ramp = hopfmap.ramp({"V_n": (0, 8, 17)}, R_n=8, Gamma=1)
    assert ramp.v_mean.dims == ("direction", "V_n") and float(ramp.loop_area) > 5
    t = np.linspace(0, 40, 21)
    trace = hopfmap.trace(R_n=5, Gamma=0.5, input=(t, 0.1 * t), t_end=40, t_start=0)
    assert float(trace.input[-1]) == pytest.approx(4, abs=0.01)
    curves = hopfmap.curves({"V_n": (0, 9)}, "R_n=0:16", Gamma=0.1)
    assert {0, 1, 2} <= set(np.unique(curves.kind).astype(int))
    cycles = hopfmap.cycles({"V_n": (0, 4)}, R_n=5, Gamma=0.1, progress=False)
    assert float(cycles.span.max()) > 0.05


def test_reports(map: xr.Dataset) -> None:
    assert hopfmap.statics(V_n=2, R_n=5, Gamma=0.1)["hopf"][0]["V_n"] == pytest.approx(0.2254, abs=1e-4)
    best = hopfmap.optimum({"Gamma": (0.2, 0.3)}, NEURON)["optima"][0]
    assert best["at"]["Gamma"] == pytest.approx(0.3)
    assert hopfmap.verify(map, cells=5)["holds"] and hopfmap.replay(map, cell=(1, 1))["holds"] and hopfmap.diff(map, map)["agree"]
    # The negative controls: a map with another number in it is found out.
    wrong = map.copy(deep=True)
    wrong.span[:] += 0.01 * (wrong.outcome == 1)
    assert not hopfmap.verify(wrong, cells=20)["holds"] and not hopfmap.diff(map, wrong)["agree"]
    assert "adapters" in hopfmap.adapters()
    device = {
        "m": 1.0546e-25, "q": 1.602e-19, "Omega_p": 1e9, "L": 2e-9, "x_0": 1.6e-9, "lambda": 2.6e-10, "R_0": 1e5, "R_ext": 6e5,
        "C_ext": 1.1667e-14, "V_ext": 7.45e-6, "gamma_phi": 1.43e7, "alpha": 1, "T": 0.0014,
    }  # fmt: skip
    assert hopfmap.convert(device=device)["dimensionless"]["R_n"] == pytest.approx(6)
    kelvin = hopfmap.sweep({"T": [0.001, 0.1]}, device=device, R_ext=5e5, engine="cpu")
    assert kelvin["T"].attrs["units"] == "K" and float(kelvin.R_n) == pytest.approx(5)
    with pytest.raises(TypeError, match="t_max"):
        hopfmap.sweep({"T": [0.001, 0.1]}, device=device, t_mxa=1)
    assert json.dumps(best)


def test_pictures(map: xr.Dataset, tmp_path: Path) -> None:
    assert hopfmap.plot(map)._repr_png_()[:4] == b"\x89PNG"  # type: ignore[index]
    picture = hopfmap.plot(map, variable="period", to=tmp_path / "map.svg")
    assert "<svg" in picture._repr_svg_() and picture._repr_png_() is None  # type: ignore[operator]
    assert (tmp_path / "map.svg").read_bytes() == picture.data
    # A copy of a result can be kept by xarray, and is the map again.
    map.to_netcdf(tmp_path / "copy.nc", engine="h5netcdf")
    assert hopfmap.diff(map, tmp_path / "copy.nc")["agree"]


def test_a_picture_for_each_value(map: xr.Dataset, tmp_path: Path) -> None:
    pictures = hopfmap.plot(map, each={"Gamma": [0.1, 1]}, to=tmp_path / "frame-{}.png")
    assert [picture.data for picture in pictures] == [(tmp_path / f"frame-{i}.png").read_bytes() for i in (0, 1)]
    assert pictures[0].data != pictures[1].data and pictures[0].format == "png"
    assert len(hopfmap.plot(map, each="Gamma", format="svg")) == 4
    with pytest.raises(RequestError, match="without one"):
        hopfmap.plot(map, each="Gamma", to=tmp_path / "frame.png")


def test_what_goes_wrong(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"^Gamma = -1 is out of range"):
        hopfmap.sweep({"Z_T": (0, 1, 3)}, NEURON, Gamma=-1)
    with pytest.raises(RequestError, match="give t_max"):
        hopfmap.sweep({"Z_T": (0, 1, 3)}, NEURON, Gamma=0.1, t_max=-1)
    with pytest.raises(RequestError, match="possible values: auto, gpu, cpu"):
        hopfmap.sweep({"Z_T": (0, 1, 3)}, NEURON, Gamma=0.1, engine="tpu")
    with pytest.raises(RequestError, match="several values"):
        hopfmap.sweep({"Z_T": (0, 1, 3)}, NEURON, Gamma=[0.1, 0.2])
    damaged = tmp_path / "damaged.h5"
    damaged.write_bytes(b"no map")
    with pytest.raises((RunError, RequestError), match=r"damaged\.h5"):
        hopfmap.verify(damaged)
    with pytest.raises(TypeError, match="whole map"):
        hopfmap.sweep(AXES, NEURON, shard="0/2", to=tmp_path / "part.h5")


def test_a_dataset_that_is_changed_is_no_map(map: xr.Dataset) -> None:
    part = map.sel(Z_T=1)
    calls = [
        lambda: hopfmap.verify(part, cells=2),
        lambda: hopfmap.replay(part, cell=(1, 1)),
        lambda: hopfmap.diff(map, part),
        lambda: hopfmap.diff(map, map.where(map.span > 0)),
        lambda: hopfmap.sweep(from_=part, V_n=1),
        lambda: hopfmap.plot(part),
        lambda: hopfmap.plot(map.isel(Gamma=slice(0, 2))),
        lambda: hopfmap.plot(map.transpose()),
        lambda: hopfmap.plot(map.drop_vars("span")),
        lambda: hopfmap.plot(xr.concat([map, map.assign_coords(Gamma=map.Gamma + 1)], "Gamma", data_vars="minimal")),
    ]
    expected = r"Dataset.* is not as hopfmap wrote it, but a selection or changed \(.*give the whole Dataset"
    for call in calls:
        with pytest.raises(RequestError, match=expected) as caught:
            call()
        assert "hopfmap-" not in str(caught.value)
    # The negative control: columns of one's own change no map.
    assert hopfmap.diff(map, map.assign(twice=2 * map.span))["agree"]
    with pytest.raises(RequestError, match="the second Dataset is not a map"):
        hopfmap.diff(map, hopfmap.trace(NEURON, Gamma=0.1, t_end=20))
    with pytest.raises(RequestError, match="one variable of a Dataset"):
        hopfmap.plot(map.span)  # type: ignore[call-overload]


def test_the_request_of_a_dataset(map: xr.Dataset) -> None:
    again = hopfmap.sweep(from_=map, V_n=2.1, audit=False)
    assert again.span.dims == map.span.dims and float(again.V_n) == 2.1 and "audit_checked" not in again.attrs
    with pytest.raises(RequestError, match="start is a Dataset, which it does not take"):
        hopfmap.sweep(AXES, NEURON, start=map)


def test_warnings_reach_python(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "fake"
    body = """case "$*" in *--help*) exec "$REAL" "$@";; esac
echo 'engine cpu' >&2; echo 'note: a part was damaged' >&2; echo '{"audit": {"problem": "2 cells"}}'"""
    fake.write_text(f"#!/bin/sh\n{body}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("REAL", program())
    monkeypatch.setenv("HOPFMAP", str(fake))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        hopfmap.command("sweep", output="x.h5")
    assert [str(w.message) for w in caught if w.category is ResultWarning] == ["a part was damaged", "the map does not hold: 2 cells"]


def test_cells_without_a_result_are_told(map: xr.Dataset) -> None:
    with pytest.warns(ResultWarning, match=r"^3 of 3 results are unsettled.*t_max"):
        short = hopfmap.sweep({"Z_T": [0.5, 0.6, 1]}, NEURON, Gamma=0.1, t_max=3, engine="cpu", audit="off")
    assert hopfmap.outcomes(short) == {"unsettled": 3}
    # The negative control: a whole map gives no warning.
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hopfmap.sweep({"Z_T": [0.5, 0.6, 1]}, NEURON, Gamma=0.1, engine="cpu", audit="off")
    assert sum(hopfmap.outcomes(map).values()) == 20 and set(hopfmap.outcomes(map)) == {"steady", "oscillating"}


@pytest.mark.skipif("points" not in options_of("sweep").valued, reason="this program has no sweep --points")
def test_points() -> None:
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame({"Gamma": [0.1, 0.5, 0.2], "Z_T": [1.0, 0.9, 0.1]})
    for points in (table, {name: table[name].to_numpy() for name in table}, table.to_dict("records"), table.to_records(index=False)):
        result = hopfmap.sweep(points=points, V_n=2, R_n=6, engine="cpu")
        assert result.span.ndim == 1 and result.span.size == 3
        for i, row in enumerate(table.itertuples()):
            one = hopfmap.sweep({"Gamma": [row.Gamma], "Z_T": [row.Z_T]}, NEURON, engine="cpu")
            assert float(one.span.squeeze()) == pytest.approx(float(result.span[i]), abs=1e-6)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (np.ones((3, 2)), r"an array of shape \(3, 2\) without names: give a DataFrame"),
        ([[0.1, 1], [0.2, 1]], "a list without names"),
        ([{"Gamma": 0.1}, {"Z_T": 1}], "row 1 of points has Z_T, and row 0 has Gamma"),
        ({"Gamm": [0.1]}, "the column 'Gamm' of points is no parameter"),
        ({"Gamma": [0.1], "γ": [0.2]}, "two columns of Gamma"),
        ({"Gamma": ["a"]}, "the column 'Gamma' of points holds what is no number"),
        ({"Gamma": [0.1, 0.2], "Z_T": [1]}, "columns of the shapes"),
        ({"Gamma": []}, "there are no points"),
        ({"Gamma": [0.1, 0.2, -1]}, "^points, row 2, column Gamma: Gamma = -1 is out of range"),
    ],
)
def test_points_that_are_none(points: object, message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        hopfmap.sweep(points=points, V_n=2, R_n=6)
    assert "hopfmap-" not in str(caught.value)


def test_points_of_a_device() -> None:
    device = Path(__file__).parents[2] / "examples/device.toml"
    kelvin = hopfmap.sweep(points={"T": [0.001, 0.1]}, device=device, engine="cpu")
    assert kelvin.span.shape == (2,) and float(kelvin.Z_T[0]) > float(kelvin.Z_T[1])
    with pytest.raises(RequestError, match=r"^points, column 1: unknown parameter 'Tx'"):
        hopfmap.sweep(points={"Tx": [0.001]}, device=device)


def test_inputs_that_are_none() -> None:
    for times, voltages, message in [([0, 1], [1], "one length"), ([0, "a"], [1, 2], "no number"), ([0, 0], [1, 2], "^input line 2")]:
        with pytest.raises(RequestError, match=message):
            hopfmap.trace(R_n=6, Gamma=0.1, t_end=5, input=(times, voltages))
