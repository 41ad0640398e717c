//! A device in its own units: are its cells those of its dimensionless parameters, and is what it cannot be refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::{at_home, done, hopfmap, json, refused};
use common::tolerance::UNITS;
use hdf5::types::{FixedAscii, FixedUnicode};
use hopfmap::model::physical::QUANTITIES;
use hopfmap::model::{Device, PARAMETERS};
use hopfmap::results::COLUMNS;
use hopfmap::store::MapFile;
use std::collections::BTreeMap;
use std::path::Path;

const TOML: &str = include_str!("../examples/device.toml");

fn home() -> tempfile::TempDir {
    let home = at_home();
    std::fs::write(home.path().join("device.toml"), TOML).unwrap();
    home
}

/// The values of every column, by their bits.
fn bits(path: &Path) -> Vec<(String, Vec<u64>)> {
    let map = MapFile::open(path).unwrap();
    let all = vec![None; map.axes().len()];
    let column = |c: &str| map.cut(c, &all).unwrap().iter().map(|v: &f64| v.to_bits()).collect();
    COLUMNS.iter().map(|c| (c.name.to_string(), column(c.name))).collect()
}

#[test]
fn a_cell_at_a_temperature_is_the_cell_at_its_z_t() {
    let home = home();
    let folder = home.path();
    let sweep =
        |words: &[&str]| done(hopfmap(folder, &[&["sweep", "-q", "--engine", "cpu", "--audit", "4"], words].concat()));
    sweep(&["--device", "device.toml", "--grid", "T=0.0014,0.002,0.004", "-o", "kelvin.h5"]);
    // The device as others have it: nine numbers.
    let z_t = |t: &str| {
        let found = json(folder, &["convert", "--device", "device.toml", "--set", &format!("T={t}"), "--json"]);
        found["dimensionless"].clone()
    };
    let values = ["0.0014", "0.002", "0.004"].map(|t| z_t(t)["Z_T"].as_f64().unwrap().to_string());
    assert!(values[0].starts_with("0.99"), "{values:?}");
    let p = z_t("0.0014");
    let others = PARAMETERS.iter().filter(|i| i.name != "Z_T");
    let set: Vec<String> = others.flat_map(|i| ["--set".to_string(), format!("{}={}", i.name, p[i.name])]).collect();
    let set: Vec<&str> = set.iter().map(String::as_str).collect();
    let by_number = |values: &str, file: &str| sweep(&[&["--grid", values, "-o", file], &set[..]].concat());
    by_number(&format!("Z_T={}", values.join(",")), "numbers.h5");
    assert_eq!(bits(&folder.join("kelvin.h5")), bits(&folder.join("numbers.h5")));
    // By --set, and by a parameter in place of the quantity.
    sweep(&["--device", "device.toml", "--set", "T=0.002", "--grid", "Gamma=0.1001", "-o", "set.h5"]);
    sweep(&[
        "--device",
        "device.toml",
        "--set",
        &format!("Z_T={}", values[1]),
        "--grid",
        "Gamma=0.1001",
        "-o",
        "own.h5",
    ]);
    assert_eq!(bits(&folder.join("set.h5")), bits(&folder.join("own.h5")));
    // The negative control: another temperature is another cell.
    sweep(&["--device", "device.toml", "--grid", "T=0.00141,0.002,0.004", "-o", "other.h5"]);
    assert_ne!(bits(&folder.join("kelvin.h5")), bits(&folder.join("other.h5")));
}

fn text(object: &hdf5::Location, name: &str) -> String {
    let attribute = object.attr(name).unwrap();
    let ascii = attribute.read_scalar::<FixedAscii<512>>().map(|t| t.to_string());
    ascii.unwrap_or_else(|_| attribute.read_scalar::<FixedUnicode<512>>().unwrap().to_string())
}

fn number(object: &hdf5::Location, name: &str) -> Option<f64> {
    object.attr(name).ok()?.read_scalar::<f64>().ok()
}

