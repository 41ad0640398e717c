//! Are files of use to other programs: are they copied, edited and read by them, and still hopfmap's afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::kinds::{MAP, RAMP, SINGLE_RAMP, STARTS, TRACE, every_kind, write};
use common::needs::{self, Need, PYTHON, interpreter};
use common::runs::LOCKING;
use common::runs::run;
use hdf5::types::{FixedAscii, FixedUnicode, VarLenAscii, VarLenUnicode};
use hopfmap::store::{MapFile, RampFile, TraceFile};
use std::path::{Path, PathBuf};
use std::process::Command;

const SETUP: &str = "run scripts/setup tests";
static NETCDF: Need = Need::new("nccopy", SETUP, || starts("nccopy", &[]));
static NCO: Need = Need::new("ncks", SETUP, || starts("ncks", &["--version"]));

/// Whether there is such a program. nccopy has no option that succeeds without a file.
fn starts(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok()
}

macro_rules! test {
    ($name:ident $($need:ident)*) => {
        (stringify!($name), vec![$(&$need),*], $name)
    };
}

fn main() -> std::process::ExitCode {
    // The HDF5 library locks what it opens, and the programs that other tests start inherit the locks: so without.
    if std::env::var_os(LOCKING.0).is_none() {
        let mut second = Command::new(std::env::current_exe().unwrap());
        let status = second.args(std::env::args_os().skip(1)).env(LOCKING.0, LOCKING.1).status().unwrap();
        return std::process::ExitCode::from(u8::from(!status.success()));
    }
    needs::run(vec![
        test!(fault_16_a_map_open_in_another_program_is_read),
        test!(fault_27_numbers_and_texts_are_read_in_every_form),
        test!(fault_27_a_map_copied_by_another_program_is_a_map NETCDF NCO PYTHON),
        test!(fault_27_a_map_of_several_starts_copied_by_another_program_is_a_map NETCDF NCO PYTHON),
        test!(fault_27_a_virtual_map_copied_by_another_program_holds_its_values NETCDF NCO),
        test!(fault_27_what_cannot_be_a_map_any_more_is_named PYTHON),
        test!(fault_27_traces_and_ramps_copied_by_another_program_are_read NETCDF NCO PYTHON),
        test!(fault_27_a_map_is_edited_in_place NCO PYTHON),
        test!(fault_31_axes_list_the_maps_along_them PYTHON),
    ])
}

