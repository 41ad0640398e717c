//! The folder of finished parts (`OUTPUT.parts`): the checkpoint, and the exchange between a
//! sweep's processes.

use super::atomic::{Draft, Output, clear, folder, names_in, sync_folder, write_file};
use super::part::{self, Part, PartSpec, StoredPart};
use super::part_engine::PartEngine;
use super::text_file::read_text_file;
use crate::cancel::CancelToken;
use crate::error::{Error, Result};
use crate::fingerprint::sha256;
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Name of the plan file, which identifies the sweep that the parts belong to.
pub const PLAN: &str = "plan.toml";
/// Suffix of a damaged part that was set aside, followed by a number if that name is taken.
const ASIDE: &str = ".damaged";
/// Name of the file that records that virtual maps read the parts.
const READ: &str = "read-by-virtual-maps.txt";
/// Contents of the file named [`READ`].
const READ_BY: &str = "Virtual maps take their values from these parts: 'hopfmap merge --virtual' made one, and copies of it read them too.\n\
    Remove the folder once there is no such map.\n";

/// The state of a part's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartState {
    /// There is no such file.
    Missing,
    /// The part is complete, with what computed it.
    Whole(PartEngine),
    /// The file is not this part, with the reason.
    Damaged(String),
}

/// The folder of one output's parts.
#[derive(Debug, Clone)]
pub struct Parts {
    folder: PathBuf,
    output: PathBuf,
}

/// The file name of a part.
fn name_of(index: u64) -> String {
    format!("part-{index:06}.h5")
}

/// The part number in a file name; `None` if it is not the name of a part.
fn number_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix("part-")?.strip_suffix(".h5")?.parse().ok()?;
    (name_of(number) == name).then_some(number)
}

