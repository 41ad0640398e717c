//! Does the program tell its own results from what somebody has put in their place: maps that were changed, parts without a
//! plan, links, locks and job numbers that are none.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]
#![cfg(unix)]

mod common;

use common::runs::{at_home, done, hopfmap, names, refused};
use hdf5::ObjectReference1;
use hdf5::types::VarLenArray;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

const PLANE: [&str; 8] = ["--grid", "Gamma=0.1:1:6", "--grid", "Z_T=0:1:5", "--set", "R_n=6", "--engine", "cpu"];

/// `hopfmap sweep` of a small plane at an input voltage, with further arguments.
fn sweep(folder: &Path, v_n: &str, more: &[&str]) -> Command {
    hopfmap(folder, &[&["sweep", "-q", "--set", v_n], &PLANE[..], more].concat())
}

/// Lets `edit` change a file as another program would. A command that another test has just started holds the lock of every file
/// that was open here, until it ends.
fn edit(path: &Path, edit: impl FnOnce(&hdf5::File)) {
    let tries = (0..600).find_map(|_| {
        let file = hdf5::File::open_rw(path);
        file.inspect_err(|_| std::thread::sleep(std::time::Duration::from_millis(100))).ok()
    });
    let file = tries.unwrap_or_else(|| hdf5::File::open_rw(path).unwrap());
    edit(&file);
    file.close().unwrap();
}

#[test]
fn a_map_that_was_changed_is_not_complete_and_its_parts_stay() {
    let home = at_home();
    let map = home.path().join("map.h5");
    let parts = ["--part-cells", "8", "--shard", "0/1", "-o", "map.h5"];
    done(sweep(home.path(), "V_n=2", &parts));
    done(hopfmap(home.path(), &["merge", "--virtual", "map.h5"]));
    // A copy of a virtual map elsewhere holds no cell.
    std::fs::remove_file(&map).unwrap();
    done(sweep(home.path(), "V_n=2", &["-o", "whole.h5", "--part-cells", "8"]));
    std::fs::copy(home.path().join("whole.h5"), &map).unwrap();
    edit(&map, |file| {
        let outcome = file.dataset("outcome").unwrap();
        let none = ndarray::Array2::<u8>::from_elem((6, 5), 255);
        outcome.write(&none).unwrap();
    });
    for command in [sweep(home.path(), "V_n=2", &parts[..2]), hopfmap(home.path(), &["merge", "map.h5"])] {
        let mut command = command;
        if command.get_args().next().unwrap() == "sweep" {
            command.args(["-o", "map.h5"]);
        }
        let (code, message) = refused(command);
        assert!(code == 2 && message.contains("map.h5 exists") && message.contains("--force"), "{code}: {message}");
        assert!(
            home.path().join("map.h5.parts/part-000000.h5").is_file(),
            "the parts are all that is left of the cells"
        );
    }
    done(hopfmap(home.path(), &["merge", "map.h5", "--force"]));
    assert!(done(hopfmap(home.path(), &["diff", "map.h5", "whole.h5"])).contains("0 "));
    assert_eq!(names(home.path()), ["map.h5", "map.h5.parts", "whole.h5"], "another virtual map may read the parts");
    std::fs::remove_dir_all(home.path().join("map.h5.parts")).unwrap();
    // Without parts there is nothing to merge.
    edit(&map, |file| drop(file.new_attr::<u8>().create("mine").unwrap()));
    let (code, message) = refused(hopfmap(home.path(), &["merge", "map.h5"]));
    assert!(code == 2 && message.contains("no parts to merge"), "{message}");
}

#[test]
fn a_virtual_map_takes_no_value_from_elsewhere() {
    let home = at_home();
    let parts = ["--part-cells", "8", "--shard", "0/1", "-o", "map.h5"];
    done(sweep(home.path(), "V_n=2", &parts));
    done(hopfmap(home.path(), &["merge", "--virtual", "map.h5"]));
    let map = home.path().join("map.h5");
    let part = |i: usize| format!("map.h5.parts/part-{:06}.h5", i % 4);
    // The span of each row from another file, of which one is no part of the map.
    let plot = |elsewhere: Option<usize>| {
        edit(&map, |file| {
            file.unlink("span").unwrap();
            let row = |builder: hdf5::DatasetBuilderEmptyShape, i: usize| {
                let source = if elsewhere == Some(i) { "elsewhere.h5".to_string() } else { part(i) };
                let here = hdf5::Selection::try_new(ndarray::s![i..i + 1, 0..5]).unwrap();
                builder.virtual_map(source, "span", [1, 5], hdf5::Selection::All, [6, 5], here)
            };
            let builder = file.new_dataset_builder().empty::<f32>().fill_value(0.5_f32).shape([6, 5]);
            (0..6).fold(builder, row).create("span").unwrap();
        });
        refused(hopfmap(home.path(), &["plot", "map.h5", "--force", "-o", "p.svg"])).1
    };
    assert!(!plot(None).contains("no part of the map"), "the negative control");
    for i in 0..6 {
        let message = plot(Some(i));
        assert!(message.contains("the values of span lie in elsewhere.h5, which is no part of the map"), "{message}");
    }
}

