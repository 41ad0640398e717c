//! The folder of finished parts (`OUTPUT.parts`): checkpoint, and exchange point between the processes of a sweep.

use super::atomic::{Draft, Output, clear, folder, names_in, sync_folder, write_file};
use super::part::{self, Part, PartEngine, PartSpec};
use super::sha256::sha256;
use super::text_file::read_text_file;
use crate::cancel::CancelToken;
use crate::error::{Error, Result};
use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The file that says what the parts are parts of.
pub const PLAN: &str = "plan.toml";
/// How the name of a part ends that was found damaged; a number follows where a file has that name already.
const ASIDE: &str = ".damaged";
/// The file that says that virtual maps read the parts.
const READ: &str = "read-by-virtual-maps.txt";
/// What it says.
const READ_BY: &str = "Virtual maps take their values from these parts: 'hopfmap merge --virtual' made one, and copies of it read them too.\n\
    Remove the folder once there is no such map.\n";

/// What was found where a part should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartState {
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

/// The name of a part's file.
fn name_of(index: u64) -> String {
    format!("part-{index:06}.h5")
}

/// The number of the part that has this name; none where it is no part's.
fn number_of(name: &str) -> Option<u64> {
    let number = name.strip_prefix("part-")?.strip_suffix(".h5")?.parse().ok()?;
    (name_of(number) == name).then_some(number)
}

impl Parts {
    /// The place for the parts of `output`: `OUTPUT.parts`, there or not. They lie in the folder of the file that a link
    /// leads to.
    #[must_use]
    pub fn beside_output(output: &Path) -> Self {
        let target = super::atomic::resolved(output).unwrap_or_else(|_| output.to_owned());
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".parts");
        Self { folder: target.with_file_name(name), output: target }
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

    /// Checks that the folder can have its name.
    ///
    /// # Errors
    /// [`Error::Request`]: the name is too long, or taken by a file.
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

    /// The text of the plan file, as whoever made the folder wrote it; `None` where there is no plan.
    ///
    /// # Errors
    /// [`Error::Request`]: a plan that is not text. [`Error::File`]: one that cannot be read.
    pub fn plan(&self) -> Result<Option<String>> {
        let path = self.folder.join(PLAN);
        match read_text_file(&path) {
            // As an interrupted write leaves it on some file systems.
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

    /// Makes the folder for this plan, or joins the one that is there.
    ///
    /// # Errors
    /// [`Error::Request`]: parts of another plan are there already; both are shown. [`Error::File`]: the folder cannot be made.
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

    /// Checks that the folder, if it is there, is this plan's.
    ///
    /// # Errors
    /// [`Error::Request`]: parts of another plan are there; both are shown.
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
                "go on with it by its own command, name another output, or remove the folder\n  there:{}\n  asked for:{}",
                indented(&there),
                indented(plan)
            ),
        ))
    }

    /// Checks that parts without a plan are none of another's: a plan can be lost, and they would count as damaged.
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

    /// Writes the plan unless there is one. Of several shards that come at once one is first; all read what it wrote.
    fn write_plan(&self, plan: &str) -> Result<()> {
        let path = self.folder.join(PLAN);
        let failed = |e: std::io::Error| Error::file_because(&path, "could not be written", e);
        if std::fs::metadata(&path).is_ok_and(|m| m.len() == 0) {
            std::fs::remove_file(&path).map_err(failed)?;
        }
        let draft = Draft::new(Output::new(&path))?;
        std::fs::write(draft.path(), plan).map_err(failed)?;
        // On the disk before it has its name, or a power cut could leave an empty plan.
        std::fs::File::open(draft.path()).and_then(|f| f.sync_all()).map_err(failed)?;
        match draft.link_new() {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => Err(failed(e)),
            _ => {
                sync_folder(&path, &self.folder);
                Ok(())
            }
        }
    }

    /// The numbers of the parts that are there, whole or not.
    ///
    /// # Errors
    /// [`Error::Interrupted`]: the end was asked for. [`Error::File`]: the folder cannot be read.
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

    /// Where a part lies.
    #[must_use]
    pub fn path(&self, index: u64) -> PathBuf {
        self.folder.join(name_of(index))
    }

    /// The same, as a map beside the folder names it.
    #[must_use]
    pub fn path_from_output(&self, index: u64) -> String {
        let folder = self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!("{folder}/{}", name_of(index))
    }

    /// What is there in a part's place, by its head and its fingerprint.
    #[must_use]
    pub fn inspect(&self, spec: &PartSpec) -> PartState {
        self.found(spec, part::check)
    }

    /// What is there in a part's place, all its cells read.
    #[must_use]
    pub fn inspect_cells(&self, spec: &PartSpec) -> PartState {
        self.found(spec, |path, spec| part::read(path, spec).map(|part| part.engine))
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
            // It may have gone in between.
            Err(_) if !there() => PartState::Missing,
            Err(problem) => PartState::Damaged(problem),
        }
    }

    /// Puts what lies in a part's place out of the way.
    ///
    /// # Errors
    /// [`Error::File`]: the folder does not let it.
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

    /// Writes a part, whole or not at all. Where another shard was faster, its part is replaced by the same.
    ///
    /// # Errors
    /// The disk is full, or the folder is gone.
    pub fn write(&self, spec: &PartSpec, part: &Part) -> Result<()> {
        part::write(&self.path(spec.index), spec, part)
    }

    /// Reads a part.
    ///
    /// # Errors
    /// It is not there, or not whole, or another's.
    pub fn read(&self, spec: &PartSpec) -> Result<Part> {
        let path = self.path(spec.index);
        part::read(&path, spec).map_err(|problem| Error::file(&path, format!("is damaged: {problem}")))
    }

    /// Marks the parts as those of a virtual map: from now on they are not removed.
    ///
    /// # Errors
    /// The disk is full, or the folder is gone.
    pub fn mark_read(&self) -> Result<()> {
        write_file(Output::with(&self.folder.join(READ), true), READ_BY.as_bytes())
    }

    /// Removes the folder and all that the sweep has put into it, the plan last; other files in it stay, and so do parts that were
    /// set aside. Parts of a virtual map stay, all of them. The map is complete by then, so what cannot be removed is worth a note,
    /// not an error; so is an end that was asked for meanwhile.
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

    /// Removes the folder if nothing is in it: all that a removal may have left.
    pub fn remove_empty(&self) {
        // What is not empty stays, and an empty folder that cannot be removed does no harm.
        let _ = std::fs::remove_dir(&self.folder);
    }

    /// How many files that were set aside stay.
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
                // An empty file is what a power cut leaves, and nothing that anyone could miss.
                let path = self.folder.join(name);
                match std::fs::symlink_metadata(&path) {
                    Ok(file) if file.is_file() && file.len() == 0 => gone(std::fs::remove_file(path))?,
                    _ => aside += 1,
                }
            }
        }
        gone(std::fs::remove_file(self.folder.join(PLAN)))?;
        match std::fs::remove_dir(&self.folder) {
            // Files of others, or a shard that still writes a part: it will remove the folder.
            Err(e) if e.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
            // The folder is behind a link: the user made that link, and it stays.
            Err(e) if e.kind() == ErrorKind::NotADirectory => Ok(()),
            other => gone(other),
        }?;
        sync_folder(&self.output, folder(&self.output));
        Ok(aside)
    }
}
