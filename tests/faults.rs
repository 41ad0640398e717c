//! Faults of version 0.1.0 that lost or bent data, each by its number: none of them may come back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::{at_home, done, hopfmap, names, refused};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

const PLANE: [&str; 8] = ["--grid", "Gamma=0.1:1:6", "--grid", "Z_T=0:1:5", "--set", "V_n=2", "--set", "R_n=6"];

/// `hopfmap sweep` of a small plane on the CPU, with further arguments.
fn sweep(folder: &Path, extra: &[&str]) -> std::process::Command {
    hopfmap(folder, &[&["sweep"], &PLANE[..], &["--engine", "cpu", "-q"], extra].concat())
}

/// Lets `edit` change an HDF5 file that is sealed, and seals it again.
fn edited(path: &Path, edit: impl FnOnce(&hdf5::File)) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes.truncate(bytes.len() - 48);
    std::fs::write(path, &bytes).unwrap();
    let file = hdf5::File::open_rw(path).unwrap();
    edit(&file);
    file.close().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(b"hopfmap sha-256:");
    bytes.extend_from_slice(&digest);
    std::fs::write(path, &bytes).unwrap();
}

fn outcomes(path: &Path) -> Vec<u8> {
    hdf5::File::open(path).unwrap().dataset("outcome").unwrap().read_raw().unwrap()
}

