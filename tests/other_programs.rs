//! Do Python's libraries and h5dump read what hopfmap writes. These tests run where `scripts/setup tests` has been.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::needs::interpreter;
use common::runs::run;
use common::{blocks, hopfmap};
use hopfmap::store::MapFile;
use std::path::{Path, PathBuf};
use std::process::Command;

tests! {
    other_programs_read_the_map: [PYTHON, H5DUMP];
    other_programs_read_a_map_of_several_starts: [PYTHON];
    other_programs_read_traces: [PYTHON];
    other_programs_read_ramps: [PYTHON];
    other_programs_read_curves: [PYTHON];
    poppler_reads_a_pdf: [POPPLER];
    the_readme_computes_a_map: [PYTHON];
    the_page_on_files_reads_a_ramp_and_curves: [PYTHON];
    the_python_example_draws_a_map: [PYTHON];
}

fn source(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A script of tests/python, or of the examples, about to run.
fn script(path: &str) -> Command {
    let mut command = Command::new(interpreter());
    command.arg(source(path));
    command
}

/// Runs a command of hopfmap that writes the file.
fn write(words: &[&str], path: &Path) {
    hopfmap().args(words).arg("-o").arg(path).assert().success();
}

fn other_programs_read_the_map() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.h5");
    let axes = ["sweep", "--grid", "Gamma=0.1:1:9", "--grid", "Z_T=0:1:5", "--set", "V_n=2", "--set", "R_n=6"];
    write(&[&axes[..], &["--engine", "cpu"]].concat(), &path);
    let span = MapFile::open(&path).unwrap().cut("span", &[Some(0), Some(4)]).unwrap().sum();
    let check = |span: f64| {
        let mut command = script("tests/python/check_map.py");
        command.arg(&path).arg(span.to_string());
        command
    };
    assert!(run(&mut check(span)).contains("map reads well"));
    // The negative control: a wrong number is noticed over there.
    assert!(!check(span + 0.01).output().unwrap().status.success());
}

fn other_programs_read_a_map_of_several_starts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("starts.h5");
    let axes = ["sweep", "--grid", "R_n=1,16", "--grid", "V_n=3,7", "--set", "Gamma=0.1", "--start", "equilibria"];
    write(&[&axes[..], &["--engine", "cpu"]].concat(), &path);
    assert!(run(script("tests/python/check_starts.py").arg(&path)).contains("reads well"));
}

fn other_programs_read_traces() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.h5");
    write(&["trace", "--set", "R_n=5", "--set", "V_n=1", "--set", "Gamma=0.1", "--t-end", "400"], &path);
    assert!(run(script("tests/python/check_trace.py").arg(&path)).contains("trace reads well"));
}

fn other_programs_read_ramps() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ramp.h5");
    let axes = ["ramp", "--grid", "V_n=0:6:31", "--grid", "x_0=0.7,0.8", "--set", "R_n=8", "--set", "Gamma=1"];
    write(&[&axes[..], &["--engine", "cpu"]].concat(), &path);
    assert!(run(script("tests/python/check_ramp.py").arg(&path)).contains("ramp reads well"));
}

fn other_programs_read_curves() {
    let folder = tempfile::tempdir().unwrap();
    let (path, none) = (folder.path().join("curves.h5"), folder.path().join("none.h5"));
    write(&["curves", "--x", "V_n=0:9", "--y", "R_n=0:16", "--set", "Gamma=0.1"], &path);
    // An empty plane is a file without points.
    write(&["curves", "--x", "V_n=0:9", "--y", "R_n=0:1", "--set", "Gamma=0.1", "--set", "Z_T=0"], &none);
    assert!(run(script("tests/python/check_curves.py").arg(&path).arg(&none)).contains("curves read well"));
}

fn poppler_reads_a_pdf() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("map.h5");
    let axes = ["sweep", "--grid", "Gamma=0.1:1:9", "--grid", "Z_T=0:1:5", "--set", "V_n=2", "--set", "R_n=6"];
    write(&[&axes[..], &["--engine", "cpu"]].concat(), &path);
    let told = |program: &str, size: &str| {
        let picture = folder.path().join(format!("{size}.pdf"));
        let words = ["plot", "--force", "--size", size];
        hopfmap().args(words).arg(&path).arg("-o").arg(&picture).assert().success();
        let mut command = Command::new(program);
        command.arg(&picture).args((program == "pdftotext").then_some("-"));
        run(&mut command)
    };
    // Name, type, encoding, and whether the font is embedded, is a subset, and gives its letters back.
    let fonts = told("pdffonts", "86x70mm");
    let rows: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!rows.is_empty() && rows.iter().all(|r| r.contains("DejaVuSans") && r.contains("yes yes yes")), "{fonts}");
    let text = told("pdftotext", "86x70mm");
    assert!(["Γ", "span", "0.5"].iter().all(|part| text.contains(part)), "{text}");
    // 86 mm and 70 mm in points; negative control: another size.
    let page = |size: &str| told("pdfinfo", size).lines().find(|l| l.starts_with("Page size")).unwrap().to_string();
    let (page, other) = (page("86x70mm"), page("120x70mm"));
    assert!(page.contains("243.78 x 198.425 pts") && !other.contains("243.78"), "{page} {other}");
}