#[test]
fn a_picture_and_a_file_that_one_link_makes_the_same_are_refused() {
    let home = at_home();
    symlink("b.h5", home.path().join("b.png")).unwrap();
    symlink("x.png", home.path().join("c.h5")).unwrap();
    let trace = ["trace", "--set", "R_n=5", "--set", "V_n=0.23", "--set", "Gamma=0.1", "--force", "-o", "b.h5"];
    for command in [
        sweep(home.path(), "V_n=2", &["-o", "b.h5", "--plot", "b.png", "--force"]),
        sweep(home.path(), "V_n=2", &["-o", "c.h5", "--plot", "x.png", "--force"]),
        sweep(home.path(), "V_n=2", &["-o", "b.h5", "--plot", "b.png"]),
        hopfmap(home.path(), &[&trace[..], &["--plot", "b.png"]].concat()),
    ] {
        let (code, message) = refused(command);
        assert!(code == 2 && message.contains("named twice"), "{message}");
    }
    assert_eq!(names(home.path()), ["b.png", "c.h5"]);
}

#[test]
fn parts_of_another_sweep_whose_plan_is_lost_are_refused() {
    let home = at_home();
    let parts = home.path().join("map.h5.parts");
    done(sweep(home.path(), "V_n=2", &["--part-cells", "8", "--shard", "0/1", "-o", "map.h5"]));
    let there = names(&parts);
    std::fs::write(parts.join("part-notes.h5"), "mine").unwrap();
    for lose in [|plan: &Path| std::fs::write(plan, "").unwrap(), |plan: &Path| std::fs::remove_file(plan).unwrap()] {
        lose(&parts.join("plan.toml"));
        let (code, message) = refused(sweep(home.path(), "V_n=3", &["--part-cells", "8", "-o", "map.h5"]));
        assert!(code == 2 && message.contains("another sweep") && message.contains("plan.toml is lost"), "{message}");
        assert!(names(&parts).len() >= there.len(), "{:?}", names(&parts));
    }
    // Its own command takes them up, and leaves what is none of its files.
    done(sweep(home.path(), "V_n=2", &["--part-cells", "8", "-o", "map.h5"]));
    assert_eq!(names(&parts), ["part-notes.h5"]);
}

