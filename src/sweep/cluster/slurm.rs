//! Slurm job arrays for a sweep: their scripts, and how they are submitted.

use crate::cancel::CancelToken;
use crate::engine::EngineKind;
use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::store::{Output, Parts, write_file};
use crate::sweep::parts::PlanFile;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// A job array of shards, and the merge that follows it.
#[derive(Debug, Clone)]
pub struct JobArray {
    /// Folder of the scripts and logs.
    pub folder: PathBuf,
    /// Number of parts of the map; each task of the array computes some.
    pub part_count: u64,
    /// Script of each task of the array.
    pub shard_script: String,
    /// Script of the merge, which runs when all tasks have succeeded.
    pub merge_script: String,
    /// Arguments of `sbatch` for the array, its script last; empty if no part is missing.
    pub shard_arguments: Vec<String>,
    /// Arguments of `sbatch` for the merge, its script last, without [`JobArray::dependency`], as
    /// the array's number is not known yet.
    pub merge_arguments: Vec<String>,
    plan_file: String,
    parts: Parts,
}

/// Options of a job array.
#[derive(Debug, Clone, Default)]
pub struct SlurmOptions {
    /// Number of tasks of the array.
    pub shards: u64,
    /// Further arguments of `sbatch` for the array.
    pub options: Vec<String>,
    /// Further arguments of `sbatch` for the merge.
    pub merge_options: Vec<String>,
    /// Whether the merge may replace an existing map.
    pub force: bool,
    /// Further arguments of each shard's command.
    pub shard_words: Vec<String>,
}

/// Integers as Slurm lists them: `0-3,7`.
fn ranges(numbers: &[u64]) -> String {
    let mut out: Vec<(u64, u64)> = Vec::new();
    for &n in numbers {
        match out.last_mut() {
            Some((_, last)) if *last + 1 == n => *last = n,
            _ => out.push((n, n)),
        }
    }
    let range = |(a, b): &(u64, u64)| if a == b { a.to_string() } else { format!("{a}-{b}") };
    out.iter().map(range).collect::<Vec<_>>().join(",")
}

fn quoted(path: &Path) -> Result<String> {
    let text = path.to_str().ok_or_else(|| Error::request(format!("{} is not UTF-8", path.display()), "rename it"))?;
    shlex::try_quote(text)
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| Error::request(format!("{text:?} cannot stand in a script"), "rename it"))
}

/// A path in a file name pattern of `sbatch`, where `%` begins a replacement, and a backslash
/// disables them.
fn in_pattern(path: &Path) -> Result<String> {
    match path.to_str() {
        Some(text) if !text.contains(|c: char| c == '\\' || c.is_control()) => Ok(text.replace('%', "%%")),
        _ => Err(Error::request(
            format!("Slurm cannot name a log in {}: the path holds a backslash or a control character", path.display()),
            "rename it",
        )),
    }
}