fn the_readme_computes_a_map() {
    let folder = tempfile::tempdir().unwrap();
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let scripts = blocks(&readme, "python");
    assert_eq!(scripts.len(), 1);
    let mut python = Command::new(interpreter());
    python.args(["-c", &scripts[0]]).current_dir(folder.path()).env("PYTHONPATH", source("python"));
    let text = run(python.env("HOPFMAP", env!("CARGO_BIN_EXE_hopfmap")));
    // What each line prints is what the comment behind it says.
    let printed = scripts[0].lines().filter_map(|l| l.split_once("# ")).map(|(_, number)| number.trim());
    for (line, number) in text.lines().zip(printed) {
        let rounded = format!("{:.4}", line.parse::<f64>().unwrap());
        assert_eq!(rounded, number, "the README says {number}, and it is {line}");
    }
    assert_eq!(text.lines().count(), 2, "{text}");
}

fn the_page_on_files_reads_a_ramp_and_curves() {
    let folder = tempfile::tempdir().unwrap();
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/files.md");
    for line in blocks(&page, "sh").iter().flat_map(|b| b.lines()) {
        let words = shlex::split(line.strip_prefix("hopfmap ").unwrap()).unwrap();
        hopfmap().args(words).current_dir(folder.path()).assert().success();
    }
    let scripts = blocks(&page, "python");
    assert_eq!(scripts.len(), 1);
    let text = run(Command::new(interpreter()).args(["-c", &scripts[0]]).current_dir(folder.path()));
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
    // The loop of Fig. 2a, and Hopf points from V_n near 0 on.
    assert!(numbers.len() == 3 && (numbers[0] - 8.5).abs() < 1.0 && numbers[1] < 1.0 && numbers[2] > 3.0, "{text}");
}

fn the_python_example_draws_a_map() {
    let folder = tempfile::tempdir().unwrap();
    let sweep = |name: &str, axis: &str, set: &str| {
        let axes = ["sweep", "--grid", "Gamma=0.02:1:24", "--grid", axis, "--set", "V_n=2", "--set", "R_n=6"];
        let more = ["--set", set, "--engine", "cpu", "--audit", "off"];
        write(&[&axes[..], &more].concat(), &folder.path().join(name));
    };
    sweep("fig6a.h5", "Z_T=0:1:24", "alpha=1");
    let example = |arguments: &[&str]| {
        let mut command = script("examples/read_map.py");
        command.args(arguments).current_dir(folder.path());
        command
    };
    // With no arguments, as its first lines say.
    let printed = run(&mut example(&[]));
    assert!(printed.contains("largest span 0.108") && printed.contains("0 cells"), "{printed}");
    let png = std::fs::read(folder.path().join("fig6a-python.png")).unwrap();
    let mut decoder = png::Decoder::new(std::io::Cursor::new(&png)).read_info().unwrap();
    let mut pixels = vec![0; decoder.output_buffer_size().unwrap()];
    decoder.next_frame(&mut pixels).unwrap();
    assert!(pixels.chunks(4).any(|p| p == [68, 1, 84, 255]), "viridis's dark end is missing");
    // The law of a cycle's amplitude next to its map.
    let law = ["sweep", "--grid", "Gamma=0.02:0.7:18", "--grid", "Z_T=0:1:16", "--set", "V_n=2", "--set", "R_n=6"];
    write(&[&law[..], &["--means", "--engine", "cpu", "--audit", "off"]].concat(), &folder.path().join("law.h5"));
    let threshold = ["curves", "--x", "Z_T=0:1", "--y", "Gamma=0.02:0.7", "--set", "V_n=2", "--set", "R_n=6"];
    write(&threshold, &folder.path().join("threshold.h5"));
    let printed = run(script("examples/law.py").current_dir(folder.path()));
    assert!(printed.contains("of 0.108") && folder.path().join("law.png").is_file(), "{printed}");
    // Another plane: a word on what to change, and no traceback.
    sweep("other.h5", "alpha=0.5:2:8", "Z_T=1");
    let other = example(&["other.h5", "other.png"]).output().unwrap();
    let message = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(
        !other.status.success() && message.contains("change X and Y") && !message.contains("Traceback"),
        "{message}"
    );
}