#[test]
fn fault_02_a_part_that_is_wrong_inside_though_sealed_is_computed_again() {
    let home = at_home();
    done(sweep(home.path(), &["-o", "whole.h5"]));
    let right = outcomes(&home.path().join("whole.h5"));
    type Edit<'a> = &'a dyn Fn(&hdf5::File);
    let lost: [(&str, Edit<'_>); 2] = [
        ("outcomes", &|part: &hdf5::File| {
            part.dataset("outcome").unwrap().write_raw(&[255_u8; 5]).unwrap();
        }),
        // Cells that look like cells, and are not those that were computed.
        ("spans", &|part: &hdf5::File| {
            part.dataset("span").unwrap().write_raw(&[0.0_f32; 5]).unwrap();
        }),
    ];
    for (what, lose) in lost {
        let shard = ["--part-cells", "5", "--shard", "0/1", "-o", "map.h5"];
        done(sweep(home.path(), &shard));
        edited(&home.path().join("map.h5.parts/part-000002.h5"), lose);
        let (code, message) = refused(hopfmap(home.path(), &["merge", "map.h5"]));
        assert!(code == 1 && message.contains("part-000002.h5"), "{what}: {message}");
        let output = sweep(home.path(), &["--part-cells", "5", "-o", "map.h5"]).output().unwrap();
        assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(outcomes(&home.path().join("map.h5")), right, "{what}");
        std::fs::remove_file(home.path().join("map.h5")).unwrap();
    }
    // The control: an edit that changes nothing is none.
    done(sweep(home.path(), &["--part-cells", "5", "--shard", "0/1", "-o", "map.h5"]));
    edited(&home.path().join("map.h5.parts/part-000002.h5"), |_| ());
    done(hopfmap(home.path(), &["merge", "map.h5"]));
}

#[test]
fn fault_03_what_came_while_a_sweep_ran_is_left_and_the_map_is_kept() {
    let home = at_home();
    let slow = ["--grid", "alpha=0.5:1:400", "--audit", "off", "-o", "map.h5"];
    let mut child = sweep(home.path(), &slow).spawn().unwrap();
    // Once it has made its lock, it has looked at what was there.
    while !names(home.path()).iter().any(|name| name.ends_with(".lock")) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it began");
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    std::fs::write(home.path().join("map.h5"), "mine").unwrap();
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(std::fs::read(home.path().join("map.h5")).unwrap(), b"mine", "{message}");
    // Either it was seen before the work began, or the finished map has another name.
    assert!(!output.status.success() && message.contains("map.h5"), "{message}");
    if message.contains("map.new-1.h5") {
        assert_eq!(outcomes(&home.path().join("map.new-1.h5")).len(), 6 * 5 * 400);
    } else {
        assert!(message.contains("exists"), "{message}");
    }
}

#[test]
fn fault_05_a_job_array_alone_asks_for_no_shards() {
    let home = at_home();
    let task = |extra: &[&str]| {
        let mut command = sweep(home.path(), extra);
        for (name, value) in [("ID", "2"), ("COUNT", "4"), ("MIN", "0"), ("MAX", "3")] {
            command.env(format!("SLURM_ARRAY_TASK_{name}"), value);
        }
        command
    };
    done(task(&["-o", "task_2.h5"]));
    assert_eq!(outcomes(&home.path().join("task_2.h5")).len(), 30);
    // With `--shard slurm` it is shard 2 of 4.
    let printed = done(task(&["--part-cells", "5", "--shard", "slurm", "-o", "shared.h5"]));
    assert!(printed.contains("this shard's 1 parts are there; of all 6, 5 are still missing"), "{printed}");
    let (code, message) = refused(sweep(home.path(), &["--shard", "slurm", "-o", "x.h5"]));
    assert!(code == 2 && message.contains("runs in none"), "{message}");
    // A shard without a part to compute is no success.
    let (code, message) = refused(sweep(home.path(), &["--part-cells", "5", "--shard", "7/8", "-o", "x.h5"]));
    assert!(code == 2 && message.contains("6 parts") && message.contains("fewer shards"), "{message}");
    assert_eq!(names(home.path()), ["shared.h5.parts", "task_2.h5"]);
}

#[test]
fn fault_06_percent_signs_and_newlines_in_names() {
    let home = at_home();
    done(sweep(home.path(), &["-o", "whole.h5"]));
    for name in ["50%%.h5", "50%b.h5", "%s%d.h5"] {
        done(sweep(home.path(), &["--part-cells", "5", "--shard", "0/1", "-o", name]));
        done(hopfmap(home.path(), &["merge", "--virtual", name]));
        assert!(done(hopfmap(home.path(), &["diff", name, "whole.h5"])).contains("agree"), "{name}");
        let spans = hdf5::File::open(home.path().join(name)).unwrap().dataset("span").unwrap();
        assert!(spans.read_raw::<f64>().unwrap().iter().all(|s| s.is_finite()), "{name}");
    }
    done(sweep(home.path(), &["--part-cells", "5", "--shard", "0/1", "-o", "new\nline.h5"]));
    let (code, message) = refused(hopfmap(home.path(), &["merge", "--virtual", "new\nline.h5"]));
    assert!(code == 2 && message.contains("control character"), "{message}");
    done(hopfmap(home.path(), &["merge", "new\nline.h5"]));
    // Slurm reads `%` in the names of logs, and stops reading it after a backslash.
    let slurm = |name: &str| sweep(home.path(), &["--slurm", "2", "--dry-run", "-o", name]);
    assert!(done(slurm("100%a.h5")).contains("/100%%a.h5.slurm/shard-%a.log"));
    let (code, message) = refused(slurm("back\\slash.h5"));
    assert!(code == 2 && message.contains("backslash"), "{message}");
}

#[test]
fn fault_07_a_file_does_not_decide_where_it_is_written() {
    let home = at_home();
    done(sweep(home.path(), &["-o", "map.h5"]));
    std::fs::write(home.path().join("victim.h5"), "mine").unwrap();
    edited(&home.path().join("map.h5"), |map| {
        let request = "output = 'victim.h5'\ngrid = ['Gamma=0.1:1:6', 'Z_T=0:1:5']\nengine = 'cpu'\n[set]\nV_n = 2.0\nR_n = 6.0\n";
        map.delete_attr("request").unwrap();
        let text: hdf5::types::VarLenUnicode = request.parse().unwrap();
        map.new_attr::<hdf5::types::VarLenUnicode>().create("request").unwrap().write_scalar(&text).unwrap();
    });
    let (code, message) = refused(hopfmap(home.path(), &["sweep", "--from", "map.h5", "--force"]));
    assert!(code == 2 && message.contains("no output"), "{message}");
    assert_eq!(std::fs::read(home.path().join("victim.h5")).unwrap(), b"mine");
    done(hopfmap(home.path(), &["sweep", "--from", "map.h5", "-o", "new.h5"]));
}

#[cfg(unix)]
#[test]
fn fault_09_outputs_behind_links_are_written_and_kept() {
    use std::os::unix::fs::symlink;
    let home = at_home();
    let at = |name: &str| home.path().join(name);
    std::fs::create_dir(at("data")).unwrap();
    symlink("data/map.h5", at("link.h5")).unwrap();
    done(sweep(home.path(), &["-o", "link.h5"]));
    assert!(at("link.h5").is_symlink() && outcomes(&at("data/map.h5")).len() == 30);
    let before = std::fs::read(at("data/map.h5")).unwrap();
    let (code, _) = refused(sweep(home.path(), &["--set", "alpha=0.5", "-o", "link.h5"]));
    assert!(code == 2 && std::fs::read(at("data/map.h5")).unwrap() == before);
    done(sweep(home.path(), &["--set", "alpha=0.5", "--part-cells", "5", "--force", "-o", "link.h5"]));
    assert!(at("link.h5").is_symlink() && std::fs::read(at("data/map.h5")).unwrap() != before);
    assert_eq!(names(&at("data")), ["map.h5"]);
    done(hopfmap(home.path(), &["plot", "link.h5", "-o", "p.png"]));
}

#[test]
fn fault_10_edited_coordinates_are_noticed() {
    let home = at_home();
    type Edit = fn(&hdf5::File);
    let edits: [Edit; 3] = [
        |map| {
            let gamma = map.dataset("Gamma").unwrap();
            let mut values = gamma.read_raw::<f64>().unwrap();
            values.reverse();
            gamma.write_raw(&values).unwrap();
        },
        |map| map.dataset("V_n").unwrap().write_scalar(&2.5_f64).unwrap(),
        // One that has lost its fingerprint too is still held against its request.
        |map| {
            map.delete_attr("coordinates_sha256").unwrap();
            map.dataset("R_n").unwrap().write_scalar(&7.0_f64).unwrap();
        },
    ];
    for (n, edit) in edits.into_iter().enumerate() {
        done(sweep(home.path(), &["-o", "map.h5", "--force"]));
        edited(&home.path().join("map.h5"), edit);
        for command in [&["verify", "map.h5"][..], &["replay", "map.h5", "--cell", "1,1"]] {
            let (code, message) = refused(hopfmap(home.path(), command));
            assert!(code == 2 && message.contains("coordinates"), "edit {n}, {command:?}: {message}");
        }
        if n < 2 {
            let (code, message) = refused(hopfmap(home.path(), &["plot", "map.h5", "-o", "p.png"]));
            assert!(code == 2 && message.contains("coordinates"), "edit {n}: {message}");
        }
    }
    // The control: a map that was not edited is drawn and holds.
    done(sweep(home.path(), &["-o", "map.h5", "--force"]));
    edited(&home.path().join("map.h5"), |_| ());
    done(hopfmap(home.path(), &["verify", "map.h5"]));
}

#[cfg(target_os = "linux")]
#[test]
fn fault_12_names_that_are_not_utf8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let home = at_home();
    let name = |ending: &str| PathBuf::from(OsStr::from_bytes(&[b"m\xfcller.", ending.as_bytes()].concat()));
    let run = |words: &[&str], path: &Path| {
        let mut command = hopfmap(home.path(), words);
        command.arg(path);
        done(command)
    };
    let words = [&["sweep"], &PLANE[..], &["--engine", "cpu", "-q", "-o"]].concat();
    run(&words, &name("h5"));
    let second = ["--set", "alpha=0.5", "--part-cells", "5", "--force", "-o"];
    run(&[&words[..words.len() - 1], &second].concat(), &name("h5"));
    run(&["verify"], &name("h5"));
    run(&["plot"], &name("h5"));
    assert!(home.path().join(name("png")).is_file());
    run(&["trace", "--set", "R_n=5", "--set", "V_n=0.23", "--set", "Gamma=0.1", "--t-end", "50", "-o"], &name("nc"));
    let mut names: Vec<_> = std::fs::read_dir(home.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["h5", "nc", "png"].map(|e| name(e).into_os_string()), "nothing else is left");
}

