//! Files: netCDF-4 conventions on HDF5, written whole or not at all. Only this room names hdf5.

mod lines;
mod netcdf;
mod ramp;
mod reader;
mod schema;
mod seal;
mod series;
mod strings;
mod writer;

pub use lines::{LineFile, LinePoint, write_lines};
pub use ramp::{RampContent, RampFile, write_ramp};
pub use reader::{MapFile, StoredAxis};
pub use schema::{AuditRecord, Header, SCHEMA, TableRecord, Value, long_name};
pub use series::{Series, SeriesFile, TraceFile, Variable, write_series};
pub use writer::MapWriter;

use crate::error::{Error, Result};
use indicatif::HumanBytes;
use std::fs::File;
use std::path::Path;

/// The folder a file lies in.
fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

/// Checks that a file of about `bytes` can be written at `path`: nothing stands there (or `force`), the folder exists,
/// takes files and has the room.
///
/// # Errors
/// Which of these does not hold, and what to do about it.
pub fn check_output(path: &Path, force: bool, bytes: u64) -> Result<()> {
    let shown = path.display();
    if path.is_dir() {
        return Err(Error::request(format!("the output {shown} is a folder"), "name a file"));
    }
    if path.exists() && !path.is_file() {
        return Err(Error::request(format!("the output {shown} is no ordinary file"), "name a new file"));
    }
    if path.exists() && !force {
        return Err(Error::request(
            format!("the output {shown} exists"),
            "name another file, or add --force to replace it",
        ));
    }
    let folder = folder(path);
    if !folder.is_dir() {
        return Err(Error::request(
            format!("the folder {} of the output does not exist", folder.display()),
            "make it first",
        ));
    }
    if let Err(e) = temporary_beside(path) {
        return Err(Error::request(format!("the output cannot be written: {e}"), "write to a folder you own"));
    }
    let free = fs4::available_space(folder).unwrap_or(u64::MAX);
    if bytes > free {
        return Err(Error::request(
            format!("the output {shown} can grow to {}, and {} are free there", HumanBytes(bytes), HumanBytes(free)),
            "ask for fewer cells, or write to a larger disk",
        ));
    }
    Ok(())
}

/// Checks that two outputs, or an output and an input, are not one file.
///
/// # Errors
/// They are.
pub fn check_apart(a: &Path, b: &Path) -> Result<()> {
    // A file that is not there yet is told by its folder and name.
    let place = |p: &Path| p.canonicalize().ok().or_else(|| Some(folder(p).canonicalize().ok()?.join(p.file_name()?)));
    if place(a).is_some() && place(a) == place(b) {
        return Err(Error::request(
            format!("{} is named twice, for the map and for the picture", a.display()),
            "name two files",
        ));
    }
    Ok(())
}

/// A new, empty file beside `path`; it vanishes unless it is published.
pub(crate) fn temporary_beside(path: &Path) -> Result<tempfile::TempPath> {
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let prefix = format!(".{name}.");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    // Temporary files are private by default; a result is as readable as any file its owner makes (the umask applies).
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
        .tempfile_in(folder(path))
        .map(tempfile::NamedTempFile::into_temp_path)
        .map_err(|e| Error::file_because(folder(path), "takes no new file", e))
}

/// Writes a file whole or not at all: `write` fills a temporary one, which is then sealed and put in place.
fn write_whole(path: &Path, write: impl FnOnce(&Path) -> hdf5::Result<()>) -> Result<()> {
    let temporary = temporary_beside(path)?;
    write(&temporary).map_err(|e| Error::file_because(path, "could not be written", e))?;
    seal_and_publish(temporary, path)
}

/// Seals a finished temporary file and gives it its final name.
fn seal_and_publish(temporary: tempfile::TempPath, path: &Path) -> Result<()> {
    seal::seal(&temporary).map_err(|e| Error::file_because(path, "could not be sealed", e))?;
    publish(temporary, path)
}

/// Gives a finished temporary file its final name, once its bytes and then its name are on the disk.
pub(crate) fn publish(temporary: tempfile::TempPath, path: &Path) -> Result<()> {
    let failed = |e: std::io::Error| Error::file_because(path, "could not be put in place", e);
    File::open(&temporary).and_then(|f| f.sync_all()).map_err(failed)?;
    temporary.persist(path).map_err(|e| failed(e.error))?;
    // A folder can be synced on Unix alone; elsewhere the rename is as durable as the system makes it.
    if cfg!(unix) {
        File::open(folder(path)).and_then(|f| f.sync_all()).map_err(failed)?;
    }
    Ok(())
}