#[test]
fn files_carry_coordinates_in_both_and_the_device() {
    let home = home();
    let folder = home.path();
    let device = ["--device", "device.toml", "-q"];
    let axes = ["--grid", "V_ext=1e-6:8e-6:3", "--grid", "T=0.001:0.002:5", "--engine", "cpu", "--audit", "4"];
    done(hopfmap(folder, &[&["sweep", "-o", "map.h5"], &device[..], &axes[..]].concat()));
    let file = hdf5::File::open(folder.join("map.h5")).unwrap();
    let kelvin = file.dataset("T").unwrap();
    assert_eq!(kelvin.read_raw::<f64>().unwrap(), [0.001, 0.00125, 0.0015, 0.00175, 0.002]);
    assert_eq!((text(&kelvin, "units").as_str(), text(&file.dataset("V_ext").unwrap(), "units").as_str()), ("K", "V"));
    assert!(
        text(&file.dataset("span").unwrap(), "coordinates").split(' ').filter(|n| ["T", "V_ext"].contains(n)).count()
            == 2
    );
    assert!(kelvin.attr("DIMENSION_LIST").is_ok() && file.dataset("Z_T").unwrap().shape() == [5]);
    assert_eq!(number(&file, "device_L"), Some(2e-9));
    assert_eq!(number(&file, "device_tau_c"), Some(6e5 * 1.1667e-14));
    assert_eq!((number(&file, "device_T"), number(&file, "device_V_ext")), (None, None), "they vary");
    drop(file);
    // What reads maps knows the device from the request.
    done(hopfmap(folder, &["verify", "map.h5", "--cells", "5", "-q"]));
    done(hopfmap(folder, &["replay", "map.h5", "--cell", "1,2", "-q"]));
    let traced =
        ["trace", "--from", "map.h5", "--set", "T=0.0015", "--set", "V_ext=8e-6", "--t-end", "300", "-o", "t.h5"];
    let found = json(folder, &[&traced[..], &["--json"]].concat());
    assert!(found["si"]["span"].as_f64().unwrap() < 8e-6 && found["si"]["power"].as_f64().unwrap() > 0.0);
    let kelvin = number(&hdf5::File::open(folder.join("t.h5")).unwrap(), "device_T").unwrap();
    assert!((kelvin / 0.0015 - 1.0).abs() < UNITS, "{kelvin}");
    // A parameter in place of its quantity: the coordinate is computed back.
    let axes =
        ["--grid", "Z_T=0.5:1:3", "--grid", "alpha=0.5,1", "--set", "R_n=3", "--engine", "cpu", "--audit", "off"];
    done(hopfmap(folder, &[&["sweep", "-o", "back.h5"], &device[..], &axes[..]].concat()));
    let file = hdf5::File::open(folder.join("back.h5")).unwrap();
    let kelvin = file.dataset("T").unwrap().read_raw::<f64>().unwrap();
    let half = 1.054_571_817e-34 * 1e9 / (2.0 * 1.380_649e-23 * 0.5_f64.atanh());
    assert!((kelvin[0] / half - 1.0).abs() < UNITS && kelvin[2] == 0.0, "{kelvin:?}");
    assert_eq!(file.dataset("gamma_T").unwrap().read_raw::<f64>().unwrap(), [0.715e7, 1.43e7]);
    assert!((number(&file, "device_R_0").unwrap() / 2e5 - 1.0).abs() < UNITS, "R_ext / R_n");
    // Ramps too.
    let walk = [
        "ramp",
        "-q",
        "--device",
        "device.toml",
        "--grid",
        "V_ext=0:3e-5:4",
        "--grid",
        "T=0.0014,0.003",
        "--engine",
        "cpu",
    ];
    done(hopfmap(folder, &[&walk[..], &["-o", "ramp.h5"]].concat()));
    let file = hdf5::File::open(folder.join("ramp.h5")).unwrap();
    let volts = file.dataset("V_ext").unwrap().read_raw::<f64>().unwrap();
    assert!(volts.iter().zip([0.0, 1e-5, 2e-5, 3e-5]).all(|(a, b)| (a - b).abs() < UNITS * 1e-5), "{volts:?}");
    assert!(text(&file.dataset("loop_area").unwrap(), "coordinates").split(' ').all(|name| name != "V_ext"));
}

