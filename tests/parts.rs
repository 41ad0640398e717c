//! Long sweeps: killed, interrupted, damaged, out of room, shared between processes; the map is the same, or the message says why not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::{at_home, done, hopfmap, names, refused, run};
use common::sweeps::{SWEEP, begun, part, parts, sweep, whole};
use hopfmap::Error;
use hopfmap::engine::{
    Batch, Cpu, Engine, EngineInfo, EngineKind, EngineOptions, OpenEngine, Precision, Progress, open_engine,
};
use hopfmap::plan::OnDeviceLoss;
use hopfmap::results::CellResult;
use hopfmap::sweep::{Done, SweepJob};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

fn signal(child: &Child, name: &str) {
    run(Command::new("kill").args(["-s", name, &child.id().to_string()]));
}

/// Whether two maps hold the same, bit for bit; the reason if not.
fn same(a: &Path, b: &Path) -> Result<(), String> {
    let found = common::same::differences(a, b).unwrap();
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

/// Kills sweeps when some of their parts are there and a moment more, and goes on with them. `scripts/kill-anything` kills every command.
#[test]
fn killed_at_any_moment_a_sweep_goes_on_to_the_same_map() {
    let home = at_home();
    let whole = whole(home.path());
    let mut kills = 0;
    for seed in 0..8 {
        let mut dice = Pcg64::seed_from_u64(seed);
        let folder = home.path().join(format!("run-{seed}"));
        std::fs::create_dir(&folder).unwrap();
        // Up to three kills, each with more parts there; the last where the map may be under way.
        for wanted in [dice.next_u64() % 4, 4 + dice.next_u64() % 8, 12 + dice.next_u64() % 5] {
            let mut child = begun(&folder, &[], wanted as usize);
            std::thread::sleep(Duration::from_micros(dice.next_u64() % 40_000));
            kills += u64::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
            if folder.join("map.h5").exists() {
                break;
            }
        }
        if names(&folder) != ["map.h5"] {
            done(sweep(&folder, &[]));
        }
        assert_eq!(names(&folder), ["map.h5"], "seed {seed}: something is left");
        if let Err(why) = same(&whole, &folder.join("map.h5")) {
            panic!("seed {seed}: {why}");
        }
    }
    assert!(kills >= 8, "{kills} sweeps were killed");
    // The negative control: another map is another map.
    done(hopfmap(home.path(), &["sweep", "--from", "whole/map.h5", "--set", "R_n=6.0001", "-o", "other.h5"]));
    assert!(same(&whole, &home.path().join("other.h5")).unwrap_err().contains("span differs"));
}

/// A device leaves the CPU free, so theory goes ahead of it there, and audit and disk come behind.
#[test]
fn on_a_device_too_a_sweep_goes_on_to_the_same_map() {
    let home = at_home();
    let on_device = |extra: &[&str]| {
        let words: Vec<&str> =
            SWEEP[..SWEEP.len() - 4].iter().chain(&["--engine", "gpu"]).chain(extra).copied().collect();
        hopfmap(home.path(), &words)
    };
    done(on_device(&["--part-cells", "160", "-o", "whole.h5"]));
    done(on_device(&["-o", "one.h5"]));
    let at = |name: &str| home.path().join(name);
    let one = same(&at("whole.h5"), &at("one.h5")).unwrap_err();
    assert!(
        one.contains("plan_sha256") && !one.contains("/span differs"),
        "one part is another plan, and the same cells: {one}"
    );
    for wanted in [1, 9] {
        let in_parts = || on_device(&["--part-cells", "160", "-o", "map.h5", "--force"]);
        let mut child = in_parts().spawn().unwrap();
        let begun = Instant::now();
        while parts(home.path()) < wanted && child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(120), "no part for two minutes");
            std::thread::sleep(Duration::from_millis(2));
        }
        signal(&child, if wanted == 1 { "KILL" } else { "INT" });
        let ended = child.wait().unwrap();
        assert!(!ended.success() && parts(home.path()) >= wanted, "{ended:?}");
        done(in_parts());
        assert_eq!(names(home.path()), ["map.h5", "one.h5", "whole.h5"]);
        if let Err(why) = same(&at("whole.h5"), &at("map.h5")) {
            panic!("{why}");
        }
        std::fs::remove_file(at("map.h5")).unwrap();
    }
}

