//! `hopfmap sweep … --slurm N`: the sweep as a job array followed by a merge.

use super::command_report::{Report, path};
use super::outputs::Outputs;
use super::rules::{Presence, exclusive, needs};
use crate::error::{Error, Result};
use crate::plan::{OnDeviceLoss, Plan};
use crate::sweep::{JobArray, SlurmOptions};
use clap::Args;
use serde_json::json;
use std::fmt::Write;

/// Options of this command that `--sbatch` would take as its value if that were forgotten.
///
/// None of them is an option of sbatch.
const NOT_SBATCH: [&str; 7] = ["--dry-run", "--force", "--json", "--plot", "--sbatch", "--sbatch-merge", "--slurm"];

/// Options for the scheduler.
#[derive(Debug, Args)]
pub(super) struct Submission {
    /// Submit to Slurm: an array of N shards, and a merge once all have succeeded
    #[arg(long, value_name = "N")]
    slurm: Option<u64>,
    /// Further options for the array's sbatch, e.g. "--gres=gpu:1 --time=1:00:00"
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    sbatch: Option<String>,
    /// Further options for the merge's sbatch
    #[arg(long, value_name = "OPTIONS", allow_hyphen_values = true)]
    sbatch_merge: Option<String>,
    /// Print the scripts and the sbatch commands instead of submitting them
    #[arg(long)]
    dry_run: bool,
}

impl Submission {
    /// Whether the sweep shall be submitted.
    pub(super) fn is_wanted(&self) -> bool {
        self.slurm.is_some()
    }

    /// Checks these options for conflicts with each other and with the sweep's `--plot` and `--shard`.
    ///
    /// # Errors
    /// [`Error::Request`] if options exclude or need each other, or `--sbatch` holds an option of
    /// hopfmap.
    pub(super) fn check(&self, plot: Presence<'_>, shard: Presence<'_>) -> Result<()> {
        let slurm = ("--slurm", self.slurm.is_some());
        needs(("--dry-run", self.dry_run), slurm)?;
        needs(("--sbatch", self.sbatch.is_some()), slurm)?;
        needs(("--sbatch-merge", self.sbatch_merge.is_some()), slurm)?;
        exclusive(slurm, plot, "the map is not there when this command ends: draw it with 'hopfmap plot'")?;
        exclusive(slurm, shard, "the job array has shards of its own")?;
        for (name, text) in [("--sbatch", &self.sbatch), ("--sbatch-merge", &self.sbatch_merge)] {
            let first = text.as_deref().and_then(|t| t.split(['=', ' ']).next()).unwrap_or_default();
            if NOT_SBATCH.contains(&first) {
                return Err(Error::request(
                    format!("{name} is given {first}, which is an option of hopfmap and not of sbatch"),
                    format!("write {name} \"OPTIONS\", and {first} elsewhere"),
                ));
            }
        }
        Ok(())
    }
}

/// Splits options as a shell would.
fn words(name: &str, text: Option<&str>) -> Result<Vec<String>> {
    let text = text.unwrap_or_default();
    shlex::split(text).ok_or_else(|| Error::request(format!("{name} '{text}' has an open quote"), "close it"))
}

/// Submits the job array and its merge, or reports what would be submitted.
pub(super) fn run(options: &Submission, plan: &Plan, outputs: &Outputs, on_loss: OnDeviceLoss) -> Result<Report> {
    if on_loss == OnDeviceLoss::Cpu {
        return Err(Error::request(
            "--on-device-loss cpu needs --engine auto, and --slurm a named engine",
            "leave it off",
        ));
    }
    let adapter = plan.request.adapter.as_deref().map(shlex::try_quote).transpose();
    let adapter = adapter.map_err(|e| {
        Error::request(
            format!("--adapter cannot be quoted for a shell script: {e}"),
            "give its index, or a part of its name",
        )
    })?;
    let array = JobArray::new(
        plan,
        &outputs.output,
        &SlurmOptions {
            shards: options.slurm.unwrap_or_default(),
            options: words("--sbatch", options.sbatch.as_deref())?,
            merge_options: words("--sbatch-merge", options.sbatch_merge.as_deref())?,
            force: outputs.force,
            shard_words: adapter.map(|a| format!("--adapter {a}")).into_iter().collect(),
        },
    )?;
    let jobs = if options.dry_run { array.check().map(|()| [None, None])? } else { array.submit()? };
    let object = json!({
        "output": path(&outputs.output),
        "dry_run": options.dry_run,
        "folder": path(&array.folder),
        "parts": array.part_count,
        "shard_script": array.shard_script,
        "merge_script": array.merge_script,
        "shard_arguments": array.shard_arguments,
        "merge_arguments": array.merge_arguments,
        "shard_job": jobs[0],
        "merge_job": jobs[1],
    });
    let mut text = if options.dry_run { would_submit(&array) } else { submitted(&array, &jobs) };
    if let Some(shards) = options.slurm.filter(|n| *n > array.part_count) {
        let parts = if array.part_count == 1 { "one part".to_string() } else { format!("{} parts", array.part_count) };
        // A shell comment, so that the printed text can be run.
        text.push_str(&format!(
            "# the map is {parts}, so {} of the {shards} tasks have nothing to compute; a smaller --part-cells makes more parts\n",
            shards - array.part_count
        ));
    }
    Ok(Report::new(text, object))
}

fn would_submit(array: &JobArray) -> String {
    let mut out = String::new();
    let line = |words: &[String]| shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# {}/shard.sh\n{}", array.folder.display(), array.shard_script);
    let _ = writeln!(out, "# {}/merge.sh\n{}", array.folder.display(), array.merge_script);
    if array.shard_arguments.is_empty() {
        let _ = writeln!(out, "sbatch {}", line(&array.merge_arguments));
    } else {
        let _ = writeln!(out, "sbatch {}", line(&array.shard_arguments));
        let _ = writeln!(out, "sbatch {} {}", JobArray::dependency("JOB"), line(&array.merge_arguments));
    }
    out
}

fn submitted(array: &JobArray, [shards, merge]: &[Option<String>; 2]) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    if let Some(job) = shards {
        let _ = writeln!(out, "shards: job array {job}");
    }
    if let Some(job) = merge {
        let _ = writeln!(out, "merge:  job {job}, once all shards have succeeded");
    }
    let _ = writeln!(out, "scripts and logs: {}", array.folder.display());
    out
}