#[test]
fn devices_that_are_none_are_refused_with_their_line() {
    let home = home();
    let folder = home.path();
    let changed = |from: &str, to: &str| {
        assert!(TOML.contains(from), "{from}");
        std::fs::write(folder.join("bad.toml"), TOML.replace(from, to)).unwrap();
        refused(hopfmap(folder, &["sweep", "--device", "bad.toml", "--grid", "T=0.001:0.1:4", "-o", "no.h5"]))
    };
    for (from, to, parts) in [
        ("R_0 = 1e5 ", "R_o = 1e5 ", &["line 8, column 1", "unknown quantity 'R_o'"][..]),
        ("T = 0.0014 ", "T = -1 ", &["line 14, column 5", "T = -1 K is not possible", "0 or more"]),
        ("L = 2e-9 ", "L = 0 ", &["line 5, column 5", "L = 0 m is not possible", "above 0"]),
        ("alpha = 1 ", "alpha = 2.5 ", &["line 13, column 9", "alpha = 2.5", "0 to 2"]),
        ("Delta_Omega = 1e9", "Delta_Omega = -1e9", &["Delta_Omega = -1e9 rad/s", "give"]),
        ("q = 1.602e-19", "q = 'e'", &["line 3, column 5"]),
        ("m = 1.0546e-25", "#", &["missing", "m (kg)", "add"]),
        ("alpha = 1 ", "gamma_T = 1.43e7\nalpha = 1 ", &["both alpha and gamma_T"]),
        ("gamma_phi = 1.43e7 ", "gamma_phi = 1e-20\nT = 1\n#", &["T", "line"]),
        ("Omega_p = 1e9 ", "Omega_p = 1e-5 ", &["the device is not possible", "Omega", "0.001 or more"]),
    ] {
        let (code, message) = changed(from, to);
        assert!(code == 2 && parts.iter().all(|part| message.contains(part)), "{from} -> {to}: {code} {message}");
    }
    let sweep = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        refused(hopfmap(folder, &[&["sweep", "-o", "no.h5"], &words[..]].concat()))
    };
    for (words, part) in [
        ("--grid T=0.001:0.1:4 --set V_n=2 --set R_n=6 --set Gamma=0.1", "no device says"),
        ("--device device.toml --grid T=0.001:0.1:4 --set T=0.01", "error: T is both swept and set to 0.01"),
        ("--device device.toml --grid T=0.001:0.1:4 --set Z_T=0.5", "Z_T is both swept and set"),
        ("--device device.toml --grid T=0.001:0.1:4 --grid Z_T=0:1:3", "swept twice"),
        ("--device device.toml --grid R_ext=1e5:1e6:4", "several parameters"),
        ("--device device.toml --grid Omega=5:7:4", "Omega follows from the device"),
        ("--device device.toml --grid T=0.00001:0.0001:4", "both give Z_T = 1"),
        ("--device device.toml --grid gamma_T=1e7:4e7:4", "gamma_T = 3e7 1/s is not possible for this device: alpha"),
        ("--device device.toml --grid gamma_T=1e6:1e7:4 --set Gamma=0.2", "Gamma is swept or set too"),
        ("--device device.toml --grid T=-1:1:4", "T = -1 K is not possible"),
        ("--device device.toml --grid T=1,2 --set Z_T=0.1 --set T=3", "Z_T is set twice, once by T"),
        ("--device none.toml --grid T=1,2", "none.toml cannot be read"),
    ] {
        let (code, message) = sweep(words);
        assert!(code == 2 && message.contains(part), "{words}: {code} {message}");
    }
    let (code, message) = changed("alpha = 1 ", "gamma_T = 1.43e7 ");
    assert!(code == 0, "the control: {message}");
    let words = "--device bad.toml --grid gamma_phi=1e7:1e8:3";
    assert!(sweep(words).1.contains("state `alpha` in place of `gamma_T`"));
    assert!(!folder.join("no.h5").exists() || code == 0);
}

/// The rows of the table of keys in docs/units.md: key, unit, limit, meaning, parameters that it sets.
fn rows() -> Vec<Vec<String>> {
    let page = include_str!("../docs/units.md");
    let is_row = |line: &&str| line.starts_with("| `");
    page.lines()
        .filter(is_row)
        .map(|l| l.split('|').map(|c| c.trim().trim_matches('`').to_string()).collect())
        .collect()
}