#[test]
fn fault_14_the_same_command_twice_at_once() {
    let home = at_home();
    done(sweep(home.path(), &["-o", "whole.h5"]));
    for round in 0..6 {
        let parts: &[&str] = if round % 2 == 0 { &["--part-cells", "2"] } else { &[] };
        let command = || sweep(home.path(), &[&["-o", "map.h5"], parts].concat());
        let children: Vec<_> = (0..3).map(|_| command().spawn().unwrap()).collect();
        let outputs: Vec<_> = children.into_iter().map(|c| c.wait_with_output().unwrap()).collect();
        assert!(outputs.iter().any(|o| o.status.success()));
        for output in outputs.iter().filter(|o| !o.status.success()) {
            let message = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.code() == Some(1) && message.contains("is being written by process"), "{message}");
        }
        // Whoever comes again finds it complete.
        assert!(done(command()).contains("complete already"));
        assert!(done(hopfmap(home.path(), &["diff", "map.h5", "whole.h5"])).contains("agree"));
        assert_eq!(names(home.path()), ["map.h5", "whole.h5"]);
        std::fs::remove_file(home.path().join("map.h5")).unwrap();
    }
    // A merge that comes again, too.
    done(sweep(home.path(), &["--part-cells", "5", "--shard", "0/1", "-o", "map.h5"]));
    done(hopfmap(home.path(), &["merge", "map.h5"]));
    assert!(done(hopfmap(home.path(), &["merge", "map.h5"])).contains("complete already"));
}

