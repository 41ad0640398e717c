//! Random mutation testing of hopfmap: many mutants in one build, each switched on by an environment variable.

mod attributes;
mod compile;
mod operators;
mod report;
mod run;
mod rust;
mod sites;
mod tree;
mod wgsl;

use anyhow::{Context, Result, ensure};
use clap::{Args, Parser, Subcommand};
use run::{Runner, Test};
use sites::Mutant;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tree::Tree;

/// The unit test that fails where a mutated shader is no valid one.
const SHADER_TEST: &str = "the_shader_is_valid";

/// Do the tests notice when the program is wrong?
#[derive(Parser)]
#[command(name = "scripts/mutants")]
struct Cli {
    #[command(subcommand)]
    command: Wish,
    /// The checkout to test.
    #[arg(long, default_value = ".", global = true)]
    checkout: PathBuf,
}

#[derive(Subcommand)]
enum Wish {
    /// Draws mutants at random, and fails if the tests miss more than 5 % of those that are not equivalent.
    Random {
        /// Mutants that compile.
        #[arg(default_value_t = 100)]
        count: usize,
        /// The same seed draws the same mutants from the same sources.
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Draws from files whose path starts with one of these.
        #[arg(long, value_name = "PREFIX")]
        within: Vec<String>,
        /// Runs only these numbers of the draw.
        #[arg(long, value_delimiter = ',', value_name = "NUMBERS")]
        only: Vec<u32>,
        #[command(flatten)]
        how: How,
    },
    /// The changes written by hand in scripts/mutants.rules: the tests have to notice every one.
    Rules {
        #[command(flatten)]
        how: How,
    },
    /// Counts the places that can be changed, by file.
    Sites,
}

#[derive(Args)]
struct How {
    /// Tests that run at a time [default: one a core].
    #[arg(long)]
    workers: Option<usize>,
    /// Runs only tests whose "binary: name" contains one of these.
    #[arg(long, value_name = "TEXT")]
    tests: Vec<String>,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("error: {e:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether the tests noticed enough.
fn run(cli: &Cli) -> Result<bool> {
    let checkout = cli.checkout.canonicalize().context("there is no such checkout")?;
    let work = checkout.join("target/mutants");
    let tree = Tree::copy(&checkout, &work.join("tree"))?;
    match &cli.command {
        Wish::Sites => {
            let mut files: BTreeMap<String, usize> = BTreeMap::new();
            let sites = tree.sites()?;
            sites.iter().for_each(|s| *files.entry(s.file.clone()).or_default() += 1);
            files.iter().for_each(|(file, count)| println!("{count:>6}  {file}"));
            println!("{:>6}  in all", sites.len());
            Ok(true)
        }
        Wish::Random { count, seed, within, only, how } => {
            let mut sites = tree.sites()?;
            sites.retain(|s| within.is_empty() || within.iter().any(|w| s.file.starts_with(w)));
            let equivalents = sites::read_equivalents(&checkout.join("scripts/mutants.equivalent"))?;
            // Some will not compile.
            let mut drawn = sites::draw(&sites, count + count / 3 + 10, *seed, &equivalents);
            println!("{} of {} sites drawn with seed {seed}", drawn.len(), sites.len());
            drawn.retain(|m| only.is_empty() || only.contains(&m.number));
            Ok(test(&tree, &work, drawn, Some(*count), how)?.1)
        }
        Wish::Rules { how } => {
            let rules = sites::read_rules(&checkout.join("scripts/mutants.rules"), &tree.sources)?;
            let wanted = rules.len();
            let survived = test(&tree, &work, rules, None, how)?.0;
            println!("{} of {wanted} rules are guarded", wanted - survived);
            Ok(survived == 0)
        }
    }
}

/// Builds and runs mutants, `count` at most; how many survived, and whether enough were noticed.
fn test(tree: &Tree, work: &Path, drawn: Vec<Mutant>, count: Option<usize>, how: &How) -> Result<(usize, bool)> {
    let workers = how.workers.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from));
    let runner = Runner { root: tree.root.clone(), scratch: work.join("scratch"), workers };
    let _ = std::fs::remove_dir_all(&runner.scratch);
    std::fs::create_dir_all(&runner.scratch)?;

