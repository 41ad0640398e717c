//! Thousands of damaged files: parts through resume and merge, maps through plot, verify, replay and diff. A clear error or the right
//! result; never a panic, a hang, or a silently wrong cell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use hopfmap::Error;
use hopfmap::engine::{OpenEngine, Progress, open_engine};
use hopfmap::grid::GridBox;
use hopfmap::plan::Plan;
use hopfmap::results::CellResult;
use hopfmap::store::{MapFile, Output};
use hopfmap::sweep::parts::merge;
use hopfmap::sweep::{Done, SweepJob};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

/// Damaged files in all; a fifth are maps. `HOPFMAP_DAMAGED_FILES` asks for more or fewer: a release is tested with 10,000.
fn files() -> u64 {
    std::env::var("HOPFMAP_DAMAGED_FILES").map_or(2_500, |n| n.parse().unwrap())
}

/// Parts of a sweep.
const PARTS: usize = 4;

/// Every way in which a file gets damaged.
fn mutate(bytes: &[u8], other: &[u8], dice: &mut Pcg64) -> Vec<u8> {
    let mut below = |n: usize| (dice.next_u64() % n as u64) as usize;
    let mut mutated = bytes.to_vec();
    match below(8) {
        // A flipped bit, or several.
        0..=2 => {
            for _ in 0..=below(4) {
                let at = below(bytes.len());
                mutated[at] ^= 1 << below(8);
            }
        }
        // Cut off at the end, somewhere or by little.
        3 => mutated.truncate(below(bytes.len())),
        4 => mutated.truncate(bytes.len() - 1 - below(64)),
        // A block of zeros, as a lost page leaves it.
        5 => {
            let (at, long) = (below(bytes.len()), 1 + below(600));
            mutated.iter_mut().skip(at).take(long).for_each(|b| *b = 0);
        }
        // Bytes too many.
        6 => mutated.extend(std::iter::repeat_n(7, 1 + below(100))),
        // Another file in its place.
        _ => mutated = other.to_vec(),
    }
    mutated
}

/// One axis for the parts: a map of two is held against the Hopf curve, which takes longer than all else.
fn line() -> Plan {
    common::plan(
        "grid = ['Gamma=0.1:1:16']\nengine = 'cpu'\npart-cells = 4\naudit = 8\nt-max = 100.0\n[set]\nV_n = 2.0\nR_n = 6.0\n",
    )
}

/// In memory, where there is such a folder: every part is synced to the disk otherwise.
fn home() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().unwrap())
}

fn plane() -> Plan {
    common::plan(
        "grid = ['Gamma=0.1:1:8', 'Z_T=0:1:4']\nengine = 'cpu'\npart-cells = 4\naudit = 8\nt-max = 100.0\n[set]\nV_n = 2.0\nR_n = 6.0\n",
    )
}

/// All cells of a map.
fn cells(path: &Path) -> Vec<Vec<CellResult>> {
    let map = MapFile::open(path).unwrap();
    let count: Vec<u64> = map.axes().iter().map(|a| a.values.len() as u64).collect();
    map.results(&GridBox { first: 0, cells: count.iter().product(), start: vec![0; count.len()], count }).unwrap()
}

fn same(a: &[Vec<CellResult>], b: &[Vec<CellResult>]) -> bool {
    let bits = |a: &CellResult| (a.numbers().map(f64::to_bits), a.outcome);
    a.iter().flatten().map(bits).eq(b.iter().flatten().map(bits))
}

/// Runs a sweep to its end; the notes that came with it.
fn sweep(plan: &Plan, chosen: &OpenEngine, path: &Path) -> (hopfmap::Result<Done>, Vec<String>) {
    let (notes, progress) = (RefCell::new(Vec::new()), Progress::default());
    let note = |text: &str| notes.borrow_mut().push(text.to_string());
    let job = SweepJob { note: &note, ..SweepJob::new(plan, path, "test", &progress) };
    let done = job.run(chosen);
    (done, notes.into_inner())
}

/// Makes the parts of a sweep, without merging them.
fn parts(plan: &Plan, chosen: &OpenEngine, path: &Path) -> Vec<PathBuf> {
    let progress = Progress::default();
    let mut job = SweepJob::new(plan, path, "test", &progress);
    job.shard = Some("0/1".parse().unwrap());
    job.run(chosen).unwrap();
    (0..PARTS).map(|i| path.with_file_name("map.h5.parts").join(format!("part-{i:06}.h5"))).collect()
}