#[cfg(unix)]
#[test]
fn fault_18_pipes_in_place_of_files_are_refused_at_once() {
    let home = at_home();
    let fifo = |name: &str| {
        let path = home.path().join(name);
        let _ = std::fs::remove_file(&path);
        common::runs::run(std::process::Command::new("mkfifo").arg(&path));
    };
    done(sweep(home.path(), &["-o", "map.h5"]));
    fifo("pipe.h5");
    for command in [
        &["plot", "pipe.h5", "-o", "p.png"][..],
        &["verify", "pipe.h5"],
        &["diff", "map.h5", "pipe.h5"],
        &["sweep", "--from", "pipe.h5", "-o", "x.h5"],
    ] {
        let (code, message) = refused(hopfmap(home.path(), command));
        assert!(code == 2 && message.contains("no ordinary file"), "{command:?}: {message}");
    }
    done(sweep(home.path(), &["--part-cells", "5", "--shard", "0/1", "-o", "parts.h5"]));
    std::fs::remove_file(home.path().join("parts.h5.parts/part-000001.h5")).unwrap();
    fifo("parts.h5.parts/part-000001.h5");
    done(sweep(home.path(), &["--part-cells", "5", "-o", "parts.h5"]));
    std::fs::create_dir(home.path().join("plan.h5.parts")).unwrap();
    fifo("plan.h5.parts/plan.toml");
    let (code, message) = refused(hopfmap(home.path(), &["merge", "plan.h5"]));
    assert!(code == 2 && message.contains("no ordinary file"), "{message}");
}

#[test]
fn fault_19_nothing_is_left_where_nothing_could_be_submitted() {
    let home = at_home();
    let mut command = sweep(home.path(), &["--slurm", "2", "-o", "map.h5"]);
    command.env("PATH", home.path());
    let (code, message) = refused(command);
    assert!(code == 2 && message.contains("sbatch"), "{message}");
    assert_eq!(names(home.path()), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn fault_19_every_command_clears_what_a_killed_one_left() {
    let home = at_home();
    done(sweep(home.path(), &["-o", "map.h5"]));
    let neuron = ["--set", "R_n=5", "--set", "V_n=0.23", "--set", "Gamma=0.1"];
    let trace = [&["trace"], &neuron[..], &["--t-end", "20000", "-o", "out.h5"]].concat();
    let curves = ["curves", "--x", "V_n=0:8", "--y", "R_n=0:16", "--set", "Gamma=0.1", "-o", "out.h5"];
    let ramp = ["ramp", "--grid", "V_n=0:8:400", "--set", "R_n=8", "--set", "Gamma=1", "-q", "-o", "out.h5"];
    let plot = ["plot", "map.h5", "-o", "out.png"];
    let mut left = 0;
    for command in [&trace[..], &curves, &ramp, &plot] {
        // Killed as soon as there is a temporary file.
        for _ in 0..20 {
            let mut child = hopfmap(home.path(), command).spawn().unwrap();
            while child.try_wait().unwrap().is_none() && names(home.path()).iter().all(|n| !n.starts_with('.')) {}
            child.kill().unwrap();
            child.wait().unwrap();
            left += names(home.path()).iter().filter(|n| n.starts_with('.')).count();
            if names(home.path()).iter().any(|n| n.starts_with('.')) {
                break;
            }
            let _ = std::fs::remove_file(home.path().join("out.h5"));
            let _ = std::fs::remove_file(home.path().join("out.png"));
        }
        let second = hopfmap(home.path(), command).output().unwrap();
        assert!([Some(0), Some(2)].contains(&second.status.code()), "{}", String::from_utf8_lossy(&second.stderr));
        assert!(names(home.path()).iter().all(|n| !n.starts_with('.')), "{:?}", names(home.path()));
        let _ = std::fs::remove_file(home.path().join("out.h5"));
        let _ = std::fs::remove_file(home.path().join("out.png"));
    }
    assert!(left > 0, "no run was killed with a temporary file: nothing was tried");
}

#[test]
fn fault_20_long_names_are_written_or_refused_for_what_they_are() {
    let home = at_home();
    let name = |n: usize| "n".repeat(n - 3) + ".h5";
    done(sweep(home.path(), &["-o", &name(240)]));
    done(sweep(home.path(), &["-o", &name(255)]));
    let (code, message) = refused(sweep(home.path(), &["-o", &name(256)]));
    assert!(code == 2 && message.contains("does not take") && message.contains("shorter"), "{message}");
    // The folder of parts has a longer name.
    let (code, message) = refused(sweep(home.path(), &["--part-cells", "5", "-o", &name(252)]));
    assert!(code == 2 && message.contains("folder of the parts") && message.contains("shorter"), "{message}");
    assert_eq!(names(home.path()).len(), 2);
}
