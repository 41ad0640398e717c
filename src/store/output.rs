//! Checks of an output before the work: what is there, the folder, its rights, and free space.

use super::atomic::{Draft, Output, folder, resolved};
use super::lock::clear_stale;
use crate::error::{Error, Result, bytes_shown};
use std::path::Path;

/// Checks that a file of about `bytes` can be written at `path`.
///
/// No file may exist there (unless `force`), and the folder must exist, be writable and have enough
/// free space.
///
/// # Errors
/// [`Error::Request`] if one of these does not hold, with a remedy.
pub fn check_output(path: &Path, force: bool, bytes: u64) -> Result<()> {
    let shown = path.display();
    let refused = |problem: String, remedy: &str| Err(Error::request(problem, remedy));
    let target = match resolved(path) {
        Ok(target) => target,
        Err(e) => return refused(format!("the output {shown} cannot be written: {e}"), "name another file"),
    };
    match std::fs::symlink_metadata(&target) {
        Ok(m) if m.is_dir() => return refused(format!("the output {shown} is a folder"), "name a file"),
        Ok(m) if !m.is_file() => return refused(format!("the output {shown} is no ordinary file"), "name a new file"),
        Ok(_) if !force => {
            clear_stale(path);
            return refused(format!("the output {shown} exists"), "name another file, or add `force` to replace it");
        }
        Err(e) if e.kind() == std::io::ErrorKind::InvalidFilename => {
            return refused(
                format!("the output {shown} has a name that the disk does not take ({e})"),
                "name it shorter",
            );
        }
        Err(e) if e.kind() == std::io::ErrorKind::InvalidInput => {
            return refused(format!("the output {shown} has a name that no file can have ({e})"), "name another file");
        }
        _ => {}
    }
    if target.file_name().is_none() {
        return refused(format!("the output '{shown}' names no file"), "name a file");
    }
    let folder = folder(&target);
    if folder.exists() && !folder.is_dir() {
        return refused(format!("{} is no folder, so no output can be in it", folder.display()), "name another one");
    }
    if !folder.is_dir() {
        return refused(format!("the folder {} of the output does not exist", folder.display()), "make it first");
    }
    clear_stale(path);
    if let Err(e) = Draft::new(Output::new(path)) {
        return refused(format!("the output cannot be written: {e}"), "write to a folder you own");
    }
    let free = free_space(folder);
    if bytes > free {
        return refused(
            format!("the output {shown} can grow to {}, and {} are free there", bytes_shown(bytes), bytes_shown(free)),
            "ask for fewer cells, or write to a larger disk",
        );
    }
    Ok(())
}

/// Free bytes on the disk of a folder; `u64::MAX` if the system does not say.
#[must_use]
pub fn free_space(folder: &Path) -> u64 {
    fs4::available_space(folder).unwrap_or(u64::MAX)
}
