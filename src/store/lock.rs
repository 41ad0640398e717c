//! The lock of an output: one process at a time computes or merges it.
//!
//! The lock is a file next to the output, created exclusively, which also works on file systems
//! without `flock`. It names its holder, who touches it regularly. A lock is taken over if its
//! holder has ended or, where the holder cannot be checked, if it has not been touched for some
//! minutes.

use super::atomic::{Draft, Output, clear_stale_drafts, folder, resolved, unchanged_for};
use super::owner::{Life, Owner, host, short_hash};
use super::text_file::read_text_file;
use crate::error::{Error, Result};
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, SystemTime};

/// Interval at which the holder touches its lock.
const TOUCHED_EVERY: Duration = Duration::from_secs(20);
/// Time without a touch after which a lock from elsewhere is stale; it allows for many missed touches
/// and for clock skew.
const STALE_AFTER: Duration = Duration::from_secs(300);
/// Age from which a guard file is abandoned; removing a stale lock takes far less.
const GUARDED: Duration = Duration::from_secs(5);
/// Limit on the characters of a lock shown in a message.
const MOST_SHOWN: usize = 200;
/// Number of attempts before giving up to other processes.
const ATTEMPTS: usize = 1000;

/// A held lock, released on drop.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    text: String,
    /// Ends the thread that touches the file when dropped.
    _touching: Sender<()>,
}

/// The contents of a lock file.
struct Holder {
    owner: Option<Owner>,
    /// Process, machine and time, for messages.
    shown: String,
}

fn path_of(output: &Path) -> Result<PathBuf> {
    let target = resolved(output).map_err(|e| Error::file_because(output, "cannot be written", e))?;
    let mark = short_hash(target.file_name().unwrap_or_default().as_encoded_bytes());
    Ok(folder(&target).join(format!(".hopfmap-{mark}.lock")))
}

impl Lock {
    /// Takes the lock of an output.
    ///
    /// # Errors
    /// [`Error::Busy`] if another process holds it; [`Error::File`] if the lock file cannot be created,
    /// or other processes keep taking it first.
    pub(crate) fn take(output: &Path) -> Result<Self> {
        let path = path_of(output)?;
        let (this, now) = (Owner::this(), jiff::Timestamp::now());
        let text = format!("owner = {this}\nprocess {} on {} since {now:.0}\n", this.process, host());
        let failed = |e: std::io::Error| Error::file_because(&path, "could not be made", e);
        for _ in 0..ATTEMPTS {
            match create(&path, &text) {
                Ok(()) => return Ok(Self { _touching: touch(path.clone()), path, text }),
                Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(failed(e)),
                Err(_) => {}
            }
            let there = match read(&path) {
                Ok(text) => text,
                Err(e) if e.kind() == ErrorKind::NotFound => continue,
                Err(e) => return Err(failed(e)),
            };
            let holder = Holder::read(&there);
            if !holder.is_gone(&path) {
                return Err(Error::Busy { path: output.to_owned(), holder: holder.shown, lock: path });
            }
            take_away(&path, &there).map_err(failed)?;
        }
        Err(Error::file(&path, "is taken by one process after the other; run the same command again"))
    }
}

/// Removes what ended processes have left for an output: temporary files and the lock.
pub fn clear_stale(output: &Path) {
    clear_stale_drafts(output);
    let Ok(path) = path_of(output) else { return };
    clear_stale_drafts(&path);
    if let Ok(text) = read(&path)
        && Holder::read(&text).is_gone(&path)
    {
        // A lock that cannot be removed does no harm: the next process that needs it takes it over.
        let _ = take_away(&path, &text);
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Only its own lock: one that was taken over belongs to another process now. A lock that
        // cannot be read counts as its own.
        let is_own = match read(&self.path) {
            Ok(text) => text == self.text,
            Err(e) => e.kind() != ErrorKind::NotFound,
        };
        if is_own && let Err(e) = std::fs::remove_file(&self.path) {
            log::warn!("the lock {} cannot be removed ({e}); the next run removes it", self.path.display());
        }
    }
}

/// Creates the lock file with all its text at once, unless it exists.
fn create(path: &Path, text: &str) -> std::io::Result<()> {
    if path.is_symlink() {
        return Err(std::io::Error::other("it is a symbolic link, and a lock is none: remove it"));
    }
    let draft = Draft::new(Output::new(path)).map_err(std::io::Error::other)?;
    std::fs::write(draft.path(), text)?;
    draft.link_new()
}

/// Reads the text of a lock, replacing bytes that are not UTF-8, so that a damaged lock can become
/// stale too.
fn read(path: &Path) -> std::io::Result<String> {
    match read_text_file(path) {
        Err(e) if e.kind() == ErrorKind::InvalidData => Ok(String::from_utf8_lossy(&std::fs::read(path)?).into_owned()),
        other => other,
    }
}

