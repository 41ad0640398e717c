//! `hopfmap sweep … --slurm N`: the sweep as a job array with a merge behind it.

use super::outputs::Outputs;
use crate::error::{Error, Result};
use crate::sweep::{Array, OnDeviceLoss, Plan, SlurmAsked};
use clap::Args;
use std::fmt::Write;

/// Arguments for the scheduler.
#[derive(Debug, Args)]
pub struct Submission {
    /// Submit to Slurm: an array of N shards, and a merge once all have succeeded
    #[arg(long, value_name = "N", conflicts_with_all = ["shard", "plot"])]
    slurm: Option<u64>,
    /// Further options for the array's sbatch, e.g. "--gres=gpu:1 --time=1:00:00"
    #[arg(long, value_name = "OPTIONS", requires = "slurm", allow_hyphen_values = true)]
    sbatch: Option<String>,
    /// Further options for the merge's sbatch
    #[arg(long, value_name = "OPTIONS", requires = "slurm", allow_hyphen_values = true)]
    sbatch_merge: Option<String>,
    /// Print the scripts and the sbatch commands instead of submitting them
    #[arg(long, requires = "slurm")]
    dry_run: bool,
}

impl Submission {
    /// Whether the sweep is to be submitted.
    pub fn is_wanted(&self) -> bool {
        self.slurm.is_some()
    }
}

/// Splits options as a shell would.
fn words(name: &str, text: Option<&str>) -> Result<Vec<String>> {
    let text = text.unwrap_or_default();
    shlex::split(text).ok_or_else(|| Error::request(format!("{name} '{text}' has an open quote"), "close it"))
}

/// Submits, or prints what would be submitted.
pub fn run(asked: &Submission, plan: &Plan, outputs: &Outputs, on_loss: OnDeviceLoss) -> Result<String> {
    outputs.check(plan.bytes())?;
    if on_loss == OnDeviceLoss::Cpu {
        return Err(Error::request(
            "--on-device-loss cpu needs --engine auto, and --slurm a named engine",
            "leave it off",
        ));
    }
    let adapter = plan.request.adapter.as_deref().map(shlex::try_quote).transpose();
    let adapter = adapter.map_err(|e| Error::request(format!("--adapter cannot stand in a script: {e}"), "mend it"))?;
    let array = Array::new(
        plan,
        &outputs.output,
        &SlurmAsked {
            shards: asked.slurm.unwrap_or_default(),
            options: words("--sbatch", asked.sbatch.as_deref())?,
            merge_options: words("--sbatch-merge", asked.sbatch_merge.as_deref())?,
            force: outputs.force,
            shard_words: adapter.map(|a| format!("--adapter {a}")).into_iter().collect(),
        },
    )?;
    let mut out = String::new();
    if asked.dry_run {
        let line = |words: &[String]| shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "# {}/shard.sh\n{}", array.folder.display(), array.shard_script);
        let _ = writeln!(out, "# {}/merge.sh\n{}", array.folder.display(), array.merge_script);
        if !array.shard_arguments.is_empty() {
            let _ = writeln!(out, "sbatch {}", line(&array.shard_arguments));
            let _ = writeln!(out, "sbatch {} {}", Array::dependency("JOB"), line(&array.merge_arguments));
        } else {
            let _ = writeln!(out, "sbatch {}", line(&array.merge_arguments));
        }
        return Ok(out);
    }
    let [shards, merge] = array.submit()?;
    if let Some(job) = shards {
        let _ = writeln!(out, "shards: job array {job}");
    }
    if let Some(job) = merge {
        let _ = writeln!(out, "merge:  job {job}, once all shards have succeeded");
    }
    let _ = writeln!(out, "scripts and logs: {}", array.folder.display());
    Ok(out)
}