#[test]
fn cells_that_another_program_has_masked_or_packed_are_refused() {
    let home = at_home();
    done(sweep(home.path(), "V_n=2", &["-o", "map.h5"]));
    let changed = |name: &str, change: &dyn Fn(&hdf5::File)| {
        std::fs::copy(home.path().join("map.h5"), home.path().join(name)).unwrap();
        edit(&home.path().join(name), |file| change(file));
    };
    // As xarray masks cells: the outcomes are numbers with NaN among them.
    for (name, bad) in [("nan.h5", f64::NAN), ("half.h5", 1.7), ("below.h5", -1.0), ("none.h5", 255.0)] {
        changed(name, &|file| {
            let outcome = file.dataset("outcome").unwrap();
            let mut values = outcome.read_2d::<f64>().unwrap();
            values[[2, 2]] = bad;
            drop(outcome);
            file.unlink("outcome").unwrap();
            let outcome = file.new_dataset_builder().with_data(&values).create("outcome").unwrap();
            let axis = |name: &str| VarLenArray::from([file.reference::<ObjectReference1>(name).unwrap()]);
            let axes = ["Gamma", "Z_T"].map(axis);
            outcome.new_attr_builder().with_data(&axes).create("DIMENSION_LIST").unwrap();
        });
        let words = ["plot", name, "--variable", "outcome", "-o", "o.svg"];
        for command in [&words[..], &["verify", name, "--cells", "30"], &["diff", name, "map.h5"]] {
            let (code, message) = refused(hopfmap(home.path(), command));
            assert!(code == 1 || code == 2, "{command:?}: {message}");
            assert!(message.contains("outcome") && message.contains("none"), "{command:?}: {message}");
        }
    }
    let attribute = |name: &'static str, value: f64| {
        move |file: &hdf5::File| {
            let span = file.dataset("span").unwrap();
            if span.attr(name).is_ok() {
                span.delete_attr(name).unwrap();
            }
            span.new_attr::<f64>().create(name).unwrap().write_scalar(&value).unwrap();
        }
    };
    for (name, value, words) in [("scale_factor", 1e-5, "ncpdq -P upk"), ("_FillValue", -999.0, "NaN as fill value")] {
        changed("packed.h5", &attribute(name, value));
        let (code, message) = refused(hopfmap(home.path(), &["plot", "packed.h5", "-o", "o.svg"]));
        assert!(code == 2 && message.contains("column span") && message.contains(words), "{message}");
    }
    assert!(!home.path().join("o.svg").exists());
    // The outcome has a marker of its own, and no other.
    let outcome = |value: u8| {
        changed("marked.h5", &|file| {
            let outcome = file.dataset("outcome").unwrap();
            outcome.new_attr::<u8>().create("_FillValue").unwrap().write_scalar(&value).unwrap();
        });
        hopfmap(home.path(), &["plot", "marked.h5", "-o", "o.svg", "--force"])
    };
    done(outcome(255));
    let (code, message) = refused(outcome(254));
    assert!(code == 2 && message.contains("column outcome misses with 254"), "{message}");
}

#[test]
fn a_ramp_whose_axis_was_changed_is_refused() {
    let home = at_home();
    let ramp = ["ramp", "-q", "--grid", "V_n=0:6:5", "--set", "R_n=8", "--set", "Gamma=1", "--engine", "cpu"];
    done(hopfmap(home.path(), &[&ramp[..], &["-o", "ramp.h5"]].concat()));
    let plot = |values: [f64; 5]| {
        edit(&home.path().join("ramp.h5"), |file| file.dataset("V_n").unwrap().write(&values).unwrap());
        hopfmap(home.path(), &["plot", "ramp.h5", "-o", "r.svg", "--force"])
    };
    done(plot([0.0, 1.5, 3.0, 4.5, 6.5]));
    for (values, words) in [
        ([0.0, 1.5, 3.0, 3.0, 6.0], "V_n neither rises nor falls"),
        ([0.0, 1.5, 1.0, 4.5, 6.0], "V_n neither rises nor falls"),
        ([0.0, 1.5, 3.0, 4.5, f64::INFINITY], "V_n"),
    ] {
        let (code, message) = refused(plot(values));
        assert!(code == 2 && message.contains("is no ramp of hopfmap") && message.contains(words), "{message}");
    }
}

#[test]
fn a_limit_on_file_sizes_is_an_error_of_every_command() {
    let home = at_home();
    done(sweep(home.path(), "V_n=2", &["-o", "map.h5"]));
    for words in [
        "plot map.h5 -o p.png",
        "man -o .",
        "trace --set R_n=5 --set V_n=2 --set Gamma=0.1 -o t.h5",
        "replay map.h5 --cell 0,1 -o c.h5",
    ] {
        let mut limited = Command::new("sh");
        limited.current_dir(home.path()).args(["-c", &format!("ulimit -f 1; exec \"$@\" {words}"), "sh"]);
        limited.arg(env!("CARGO_BIN_EXE_hopfmap"));
        let (code, message) = refused(limited);
        assert!(code == 1 && message.contains("error"), "{words}: {code}: {message}");
        let left: Vec<_> = names(home.path()).into_iter().filter(|name| name.ends_with(".tmp")).collect();
        assert!(left.is_empty(), "{words}: {left:?}");
    }
}