#[test]
fn the_page_names_every_quantity_and_what_it_sets() {
    let rows = rows();
    let device: Device = toml::from_str(&TOML.replace("alpha = 1 ", "gamma_T = 1.43e7 ")).unwrap();
    let own = device.dimensionless().to_array();
    for (index, (name, unit, meaning)) in QUANTITIES.iter().enumerate() {
        let row = rows.iter().find(|row| row[1] == *name).unwrap_or_else(|| panic!("{name} is not on the page"));
        assert_eq!((row[2].as_str(), row[4].as_str()), (*unit, *meaning));
        let value = device.physical().values()[index];
        let other = device.with(index, 1.01 * value).unwrap().dimensionless().to_array();
        let moved: Vec<_> =
            (0..own.len()).filter(|i| (other[*i] / own[*i] - 1.0).abs() > UNITS).map(|i| PARAMETERS[i].name).collect();
        let named: Vec<_> = row[5].split([',', ';']).map(|n| n.trim().split(' ').next().unwrap()).collect();
        assert_eq!(moved, named, "{name}");
    }
    // Text there and back.
    let reread: Device = toml::from_str(&toml::to_string(&device).unwrap()).unwrap();
    assert_eq!(reread, device);
    let held: Device = toml::from_str(TOML).unwrap();
    assert_eq!(toml::from_str::<Device>(&toml::to_string(&held).unwrap()).unwrap(), held);
    assert_ne!(held, device, "the control");
}

#[test]
fn convert_says_whether_two_levels_do_and_what_a_spike_costs() {
    let home = home();
    let convert =
        |si: &[&str]| json(home.path(), &[&["convert", "--device", "device.toml", "--json", "--si"], si].concat());
    let found = convert(&["T=0.01", "Delta_Omega=-4e8"]);
    let levels = &found["two_levels"];
    // By hand: x = hbar 1e9 / (k_B 0.01); exp(-1.6 x) / (1 + exp(-x) + exp(-1.6 x)).
    let x: f64 = 1.054_571_817e-34 * 1e9 / (1.380_649e-23 * 0.01);
    let third = (-1.6 * x).exp() / (1.0 + (-x).exp() + (-1.6 * x).exp());
    let near = |found: &serde_json::Value, wanted: f64| {
        let found = found.as_f64().unwrap();
        assert!((found / wanted - 1.0).abs() < UNITS, "{found} {wanted}");
    };
    near(&levels["third_level"], third);
    near(&levels["width_ratio"], 2.86e7 / 4e8);
    assert_eq!(levels["warnings"].as_array().unwrap().len(), 1, "{levels}");
    assert_eq!(convert(&["T=0.0014"])["two_levels"]["warnings"].as_array().unwrap().len(), 0);
    assert_eq!(convert(&["T=0.1", "Delta_Omega=1e8"])["two_levels"]["warnings"].as_array().unwrap().len(), 2);
    let (code, message) =
        refused(hopfmap(home.path(), &["convert", "--device", "device.toml", "--si", "Delta_Omega=-1e9"]));
    assert!(code == 2 && message.contains("Delta_Omega"), "{message}");

    // Energy is power times the interval; the source gives what the two resistors take.
    let run = convert(&["T=0.0014"])["from_rest"].clone();
    let of = |name: &str| run[name].as_f64().unwrap();
    assert_eq!(run["motion"], "oscillating");
    near(&run["energy"], of("power") * of("interval"));
    near(&run["source_energy"], of("source_power") * of("interval"));
    assert!(of("source_power") > of("power"));
}

#[test]
fn the_example_of_the_help_is_a_neuron_that_oscillates() {
    let home = at_home();
    let help = done(hopfmap(home.path(), &["convert", "--help"]));
    let examples = help.split("Examples:").nth(1).unwrap();
    let example = examples.split("hopfmap convert ").nth(1).unwrap().split_whitespace().collect::<Vec<_>>();
    let run =
        |words: &[&str]| json(home.path(), &[&["convert"], words, &["--json"]].concat())["from_rest"]["motion"].clone();
    assert_eq!(run(&example), "oscillating", "{example:?}");
    // The negative control: without a voltage it rests.
    let quiet: Vec<&str> = example.iter().map(|w| if w.starts_with("V_ext=") { "V_ext=0" } else { w }).collect();
    assert_ne!(run(&quiet), "oscillating");
    // What the file states is what the help's example states.
    let (of_file, of_help) = [&["--device", "device.toml"][..], &example]
        .map(|words| {
            std::fs::write(home.path().join("device.toml"), TOML).unwrap();
            json(home.path(), &[&["convert"], words, &["--json"]].concat())["dimensionless"].clone()
        })
        .into();
    let numbers = |v: &serde_json::Value| -> BTreeMap<String, f64> {
        v.as_object().unwrap().iter().map(|(k, v)| (k.clone(), v.as_f64().unwrap())).collect()
    };
    assert_eq!(numbers(&of_file), numbers(&of_help));
}