/// Removes a stale lock if it is still the one that was read.
///
/// A guard file lets one process at a time do so: of two that found the same stale lock, the slower
/// one would otherwise remove the new lock of the faster one.
fn take_away(path: &Path, stale: &str) -> std::io::Result<()> {
    let guard = path.with_extension("lock-guard");
    match File::options().write(true).create_new(true).open(&guard) {
        Ok(_) => {}
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            // The guard's holder needs a moment, or was killed in that moment.
            if unchanged_for(&guard).is_some_and(|age| age > GUARDED) {
                let _ = std::fs::remove_file(&guard);
            }
            std::thread::sleep(Duration::from_millis(10));
            return Ok(());
        }
        Err(e) => return Err(e),
    }
    let removed = match read(path) {
        Ok(text) if text == stale => std::fs::remove_file(path),
        Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
        _ => Ok(()),
    };
    std::fs::remove_file(&guard)?;
    removed
}

impl Holder {
    fn read(text: &str) -> Self {
        let mut lines = text.lines();
        let owner = lines.next().and_then(|line| line.strip_prefix("owner = ")).and_then(|o| o.parse().ok());
        let shown = lines.next().filter(|line| !line.is_empty()).unwrap_or("another process");
        // Anyone can write a lock: no control character in it may reach a terminal.
        let shown = shown.chars().take(MOST_SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { owner, shown }
    }

    fn is_gone(&self, path: &Path) -> bool {
        match self.owner.as_ref().map(Owner::life) {
            Some(Life::Gone) => true,
            Some(Life::Running) => false,
            Some(Life::Elsewhere) | None => unchanged_for(path).is_some_and(|age| age > STALE_AFTER),
        }
    }
}

/// Touches the file at intervals, until the sender is dropped.
fn touch(path: PathBuf) -> Sender<()> {
    let (held, released) = channel();
    let work = move || {
        while released.recv_timeout(TOUCHED_EVERY) == Err(RecvTimeoutError::Timeout) {
            if let Ok(file) = File::options().write(true).open(&path) {
                let _ = file.set_modified(SystemTime::now());
            }
        }
    };
    // Without this thread the lock still holds on this machine; elsewhere it looks stale after some
    // minutes.
    if let Err(e) = std::thread::Builder::new().name("lock".into()).spawn(work) {
        log::warn!("the lock of this output cannot be kept fresh for other machines ({e})");
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_14_one_process_holds_it_and_a_stale_one_is_taken_over() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("map.h5");
        let held = Lock::take(&output).unwrap();
        let busy = Lock::take(&output).unwrap_err().to_string();
        assert!(busy.contains(&format!("process {}", std::process::id())), "{busy}");
        drop(held);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");

        // A lock of an ended process is taken over at once, one of a process elsewhere after
        // minutes without a touch.
        let path = path_of(&output).unwrap();
        let this = Owner::this().to_string();
        let [boot, namespace, _, start]: [&str; 4] = this.split('-').collect::<Vec<_>>().try_into().unwrap();
        let write = |owner: &str| std::fs::write(&path, format!("owner = {owner}\nprocess 7 on far\n")).unwrap();
        write(&format!("{boot}-{namespace}-4194305-{start}"));
        drop(Lock::take(&output).unwrap());
        for owner in ["0123456789ab-1-7-0", "no owner at all", "\u{fffd}"] {
            write(owner);
            if owner == "\u{fffd}" {
                std::fs::write(&path, b"\xff\xfe\nprocess 7 on far\n").unwrap();
            }
            assert!(Lock::take(&output).unwrap_err().to_string().contains("process 7 on far"), "{owner}");
            let file = File::options().write(true).open(&path).unwrap();
            file.set_modified(SystemTime::now() - 2 * STALE_AFTER).unwrap();
            drop(Lock::take(&output).unwrap());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left");
        // A symbolic link in place of the lock is not followed.
        #[cfg(unix)]
        {
            let elsewhere = tempfile::tempdir().unwrap();
            std::os::unix::fs::symlink(elsewhere.path().join("lock"), &path).unwrap();
            assert!(format!("{:?}", Lock::take(&output).unwrap_err()).contains("symbolic link"));
            assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0, "nothing is written elsewhere");
        }
    }

    #[test]
    fn of_many_at_once_one_takes_a_stale_lock() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("map.h5");
        for _ in 0..50 {
            std::fs::write(path_of(&output).unwrap(), "owner = 0-1-4194305-0\n").unwrap();
            let file = File::options().write(true).open(path_of(&output).unwrap()).unwrap();
            file.set_modified(SystemTime::now() - 2 * STALE_AFTER).unwrap();
            let threads: Vec<_> = (0..4)
                .map(|_| {
                    let output = output.clone();
                    std::thread::spawn(move || Lock::take(&output).ok())
                })
                .collect();
            let held: Vec<_> = threads.into_iter().filter_map(|t| t.join().unwrap()).collect();
            assert_eq!(held.len(), 1);
        }
    }
}
