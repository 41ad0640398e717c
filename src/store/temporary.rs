//! Files that appear whole or not at all: a temporary name that tells whose it is, then sync, rename, sync of the folder.

use super::seal;
use crate::error::{Error, Result};
use crate::stop::Stop;
use std::fs::File;
use std::path::Path;

/// How a temporary file's name ends.
const ENDING: &str = ".part";

/// The folder a file lies in.
pub(super) fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

/// This machine's name, as far as it fits between two dots of a file's name.
fn host() -> String {
    #[cfg(unix)]
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let host = std::env::var("COMPUTERNAME").unwrap_or_default();
    host.chars().filter(char::is_ascii_alphanumeric).take(40).collect()
}

/// Whether a process of this machine is gone; where that cannot be told, it is taken to be there.
fn is_gone(process: u32) -> bool {
    #[cfg(unix)]
    return i32::try_from(process)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .is_some_and(|p| rustix::process::test_kill_process(p) == Err(rustix::io::Errno::SRCH));
    #[cfg(not(unix))]
    return process == 0;
}

/// A new, empty file beside `path`; it vanishes unless it is published.
pub(crate) fn temporary_beside(path: &Path) -> Result<tempfile::TempPath> {
    let prefix = format!(".{}.{}-{}.", name(path), host(), std::process::id());
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(ENDING);
    // Temporary files are private by default; a result is as readable as any file its owner makes (the umask applies).
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
        .tempfile_in(folder(path))
        .map(tempfile::NamedTempFile::into_temp_path)
        .map_err(|e| Error::file_because(folder(path), "takes no new file", e))
}

/// Whether a file of this name is a temporary one for `target` (any file, if it is empty) of a process of this machine that is gone.
fn is_stale(file: &str, target: &str) -> bool {
    let Some((head, _)) = file.strip_suffix(ENDING).and_then(|f| f.strip_prefix('.')?.rsplit_once('.')) else {
        return false;
    };
    let Some((whose, process)) = head.rsplit_once('-') else { return false };
    let Some(of) = whose.strip_suffix(&host()).and_then(|w| w.strip_suffix('.')) else { return false };
    (target.is_empty() || of == target) && process.parse().is_ok_and(is_gone)
}

/// Removes what processes that were killed have left beside `path`.
pub fn clear_stale(path: &Path) {
    clear(folder(path), &name(path));
}

/// Removes temporary files in `folder` for a file called `target`, or for any.
pub(super) fn clear(folder: &Path, target: &str) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_stale(&entry.file_name().to_string_lossy(), target) {
            // What cannot be removed does no harm.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Writes a file whole or not at all: `write` fills a temporary one, which is then sealed and put in place.
pub(super) fn write_whole(path: &Path, write: impl FnOnce(&Path) -> hdf5::Result<()>) -> Result<()> {
    let temporary = temporary_beside(path)?;
    write(&temporary).map_err(|e| Error::file_because(path, "could not be written", e))?;
    seal_and_publish(temporary, path, &Stop::default())
}

/// Seals a finished temporary file and gives it its final name.
pub(super) fn seal_and_publish(temporary: tempfile::TempPath, path: &Path, stop: &Stop) -> Result<()> {
    let sealed = seal::seal(&temporary, stop);
    stop.check()?;
    sealed.map_err(|e| Error::file_because(path, "could not be sealed", e))?;
    publish(temporary, path)
}

/// Gives a finished temporary file its final name, once its bytes and then its name are on the disk.
pub(crate) fn publish(temporary: tempfile::TempPath, path: &Path) -> Result<()> {
    let failed = |e: std::io::Error| Error::file_because(path, "could not be put in place", e);
    File::open(&temporary).and_then(|f| f.sync_all()).map_err(failed)?;
    temporary.persist(path).map_err(|e| failed(e.error))?;
    sync_folder(folder(path)).map_err(failed)
}

/// A folder can be synced on Unix alone; elsewhere a rename is as durable as the system makes it.
pub(super) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dead_process_of_this_machine_left_is_stale() {
        let host = host();
        // Process numbers end at 2^22.
        assert!(is_stale(&format!(".map.h5.{host}-4194305.aB3.part"), "map.h5"));
        assert!(is_stale(&format!(".map.h5.{host}-4194305.aB3.part"), ""));
        let living = format!(".map.h5.{host}-{}.aB3.part", std::process::id());
        for other in [
            &living,
            "map.h5",
            ".part",
            &format!(".other.h5.{host}-4194305.aB3.part"),
            ".map.h5.elsewhere-4194305.aB3.part",
            &format!(".map.h5.{host}-x.aB3.part"),
        ] {
            assert!(!is_stale(other, "map.h5"), "{other}");
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("map.h5");
        std::fs::write(folder.path().join(format!(".map.h5.{host}-4194305.aB3.part")), "x").unwrap();
        std::fs::write(folder.path().join(&living), "x").unwrap();
        clear_stale(&path);
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, [std::ffi::OsString::from(living)]);
    }
}
