//! A sweep in parts that several tests disturb.

use super::runs::{done, hopfmap, names};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// A sweep of a second or two on two cores, in 16 parts.
pub const SWEEP: [&str; 15] = [
    "sweep",
    "--grid",
    "Gamma=0.1:0.98:64",
    "--grid",
    "Z_T=0:1:40",
    "--set",
    "V_n=2",
    "--set",
    "R_n=6",
    "--dt",
    "0.005",
    "--engine",
    "cpu",
    "--part-cells",
    "160",
];
pub const PARTS: usize = 16;

pub fn sweep(folder: &Path, extra: &[&str]) -> Command {
    hopfmap(folder, &[&SWEEP[..], &["-o", "map.h5"], extra].concat())
}

pub fn part(folder: &Path, index: usize) -> PathBuf {
    folder.join(format!("map.h5.parts/part-{index:06}.h5"))
}

pub fn parts(folder: &Path) -> usize {
    (0..PARTS).filter(|i| part(folder, *i).exists()).count()
}

/// Begins a sweep and waits until this many of its parts are there.
pub fn begun(folder: &Path, extra: &[&str], wanted: usize) -> Child {
    let child = sweep(folder, extra).spawn().unwrap();
    let begun = Instant::now();
    while parts(folder) < wanted {
        assert!(begun.elapsed() < Duration::from_secs(120), "no part for two minutes");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// The uninterrupted map.
pub fn whole(folder: &Path) -> PathBuf {
    let folder = folder.join("whole");
    std::fs::create_dir(&folder).unwrap();
    done(sweep(&folder, &[]));
    assert_eq!(names(&folder), ["map.h5"], "parts are removed once the map is there");
    folder.join("map.h5")
}
