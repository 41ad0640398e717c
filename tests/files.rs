//! Do files hold what they should: for other programs, for our own reader, and when they are broken.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::hopfmap;
use hopfmap::model::Parameter;
use hopfmap::plan::{Plan, Request};
use hopfmap::results::{COLUMNS, Outcome};
use hopfmap::store::MapFile;
use proptest::prelude::*;
use std::path::{Path, PathBuf};

/// A small map of Fig. 6a's plane.
fn small_map(folder: &Path, extra: &[&str]) -> PathBuf {
    let path = folder.join("map.h5");
    let mut command = hopfmap();
    command.args(["sweep", "--grid", "Gamma=0.1:1:9", "--grid", "Z_T=0:1:5", "--set", "V_n=2", "--set", "R_n=6"]);
    command.args(["--engine", "cpu", "-o"]).arg(&path).args(extra).assert().success();
    path
}

#[test]
fn a_map_of_several_starts_says_which_is_which() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("starts.h5");
    let axes = ["--grid", "R_n=1,16", "--grid", "V_n=3,7", "--set", "Gamma=0.1", "--start", "equilibria"];
    hopfmap().arg("sweep").args(axes).args(["--engine", "cpu", "-o"]).arg(&path).assert().success();
    // By start, and what they say together.
    let map = MapFile::open(&path).unwrap();
    assert_eq!(map.starts(), ["lower", "middle", "upper"]);
    let at = [Some(1), Some(1)];
    let upper = map.cut_from("v_mean", map.start(Some("upper")).unwrap(), &at).unwrap().sum();
    assert!((upper - 7.0).abs() < 1e-2 && map.cut("attractors", &at).unwrap().sum() == 2.0);
    assert!(map.start(Some("left")).unwrap_err().to_string().contains("lower, middle, upper"));
    // Pictures and replays say which start they are of.
    for (arguments, name) in
        [(&[][..], "largest"), (&["--start", "upper"], "upper"), (&["--variable", "coexistence"], "both")]
    {
        let picture = folder.path().join(format!("{name}.svg"));
        hopfmap().arg("plot").arg(&path).args(arguments).arg("-o").arg(&picture).assert().success();
        let words = if name == "upper" { "near the upper equilibrium" } else { "starts" };
        let text = std::fs::read_to_string(picture).unwrap();
        assert!(name == "both" || text.contains(words), "{name}");
    }
    let replay = |start: &str| {
        let mut command = hopfmap();
        command.arg("replay").arg(&path).args(["--cell", "1,1", "--start", start]);
        command
    };
    replay("lower").assert().success();
    replay("left").assert().code(2);
    hopfmap().arg("replay").arg(&path).args(["--cell", "0,1", "--start", "middle"]).assert().code(2);
}

#[test]
fn a_map_can_be_read_back_and_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = small_map(folder.path(), &["--precision", "f64"]);
    let map = MapFile::open(&path).unwrap();
    assert_eq!(map.axes().iter().map(|a| a.parameter).collect::<Vec<_>>(), [Parameter::Gamma, Parameter::ZT]);
    assert!(map.fixed().contains(&(Parameter::VN, 2.0)) && map.fixed().len() == 7);
    let plan = Plan::new(Request::from_toml(map.request()).unwrap()).unwrap();
    assert_eq!(plan.grid.shape(), [9, 5]);
    assert_eq!(map.text("engine").as_deref(), Some("cpu"));
    for c in COLUMNS {
        assert_eq!(map.cut(c.name, &[None, None]).unwrap().shape(), [9, 5]);
    }
    assert!(map.cut("spam", &[None, None]).unwrap_err().to_string().contains("no column 'spam'"));
    assert!(map.cut("span", &[Some(99), None]).is_err());
}

#[test]
fn rows_of_many_dimensions_stand_where_they_belong() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.h5");
    let axes = ["alpha=0,1,2", "V_n=-2:2:5", "lambda=0.13,0.2", "Gamma=0.3"];
    let mut command = hopfmap();
    command.arg("sweep").args(axes.iter().flat_map(|a| ["--grid", a])).args(["--set", "R_n=6", "-o"]).arg(&path);
    command.args(["--engine", "cpu", "--t-max", "200", "--window", "20"]).assert().success();
    let map = MapFile::open(&path).unwrap();
    // One cell again on its own: the same result to the bit.
    let alone = folder.path().join("one.h5");
    let one =
        ["sweep", "--grid", "V_n=1", "--set", "R_n=6", "--set", "alpha=2", "--set", "lambda=0.2", "--set", "Gamma=0.3"];
    hopfmap()
        .args(one)
        .args(["--engine", "cpu", "--t-max", "200", "--window", "20", "-o"])
        .arg(&alone)
        .assert()
        .success();
    let alone = MapFile::open(&alone).unwrap();
    for c in COLUMNS {
        let here = map.cut(c.name, &[Some(2), Some(3), Some(1), Some(0)]).unwrap().sum();
        let there = alone.cut(c.name, &[Some(0)]).unwrap().sum();
        assert!(here.to_bits() == there.to_bits() || here.is_nan() && there.is_nan(), "{}: {here} {there}", c.name);
    }
    // alpha = 0 keeps no memory of Z_T: no number is given.
    let outcome = map.cut("outcome", &[Some(0), None, None, None]).unwrap();
    assert!(outcome.iter().all(|o| *o == f64::from(Outcome::StartDependent as u8)));
    assert!(map.cut("span", &[Some(0), None, None, None]).unwrap().iter().all(|s| s.is_nan()));
}

