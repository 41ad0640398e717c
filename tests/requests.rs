//! Requests in files, in maps and for a scheduler: what they run, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::{at_home, done, hopfmap, refused};

#[test]
fn requests_come_from_files_and_from_maps() {
    let home = at_home();
    let spec = |text: &str| std::fs::write(home.path().join("s.toml"), text).unwrap();
    spec("grid = ['Gamma=0.1:1:5']\nengine = 'cpu'\noutput = 'spec.h5'\n[set]\nV_n = 2.0\nR_n = 6.0\n");
    done(hopfmap(home.path(), &["sweep", "--spec", "s.toml"]));
    // The command line goes before the file, by whatever name the file calls a parameter.
    done(hopfmap(home.path(), &["sweep", "--spec", "s.toml", "--set", "r_n=7", "-o", "other.h5"]));
    let (code, message) = refused(hopfmap(home.path(), &["diff", "spec.h5", "other.h5"]));
    assert!(code == 1 && message.contains("R_n = 6 and 7"), "{message}");
    done(hopfmap(home.path(), &["sweep", "--from", "spec.h5", "-o", "again.h5"]));
    assert!(done(hopfmap(home.path(), &["diff", "spec.h5", "again.h5"])).contains("agree"));
    spec("grid = ['Gamma=0.1:1:5']\n[set]\nV_n = 2.0\n[more]\nR_n = 6.0\n");
    let (code, message) = refused(hopfmap(home.path(), &["sweep", "--spec", "s.toml", "-o", "x.h5"]));
    assert!(code == 2 && message.contains("line 4, column 2") && message.contains("more"), "{message}");
    for (arguments, word) in [
        (&["sweep", "--spec", "none.toml", "-o", "x.h5"][..], "none.toml"),
        (&["sweep", "--from", "s.toml", "-o", "x.h5"], "not an HDF5 file"),
        (&["sweep", "--from", "spec.h5"], "no output is named"),
        (&["sweep", "--from", "spec.h5", "-o", "spec.h5", "--force"], "named twice"),
        (&["sweep", "--from", "spec.h5", "-o", "x.h5", "--part-cells", "0"], "parts of 0 cells"),
        (&["sweep", "--from", "spec.h5", "-o", "x.h5", "--shard", "4/4"], "no shard 4 of 4"),
        (&["sweep", "--from", "spec.h5", "-o", "x.h5", "--on-device-loss", "cpu"], "--engine auto"),
        (&["sweep", "-o", "x.h5"], "no axis"),
        (&["merge", "x.h5"], "no parts to merge"),
        (&["diff", "spec.h5", "s.toml"], "not an HDF5 file"),
    ] {
        let (code, message) = refused(hopfmap(home.path(), arguments));
        assert!(code == 2 && message.contains(word), "{arguments:?}: {message}");
    }
    assert!(!home.path().join("x.h5").exists());
}