impl JobArray {
    /// Prepares the scripts; nothing is written or submitted yet.
    ///
    /// # Errors
    /// [`Error::Request`] if the engine is `auto`, the number of shards or the part size is out of
    /// range, or a path cannot be used in a script; [`Error::File`] if the current folder, the
    /// program or the folder of parts cannot be read.
    pub fn new(plan: &Plan, output: &Path, options: &SlurmOptions) -> Result<Self> {
        if plan.request.engine == EngineKind::Auto {
            return Err(Error::request(
                "`slurm` needs `engine` gpu or `engine` cpu: the machine that submits is not the one that computes",
                "name the engine of the nodes",
            ));
        }
        if options.shards == 0 || options.shards > 1_000_000 {
            return Err(Error::request(
                format!("`slurm` {}: no such job array", options.shards),
                "give 1 to 1000000 tasks",
            ));
        }
        let here = std::env::current_dir().map_err(|e| Error::file_because(Path::new("."), "is no folder", e))?;
        let output = here.join(output);
        let program = std::env::current_exe()
            .map_err(|e| Error::file_because(Path::new("hopfmap"), "cannot be found as the running program", e))?;
        let parts = Parts::beside_output(&output);
        let mut folder = output.clone().into_os_string();
        folder.push(".slurm");
        let folder = PathBuf::from(folder);
        let (program, map, from) = (quoted(&program)?, quoted(&output)?, quoted(parts.folder())?);
        let words = options.shard_words.iter().fold(String::new(), |out, w| out + " " + w);
        let of = options.shards;
        let shard_script = format!(
            "#!/bin/sh\nexec {program} sweep --quiet --force --from {from} -o {map} --shard \"$SLURM_ARRAY_TASK_ID/{of}\"{words}\n"
        );
        let force = if options.force { " --force" } else { "" };
        let merge_script = format!("#!/bin/sh\nexec {program} merge{force} {map}\n");
        let plan_file = PlanFile::new(plan, plan.request.engine);
        let specs = plan_file.part_specs(plan)?;
        parts.check_name()?;
        let present = parts.present(&CancelToken::default())?;
        let missing = |shard: u64| (shard..specs.count()).step_by(of as usize).any(|i| !present.contains(&i));
        let busy: Vec<u64> = (0..of.min(specs.count())).filter(|shard| missing(*shard)).collect();
        let file = |name: &str| folder.join(name).display().to_string();
        let log_folder = in_pattern(&folder)?;
        let name = output.file_stem().unwrap_or_default().to_string_lossy().replace(char::is_whitespace, "-");
        let common = |kind: &str, log: &str| {
            let words = ["--parsable", &format!("--job-name={name}-{kind}"), "--open-mode=append"].map(str::to_string);
            words.into_iter().chain([format!("--output={log_folder}/{log}")]).collect::<Vec<_>>()
        };
        let mut shard_arguments = Vec::new();
        if !busy.is_empty() {
            shard_arguments = common("shard", "shard-%a.log");
            shard_arguments.extend([format!("--array={}", ranges(&busy)), "--requeue".to_string()]);
            shard_arguments.extend(options.options.iter().cloned());
            shard_arguments.push(file("shard.sh"));
        }
        let mut merge_arguments = common("merge", "merge.log");
        merge_arguments.extend(options.merge_options.iter().cloned());
        merge_arguments.push(file("merge.sh"));
        let plan_file = plan_file.text()?;
        let part_count = specs.count();
        Ok(Self { folder, part_count, shard_script, merge_script, shard_arguments, merge_arguments, plan_file, parts })
    }

    /// The argument of `sbatch` that makes the merge wait for the array.
    #[must_use]
    pub fn dependency(array: &str) -> String {
        format!("--dependency=afterok:{array}")
    }

    /// Checks that the folder of parts, if it exists, belongs to this sweep; writes nothing.
    ///
    /// # Errors
    /// [`Error::Request`] if the folder has parts of another sweep or a damaged plan file;
    /// [`Error::File`] if it cannot be read.
    pub fn check(&self) -> Result<()> {
        self.parts.check(&self.plan_file)
    }

    /// Writes the folder of parts and the scripts, submits both jobs, and returns their numbers.
    ///
    /// # Errors
    /// [`Error::Request`] if sbatch cannot be run, or the folder has parts of another sweep;
    /// [`Error::File`] if a file cannot be written; [`Error::Engine`] if sbatch refuses a job.
    pub fn submit(&self) -> Result<[Option<String>; 2]> {
        let failed = |e: std::io::Error| Error::file_because(&self.folder, "could not be written", e);
        check_sbatch()?;
        self.parts.open_or_create(&self.plan_file)?;
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        for (name, script) in [("shard.sh", &self.shard_script), ("merge.sh", &self.merge_script)] {
            write_file(Output::with(&self.folder.join(name), true), script.as_bytes())?;
        }
        let array = if self.shard_arguments.is_empty() { None } else { Some(sbatch(&self.shard_arguments)?) };
        let mut merge = self.merge_arguments.clone();
        if let Some(array) = &array {
            merge.insert(0, Self::dependency(array));
        }
        Ok([array, Some(sbatch(&merge)?)])
    }
}