/// Whether this process ignores SIGHUP, as under nohup; what it starts inherits that.
fn is_hup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|l| l.strip_prefix("SigIgn:")).map(str::trim);
    mask.and_then(|m| u64::from_str_radix(m, 16).ok()).is_some_and(|m| m & 1 == 1)
}

#[test]
fn signals_end_it_within_two_seconds_and_say_how_to_go_on() {
    for (name, code) in [("HUP", 129), ("INT", 130), ("TERM", 143)] {
        let home = at_home();
        let child = begun(home.path(), &[], 2);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        if name == "HUP" && is_hup_ignored() {
            // Under nohup a closed terminal does not end it.
            assert_eq!((output.status.code(), names(home.path())), (Some(0), vec!["map.h5".to_string()]), "{message}");
            continue;
        }
        assert_eq!(output.status.code(), Some(code), "{message}");
        for word in [" of 16 parts kept in map.h5.parts", "run the same command again", name] {
            assert!(message.contains(word), "{message}");
        }
        assert_eq!(names(home.path()), ["map.h5.parts"]);
        assert!(names(&home.path().join("map.h5.parts")).iter().all(|n| !n.starts_with('.')));
        done(sweep(home.path(), &[]));
    }
    // One part: nothing to keep, and nothing is left.
    let home = at_home();
    // Trains of pulses, which never settle.
    let slow = ["sweep", "--grid", "R_n=20:60:60", "--grid", "V_n=4.5:12:60", "--set", "Gamma=0.01"];
    let mut command = hopfmap(home.path(), &[&slow[..], &["--engine", "cpu", "-o", "map.h5"]].concat());
    let child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(700));
    signal(&child, "INT");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert!(String::from_utf8(output.stderr).unwrap().contains("--part-cells"));
    assert_eq!(names(home.path()), Vec::<String>::new());
}

/// Every other command that takes long hears a signal, and leaves nothing.
#[test]
#[cfg(target_os = "linux")]
fn ramps_figures_and_verifications_end_by_a_signal() {
    let home = at_home();
    let neuron = ["--set", "V_n=2", "--set", "R_n=6", "--engine", "cpu"];
    let map = ["sweep", "-q", "--grid", "Gamma=0.1:1:100", "--grid", "Z_T=0:1:40", "--t-max", "60", "-o", "map.h5"];
    done(hopfmap(home.path(), &[&map[..], &neuron].concat()));
    let ramp = ["ramp", "--grid", "Gamma=0.1:1:300", "--grid", "Z_T=0:1:300", "-o", "ramp.h5"];
    let paper = ["paper", "fig5b", "-o", "."];
    // The signals that a process catches, as a mask, in a line of its status.
    let hears = |child: &std::process::Child| {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let mask = status.lines().find_map(|l| l.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap() >> 14 & 1 == 1
    };
    for words in [&[&ramp[..], &neuron].concat()[..], &["verify", "map.h5", "--cells", "4000"], &paper] {
        let mut child = hopfmap(home.path(), words).spawn().unwrap();
        while !hears(&child) {
            assert!(child.try_wait().unwrap().is_none(), "{words:?} ended, or hears no signal");
            std::thread::sleep(Duration::from_millis(2));
        }
        signal(&child, "TERM");
        let output = child.wait_with_output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(143) && message.contains("SIGTERM"), "{words:?}: {message}");
        assert_eq!(names(home.path()), ["map.h5"], "{words:?}");
    }
}