#[test]
fn pictures_are_drawn_of_every_kind_of_cut() {
    let folder = tempfile::tempdir().unwrap();
    let map = small_map(folder.path(), &[]);
    let draw = |arguments: &[&str], name: &str| {
        let path = folder.path().join(name);
        hopfmap().arg("plot").arg(&map).args(arguments).arg("-o").arg(&path).assert().success();
        std::fs::read(path).unwrap()
    };
    let png = draw(&[], "a.png");
    assert_eq!(&png[1..4], b"PNG");
    let mut decoder = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.next_frame(&mut pixels).unwrap();
    // Viridis's dark end (quiet cells) and bright end (the largest span) are both there.
    for colour in [[68, 1, 84], [253, 231, 37]] {
        assert!(pixels.chunks(3).any(|p| p == colour), "{colour:?} is missing");
    }
    let svg = String::from_utf8(draw(&["--variable", "period"], "b.svg")).unwrap();
    for part in ["Γ", "(dephasing rate times τ", "data:image/png;base64,", "no value", "V<tspan"] {
        assert!(svg.contains(part), "{part} is missing");
    }
    let line = String::from_utf8(draw(&["--at", "Z_T=0.9"], "c.svg")).unwrap();
    assert!(line.contains("Z</tspan><tspan") && line.contains("oscillating") && !line.contains("<image"));
    assert!(String::from_utf8(draw(&["--variable", "outcome"], "d.svg")).unwrap().contains("steady"));
}

/// What `hopfmap plot` says of a file; it must fail, and by an error.
fn complaint(path: &Path) -> String {
    let output = hopfmap().arg("plot").arg(path).args(["-o"]).arg(path.with_extension("svg")).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("; "), "a remedy is missing: {message}");
    assert!(!message.contains("panicked"), "{message}");
    message
}

#[test]
fn files_that_are_not_maps_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let map = small_map(folder.path(), &[]);
    let bytes = std::fs::read(&map).unwrap();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    };
    assert!(complaint(&file("text.h5", b"hello, this is a text")).contains("not an HDF5 file"));
    assert!(complaint(&file("empty.h5", b"")).contains("truncated"));
    assert!(complaint(&file("half.h5", &bytes[..bytes.len() / 2])).contains("truncated or damaged"));
    assert!(complaint(&folder.path().join("none.h5")).contains("cannot be opened"));
    assert!(complaint(folder.path()).contains("folder"));

    let other = folder.path().join("other.h5");
    hdf5::File::create(&other).unwrap().new_dataset::<f64>().create("x").unwrap();
    assert!(complaint(&other).contains("none of hopfmap"));
    let newer = file("newer.h5", &bytes);
    hdf5::File::open_rw(&newer).unwrap().attr("hopfmap_schema").unwrap().write_scalar(&99_u32).unwrap();
    assert!(complaint(&newer).contains("layout 99") && complaint(&newer).contains("newer hopfmap"));
    let older = file("older.h5", &bytes);
    hdf5::File::open_rw(&older).unwrap().attr("hopfmap_schema").unwrap().write_scalar(&1_u32).unwrap();
    assert!(MapFile::open(&older).is_ok(), "an older layout is read");
    let stripped = file("stripped.h5", &bytes);
    hdf5::File::open_rw(&stripped).unwrap().unlink("v_mean").unwrap();
    assert!(complaint(&stripped).contains("damaged"));
}

#[test]
fn outputs_appear_whole_and_replace_only_when_told() {
    let folder = tempfile::tempdir().unwrap();
    let map = small_map(folder.path(), &[]);
    let before = std::fs::read(&map).unwrap();
    let second = ["sweep", "--grid", "Gamma=0.1:1:9", "--set", "V_n=2", "--set", "R_n=6", "--engine", "cpu", "-o"];
    hopfmap().args(second).arg(&map).assert().code(2);
    assert_eq!(std::fs::read(&map).unwrap(), before, "an output that exists is left alone");
    hopfmap().args(second).arg(&map).arg("--force").assert().success();
    assert_ne!(std::fs::read(&map).unwrap(), before);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// A reader meets a damaged file with an error, never with a panic or a number that was not written.
    #[test]
    fn damaged_maps_never_panic(places in prop::collection::vec((0.0..1.0f64, any::<u8>()), 1..20), cut in 0.0..2.0f64) {
        use std::sync::OnceLock;
        static MAP: OnceLock<Vec<u8>> = OnceLock::new();
        let sound = MAP.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            std::fs::read(small_map(folder.path(), &[])).unwrap()
        });
        let mut bytes = sound.clone();
        for (place, value) in places {
            let at = (place * bytes.len() as f64) as usize;
            bytes[at] = value;
        }
        // Either turned over, or cut off: a file that is both has lost its seal.
        if cut < 1.0 {
            bytes = sound[..(cut * bytes.len() as f64) as usize].to_vec();
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("damaged.h5");
        std::fs::write(&path, &bytes).unwrap();
        match MapFile::open(&path) {
            // What is cut off may be of the seal alone, which HDF5 does not read.
            Ok(_) => prop_assert!(sound.starts_with(&bytes) && bytes.len() + 48 >= sound.len(), "damage went unnoticed"),
            Err(e) => prop_assert!(e.to_string().contains("damaged") || e.to_string().contains("truncated") || e.to_string().contains("not an HDF5"), "{}", e),
        }
    }
}