/// Runs hopfmap; its exit code and what it said on stderr.
fn says(words: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_hopfmap")).args(words).output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stderr).unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Checks that a file is as good a map as the one it was made from: plotted, verified, replayed, and asked for again.
fn assert_same_map(original: &Path, copy: &Path) {
    let (a, b) = (MapFile::open(original).unwrap(), MapFile::open(copy).unwrap());
    assert_eq!((&a.axes(), &a.fixed(), &a.starts(), &a.request()), (&b.axes(), &b.fixed(), &b.starts(), &b.request()));
    let everything = vec![None; a.axes().len()];
    for column in a.columns() {
        for start in 0..a.starts().len().max(1) {
            let cells = |map: &MapFile| map.cut_from(column, start, &everything).unwrap().mapv(f64::to_bits);
            assert_eq!(cells(&a), cells(&b), "{column} of {}", copy.display());
        }
    }
    let start: &[&str] = if a.starts().is_empty() { &[] } else { &["--start", "lower"] };
    let picture = copy.with_extension("svg");
    let name = text(copy);
    for words in [
        [&["plot", name, "-o", text(&picture), "--force"], start].concat(),
        vec!["verify", name, "--cells", "5"],
        [&["replay", name, "--cell", "1,1"], start].concat(),
        vec!["diff", text(original), name],
    ] {
        let (code, message) = says(&words);
        assert_eq!(code, 0, "{words:?}: {message}");
    }
}

/// Copies or edits a file by tests/python/copy_files.py.
fn in_python(source: &Path, ways: &[(&str, &Path)]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/copy_files.py");
    let ways = ways.iter().map(|(way, target)| format!("{way}={}", target.display()));
    run(Command::new(interpreter()).arg(script).arg(source).args(ways));
}

/// Copies of a file by every program, each with its name.
fn copies(source: &Path) -> Vec<PathBuf> {
    let target = |name: &str| source.with_extension(format!("{name}.nc"));
    let mut made = Vec::new();
    for words in ["nccopy", "nccopy -k nc4 -d 5 -s", "ncks -O", "ncks -O -L 4", "h5repack -f GZIP=9"] {
        let (program, arguments) = words.split_once(' ').unwrap_or((words, ""));
        made.push(target(&words.replace(' ', "_")));
        run(Command::new(program).args(arguments.split_whitespace()).arg(source).arg(made.last().unwrap()));
    }
    let ways = ["xarray-h5netcdf", "xarray-netcdf4", "unlimited", "rows", "arrays"];
    let targets = ways.map(target);
    in_python(source, &ways.into_iter().zip(targets.iter().map(PathBuf::as_path)).collect::<Vec<_>>());
    made.extend(targets);
    made
}

fn fault_27_a_map_copied_by_another_program_is_a_map() {
    let folder = tempfile::tempdir().unwrap();
    let map = write(folder.path(), "map.h5", MAP);
    for copy in copies(&map) {
        assert_same_map(&map, &copy);
    }
    // The negative control: a copy with another value is found out.
    let wrong = folder.path().join("wrong.nc");
    in_python(&map, &[("wrong-span", &wrong)]);
    assert_eq!(says(&["diff", text(&map), text(&wrong)]).0, 1);
    assert_eq!(says(&["verify", text(&wrong), "--cells", "45"]).0, 1);
}

fn fault_27_a_map_of_several_starts_copied_by_another_program_is_a_map() {
    let folder = tempfile::tempdir().unwrap();
    let map = write(folder.path(), "starts.h5", STARTS);
    for copy in copies(&map) {
        assert_same_map(&map, &copy);
        assert_eq!(MapFile::open(&copy).unwrap().starts(), ["lower", "middle", "upper"]);
    }
    // The negative control: starts that have no names are an error.
    let nameless = folder.path().join("nameless.h5");
    std::fs::copy(&map, &nameless).unwrap();
    hdf5::File::open_rw(&nameless).unwrap().dataset("start").unwrap().delete_attr("flag_meanings").unwrap();
    assert!(MapFile::open(&nameless).unwrap_err().to_string().contains("flag_meanings"));
}

fn fault_27_a_virtual_map_copied_by_another_program_holds_its_values() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let map = folder.path().join("map.h5");
    let parts = format!("{MAP} --part-cells 15 --shard 0/1 -o {}", map.display());
    for words in [&parts, &format!("merge {} --virtual", map.display())] {
        let (code, message) = says(&words.split_whitespace().collect::<Vec<_>>());
        assert_eq!(code, 0, "{words}: {message}");
    }
    assert!(MapFile::open(&map).unwrap().is_virtual());
    for program in ["nccopy", "ncks"] {
        let copy = elsewhere.path().join(format!("{program}.nc"));
        run(Command::new(program).arg(&map).arg(&copy));
        assert_same_map(&map, &copy);
        assert!(!MapFile::open(&copy).unwrap().is_virtual());
    }
    // The negative control: the map itself is nothing without its parts.
    let moved = elsewhere.path().join("moved.h5");
    std::fs::copy(&map, &moved).unwrap();
    assert!(MapFile::open(&moved).unwrap_err().to_string().contains("parts are missing"));
}

fn fault_27_what_cannot_be_a_map_any_more_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let map = write(folder.path(), "map.h5", MAP);
    let other = folder.path().join("other.nc");
    in_python(&map, &[("objects", &other)]);
    let refused = MapFile::open(&other).unwrap_err().to_string();
    assert!(refused.contains("object by object"), "{refused}");
    std::fs::write(&other, b"CDF\x05\0\0\0\0\0\0\0\0").unwrap();
    let refused = MapFile::open(&other).unwrap_err().to_string();
    assert!(refused.contains("netCDF-3") && refused.contains("nccopy -k nc4"), "{refused}");
    // The negative control: what is no file of netCDF at all is called so.
    std::fs::write(&other, b"not netCDF at all").unwrap();
    assert!(MapFile::open(&other).unwrap_err().to_string().contains("not an HDF5 file"));
}