#[test]
fn parts_of_another_request_are_refused_and_a_finished_map_is_known() {
    let home = at_home();
    let child = begun(home.path(), &[], 1);
    signal(&child, "KILL");
    child.wait_with_output().unwrap();
    let (code, message) = refused(sweep(home.path(), &["--set", "alpha=0.5"]));
    assert_eq!(code, 2, "{message}");
    for word in ["another sweep", "existing:", "requested:", "alpha = 0.5"] {
        assert!(message.contains(word), "{message}");
    }
    let (code, message) = refused(hopfmap(home.path(), &["merge", "map.h5"]));
    assert_eq!(code, 1, "{message}");
    assert!(message.contains("missing: ") && message.contains("15"), "{message}");
    // Ended between the map's last rename and the removal of the folder: the same command clears up, and says so.
    done(sweep(home.path(), &[]));
    std::fs::create_dir(home.path().join("map.h5.parts")).unwrap();
    assert!(done(sweep(home.path(), &[])).contains("complete already"));
    assert_eq!(names(home.path()), ["map.h5"]);
    // Parts of another request stay, whatever folder they are in.
    done(hopfmap(home.path(), &[&SWEEP[..], &["--set", "alpha=0.5", "--shard", "0/2", "-o", "other.h5"]].concat()));
    std::fs::rename(home.path().join("other.h5.parts"), home.path().join("map.h5.parts")).unwrap();
    let kept = names(&home.path().join("map.h5.parts"));
    assert!(done(sweep(home.path(), &[])).contains("complete already"));
    assert_eq!(names(&home.path().join("map.h5.parts")), kept);
    std::fs::remove_dir_all(home.path().join("map.h5.parts")).unwrap();
    // Another request does not.
    std::fs::create_dir(home.path().join("map.h5.parts")).unwrap();
    let (code, message) = refused(sweep(home.path(), &["--set", "alpha=0.5"]));
    assert!(code == 2 && message.contains("--force"), "{message}");
}

#[test]
fn what_is_damaged_is_named_set_aside_and_computed_again() {
    let home = at_home();
    let whole = whole(home.path());
    let child = begun(home.path(), &[], 6);
    signal(&child, "KILL");
    child.wait_with_output().unwrap();
    let flip = |path: PathBuf, at: usize| {
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[at] ^= 4;
        std::fs::write(path, bytes).unwrap();
    };
    flip(part(home.path(), 1), 3000);
    std::fs::write(part(home.path(), 2), b"").unwrap();
    std::fs::copy(part(home.path(), 4), part(home.path(), 3)).unwrap();
    let (code, message) = refused(hopfmap(home.path(), &["merge", "map.h5"]));
    assert_eq!(code, 1);
    assert!(message.contains("3 damaged: 1 (") && message.contains("3 (it is part 4, not part 3)"), "{message}");
    let output = sweep(home.path(), &[]).output().unwrap();
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{notes}");
    for (index, state) in [(1, "damaged"), (2, "empty, as after a power cut"), (3, "damaged")] {
        assert!(notes.contains(&format!("part-00000{index}.h5 is {state}")), "{notes}");
    }
    same(&whole, &home.path().join("map.h5")).unwrap();
    // What held anything is still there.
    assert!(notes.contains("map.h5.parts stays, with what was damaged and set aside there (2)"), "{notes}");
    let kept = ["part-000001.h5.damaged", "part-000003.h5.damaged"];
    assert_eq!(names(&home.path().join("map.h5.parts")), kept);
    assert!(done(sweep(home.path(), &[])).contains("complete already"));
    assert_eq!(names(&home.path().join("map.h5.parts")), kept);
}

#[test]
fn what_is_damaged_twice_is_kept_twice_and_so_is_a_folder_in_a_parts_place() {
    let home = at_home();
    let whole = whole(home.path());
    let folder = home.path().join("map.h5.parts");
    done(sweep(home.path(), &["--shard", "0/1"]));
    for words in ["one", "two"] {
        std::fs::write(part(home.path(), 2), words).unwrap();
        done(sweep(home.path(), &["--shard", "0/1"]));
    }
    std::fs::remove_file(part(home.path(), 7)).unwrap();
    std::fs::create_dir(part(home.path(), 7)).unwrap();
    done(sweep(home.path(), &[]));
    same(&whole, &home.path().join("map.h5")).unwrap();
    assert_eq!(names(&folder), ["part-000002.h5.damaged", "part-000002.h5.damaged-2", "part-000007.h5.damaged"]);
    let kept = ["part-000002.h5.damaged", "part-000002.h5.damaged-2"];
    assert_eq!(kept.map(|name| std::fs::read_to_string(folder.join(name)).unwrap()), ["one", "two"]);
}

