//! A file of each kind that hopfmap writes.

use super::hopfmap;
use std::path::{Path, PathBuf};

/// Writes a file by a command of hopfmap.
pub fn write(folder: &Path, name: &str, words: &str) -> PathBuf {
    let path = folder.join(name);
    hopfmap().args(words.split_whitespace()).arg("-o").arg(&path).assert().success();
    path
}

pub const MAP: &str = "sweep --grid Gamma=0.1:1:9 --grid Z_T=0:1:5 --set V_n=2 --set R_n=6 --engine cpu";
pub const STARTS: &str = "sweep --grid R_n=1,16 --grid V_n=3,7 --set Gamma=0.1 --start equilibria --engine cpu";
pub const OPTIONAL: &str =
    "sweep --grid Gamma=0.1:1:3 --set V_n=2 --set R_n=6 --engine cpu --means --input pulse:5,1,2 --t-end 20";
pub const POINTS: &str = "sweep --points points.csv --set R_n=6 --engine cpu";
pub const TRACE: &str = "trace --set R_n=5 --set V_n=1 --set Gamma=0.1 --t-end 300";
pub const RAMP: &str = "ramp --grid V_n=0:9:19 --grid R_n=8,10 --set Gamma=1 --engine cpu";
pub const SINGLE_RAMP: &str = "ramp --grid V_n=0:9:19 --set R_n=8 --set Gamma=1 --engine cpu";
pub const CURVES: &str = "curves --x V_n=0:8 --y R_n=0:16 --set Gamma=0.1";

/// One file of each kind that hopfmap writes.
pub fn every_kind(folder: &Path) -> Vec<PathBuf> {
    std::fs::write(folder.join("points.csv"), "V_n,Gamma\n2,0.1\n2.5,0.05\n3,0.2\n").unwrap();
    let points = POINTS.replace("points.csv", folder.join("points.csv").to_str().unwrap());
    let kinds = [
        ("map", MAP),
        ("starts", STARTS),
        ("trace", TRACE),
        ("ramp", RAMP),
        ("one", SINGLE_RAMP),
        ("curves", CURVES),
        ("optional", OPTIONAL),
        ("points", &points),
    ];
    kinds.map(|(name, words)| write(folder, &format!("{name}.h5"), words)).to_vec()
}