#[test]
fn damaged_parts_are_refused_or_computed_again() {
    let rounds = files() / 5 * 4;
    let (plan, folder) = (line(), home());
    let chosen = open_engine(&plan.request.wanted()).unwrap();
    let path = folder.path().join("map.h5");
    let files = parts(&plan, &chosen, &path);
    let bytes: Vec<_> = files.iter().map(|f| std::fs::read(f).unwrap()).collect();
    let plan_file = files[0].with_file_name("plan.toml");
    let plan_bytes = std::fs::read(&plan_file).unwrap();
    let rebuild = || {
        std::fs::create_dir_all(plan_file.parent().unwrap()).unwrap();
        std::fs::write(&plan_file, &plan_bytes).unwrap();
        files.iter().zip(&bytes).for_each(|(f, b)| std::fs::write(f, b).unwrap());
    };
    merge(Output::new(&path), "test", &Progress::default(), false).unwrap();
    let right = cells(&path);
    std::fs::remove_file(&path).unwrap();

    let mut dice = Pcg64::seed_from_u64(7);
    let (mut refused, mut mended, mut harmless) = (0, 0, 0);
    for round in 0..rounds {
        rebuild();
        let at = dice.next_u64() as usize % PARTS;
        // One in fifty is the plan itself.
        let is_plan = round % 50 == 0;
        let (target, was) = if is_plan { (&plan_file, &plan_bytes) } else { (&files[at], &bytes[at]) };
        let mutated = mutate(was, &bytes[(at + 1 + round as usize % (PARTS - 1)) % PARTS], &mut dice);
        std::fs::write(target, &mutated).unwrap();
        if round % 4 == 0 {
            match merge(Output::new(&path), "test", &Progress::default(), false) {
                Ok(_) => harmless += 1,
                Err(e) => {
                    assert!(!e.to_string().is_empty());
                    refused += 1;
                    continue;
                }
            }
        } else {
            match sweep(&plan, &chosen, &path) {
                (Ok(Done::Map(_)), notes) if notes.is_empty() => harmless += 1,
                (Ok(Done::Map(_)), notes) => {
                    assert!(notes[0].contains(&format!("part-{at:06}.h5 is damaged")), "{notes:?}");
                    mended += 1;
                }
                (Err(Error::Request { problem, .. }), _) if is_plan => {
                    assert!(problem.contains("plan.toml") || problem.contains("another sweep"), "{problem}");
                    refused += 1;
                    continue;
                }
                (other, _) => panic!("round {round}: {other:?}"),
            }
        }
        assert!(same(&right, &cells(&path)), "round {round}: a cell is silently wrong");
        std::fs::remove_file(&path).unwrap();
    }
    eprintln!("{refused} refused, {mended} mended, {harmless} harmless");
    assert!(refused > rounds / 10 && mended > rounds / 3);
    // The negative control: a wrong cell would be seen.
    let mut wrong = right.clone();
    wrong[0][5].span += 1e-9;
    assert!(!same(&right, &wrong));
}

#[test]
fn damaged_maps_are_refused_or_read_right() {
    let (plan, folder) = (plane(), home());
    let chosen = open_engine(&plan.request.wanted()).unwrap();
    let at = |name: &str| folder.path().join(name);
    sweep(&plan, &chosen, &at("map.h5")).0.unwrap();
    let other = common::plan(
        "grid = ['Gamma=0.1:1:8', 'Z_T=0:1:4']\nengine = 'cpu'\nt-max = 50.0\n[set]\nV_n = 2.0\nR_n = 5.0\n",
    );
    sweep(&other, &chosen, &at("other.h5")).0.unwrap();
    let (bytes, others) = (std::fs::read(at("map.h5")).unwrap(), std::fs::read(at("other.h5")).unwrap());
    let right = cells(&at("map.h5"));
    let run = |words: &[&str]| {
        use clap::Parser;
        let words = std::iter::once("hopfmap").chain(words.iter().copied());
        hopfmap::cli::run(hopfmap::cli::Cli::try_parse_from(words).unwrap())
    };
    let target = at("damaged.h5").display().to_string();
    let (whole, picture) = (at("map.h5").display().to_string(), at("p.svg").display().to_string());
    let commands: [&[&str]; 5] = [
        &["plot", &target, "--force", "-o", &picture],
        &["verify", &target, "--cells", "1"],
        &["replay", &target, "--cell", "3,2"],
        &["diff", &target, &whole],
        &["sweep", "--from", &target, "-o", &target],
    ];
    let mut dice = Pcg64::seed_from_u64(11);
    let (mut refused, mut read) = (0, 0);
    let rounds = files() / 5;
    for round in 0..rounds {
        let mutated = mutate(&bytes, &bytes[..bytes.len() / 2], &mut dice);
        std::fs::write(&target, &mutated).unwrap();
        let result = run(commands[round as usize % 5]);
        match MapFile::open(Path::new(&target)) {
            Err(e) => {
                let same = result.unwrap_err();
                assert_eq!(same.exit_code(), e.exit_code(), "round {round}: {same} / {e}");
                refused += 1;
            }
            // Damage that a reader may pass over: behind the end, or in the seal alone.
            Ok(_) => {
                assert!(same(&right, &cells(Path::new(&target))), "round {round}: a cell is silently wrong");
                read += 1;
            }
        }
    }
    eprintln!("{refused} refused, {read} read right");
    assert!(refused > rounds * 3 / 5);
    // The negative control: another map in its place is another map.
    std::fs::write(&target, others).unwrap();
    assert!(!same(&right, &cells(Path::new(&target))));
}
