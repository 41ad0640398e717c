//! Disks that are full, and disks that are huge: these tests mount one in memory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::needs::SmallDisk;
use common::runs::{at_home, done, hopfmap, names, refused};
use common::same::assert_same;
use common::sweeps::{PARTS, begun, parts, sweep, whole};

tests! {
    a_full_disk_loses_no_finished_part: [TMPFS];
    a_trajectory_that_cannot_fit_is_refused_before_its_first_step: [TMPFS];
    a_job_array_is_printed_for_a_grid_of_five_axes: [TMPFS];
}

/// Fills a small disk while a sweep runs on it, makes room, and goes on.
fn a_full_disk_loses_no_finished_part() {
    let home = at_home();
    let whole = whole(home.path());
    let disk = home.path().join("disk");
    let _mounted = SmallDisk::mount(&disk, "2M").unwrap();
    // Parts and map together need twice the room of the map: what cannot fit is refused before the first step.
    let wide = ["sweep", "--grid", "Gamma=0.1:1:300", "--grid", "Z_T=0:1:150", "--set", "V_n=2", "--set", "R_n=6"];
    let wide = [&wide[..], &["--engine", "cpu", "-o", "wide.h5"]].concat();
    let (code, message) = refused(hopfmap(&disk, &[&wide[..], &["--part-cells", "160"]].concat()));
    assert!(code == 2 && message.contains("can grow to 4.64 MiB"), "{message}");
    let child = begun(&disk, &[], 3);
    // All the room that is left.
    let filler = std::fs::File::create(disk.join("filler")).unwrap();
    let fill = |block: &[u8]| while std::io::Write::write_all(&mut &filler, block).is_ok() {};
    fill(&[0; 4096]);
    let output = child.wait_with_output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    for word in ["parts kept in map.h5.parts", "make room", "are free there", "No space left", "/part-"] {
        assert!(message.contains(word), "{word}: {message}");
    }
    let kept = parts(&disk);
    assert!((3..PARTS).contains(&kept), "{kept}");
    assert!(names(&disk.join("map.h5.parts")).iter().all(|n| !n.starts_with('.')), "a temporary file is left");
    drop(filler);
    std::fs::remove_file(disk.join("filler")).unwrap();
    done(sweep(&disk, &[]));
    assert_same(&whole, &disk.join("map.h5"));
}

/// Twelve numbers of 8 bytes a sample.
fn a_trajectory_that_cannot_fit_is_refused_before_its_first_step() {
    let home = at_home();
    let disk = home.path().join("disk");
    let _mounted = SmallDisk::mount(&disk, "2M").unwrap();
    let trace = ["trace", "--set", "V_n=2", "--set", "R_n=6", "--set", "Gamma=0.1", "--dt", "0.01", "-o", "t.h5"];
    let until = |t_end: &str| hopfmap(&disk, &[&trace[..], &["--t-end", t_end, "--t-start", "0"]].concat());
    let (code, message) = refused(until("400"));
    assert!(code == 2 && message.contains("t.h5 can grow to 3.66 MiB"), "{code}: {message}");
    assert_eq!(names(&disk), Vec::<String>::new());
    done(until("40"));
}

/// Five axes, and more cells than an index of 32 bits counts: planned and cut in no time, the job array printed. The map could take
/// more than 100 GiB, which a disk in memory has until something is written to it.
fn a_job_array_is_printed_for_a_grid_of_five_axes() {
    let home = at_home();
    let disk = home.path().join("disk");
    let _mounted = SmallDisk::mount(&disk, "1T").unwrap();
    let axes = ["V_n=1:3:256", "R_n=1:16:256", "Gamma=0.1:1:256", "alpha=0.5:1:16", "Z_T=0:1:16"];
    let grid = axes.iter().flat_map(|a| ["--grid", a]);
    let more =
        ["--engine", "gpu", "-o", "big.h5", "--slurm", "64", "--sbatch", "--gres=gpu:1 --time='1:00:00'", "--dry-run"];
    let words: Vec<_> = ["sweep"].into_iter().chain(grid).chain(more).collect();
    let printed = done(hopfmap(&disk, &words));
    assert!(printed.contains("--shard \"$SLURM_ARRAY_TASK_ID/64\""), "{printed}");
    let submitted: Vec<_> =
        printed.lines().filter(|l| l.starts_with("sbatch ")).map(|l| shlex::split(l).unwrap()).collect();
    let [array, merge] = &submitted[..] else { panic!("two jobs are submitted: {printed}") };
    for word in ["--array=0-63", "--gres=gpu:1", "--time=1:00:00"] {
        assert!(array.iter().any(|w| w == word), "{word}: {array:?}");
    }
    assert!(merge.contains(&"--dependency=afterok:JOB".to_string()), "{merge:?}");
    assert_eq!(names(&disk), Vec::<String>::new(), "a dry run writes nothing");
    // The negative control: on a smaller disk there is no room, and the message says so.
    let _small = SmallDisk::mount(&home.path().join("small"), "1G").unwrap();
    let (code, message) = refused(hopfmap(&home.path().join("small"), &words));
    assert!(code == 2 && message.contains("are free there"), "{message}");
}
