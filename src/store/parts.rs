//! The folder in which a sweep's finished parts wait: checkpoint, meeting place of shards, and unit of progress.

use super::part::{self, Part, PartEngine, PartHead};
use super::temporary::{clear, folder, sync_folder, temporary_beside};
use crate::error::{Error, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The file that says what the parts are parts of.
pub const PLAN: &str = "plan.toml";
/// How the name of a part ends that was found damaged.
const ASIDE: &str = "damaged";

/// What was found where a part should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Missing,
    /// The part, and what computed it.
    Whole(PartEngine),
    /// Something else: what is wrong with it.
    Damaged(String),
}

/// The folder of one output's parts.
#[derive(Debug, Clone)]
pub struct Parts {
    folder: PathBuf,
    output: PathBuf,
}

impl Parts {
    /// The place for the parts of `output`: `OUTPUT.parts`, there or not.
    #[must_use]
    pub fn of(output: &Path) -> Self {
        let mut name = output.file_name().unwrap_or_default().to_owned();
        name.push(".parts");
        Self { folder: output.with_file_name(name), output: output.to_owned() }
    }

    /// Where they lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the folder is there.
    #[must_use]
    pub fn exist(&self) -> bool {
        self.folder.is_dir()
    }

    /// What the parts are parts of, in the words of whoever made the folder; `None` where there is no plan.
    ///
    /// # Errors
    /// A plan that cannot be read.
    pub fn plan(&self) -> Result<Option<String>> {
        let path = self.folder.join(PLAN);
        match std::fs::read(&path) {
            Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| {
                let remedy = "remove the folder to begin anew, or mend the file";
                Error::input(&path, "is damaged: it is not text", remedy)
            }),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::file_because(&path, "cannot be read", e)),
        }
    }

    /// Makes the folder for this plan, or joins the one that is there.
    ///
    /// # Errors
    /// Parts of another plan are there already: both are shown. Or the folder cannot be made.
    pub fn join(&self, plan: &str) -> Result<()> {
        if !self.exist() {
            match std::fs::create_dir(&self.folder) {
                Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
                    return Err(Error::file_because(&self.folder, "could not be made", e));
                }
                _ => {}
            }
        }
        clear(&self.folder, "");
        let path = self.folder.join(PLAN);
        if self.plan()?.is_none() {
            let temporary = temporary_beside(&path)?;
            std::fs::write(&temporary, plan).map_err(|e| Error::file_because(&path, "could not be written", e))?;
            // Of several shards that come at once one is first; all of them read what it wrote.
            let there = |e: &tempfile::PathPersistError| e.error.kind() == std::io::ErrorKind::AlreadyExists;
            match temporary.persist_noclobber(&path) {
                Err(e) if !there(&e) => return Err(Error::file_because(&path, "could not be put in place", e.error)),
                _ => sync_folder(&self.folder)
                    .map_err(|e| Error::file_because(&self.folder, "could not be synced", e))?,
            }
        }
        let there = self.plan()?.unwrap_or_default();
        if there == plan {
            return Ok(());
        }
        let indented = |text: &str| text.lines().fold(String::new(), |out, line| out + "\n    " + line);
        Err(Error::request(
            format!("{} holds parts of another sweep", self.folder.display()),
            format!(
                "go on with it by its own command, name another output, or remove the folder\n  there:{}\n  asked for:{}",
                indented(&there),
                indented(plan)
            ),
        ))
    }

    /// Where a part lies.
    #[must_use]
    pub fn path(&self, index: u64) -> PathBuf {
        self.folder.join(format!("part-{index:06}.h5"))
    }

    /// The same, as a map beside the folder names it.
    #[must_use]
    pub fn path_from_output(&self, index: u64) -> String {
        let folder = self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!("{folder}/part-{index:06}.h5")
    }

    /// What is there in a part's place.
    #[must_use]
    pub fn look(&self, head: &PartHead) -> Found {
        let path = self.path(head.index);
        if !path.exists() {
            return Found::Missing;
        }
        match part::check(&path, head) {
            Ok(engine) => Found::Whole(engine),
            // It may have gone in between.
            Err(_) if !path.exists() => Found::Missing,
            Err(problem) => Found::Damaged(problem),
        }
    }

    /// Puts what lies in a part's place out of the way.
    ///
    /// # Errors
    /// The folder does not let it.
    pub fn set_aside(&self, index: u64) -> Result<PathBuf> {
        let path = self.path(index);
        let aside = path.with_extension(format!("h5.{ASIDE}"));
        std::fs::rename(&path, &aside).map_err(|e| Error::file_because(&path, "could not be set aside", e))?;
        Ok(aside)
    }

    /// Writes a part, whole or not at all. Where another shard was faster, its part is replaced by the same.
    ///
    /// # Errors
    /// The disk is full, or the folder is gone.
    pub fn write(&self, head: &PartHead, part: &Part) -> Result<()> {
        part::write(&self.path(head.index), head, part)
    }

    /// Reads a part.
    ///
    /// # Errors
    /// It is not there, or not whole, or another's.
    pub fn read(&self, head: &PartHead) -> Result<Part> {
        let path = self.path(head.index);
        part::read(&path, head).map_err(|problem| Error::file(&path, format!("is damaged: {problem}")))
    }

    /// Removes the folder and all that the sweep has put into it, the plan last; what somebody else has put there stays.
    ///
    /// # Errors
    /// The folder does not let it.
    pub fn remove(&self) -> Result<()> {
        let failed = |e: std::io::Error| Error::file_because(&self.folder, "could not be removed", e);
        clear(&self.folder, "");
        let mut foreign = false;
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let ours = name.starts_with("part-") && (name.ends_with(".h5") || name.ends_with(ASIDE));
            if ours {
                std::fs::remove_file(entry.path()).map_err(failed)?;
            } else if name != PLAN {
                foreign = true;
            }
        }
        match std::fs::remove_file(self.folder.join(PLAN)) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(failed(e)),
            _ => {}
        }
        if !foreign {
            std::fs::remove_dir(&self.folder).map_err(failed)?;
        }
        sync_folder(folder(&self.output)).map_err(failed)
    }
}

/// SHA-256 of a text, in hexadecimal.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}