fn fault_27_traces_and_ramps_copied_by_another_program_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let trace = write(folder.path(), "trace.h5", TRACE);
    let read = |path: &Path| TraceFile::open(path).map(|t| format!("{t:?}")).unwrap();
    for copy in copies(&trace) {
        assert_eq!(read(&trace), read(&copy), "{}", copy.display());
    }
    let wrong = folder.path().join("wrong.h5");
    in_python(&trace, &[("wrong-V", &wrong)]);
    assert_ne!(read(&trace), read(&wrong));
    for words in [RAMP, SINGLE_RAMP] {
        let ramp = write(folder.path(), "ramp.h5", &format!("{words} --force"));
        let read = |path: &Path| RampFile::open(path).map(|r| format!("{r:?}")).unwrap();
        for copy in copies(&ramp) {
            assert_eq!(read(&ramp), read(&copy), "{}", copy.display());
        }
        in_python(&ramp, &[("wrong-v_mean", &wrong)]);
        assert_ne!(read(&ramp), read(&wrong));
    }
}

fn fault_27_a_map_is_edited_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let map = write(folder.path(), "map.h5", MAP);
    let sealed = |path: &Path| std::fs::read(path).unwrap().windows(16).any(|w| w == b"hopfmap sha-256:");
    assert!(sealed(&map));
    let edited = folder.path().join("edited.h5");
    for way in ["edit-netcdf4", "edit-h5py", "edit-h5netcdf", "open-h5py", "ncatted"] {
        if way == "ncatted" {
            std::fs::copy(&map, &edited).unwrap();
            run(Command::new("ncatted").args(["-O", "-h", "-a", "comment,global,o,c,edited"]).arg(&edited));
        } else {
            in_python(&map, &[(way, &edited)]);
        }
        let comment = MapFile::open(&edited).unwrap().text("comment");
        assert_eq!(comment.as_deref(), (way != "open-h5py").then_some("edited"), "{way}");
        assert!(!sealed(&edited), "{way} leaves a seal that does not fit");
        assert_same_map(&map, &edited);
    }
    // The negative control: an edit of a value is found out, too.
    in_python(&map, &[("wrong-span", &edited)]);
    assert_eq!(says(&["verify", text(&edited), "--cells", "45"]).0, 1);
}

fn fault_31_axes_list_the_maps_along_them() {
    let folder = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/check_scales.py");
    let check = |path: &Path| Command::new(interpreter()).arg(&script).arg(path).output().unwrap();
    let files = every_kind(folder.path());
    for file in &files {
        let output = check(file);
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && printed.contains("lists are right"), "{}: {printed}", file.display());
    }
    // The negative control: a list that is gone, or names another dimension, is missed.
    let file = hdf5::File::open_rw(&files[0]).unwrap();
    file.dataset("Gamma").unwrap().delete_attr("REFERENCE_LIST").unwrap();
    file.close().unwrap();
    let output = check(&files[0]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("/Gamma does not list dimension 0 of span"));
}

/// A form of an attribute, and what gives it to the attribute in a file.
type Form<'a> = (&'a str, &'a dyn Fn(&Path));

/// Replaces an attribute by one of this form.
fn replace<T: hdf5::H5Type>(path: &Path, name: &str, values: &[T], scalar: bool) {
    let file = hdf5::File::open_rw(path).unwrap();
    file.delete_attr(name).unwrap();
    match scalar {
        true => file.new_attr::<T>().create(name).unwrap().write_scalar(&values[0]).unwrap(),
        false => drop(file.new_attr_builder().with_data(values).create(name).unwrap()),
    }
}

