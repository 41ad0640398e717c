"""Are values of Python the words that the program reads as the same values."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hopfmap
from hopfmap import RequestError
from hopfmap._options import OWN, _parameters, options_of
from hopfmap._program import program
from hopfmap._request import words
from hopfmap._words import number, option, pairs, values

COMMANDS = ["sweep", "ramp", "trace", "curves", "cycles", "statics", "optimum", "verify", "diff", "replay", "convert", "adapters", "plot"]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ((0.02, 1, 128), "0.02:1:128"),
        ((0, 9), "0:9"),
        (("log", 0.02, 1, 24), "log:0.02:1:24"),
        (("log", 0.02, 1), "log:0.02:1"),
        ([0.5, 1, 2], "0.5,1.0,2.0"),
        (np.linspace(0, 1, 3), "0.0,0.5,1.0"),
        (np.array([1, 2]), "1,2"),
        (0.1, "0.1"),
        (np.float32(0.1), "0.10000000149011612"),
        ("log:0.02:1:24", "log:0.02:1:24"),
    ],
)
def test_values(value: object, word: str) -> None:
    assert values(value) == word


@pytest.mark.parametrize("value", [(0, 1, 4.0), (1,), (0, 1, 2, 3), [], [[1, 2]], "", None, True, {"a": 1}, ["a"], (0, "x", 3)])
def test_what_is_no_axis_is_refused(value: object) -> None:
    if value == "":
        with pytest.raises(RequestError, match="Z_T"):
            hopfmap.sweep({"Z_T": value}, V_n=2, R_n=6, Gamma=0.1)
        return
    with pytest.raises(RequestError):
        values(value)


def test_numbers_are_the_same_when_read_again() -> None:
    for value in [0.1, 1 / 3, 5e-324, -1.7976931348623157e308, np.nextafter(1.0, 2.0)]:
        assert float(number(value)) == value


def test_options() -> None:
    sweep, curves = options_of("sweep"), options_of("curves")
    assert option("start", (0, 0, 1, -0.5), sweep) == ["--start=0,0,1,-0.5"]
    assert option("means", True, sweep) == ["--means"]
    assert option("means", False, sweep) == option("t-max", None, sweep) == []
    assert option("cycles", True, curves) == ["--cycles"]
    assert option("cycles", 12, curves) == ["--cycles=12"]
    assert option("within", ["multiplier<0.95", "maxima<2"], options_of("optimum")) == ["--within=multiplier<0.95", "--within=maxima<2"]
    assert pairs({"Γ": 0.1, "Z_T": [0, 1]}) == ["Γ=0.1", "Z_T=0,1"]
    for name, value in [("means", 3), ("t-max", True)]:
        with pytest.raises(RequestError, match=name.replace("-", "_")):
            option(name, value, sweep)


def test_false_is_off_or_absent_and_no_value() -> None:
    sweep, plot, curves = options_of("sweep"), options_of("plot"), options_of("curves")
    assert option("audit", False, sweep) == ["--audit=off"] and option("log-colour", np.False_, plot) == ["--log-colour=off"]
    assert option("log-colour", True, plot) == ["--log-colour"]
    assert option("means", np.False_, sweep) == option("cycles", False, curves) == option("audit", None, sweep) == []
    assert "audit" in sweep.off and sweep.off.isdisjoint({"t-max", "engine", "means"}) and plot.off == {"log-colour"}
    for name in ("t-max", "engine", "start"):
        with pytest.raises(RequestError, match=f"{name.replace('-', '_')}=False: this option takes a value"):
            option(name, False, sweep)


@pytest.mark.parametrize(
    ("set", "keywords", "name"),
    [
        ({"R_n": 5}, {"R_n": 6}, "R_n"),
        ({"r_n": 5}, {"RN": 6}, "R_n"),
        ({"R_n": 5, "r_n": 6}, {}, "R_n"),
        ({"R_n": 5}, {"Γ": 0.1, "gamma": 0.3}, "Gamma"),
        ({"R_ext": 5}, {"device": "device.toml", "R_ext": 6}, "R_ext"),
    ],
)
def test_a_parameter_is_set_once(set: dict[str, float], keywords: dict[str, Any], name: str, tmp_path: Path) -> None:
    given = [*set.values(), *(value for value in keywords.values() if value != "device.toml")]
    with pytest.raises(RequestError, match=f"^{name} is set twice, to {given[-2]} and to {given[-1]}; give it once"):
        words("sweep", tmp_path, set, keywords)
    # The negative control: each once, and None sets nothing.
    assert words("sweep", tmp_path, {"R_n": 5}, {"Γ": 0.1, "R_n": None}) == ["sweep", "--set=R_n=5", "--set=Γ=0.1"]
    # The device's quantity L is not the parameter l.
    device = {"device": "device.toml", "L": 4e-9, "lambda_": 3e-10}
    assert words("sweep", tmp_path, None, device) == ["sweep", "--device=device.toml", "--set=L=4e-09", "--set=lambda=3e-10"]


def test_colours_and_narrow_terminals_change_no_option(monkeypatch: pytest.MonkeyPatch) -> None:
    before = options_of("sweep")
    for name, value in [("COLUMNS", "40"), ("CLICOLOR_FORCE", "1"), ("FORCE_COLOR", "1")]:
        monkeypatch.setenv(name, value)
    options_of.cache_clear()
    _parameters.cache_clear()
    assert options_of("sweep") == before and before.parameters["γ"] == "Gamma" and len({*before.parameters.values()}) == 9


def test_every_option_of_every_command_is_a_keyword() -> None:
    completions = subprocess.run([program(), "completions", "bash"], check=True, capture_output=True, text=True).stdout
    for command in COMMANDS:
        known = options_of(command)
        listed = re.search(rf'\n +hopfmap__subcmd__{command}\)\n +opts="([^"]*)"', completions)
        assert listed is not None
        expected = {word[2:] for word in listed[1].split() if word.startswith("--")}
        assert known.flags | known.valued == expected, command
        assert all(known.option(name.replace("-", "_")) == name for name in expected - OWN)
    sweep = options_of("sweep")
    assert {"means", "force"} <= sweep.flags and {"t-max", "set", "shard"} <= sweep.valued and not sweep.flags & sweep.valued


def test_unknown_keywords_name_the_nearest() -> None:
    for keyword, nearest in [("t_mxa", "t_max"), ("R_m", "R_n"), ("gama", "Gamma"), ("precison", "precision")]:
        with pytest.raises(TypeError, match=nearest):
            hopfmap.sweep({"Z_T": (0, 1, 3)}, **{keyword: 1})