/// A virtual map can be moved and copied, and no later command may take its parts away.
#[test]
fn parts_of_a_virtual_map_stay() {
    let home = at_home();
    let whole = whole(home.path());
    let at = |name: &str| home.path().join(name);
    done(sweep(home.path(), &["--shard", "0/1"]));
    done(hopfmap(home.path(), &["merge", "--virtual", "map.h5"]));
    std::fs::rename(at("map.h5"), at("moved.h5")).unwrap();
    let output = sweep(home.path(), &[]).output().unwrap();
    let notes = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && notes.contains("map.h5.parts stays: a virtual map was made of its parts"),
        "{notes}"
    );
    same(&whole, &at("map.h5")).unwrap();
    for second in [
        sweep(home.path(), &[]),
        hopfmap(home.path(), &["merge", "--force", "map.h5"]),
        sweep(home.path(), &["--force"]),
    ] {
        done(second);
        assert!(done(hopfmap(home.path(), &["diff", "moved.h5", "map.h5"])).contains("agree"));
    }
    // The negative control: without them it is no map.
    std::fs::remove_dir_all(at("map.h5.parts")).unwrap();
    assert_eq!(refused(hopfmap(home.path(), &["diff", "moved.h5", "map.h5"])).0, 2);
}

/// A quota: no file may grow beyond 70 kB, which the parts keep and the map does not.
#[test]
fn a_limit_on_file_sizes_is_an_error_and_not_the_end() {
    let home = at_home();
    let whole = whole(home.path());
    let line = sweep(home.path(), &[]);
    let words: Vec<_> = std::iter::once(line.get_program()).chain(line.get_args()).collect();
    let mut limited = Command::new("sh");
    limited.current_dir(home.path()).arg("-c").arg("ulimit -f 140; exec \"$@\"").arg("sh").args(words);
    let (code, message) = refused(limited);
    assert_eq!(code, 1, "{message}");
    assert!(message.contains("16 of 16 parts kept") && message.contains("map.h5: writing"), "{message}");
    assert_eq!(names(home.path()), ["map.h5.parts", "whole"]);
    let mut merge = Command::new("sh");
    merge.current_dir(home.path()).args(["-c", "ulimit -f 140; exec \"$@\" merge map.h5", "sh"]);
    merge.arg(env!("CARGO_BIN_EXE_hopfmap"));
    let (code, message) = refused(merge);
    assert!(code == 1 && message.contains("all parts are kept in map.h5.parts"), "{message}");
    done(hopfmap(home.path(), &["merge", "map.h5"]));
    same(&whole, &home.path().join("map.h5")).unwrap();
}

#[test]
fn shards_share_a_sweep_and_do_not_clash() {
    let home = at_home();
    let whole = whole(home.path());
    // Twice the same shard at once, and all others beside them.
    let shards = ["0/3", "0/3", "1/3", "2/3"];
    let children: Vec<_> = shards.iter().map(|s| sweep(home.path(), &["--shard", s]).spawn().unwrap()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("parts are there"));
    }
    assert_eq!(names(home.path()), ["map.h5.parts", "whole"], "shards do not merge");
    // A virtual map refers to the parts, and is refused when one is missing.
    done(hopfmap(home.path(), &["merge", "--virtual", "map.h5"]));
    let read = |extra: &[&str]| {
        refused(hopfmap(home.path(), &[&["plot", "map.h5", "--force", "-o", "p.png"], extra].concat()))
    };
    assert_eq!(read(&[]).0, 0);
    assert!(done(hopfmap(home.path(), &["diff", "map.h5", "whole/map.h5"])).contains("agree"));
    assert!(done(sweep(home.path(), &[])).contains("complete already"), "a virtual map is a map");
    let away = home.path().join("away.h5");
    std::fs::rename(part(home.path(), 5), &away).unwrap();
    let (code, message) = read(&[]);
    assert!(code == 2 && message.contains("part-000005.h5"), "{message}");
    let (code, message) = refused(hopfmap(home.path(), &["merge", "--virtual", "--force", "map.h5"]));
    assert!(code == 1 && message.contains("1 missing: 5"), "{message}");
    std::fs::rename(&away, part(home.path(), 5)).unwrap();
    done(hopfmap(home.path(), &["merge", "--force", "map.h5"]));
    same(&whole, &home.path().join("map.h5")).unwrap();
    std::fs::remove_dir_all(home.path().join("map.h5.parts")).unwrap();
    // A task of a job array is a shard where that is asked for.
    let mut task = sweep(home.path(), &["--force", "--shard", "slurm"]);
    task.env("SLURM_ARRAY_TASK_ID", "1").env("SLURM_ARRAY_TASK_COUNT", "2").env("SLURM_ARRAY_TASK_MIN", "0");
    assert!(done(task).contains("this shard's 8 parts are there; of all 16, 8 are still missing"));
}

