//! A sweep as a real job array on a real Slurm of one node: a task is killed and requeued, a failed one leaves the merge unrun.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::run;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

tests! {
    a_job_array_computes_a_map_also_when_a_task_is_killed_and_not_when_one_fails: [LINUX, SLURM];
}

/// Patience with the scheduler.
const PATIENCE: Duration = Duration::from_secs(120);

/// A Slurm that stops when the test ends.
struct Slurm {
    script: PathBuf,
    folder: PathBuf,
}

impl Slurm {
    fn start(folder: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/slurm-local");
        let slurm = Self { script, folder: folder.join("slurm") };
        run(Command::new(&slurm.script).arg("start").arg(&slurm.folder));
        slurm
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).env("SLURM_CONF", self.folder.join("slurm.conf"));
        command
    }

    /// `ID STATE` of every task and job that is not done.
    fn queue(&self) -> Vec<String> {
        run(&mut self.command("squeue", &["-h", "-r", "-o", "%i %T %r"])).lines().map(str::to_string).collect()
    }

    fn wait_for(&self, what: &str, is: impl Fn(&[String]) -> bool) {
        let begun = Instant::now();
        while !is(&self.queue()) {
            assert!(begun.elapsed() < PATIENCE, "{what} does not come: {:?}", self.queue());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Slurm {
    fn drop(&mut self) {
        let _ = Command::new(&self.script).arg("stop").arg(&self.folder).status();
    }
}

/// Submits the same sweep to a folder of its own: the numbers of array and merge.
fn submit(slurm: &Slurm, folder: &Path) -> [String; 2] {
    let axes = ["--grid", "Gamma=0.1:1:128", "--grid", "Z_T=0:1:128", "--set", "V_n=2", "--set", "R_n=6"];
    // Steps so short that a task is under way for a while.
    let parts = ["--engine", "cpu", "--dt", "0.003", "--part-cells", "1024", "-o", "map.h5"];
    let more = [&parts[..], &["--slurm", "4", "--sbatch", "--cpus-per-task=1"]].concat();
    let words = [&["sweep"], &axes[..], &more].concat();
    let printed = run(slurm.command(env!("CARGO_BIN_EXE_hopfmap"), &words).current_dir(folder));
    let number = |line: &str| {
        line.split_whitespace()
            .find(|w| w.trim_matches(',').parse::<u64>().is_ok())
            .unwrap()
            .trim_matches(',')
            .to_string()
    };
    let mut lines = printed.lines();
    [number(lines.next().unwrap()), number(lines.next().unwrap())]
}

fn a_job_array_computes_a_map_also_when_a_task_is_killed_and_not_when_one_fails() {
    let home = tempfile::tempdir().unwrap();
    let slurm = Slurm::start(home.path());
    let [good, bad] = ["good", "bad"].map(|name| {
        std::fs::create_dir(home.path().join(name)).unwrap();
        home.path().join(name)
    });

    // One task is killed and requeued; what it had done is kept, and the rest computed when it runs again.
    let [array, merge] = submit(&slurm, &good);
    let task = format!("{array}_1");
    // Running for Slurm is not yet running for hopfmap: the first of the task's four parts shows that.
    slurm.wait_for("a part of task 1", |_| good.join("map.h5.parts/part-000001.h5").is_file());
    run(&mut slurm.command("scontrol", &["requeue", &task]));
    slurm.wait_for("the requeued task", |queue| queue.iter().any(|l| l.starts_with(&format!("{task} PENDING"))));
    // Slurm lets a requeued job wait for two minutes.
    run(&mut slurm.command("scontrol", &["update", &format!("JobId={task}"), "StartTime=now"]));
    slurm.wait_for("the end of the merge", |queue| queue.iter().all(|l| !l.starts_with(&merge)));
    let log = std::fs::read_to_string(good.join("map.h5.slurm/merge.log")).unwrap();
    assert!(log.contains("16384 cells"), "{log}");
    let log = std::fs::read_to_string(good.join("map.h5.slurm/shard-1.log")).unwrap();
    assert!(log.contains("asked to stop by SIGTERM") && log.contains("this shard's 4 parts are there"), "{log}");
    assert!(good.join("map.h5").is_file() && !good.join("map.h5.parts").exists());
    // What one process computes is the same.
    let alone = ["sweep", "--from", "good/map.h5", "-o", "alone.h5"];
    run(Command::new(env!("CARGO_BIN_EXE_hopfmap")).args(alone).current_dir(home.path()));
    common::same::assert_same(&good.join("map.h5"), &home.path().join("alone.h5"));

    // One task fails: the merge does not run, and by hand it says what is missing.
    let [array, merge] = submit(&slurm, &bad);
    slurm.wait_for("task 1", |queue| queue.iter().any(|l| l.starts_with(&format!("{array}_1 RUNNING"))));
    run(&mut slurm.command("scancel", &["--signal=KILL", "--full", &format!("{array}_1")]));
    slurm.wait_for("the end of the array", |queue| queue.iter().all(|l| !l.starts_with(&array)));
    slurm.wait_for("a merge that never runs", |queue| {
        queue.iter().any(|l| l.starts_with(&merge) && l.contains("DependencyNeverSatisfied"))
    });
    assert!(!bad.join("map.h5").exists());
    let output =
        Command::new(env!("CARGO_BIN_EXE_hopfmap")).args(["merge", "map.h5"]).current_dir(&bad).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("of 16 parts") && message.contains("missing: ") && message.contains("13"), "{message}");
    run(&mut slurm.command("scancel", &[&merge]));

    // Submitting again takes up what is missing, in the failed shard alone.
    let second = submit(&slurm, &bad);
    let log = format!("{:?}", slurm.queue());
    assert!(!log.contains(&format!("{}_0 ", second[0])) && log.contains(&format!("{}_1 ", second[0])), "{log}");
    slurm.wait_for("the end of the merge", |queue| queue.iter().all(|l| !l.starts_with(&second[1])));
    assert!(bad.join("map.h5").is_file());
}
