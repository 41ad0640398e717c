//! Runs tests one by one, each in a process of its own: first without a mutant, then those that reach a mutant with it on.

use crate::sites::Mutant;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Memory that a test's process may ask for, in KiB: a mutant can ask for all there is.
const MOST_MEMORY: usize = 8 << 20;
/// A test that takes this many times its own time, and [`PATIENCE`], hangs.
const SLOWER: u32 = 8;
const PATIENCE: Duration = Duration::from_secs(30);
/// For tests/mutations.rs, which every mutant that survives would wait for; a tenth of what the suite takes.
const FEWER_DAMAGED_FILES: &str = "1000";
/// The longest that a test may take without a mutant.
const LONGEST: Duration = Duration::from_secs(3600);

/// A test of the suite.
#[derive(Debug, Clone)]
pub struct Test {
    binary: PathBuf,
    /// Its name within its binary.
    pub name: String,
    /// What it takes without a mutant.
    pub time: Duration,
    /// The mutants whose site it runs.
    pub reaches: BTreeSet<u32>,
}

impl Test {
    /// The binary's name without cargo's hash, and the test's.
    pub fn title(&self) -> String {
        let stem = self.binary.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let binary = stem.rsplit_once('-').map_or(stem.as_str(), |(name, _)| name);
        format!("{binary}: {}", self.name)
    }
}

/// How one run of a test ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Passed,
    Failed,
    Hung,
}

/// What became of a mutant.
#[derive(Debug, Clone)]
pub enum Fate {
    /// Known to change nothing that can be seen; not run.
    Equivalent(String),
    /// A test failed.
    Caught(String),
    /// A test did not end.
    Hung(String),
    /// How many tests run its site; none of them noticed.
    Survived(usize),
}

/// Where tests run, and with what.
pub struct Runner {
    /// The mutated tree.
    pub root: PathBuf,
    /// For temporary files and logs.
    pub scratch: PathBuf,
    /// Tests at a time.
    pub workers: usize,
}

/// The switch's state for a run.
enum Switch<'a> {
    Off,
    Record(&'a Path),
    On(u32),
}

impl Runner {
    /// The tests of these binaries, but for ignored ones, whose names contain one of `wanted` (all, if that is empty).
    pub fn list(&self, binaries: &[PathBuf], wanted: &[String]) -> Result<Vec<Test>> {
        let names = |binary: &Path, more: &[&str]| -> Result<Vec<String>> {
            let mut run = Command::new(binary);
            run.args(["--list", "--format", "terse"]).args(more).current_dir(&self.root);
            let output = run.output().with_context(|| format!("cannot run {}", binary.display()))?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            Ok(text.lines().filter_map(|l| l.strip_suffix(": test")).map(str::to_string).collect())
        };
        let mut tests = Vec::new();
        for binary in binaries {
            let ignored = names(binary, &["--ignored"])?;
            for name in names(binary, &[])?.into_iter().filter(|n| !ignored.contains(n)) {
                let test = Test { binary: binary.clone(), name, time: LONGEST, reaches: BTreeSet::new() };
                if wanted.is_empty() || wanted.iter().any(|w| test.title().contains(w)) {
                    tests.push(test);
                }
            }
        }
        Ok(tests)
    }

    /// Runs all tests without a mutant: those that pass, with their times and the sites they reach, quickest first; and the
    /// titles of those that fail.
    pub fn baseline(&self, tests: Vec<Test>) -> Result<(Vec<Test>, Vec<String>)> {
        let measure = |worker: usize, test: &Test| -> Result<(Test, End)> {
            let path = self.scratch.join(format!("reached-{worker}"));
            let _ = std::fs::remove_file(&path);
            let start = Instant::now();
            let end = self.execute(worker, test, &Switch::Record(&path), LONGEST)?;
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let reaches = text.lines().filter_map(|l| l.parse().ok()).collect();
            Ok((Test { time: start.elapsed(), reaches, ..test.clone() }, end))
        };
        let measured = self.parallel(&tests, measure)?;
        let (mut good, mut failing) = (Vec::new(), Vec::new());
        for (test, end) in measured {
            // Once more, alone: two processes may have set up the same thing at the same time.
            let (test, end) = if end == End::Passed { (test, end) } else { measure(0, &test)? };
            if end == End::Passed {
                good.push(test);
            } else {
                failing.push(test.title());
            }
        }
        good.sort_by_key(|t| t.time);
        Ok((good, failing))
    }