#[test]
fn what_sbatch_prints_has_to_be_a_number() {
    for printed in ["", "garbage here", "-1", "sbatch: warning\\n17", "\\0377"] {
        let home = at_home();
        let bin = home.path().join("bin");
        std::fs::create_dir(&bin).unwrap();
        std::fs::write(bin.join("sbatch"), format!("#!/bin/sh\nprintf '%b' '{printed}'\n")).unwrap();
        std::fs::set_permissions(bin.join("sbatch"), std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut command = sweep(home.path(), "V_n=2", &["--slurm", "2", "--part-cells", "8", "-o", "map.h5"]);
        command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
        let (code, message) = refused(command);
        assert!(code == 1 && message.contains("no job's number"), "{printed}: {code}: {message}");
    }
}

#[test]
fn a_pipe_in_place_of_a_lock_is_refused_at_once() {
    let home = at_home();
    done(sweep(home.path(), "V_n=2", &["-o", "map.h5"]));
    // The lock's name: made by a command that finds it held.
    let held = hopfmap_lock(home.path());
    std::fs::remove_file(home.path().join(&held)).unwrap();
    assert!(Command::new("mkfifo").arg(home.path().join(&held)).status().unwrap().success());
    let mut command = Command::new("timeout");
    command.current_dir(home.path()).args(["10", env!("CARGO_BIN_EXE_hopfmap"), "sweep", "-q", "--set", "V_n=2"]);
    command.args(PLANE).args(["-o", "map.h5", "--force", "--part-cells", "8"]);
    let (code, message) = refused(command);
    assert!(code == 1 && message.contains(&held) && message.contains("no ordinary file"), "{code}: {message}");
}

/// The name of the lock of `map.h5`: that of a lock that a killed sweep leaves.
fn hopfmap_lock(home: &Path) -> String {
    let mut child = sweep(home, "V_n=2", &["--grid", "alpha=0.1:1:2000", "-o", "map.h5", "--force"]).spawn().unwrap();
    let lock = || names(home).into_iter().find(|name| name.ends_with(".lock"));
    let name = (0..2000).find_map(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        lock()
    });
    child.kill().unwrap();
    child.wait().unwrap();
    name.expect("a sweep holds a lock")
}

#[test]
fn what_a_lock_says_reaches_no_terminal_as_a_command() {
    let home = at_home();
    let lock = hopfmap_lock(home.path());
    std::fs::write(home.path().join(&lock), "owner = nobody\nprocess \x1b[31m7\x07 on far\n").unwrap();
    let (code, message) = refused(sweep(home.path(), "V_n=2", &["-o", "map.h5", "--part-cells", "8", "--force"]));
    assert!(
        code == 1 && message.contains("on far") && !message.contains('\x1b') && !message.contains('\x07'),
        "{message}"
    );
}

#[test]
fn names_of_files_are_no_commands_to_a_terminal() {
    let home = at_home();
    let name = "\x1b[31mred\x07.h5";
    let output = sweep(home.path(), "V_n=2", &["-o", name]).output().unwrap();
    let second = sweep(home.path(), "V_n=3", &["-o", name]).output().unwrap();
    assert!(output.status.success() && !second.status.success());
    for text in [output.stdout, second.stderr] {
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("\\u{1b}[31mred\\u{7}.h5") && !text.contains(['\x1b', '\x07']), "{text}");
    }
    assert_eq!(names(home.path()), [name]);
}

#[test]
fn a_file_whose_fingerprint_is_cut_is_damaged() {
    let home = at_home();
    done(sweep(home.path(), "V_n=2", &["-o", "map.h5"]));
    let sealed = std::fs::read(home.path().join("map.h5")).unwrap();
    for bytes in [&sealed[..sealed.len() - 1], &sealed[..sealed.len() - 47], &[&sealed[..], b"\n"].concat()] {
        std::fs::write(home.path().join("map.h5"), bytes).unwrap();
        for words in [&["verify", "map.h5"][..], &["diff", "map.h5", "map.h5"], &["plot", "map.h5", "-o", "p.svg"]] {
            let (code, message) = refused(hopfmap(home.path(), words));
            assert!(code == 2 && message.contains("after its end"), "{words:?}: {message}");
        }
    }
    // All of it gone: a copy by another program has none.
    std::fs::write(home.path().join("map.h5"), &sealed[..sealed.len() - 48]).unwrap();
    done(hopfmap(home.path(), &["verify", "map.h5"]));
}

#[test]
fn a_figure_of_another_command_is_not_taken_up() {
    let home = at_home();
    std::fs::create_dir(home.path().join("paper")).unwrap();
    done(sweep(home.path(), "V_n=2", &["-o", "paper/fig7.h5"]));
    let fig7 = ["paper", "fig7", "-o", "paper", "--quality", "draft", "--engine", "cpu", "-q"];
    let (code, message) = refused(hopfmap(home.path(), &fig7));
    assert!(code == 2 && message.contains("fig7.h5 exists"), "{message}");
    assert_eq!(names(&home.path().join("paper")), ["fig7.h5"]);
}
