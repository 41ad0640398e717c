//! Files that appear whole or not at all: written under a temporary name, synced, then renamed to the final one.

use super::owner::{Life, Owner, short_hash};
use crate::error::{Error, Result};
use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How the name of a temporary file begins and ends. Its owner and a hash of the final name stand in between, so it is
/// short however long the final name is.
const PREFIX: &str = ".hopfmap-";
const SUFFIX: &str = ".tmp";
/// A temporary file of a process elsewhere is removed when it has not changed for this long.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);
/// Links that are followed one after the other before it counts as a circle, as the system does it.
const MOST_LINKS: usize = 40;
/// Names that are tried for a finished file whose own name was taken.
const MOST_NAMES: u32 = 1000;

/// Where a result goes, and whether a file that is there may be replaced.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// The path as it was given.
    pub path: &'a Path,
    /// Whether a file of this name may be replaced (`--force`).
    pub replace: bool,
}

impl<'a> Output<'a> {
    /// A new file: one that is there already, or appears before this one is complete, is left as it is.
    #[must_use]
    pub fn new(path: &'a Path) -> Self {
        Self { path, replace: false }
    }

    /// A file that replaces one of the same name if `replace` says so.
    #[must_use]
    pub fn with(path: &'a Path, replace: bool) -> Self {
        Self { path, replace }
    }
}

/// The folder a file lies in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// The file that a path means: symbolic links are followed, also to a file that is not there yet.
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

/// The part of a temporary file's name that says which file it is for.
fn target_mark(path: &Path) -> String {
    short_hash(path.file_name().unwrap_or_default().as_encoded_bytes())
}

/// A file on its way: it has a temporary name until it is published, and vanishes if it never is.
#[derive(Debug)]
pub(crate) struct Draft {
    temporary: tempfile::TempPath,
    /// The path as it was given, for messages.
    shown: PathBuf,
    target: PathBuf,
    replace: bool,
}

impl Draft {
    /// A new, empty file in the folder of `output`.
    pub fn new(output: Output<'_>) -> Result<Self> {
        let Output { path, replace } = output;
        let target = resolved(path).map_err(|e| Error::file_because(path, "cannot be written", e))?;
        let prefix = format!("{PREFIX}{}.{}.", target_mark(&target), Owner::this());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(SUFFIX);
        // Temporary files are private by default; a result is as readable as any file its owner makes (the umask applies).
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder
            .tempfile_in(folder(&target))
            .map_err(|e| Error::file_because(folder(&target), "takes no new file", e))?
            .into_temp_path();
        Ok(Self { temporary, shown: path.to_owned(), target, replace })
    }

    /// Where the file lies until it is published.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Gives the file its final name if no file has it; without a sync.
    pub fn link_new(self) -> std::io::Result<()> {
        persist_new(self.temporary, &self.target).map_err(|(_, e)| e)
    }

    /// Gives the finished file its final name, once its bytes are on the disk.
    ///
    /// # Errors
    /// [`Error::File`]: the bytes cannot be synced, or the name cannot be taken. Where another file has taken the name
    /// meanwhile, the finished file is kept under a name that the message tells.
    pub fn publish(self) -> Result<()> {
        let Self { temporary, shown, target, replace } = self;
        let failed = |e: std::io::Error| Error::file_because(&shown, "could not be put in place", e);
        File::open(&temporary).and_then(|f| f.sync_all()).map_err(failed)?;
        if replace {
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

/// Whether two files hold the same bytes. One that cannot be read is not known to.
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

/// Renames a file without replacing one that is there.
fn persist_new(
    temporary: tempfile::TempPath,
    target: &Path,
) -> std::result::Result<(), (tempfile::TempPath, std::io::Error)> {
    match temporary.persist_noclobber(target) {
        Ok(()) => Ok(()),
        Err(e) if e.error.kind() == ErrorKind::AlreadyExists => Err((e.path, e.error)),
        // A file system that knows neither hard links nor a rename that refuses to replace: look, then rename.
        Err(e) if is_unsupported(&e.error) => match std::fs::symlink_metadata(target) {
            Ok(_) => Err((e.path, ErrorKind::AlreadyExists.into())),
            Err(_) => e.path.persist(target).map_err(|e| (e.path, e.error)),
        },
        Err(e) => Err((e.path, e.error)),
    }
}

/// Whether an operation failed because this file system does not have it.
fn is_unsupported(e: &std::io::Error) -> bool {
    use ErrorKind::{InvalidInput, PermissionDenied, Unsupported};
    matches!(e.kind(), InvalidInput | PermissionDenied | Unsupported)
}

/// Keeps a finished file whose name was taken meanwhile, under the first free name like it.
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
                         move it where you want it, or run again with --force to replace",
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
        "appeared while this ran, or holds another result, and is left as it is; name another output, or add --force",
    )
}

/// Writes a whole file: all of it reaches the disk and is read back before it has its name.
///
/// # Errors
/// [`Error::File`]: the folder takes no file, the disk is full, or what was read back is not what was written.
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

/// Syncs a folder, so that a new name survives a power cut. The file is complete and in place by then, and some file
/// systems cannot sync a folder at all: a failure is worth a note, not an error.
pub(super) fn sync_folder(shown: &Path, folder: &Path) {
    // A folder can be synced on Unix alone; elsewhere a rename is as durable as the system makes it.
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

/// Whether a file of this name is a temporary one for `target` (for any file, if there is none) that nobody needs.
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

/// How long a file has not been changed.
pub(super) fn unchanged_for(path: &Path) -> Option<Duration> {
    let changed = std::fs::symlink_metadata(path).and_then(|m| m.modified()).ok()?;
    SystemTime::now().duration_since(changed).ok()
}

/// Removes the temporary files that processes which are gone have left for `path`.
pub(super) fn clear_stale_drafts(path: &Path) {
    if let Ok(target) = resolved(path) {
        clear(folder(&target), Some(&target_mark(&target)));
    }
}

/// Removes temporary files in `folder` that nobody needs: those for one file, or all.
pub(super) fn clear(folder: &Path, target: Option<&str>) {
    for name in names_in(folder).into_iter().flatten().flatten() {
        let path = folder.join(name);
        if is_stale(&path, target) {
            // What cannot be removed does no harm.
            let _ = std::fs::remove_file(path);
        }
    }
}

/// The names in a folder. The standard library's walk panics where the folder cannot be closed.
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