    lend_python(&work.join("target/tmp"))?;
    println!("building {} mutants …", drawn.len());
    let mut mutants = drawn;
    let before = mutants.len();
    let binaries = compile::build(tree, &work.join("target"), &mut mutants)?;
    ensure!(count.is_some() || mutants.len() == before, "a rule does not compile");
    drop_invalid_shaders(&runner, &binaries, &mut mutants)?;
    mutants.truncate(count.unwrap_or(usize::MAX));

    let tests = runner.list(&binaries, &how.tests)?;
    println!("{} tests without a mutant …", tests.len());
    let (tests, failing) = runner.baseline(tests)?;
    for title in &failing {
        println!("  {title} fails without a mutant: left out");
    }
    times(&tests);

    println!("{} mutants, {workers} at a time …", mutants.len());
    let fates = runner.fates(&mutants, &tests, |m, fate| println!("{}", report::line(m, fate)))?;
    let all: Vec<_> = mutants.into_iter().zip(fates).collect();
    let (counts, enough) = report::summary(&all);
    let lines = |wanted: fn(&run::Fate) -> bool| {
        all.iter().filter(|(_, f)| wanted(f)).map(|(m, f)| report::line(m, f) + "\n").collect::<String>()
    };
    let is_survivor = |f: &run::Fate| matches!(f, run::Fate::Survived(_));
    println!("\nSurvivors:\n{}\n{counts}", lines(is_survivor));
    std::fs::write(work.join("report.txt"), lines(|_| true) + "\n" + &counts + "\n")?;
    println!("All of them: {}", work.join("report.txt").display());
    Ok((all.iter().filter(|(_, f)| is_survivor(f)).count(), enough))
}

/// The Python that `scripts/setup tests` has made for the checkout, for the tests of the mutated tree as well.
fn lend_python(there: &Path) -> Result<()> {
    let python = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".into());
    let python = std::path::absolute(Path::new(&python).join("tmp/python"))?;
    std::fs::create_dir_all(there)?;
    let link = there.join("python");
    if python.is_dir() && !link.exists() {
        std::os::unix::fs::symlink(&python, &link).context("cannot link the Python of the tests")?;
    }
    Ok(())
}

/// A shader that is no valid one is like Rust that does not compile.
fn drop_invalid_shaders(runner: &Runner, binaries: &[PathBuf], mutants: &mut Vec<Mutant>) -> Result<()> {
    if !mutants.iter().any(|m| m.site.is_shader()) {
        return Ok(());
    }
    let checks = runner.list(binaries, &[SHADER_TEST.to_string()])?;
    ensure!(!checks.is_empty(), "there is no test {SHADER_TEST} to check mutated shaders with");
    let checks: Vec<&Test> = checks.iter().collect();
    let mut valid = Vec::new();
    for m in mutants.drain(..) {
        if !m.site.is_shader() || runner.passes(&m, &checks)? {
            valid.push(m);
        } else {
            eprintln!("  {} is no valid shader: dropped", report::line(&m, &run::Fate::Survived(0)));
        }
    }
    *mutants = valid;
    Ok(())
}

/// What the tests take, by binary.
fn times(tests: &[Test]) {
    let mut binaries: BTreeMap<String, (usize, f64)> = BTreeMap::new();
    for test in tests {
        let title = test.title();
        let entry = binaries.entry(title.split(':').next().unwrap_or_default().to_string()).or_default();
        entry.0 += 1;
        entry.1 += test.time.as_secs_f64();
    }
    for (binary, (count, seconds)) in binaries {
        println!("  {binary:<20}{count:>5} tests{seconds:>9.1} s");
    }
}
