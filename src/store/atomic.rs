//! Atomic file output: written under a temporary name, synced, then renamed to the final name.

use super::owner::{Life, Owner, short_hash};
use crate::error::{Error, Result};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Prefix of a temporary file's name.
///
/// A temporary name is this prefix, a hash of the final name, the owner, a random string and the
/// suffix: short, however long the final name is.
const PREFIX: &str = ".hopfmap-";
const SUFFIX: &str = ".tmp";
/// Time without changes after which a temporary file of a process elsewhere is removed.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);
/// Limit on the symbolic links followed in a row before they count as a loop, as in the operating
/// system.
const MOST_LINKS: usize = 40;
/// Number of alternative names tried for a finished file whose name was taken.
const MOST_NAMES: u32 = 1000;

/// The destination of a result, and whether an existing file may be replaced.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// The path as the caller passed it.
    pub path: &'a Path,
    /// Whether an existing file of this name may be replaced (`force`).
    pub force: bool,
}

impl<'a> Output<'a> {
    /// An output that must be new: a file that exists, or appears before this one is complete, is kept.
    #[must_use]
    pub fn new(path: &'a Path) -> Self {
        Self { path, force: false }
    }

    /// An output that replaces an existing file if `force` is true.
    #[must_use]
    pub fn with(path: &'a Path, force: bool) -> Self {
        Self { path, force }
    }
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// The target of a path: symbolic links are followed, also to a file that does not exist yet.
pub(crate) fn resolved(path: &Path) -> std::io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match std::fs::symlink_metadata(&path) {
            Ok(m) if m.file_type().is_symlink() => path = folder(&path).join(std::fs::read_link(&path)?),
            _ => return Ok(path),
        }
    }
    Err(std::io::Error::other("its symbolic links lead in a circle"))
}

/// The part of a temporary file's name that identifies its target.
fn target_mark(path: &Path) -> String {
    short_hash(path.file_name().unwrap_or_default().as_encoded_bytes())
}

/// An unfinished output file: it has a temporary name until published, and is removed if it never is.
#[derive(Debug)]
pub(crate) struct Draft {
    temporary: tempfile::TempPath,
    /// The path as the caller passed it, for messages.
    shown: PathBuf,
    target: PathBuf,
    force: bool,
}

impl Draft {
    /// Creates an empty temporary file in the folder of `output`.
    ///
    /// # Errors
    /// [`Error::File`] if the path cannot be resolved, or the folder takes no new file.
    pub(crate) fn new(output: Output<'_>) -> Result<Self> {
        let Output { path, force } = output;
        let target = resolved(path).map_err(|e| Error::file_because(path, "cannot be written", e))?;
        let prefix = format!("{PREFIX}{}.{}.", target_mark(&target), Owner::this());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(SUFFIX);
        // Temporary files are private by default; a result is as readable as any file of its owner
        // (the umask applies).
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder
            .tempfile_in(folder(&target))
            .map_err(|e| Error::file_because(folder(&target), "no file can be created there", e))?
            .into_temp_path();
        Ok(Self { temporary, shown: path.to_owned(), target, force })
    }

    /// The temporary path, valid until the file is published.
    pub(crate) fn path(&self) -> &Path {
        &self.temporary
    }

    /// Gives the file its final name, without a sync; fails if a file of that name exists.
    pub(crate) fn link_new(self) -> std::io::Result<()> {
        persist_new(self.temporary, &self.target).map_err(|(_, e)| e)
    }