    /// Whether these tests pass with this mutant on.
    pub fn passes(&self, mutant: &Mutant, tests: &[&Test]) -> Result<bool> {
        for test in tests {
            if self.execute(0, test, &Switch::On(mutant.number), LONGEST)? != End::Passed {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The fates of these mutants, told as they become known.
    pub fn fates(&self, mutants: &[Mutant], tests: &[Test], told: impl Fn(&Mutant, &Fate) + Sync) -> Result<Vec<Fate>> {
        self.parallel(mutants, |worker, mutant| {
            let fate = self.fate(worker, mutant, tests)?;
            told(mutant, &fate);
            Ok(fate)
        })
    }

    fn fate(&self, worker: usize, mutant: &Mutant, tests: &[Test]) -> Result<Fate> {
        if let Some(reason) = &mutant.equivalent {
            return Ok(Fate::Equivalent(reason.clone()));
        }
        let mut unnoticed = 0;
        for test in tests.iter().filter(|t| t.reaches.contains(&mutant.number)) {
            let limit = test.time * SLOWER + PATIENCE;
            let end = self.execute(worker, test, &Switch::On(mutant.number), limit)?;
            if end == End::Passed {
                unnoticed += 1;
                continue;
            }
            let log = self.log(worker);
            let _ = std::fs::copy(&log, self.scratch.join(format!("mutant-{}.log", mutant.number)));
            // A test that fails by chance, or for the load of the machine, proves nothing.
            if self.execute(worker, test, &Switch::Off, limit)? != End::Passed {
                eprintln!("  {} fails now and then without a mutant", test.title());
                continue;
            }
            return Ok(if end == End::Failed { Fate::Caught(test.title()) } else { Fate::Hung(test.title()) });
        }
        Ok(Fate::Survived(unnoticed))
    }

    fn log(&self, worker: usize) -> PathBuf {
        self.scratch.join(format!("worker-{worker}.log"))
    }

    fn execute(&self, worker: usize, test: &Test, switch: &Switch, limit: Duration) -> Result<End> {
        let temporary = self.scratch.join(format!("tmp-{worker}"));
        let _ = std::fs::remove_dir_all(&temporary);
        std::fs::create_dir_all(&temporary)?;
        let log = File::create(self.log(worker))?;
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -d {MOST_MEMORY} && exec \"$0\" \"$@\"")]).arg(&test.binary);
        command.args([&test.name, "--exact"]).current_dir(&self.root).env("TMPDIR", &temporary);
        command.env_remove("HOPFMAP_MUTANT").env_remove("HOPFMAP_REACHED");
        // In CI a test that cannot run fails; elsewhere it would be ignored, and count as one that notices nothing.
        command.env("HOPFMAP_DAMAGED_FILES", FEWER_DAMAGED_FILES).env("CI", "true");
        match switch {
            Switch::Off => {}
            Switch::Record(path) => drop(command.env("HOPFMAP_REACHED", path)),
            Switch::On(number) => drop(command.env("HOPFMAP_MUTANT", number.to_string())),
        }
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        // A group of its own, so that what a hanging test has started ends with it.
        let mut child = command.process_group(0).spawn().context("cannot run a test")?;
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        let end = loop {
            if let Some(status) = child.try_wait()? {
                break if status.success() { End::Passed } else { End::Failed };
            }
            if start.elapsed() > limit {
                break End::Hung;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(50));
        };
        if end != End::Passed {
            let group = format!("-{}", child.id());
            let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
            let _ = child.wait();
        }
        Ok(end)
    }

    /// Does `work` for each item on all workers; results in the items' order.
    fn parallel<T: Sync, R: Send>(&self, items: &[T], work: impl Fn(usize, &T) -> Result<R> + Sync) -> Result<Vec<R>> {
        let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let (next, done, work) = (&next, &done, &work);
        std::thread::scope(|scope| {
            for worker in 0..self.workers {
                scope.spawn(move || {
                    loop {
                        let i = next.fetch_add(1, Ordering::Relaxed);
                        let Some(item) = items.get(i) else { break };
                        let result = work(worker, item);
                        if let Ok(mut done) = done.lock() {
                            done.push((i, result));
                        }
                    }
                });
            }
        });
        let mut done = std::mem::take(&mut *done.lock().map_err(|_| anyhow::anyhow!("a worker panicked"))?);
        done.sort_by_key(|(i, _)| *i);
        done.into_iter().map(|(_, result)| result).collect()
    }
}