/// Checks that sbatch can be run, before anything is written for it.
fn check_sbatch() -> Result<()> {
    run_sbatch(&["--version".to_string()]).map(drop)
}

/// Submits a job and returns its number.
fn sbatch(arguments: &[String]) -> Result<String> {
    let remedy = "see what sbatch says, or print everything with `dry_run` and submit it by hand";
    let (status, printed, output) = run_sbatch(arguments)?;
    if !status.success() {
        return Err(Error::engine(format!("sbatch {} failed: {output}", arguments.join(" ")), remedy));
    }
    // The output is JOB, or JOB;CLUSTER.
    let job = printed.split(';').next().unwrap_or_default();
    if job.is_empty() || !job.bytes().all(|b| b.is_ascii_digit()) {
        let problem = format!("sbatch {} printed '{printed}', which is no job's number", arguments.join(" "));
        return Err(Error::engine(
            problem,
            "see with squeue whether it was submitted, and cancel it if so; then submit by hand",
        ));
    }
    Ok(job.to_string())
}

/// Runs sbatch and returns its exit status, stdout and stderr.
///
/// Both go through files: the standard library panics where a pipe cannot be read.
fn run_sbatch(arguments: &[String]) -> Result<(ExitStatus, String, String)> {
    let run = || -> std::io::Result<_> {
        let (printed, output) = (tempfile::tempfile()?, tempfile::tempfile()?);
        let mut command = Command::new("sbatch");
        let status = command.args(arguments).stdout(printed.try_clone()?).stderr(output.try_clone()?).status()?;
        let text = |mut file: File| -> std::io::Result<String> {
            let mut bytes = Vec::new();
            file.rewind()?;
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).trim().to_string())
        };
        Ok((status, text(printed)?, text(output)?))
    };
    run().map_err(|e| {
        Error::request(format!("sbatch could not be run: {e}"), "submit where Slurm is installed, or use `dry_run`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Request;

    #[test]
    fn numbers_are_listed_in_ranges() {
        assert_eq!(ranges(&[0, 1, 2, 3, 7, 9, 10]), "0-3,7,9-10");
        assert_eq!(ranges(&[]), "");
    }

    fn array(toml: &str, shards: u64) -> Result<JobArray> {
        let text = format!("grid = ['Gamma=0.1:1:100']\n{toml}\n[set]\nV_n = 2.0\nR_n = 6.0\n");
        let plan = Plan::new(Request::from_toml(&text).unwrap()).unwrap();
        let options = vec!["--gres=gpu:1".to_string()];
        JobArray::new(
            &plan,
            Path::new("/nowhere/my map.h5"),
            &SlurmOptions { shards, options, ..SlurmOptions::default() },
        )
    }

    #[test]
    fn only_shards_with_work_are_submitted_and_paths_are_quoted() {
        let made = array("engine = 'cpu'\npart-cells = 32", 64).unwrap();
        // 100 cells in parts of 32: four parts, so four of the 64 shards have one.
        assert!(made.shard_arguments.contains(&"--array=0-3".to_string()), "{:?}", made.shard_arguments);
        assert!(made.shard_arguments.contains(&"--gres=gpu:1".to_string()));
        assert!(
            made.shard_script.contains("-o '/nowhere/my map.h5' --shard \"$SLURM_ARRAY_TASK_ID/64\""),
            "{}",
            made.shard_script
        );
        assert!(made.merge_script.ends_with("merge '/nowhere/my map.h5'\n"));
        assert!(made.merge_arguments.last().unwrap().ends_with("my map.h5.slurm/merge.sh"));
    }

    #[test]
    fn the_nodes_engine_has_to_be_named() {
        assert!(array("", 4).unwrap_err().to_string().contains("`engine` gpu"));
        assert!(array("engine = 'cpu'", 0).is_err());
    }
}