    /// Syncs the finished file and gives it its final name.
    ///
    /// # Errors
    /// [`Error::File`] if the bytes cannot be synced, or the name cannot be taken. If another file
    /// has taken the name in the meantime, the finished file is kept under another name, given in
    /// the message.
    pub(crate) fn publish(self) -> Result<()> {
        let Self { temporary, shown, target, force } = self;
        let failed = |e: std::io::Error| Error::file_because(&shown, "could not be put in place", e);
        File::open(&temporary).and_then(|f| f.sync_all()).map_err(failed)?;
        if force {
            temporary.persist(&target).map_err(|e| failed(e.error))?;
        } else if let Err((temporary, e)) = persist_new(temporary, &target) {
            if e.kind() != ErrorKind::AlreadyExists {
                return Err(failed(e));
            }
            if !are_same(&temporary, &target) {
                return Err(keep(temporary, &shown, &target));
            }
            // An earlier run of the same command has written it.
            temporary.close().map_err(failed)?;
        }
        sync_folder(&shown, folder(&target));
        Ok(())
    }
}

/// Whether two files hold the same bytes; false if either cannot be read.
fn are_same(a: &Path, b: &Path) -> bool {
    let compare = || -> std::io::Result<bool> {
        if std::fs::symlink_metadata(a)?.len() != std::fs::symlink_metadata(b)?.len() {
            return Ok(false);
        }
        let mut files = [BufReader::new(File::open(a)?), BufReader::new(File::open(b)?)];
        loop {
            let [x, y] = &mut files;
            let (left, right) = (x.fill_buf()?, y.fill_buf()?);
            let n = left.len().min(right.len());
            if left[..n] != right[..n] || (n == 0 && left.len() != right.len()) {
                return Ok(false);
            }
            if n == 0 {
                return Ok(true);
            }
            x.consume(n);
            y.consume(n);
        }
    };
    compare().unwrap_or(false)
}

/// Renames a file without replacing an existing one.
fn persist_new(
    temporary: tempfile::TempPath,
    target: &Path,
) -> std::result::Result<(), (tempfile::TempPath, std::io::Error)> {
    match temporary.persist_noclobber(target) {
        Ok(()) => Ok(()),
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Err((e.path, e.error)),
        // The file system has neither hard links nor a rename that refuses to replace: check, then
        // rename.
        Err(e) if is_unsupported(&e.error) => match std::fs::symlink_metadata(target) {
            Ok(_) => Err((e.path, ErrorKind::AlreadyExists.into())),
            Err(_) => e.path.persist(target).map_err(|e| (e.path, e.error)),
        },
        Err(e) => Err((e.path, e.error)),
    }
}

/// Whether an operation failed because the file system does not support it.
fn is_unsupported(e: &std::io::Error) -> bool {
    use ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    matches!(e.kind(), InvalidInput | PermissionDenied | Unsupported)
}

/// Keeps a finished file whose name was taken in the meantime, under the first free similar name.
fn keep(mut temporary: tempfile::TempPath, shown: &Path, target: &Path) -> Error {
    let stem = target.file_stem().unwrap_or_default().to_owned();
    for n in 1..=MOST_NAMES {
        let mut name = stem.clone();
        name.push(format!(".new-{n}"));
        if let Some(ending) = target.extension() {
            name.push(".");
            name.push(ending);
        }
        let path = shown.with_file_name(&name);
        match persist_new(temporary, &target.with_file_name(&name)) {
            Ok(()) => {
                return Error::file(
                    shown,
                    format!(
                        "appeared while this ran, or holds another result, and is left as it is; the new result is kept as {}: \
                         move it where you want it, or run again with `force` to replace it",
                        path.display()
                    ),
                );
            }
            Err((back, e)) if e.kind() == ErrorKind::AlreadyExists => temporary = back,
            Err((_, e)) => {
                return Error::file_because(
                    shown,
                    "appeared while this ran, or holds another result, and is left as it is",
                    e,
                );
            }
        }
    }
    Error::file(
        shown,
        "appeared while this ran, or holds another result, and is left as it is; name another output, or add `force`",
    )
}