impl Parts {
    /// The folder for the parts of `output`, `OUTPUT.parts`, which need not exist.
    ///
    /// If `output` is a symbolic link, the folder is next to the link's target.
    #[must_use]
    pub fn beside_output(output: &Path) -> Self {
        let target = super::atomic::resolved(output).unwrap_or_else(|_| output.to_owned());
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".parts");
        Self { folder: target.with_file_name(name), output: target }
    }

    /// The path of the folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether the folder exists.
    #[must_use]
    pub fn exist(&self) -> bool {
        self.folder.is_dir()
    }

    /// Checks that the folder's name can be used.
    ///
    /// # Errors
    /// [`Error::Request`] if the name is too long, or a file has it.
    pub fn check_name(&self) -> Result<()> {
        let shown = self.folder.display();
        match std::fs::symlink_metadata(&self.folder) {
            Err(e) if e.kind() == ErrorKind::InvalidFilename => Err(Error::request(
                format!("the folder of the parts, {shown}, has a name that the disk does not take ({e})"),
                "name the output shorter",
            )),
            Ok(_) if !self.exist() => Err(Error::request(
                format!("{shown}, where the parts have to go, is there and is no folder"),
                "move it away, or name another output",
            )),
            _ => Ok(()),
        }
    }

    /// The text of the plan file, as its creator wrote it; `None` if there is no plan.
    ///
    /// # Errors
    /// [`Error::Request`] if the plan is not a regular text file, or too long; [`Error::File`] if
    /// it cannot be read.
    pub fn plan(&self) -> Result<Option<String>> {
        let path = self.folder.join(PLAN);
        match read_text_file(&path) {
            // Some file systems leave an empty file after an interrupted write.
            Ok(text) if text.is_empty() => Ok(None),
            Ok(text) => Ok(Some(text)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) if matches!(e.kind(), ErrorKind::InvalidData | ErrorKind::Other) => {
                let remedy = "remove the folder to start over, or fix the file";
                Err(Error::input(&path, format!("is damaged: {e}"), remedy))
            }
            Err(e) => Err(Error::file_because(&path, "cannot be read", e)),
        }
    }

    /// Creates the folder for this plan, or joins the existing one.
    ///
    /// # Errors
    /// [`Error::Request`] if the folder holds parts of another plan (the message shows both) or a
    /// damaged plan file; [`Error::File`] if the folder or the plan cannot be read or written.
    pub fn open_or_create(&self, plan: &str) -> Result<()> {
        match std::fs::create_dir(&self.folder) {
            Ok(()) => sync_folder(&self.folder, folder(&self.folder)),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {}
            Err(e) => return Err(Error::file_because(&self.folder, "could not be made", e)),
        }
        clear(&self.folder, None);
        if self.plan()?.is_none() {
            self.check_without_plan(plan)?;
            self.write_plan(plan)?;
        }
        self.check(plan)
    }

    /// Checks that the folder, if it exists, belongs to this plan.
    ///
    /// # Errors
    /// [`Error::Request`] if the folder holds parts of another plan (the message shows both) or a
    /// damaged plan file; [`Error::File`] if it cannot be read.
    pub fn check(&self, plan: &str) -> Result<()> {
        let there = match self.plan()? {
            None => return self.check_without_plan(plan),
            Some(there) if there == plan => return Ok(()),
            Some(there) => there,
        };
        let indented = |text: &str| text.lines().fold(String::new(), |out, line| out + "\n    " + line);
        Err(Error::request(
            format!("{} holds parts of another sweep", self.folder.display()),
            format!(
                "continue it with its own command, name another output, or remove the folder\n  existing:{}\n  requested:{}",
                indented(&there),
                indented(plan)
            ),
        ))
    }

    /// Checks that no part in a folder without a plan belongs to another plan.
    ///
    /// A plan can be lost, and such parts would count as damaged.
    fn check_without_plan(&self, plan: &str) -> Result<()> {
        let digest = sha256(plan);
        for index in self.present(&CancelToken::default())? {
            let path = self.path(index);
            if part::plan_of(&path).is_some_and(|of| of != digest) {
                return Err(Error::request(
                    format!(
                        "{} holds parts of another sweep, {} among them, and its {PLAN} is lost",
                        self.folder.display(),
                        name_of(index)
                    ),
                    "name another output, or remove the folder if the parts are of no use",
                ));
            }
        }
        Ok(())
    }

    /// Writes the plan unless it exists. Of several shards that start at once, one is first; all
    /// read what it wrote.
    fn write_plan(&self, plan: &str) -> Result<()> {
        let path = self.folder.join(PLAN);
        let failed = |e: std::io::Error| Error::file_because(&path, "could not be written", e);
        if std::fs::metadata(&path).is_ok_and(|m| m.len() == 0) {
            std::fs::remove_file(&path).map_err(failed)?;
        }
        let draft = Draft::new(Output::new(&path))?;
        std::fs::write(draft.path(), plan).map_err(failed)?;
        // Synced before it gets its name, or a power cut could leave an empty plan.
        std::fs::File::open(draft.path()).and_then(|f| f.sync_all()).map_err(failed)?;
        match draft.link_new() {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(failed(e)),
            _ => {
                sync_folder(&path, &self.folder);
                Ok(())
            }
        }
    }

    /// The numbers of the parts that exist, complete or not.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if cancelled; [`Error::File`] if the folder cannot be read.
    pub fn present(&self, stop: &CancelToken) -> Result<HashSet<u64>> {
        let failed = |e: std::io::Error| Error::file_because(&self.folder, "cannot be read", e);
        let entries = match names_in(&self.folder) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(HashSet::new()),
            other => other.map_err(failed)?,
        };
        let mut present = HashSet::new();
        for name in entries {
            stop.check()?;
            let name = name.map_err(failed)?;
            present.extend(name.to_str().and_then(number_of));
        }
        Ok(present)
    }

    /// The path of a part.
    #[must_use]
    pub fn path(&self, index: u64) -> PathBuf {
        self.folder.join(name_of(index))
    }

    /// The path of a part relative to the folder of the map, as the map records it.
    #[must_use]
    pub fn path_from_output(&self, index: u64) -> String {
        let folder = self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!("{folder}/{}", name_of(index))
    }

    /// The state of a part, from its attributes and its seal.
    #[must_use]
    pub fn inspect(&self, spec: &PartSpec) -> PartState {
        self.found(spec, part::check)
    }

    /// The state of a part, after reading all its cells.
    #[must_use]
    pub fn inspect_cells(&self, spec: &PartSpec) -> PartState {
        self.found(spec, |path, spec| part::read(path, spec).map(|found| found.part.engine))
    }

    fn found(
        &self,
        spec: &PartSpec,
        look: impl Fn(&Path, &PartSpec) -> std::result::Result<PartEngine, String>,
    ) -> PartState {
        let path = self.path(spec.index);
        let there = || std::fs::symlink_metadata(&path).is_ok();
        if !there() {
            return PartState::Missing;
        }
        match look(&path, spec) {
            Ok(engine) => PartState::Whole(engine),
            // It may have been removed in the meantime.
            Err(_) if !there() => PartState::Missing,
            Err(problem) => PartState::Damaged(problem),
        }
    }

    /// Renames a damaged part out of the way, and returns its new path.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be renamed.
    pub fn quarantine(&self, index: u64) -> Result<PathBuf> {
        let path = self.path(index);
        let name = |n: u64| if n == 1 { name_of(index) + ASIDE } else { format!("{}{ASIDE}-{n}", name_of(index)) };
        let is_free = |aside: &PathBuf| std::fs::symlink_metadata(aside).is_err();
        let aside = (1..=u64::MAX).map(|n| path.with_file_name(name(n))).find(is_free).unwrap_or_default();
        match std::fs::rename(&path, &aside) {
            // Another process was faster.
            Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::file_because(&path, "could not be set aside", e)),
            _ => Ok(aside),
        }
    }

    /// Writes a part atomically. If another shard was faster, its part is replaced by an identical one.
    ///
    /// # Errors
    /// [`Error::File`] if the disk is full, or the folder does not exist.
    pub fn write(&self, spec: &PartSpec, part: &Part) -> Result<()> {
        part::write(&self.path(spec.index), spec, part)
    }

    /// Reads a part.
    ///
    /// # Errors
    /// [`Error::File`] if the part is missing, damaged, or belongs to another plan.
    pub fn read(&self, spec: &PartSpec) -> Result<Part> {
        Ok(self.read_stored(spec)?.part)
    }

    /// Reads a part, with its columns as they are stored; errors are those of [`Parts::read`].
    pub(crate) fn read_stored(&self, spec: &PartSpec) -> Result<StoredPart> {
        let path = self.path(spec.index);
        part::read(&path, spec).map_err(|problem| Error::file(&path, format!("is damaged: {problem}")))
    }

    /// Marks the parts as used by a virtual map, so that [`Parts::remove`] keeps them.
    ///
    /// # Errors
    /// [`Error::File`] if the disk is full, or the folder does not exist.
    pub fn mark_read(&self) -> Result<()> {
        write_file(Output::with(&self.folder.join(READ), true), READ_BY.as_bytes())
    }

    /// Removes the folder and everything the sweep has written to it, the plan last.
    ///
    /// Other files in it are kept, as are parts that were set aside, and all parts of a virtual
    /// map. The map is complete by then, so a failure to remove something, or cancellation, is a
    /// warning, not an error.
    pub fn remove(&self, stop: &CancelToken) {
        let (output, folder) = (self.output.display(), self.folder.display());
        if std::fs::symlink_metadata(self.folder.join(READ)).is_ok() {
            log::warn!(
                "{folder} stays: a virtual map was made of its parts, and copies of it read them; remove it if there are none"
            );
            return;
        }
        match self.try_remove(stop) {
            Ok(0) => {}
            Ok(aside) => log::warn!(
                "{folder} stays, with what was damaged and set aside there ({aside}); remove it if it is of no use"
            ),
            Err(e) => log::warn!(
                "{output} is complete, but its parts in {folder} could not be removed ({e}): run the same command again, or remove the \
                 folder"
            ),
        }
    }

    /// Removes the folder if it is empty, as an interrupted removal may leave it.
    pub fn remove_empty(&self) {
        // A folder with files is kept, and an empty one that cannot be removed does no harm.
        let _ = std::fs::remove_dir(&self.folder);
    }

    /// Removes the parts, the plan and the folder; returns the number of files kept that were set
    /// aside.
    fn try_remove(&self, stop: &CancelToken) -> std::io::Result<u64> {
        let gone = |result: std::io::Result<()>| match result {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            other => other,
        };
        clear(&self.folder, None);
        let entries = match names_in(&self.folder) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(0),
            other => other?,
        };
        let mut aside = 0;
        for name in entries {
            if stop.is_cancelled() {
                return Err(ErrorKind::Interrupted.into());
            }
            let name = name?.to_string_lossy().into_owned();
            if number_of(&name).is_some() {
                gone(std::fs::remove_file(self.folder.join(name)))?;
            } else if name.split_once(ASIDE).is_some_and(|(whole, _)| number_of(whole).is_some()) {
                // A power cut leaves an empty file, which holds nothing to keep.
                let path = self.folder.join(name);
                match std::fs::symlink_metadata(&path) {
                    Ok(file) if file.is_file() && file.len() == 0 => gone(std::fs::remove_file(path))?,
                    _ => aside += 1,
                }
            }
        }
        gone(std::fs::remove_file(self.folder.join(PLAN)))?;
        match std::fs::remove_dir(&self.folder) {
            // Files of others, or of a shard that still writes a part and will then remove the folder.
            Err(e) if e.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
            // The folder is reached through a link, which the user made and which is kept.
            Err(e) if e.kind() == ErrorKind::NotADirectory => Ok(()),
            other => gone(other),
        }?;
        sync_folder(&self.output, folder(&self.output));
        Ok(aside)
    }
}