fn fault_27_numbers_and_texts_are_read_in_every_form() {
    const LONG: usize = 3000;
    let folder = tempfile::tempdir().unwrap();
    let map = write(folder.path(), "map.h5", MAP);
    let request = MapFile::open(&map).unwrap().request().to_string();
    let other = folder.path().join("other.h5");
    let with = |change: &dyn Fn(&Path)| {
        std::fs::copy(&map, &other).unwrap();
        change(&other);
        MapFile::open(&other)
    };
    for scalar in [true, false] {
        let texts: [Form<'_>; 4] = [
            ("fixed ASCII", &|p| replace(p, "request", &[FixedAscii::<LONG>::from_ascii(&request).unwrap()], scalar)),
            ("fixed UTF-8", &|p| replace(p, "request", &[request.parse::<FixedUnicode<LONG>>().unwrap()], scalar)),
            ("variable ASCII", &|p| replace(p, "request", &[VarLenAscii::from_ascii(&request).unwrap()], scalar)),
            ("variable UTF-8", &|p| replace(p, "request", &[request.parse::<VarLenUnicode>().unwrap()], scalar)),
        ];
        for (form, change) in texts {
            assert_eq!(with(change).unwrap().request(), request, "{form}, scalar: {scalar}");
        }
        let numbers: [Form<'_>; 4] = [
            ("i64", &|p| replace(p, "hopfmap_schema", &[1_i64], scalar)),
            ("u8", &|p| replace(p, "hopfmap_schema", &[1_u8], scalar)),
            ("f32", &|p| replace(p, "hopfmap_schema", &[1_f32], scalar)),
            ("f64", &|p| replace(p, "hopfmap_schema", &[1_f64], scalar)),
        ];
        for (form, change) in numbers {
            assert!(with(change).is_ok(), "{form}, scalar: {scalar}");
        }
        let newer = with(&|p| replace(p, "hopfmap_schema", &[99_i64], scalar)).unwrap_err();
        assert!(newer.to_string().contains("layout 99"), "{newer}");
    }
    // One text as an array of characters, as old programs write it.
    let characters: Vec<_> = request.bytes().map(|b| FixedAscii::<1>::from_ascii(&[b]).unwrap()).collect();
    assert_eq!(with(&|p| replace(p, "request", &characters, false)).unwrap().request(), request);
    // The negative controls: two where one is expected, and a number where a text is.
    let two = [request.parse::<VarLenUnicode>().unwrap(), request.parse::<VarLenUnicode>().unwrap()];
    let refused = with(&|p| replace(p, "request", &two, false)).unwrap_err().to_string();
    assert!(refused.contains("request") && refused.contains('2'), "{refused}");
    assert!(with(&|p| replace(p, "request", &[1.0], true)).unwrap_err().to_string().contains("request"));
    assert!(with(&|p| replace(p, "hopfmap_schema", &[1_u32, 1], false)).is_err());
}

fn fault_16_a_map_open_in_another_program_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let map = write(folder.path(), "map.h5", MAP);
    let sound = std::fs::read(&map).unwrap();
    let verify = |path: &Path| says(&["verify", text(path), "--cells", "3"]);
    let held = hdf5::File::open_rw(&map).unwrap();
    let bytes = std::fs::read(&map).unwrap();
    let changed: Vec<_> = (0..sound.len()).filter(|i| sound[*i] != bytes[*i]).collect();
    assert_eq!((sound.len(), &changed[..], bytes[20]), (bytes.len(), &[20][..], 1));
    assert_eq!(verify(&map).0, 0, "{}", verify(&map).1);
    // So it stays where that program ends without closing it.
    let left = folder.path().join("left.h5");
    std::fs::write(&left, &bytes).unwrap();
    assert_eq!(verify(&left).0, 0, "{}", verify(&left).1);
    // The negative controls: any other change is one that hopfmap must not trust.
    let with = |changes: &[(usize, u8)]| {
        let mut bytes = bytes.clone();
        changes.iter().for_each(|(at, value)| bytes[*at] = *value);
        std::fs::write(&left, &bytes).unwrap();
        verify(&left)
    };
    let middle = sound.len() / 2;
    let (code, message) = with(&[(middle, !sound[middle])]);
    assert!(code == 2 && message.contains("half written") && message.contains("close it there"), "{code}: {message}");
    let (code, message) = with(&[(20, 0), (middle, !sound[middle])]);
    assert!(code == 2 && message.contains("is damaged"), "{code}: {message}");
    let (code, message) = with(&[(20, 2)]);
    assert!(code == 2 && message.contains("is damaged"), "{code}: {message}");
    // Closed, it has lost its seal and is read without one.
    held.close().unwrap();
    assert_eq!(std::fs::read(&map).unwrap(), sound[..sound.len() - 48]);
    assert_eq!(verify(&map).0, 0);
}