/// Writes a file atomically: all bytes are synced and read back before the file gets its name.
///
/// # Errors
/// [`Error::File`] if the folder takes no file, the disk is full, or the bytes read back differ.
pub fn write_file(output: Output<'_>, bytes: &[u8]) -> Result<()> {
    let draft = Draft::new(output)?;
    let failed = |e: std::io::Error| Error::file_because(output.path, "could not be written", e);
    File::create(draft.path()).and_then(|mut f| f.write_all(bytes)).map_err(failed)?;
    let mut back = Vec::with_capacity(bytes.len() + 1);
    File::open(draft.path()).and_then(|mut f| f.read_to_end(&mut back)).map_err(failed)?;
    if back != bytes {
        return Err(Error::file(
            output.path,
            "could not be written: the disk gives back other bytes than it was given",
        ));
    }
    draft.publish()
}

/// Syncs a folder, so that a new name survives a power cut.
///
/// The file is complete and in place by then, and some file systems cannot sync a folder at all: a
/// failure is a warning, not an error.
pub(super) fn sync_folder(shown: &Path, folder: &Path) {
    // Only Unix can sync a folder; elsewhere a rename is as durable as the system makes it.
    if !cfg!(unix) {
        return;
    }
    match File::open(folder).and_then(|f| f.sync_all()) {
        Err(e) if !is_unsupported(&e) => log::warn!(
            "{} is complete and in place, but its folder could not be synced ({e}): after a power cut the name may be missing",
            shown.display()
        ),
        _ => {}
    }
}

/// Whether a file of this name is an abandoned temporary file for `target` (for any file if `None`).
fn is_stale(path: &Path, target: Option<&str>) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let inner = name.strip_prefix(PREFIX).and_then(|n| n.strip_suffix(SUFFIX));
    let parts: Vec<&str> = inner.into_iter().flat_map(|n| n.split('.')).collect();
    let [mark, owner, _] = parts[..] else { return false };
    if target.is_some_and(|t| t != mark) {
        return false;
    }
    match owner.parse::<Owner>().map(|o| o.life()) {
        Ok(Life::Gone) => true,
        Ok(Life::Elsewhere) => unchanged_for(path).is_some_and(|age| age > ABANDONED),
        Ok(Life::Running) | Err(()) => false,
    }
}

/// Time since a file was last changed.
pub(super) fn unchanged_for(path: &Path) -> Option<Duration> {
    let changed = std::fs::symlink_metadata(path).and_then(|m| m.modified()).ok()?;
    SystemTime::now().duration_since(changed).ok()
}

/// Removes the temporary files for `path` that ended processes have left.
pub(super) fn clear_stale_drafts(path: &Path) {
    if let Ok(target) = resolved(path) {
        clear(folder(&target), Some(&target_mark(&target)));
    }
}

/// Removes abandoned temporary files in `folder`: those for `target`, or all if `None`.
pub(super) fn clear(folder: &Path, target: Option<&str>) {
    for name in names_in(folder).into_iter().flatten().flatten() {
        let path = folder.join(name);
        if is_stale(&path, target) {
            // A file that cannot be removed does no harm.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The names in a folder, read without the standard library, whose iterator panics if the folder
/// cannot be closed.
#[cfg(unix)]
pub(super) fn names_in(folder: &Path) -> std::io::Result<impl Iterator<Item = std::io::Result<OsString>> + use<>> {
    use rustix::fs::{Dir, Mode, OFlags, open};
    use std::os::unix::ffi::OsStringExt;
    let opened = open(folder, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())?;
    let names = Dir::new(opened)?.map(|entry| Ok(OsString::from_vec(entry?.file_name().to_bytes().to_vec())));
    Ok(names.filter(|name| !name.as_ref().is_ok_and(|n| n == "." || n == "..")))
}

/// The names in a folder.
#[cfg(not(unix))]
pub(super) fn names_in(folder: &Path) -> std::io::Result<impl Iterator<Item = std::io::Result<OsString>> + use<>> {
    Ok(std::fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())))
}

#[cfg(test)]
#[path = "atomic_tests.rs"]
mod tests;