/// Engine cpu under another name, whose device is lost in the third part and stays so.
struct Flaky(std::sync::atomic::AtomicU32);

impl Engine for Flaky {
    fn run(&self, batch: &Batch, progress: &Progress) -> hopfmap::Result<Vec<CellResult>> {
        if self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst) >= 2 {
            return Err(Error::DeviceLost { adapter: "Flaky".into(), problem: "pulled out".into() });
        }
        Cpu::new(Precision::F32).run(batch, progress)
    }
}

#[test]
fn a_lost_device_hands_over_to_the_cpu_and_the_map_says_so() {
    let home = at_home();
    let toml = "grid = ['Gamma=0.1:1:8', 'Z_T=0:1:8']\npart-cells = 16\naudit = 8\n[set]\nV_n = 2.0\nR_n = 6.0\n";
    let (plan, path, progress) = (common::plan(toml), home.path().join("map.h5"), Progress::default());
    let flaky = || {
        let alive = open_engine(&EngineOptions { kind: EngineKind::Cpu, ..EngineOptions::default() }).unwrap();
        let info = EngineInfo { kind: EngineKind::Gpu, adapter: "Flaky".into(), ..alive.info.clone() };
        OpenEngine { engine: Box::new(Flaky(Default::default())), devices: vec![info.clone()], info, ..alive }
    };
    // An engine that was asked for by name is no other: it is opened again, in vain, and the parts are kept.
    let named = common::plan(&format!("engine = 'gpu'\nadapter = 'no such adapter'\n{toml}"));
    let lost = SweepJob::new(&named, &home.path().join("named.h5"), "test", &progress).run(&flaky()).unwrap_err();
    assert_eq!(lost.exit_code(), 1);
    assert!(lost.to_string().contains("2 of 4 parts kept"), "{lost}");

    let notes = std::cell::RefCell::new(Vec::new());
    let note = |text: &str| notes.borrow_mut().push(text.to_string());
    let job = SweepJob { note: &note, on_loss: OnDeviceLoss::Cpu, ..SweepJob::new(&plan, &path, "test", &progress) };
    assert!(matches!(job.run(&flaky()).unwrap(), Done::Map(_)));
    assert!(notes.borrow()[0].contains("'Flaky' was lost"), "{:?}", notes.borrow());
    let file = hdf5::File::open(&path).unwrap();
    let computed_by = file.dataset("computed_by").unwrap();
    // Four parts of two rows; the last two are the stand-in's.
    assert_eq!(computed_by.read_raw::<u8>().unwrap(), [[0; 32], [1; 32]].concat());
    let printed = |name: &str| common::same::text(&computed_by.attr(name).unwrap()).unwrap();
    assert_eq!(printed("flag_meanings"), "engine_0 engine_1");
    // Software adapters and hardware ones differ; what stands in for a lost one here is whatever `auto` takes.
    assert!(printed("engine_0").contains("Flaky") && !printed("engine_1").contains("Flaky"));
    drop((computed_by, file));
    // One engine, no such column.
    done(hopfmap(home.path(), &["sweep", "--from", "map.h5", "--engine", "cpu", "-o", "one.h5"]));
    let same = same(&path, &home.path().join("one.h5")).unwrap_err();
    assert!(same.contains("computed_by") && !same.contains("/span differs"), "{same}");
}
