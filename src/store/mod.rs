//! Files: netCDF-4 conventions on HDF5, written whole or not at all. Only this room names hdf5.

mod columns;
mod hdf5_calls;
mod lines;
mod netcdf;
mod part;
mod parts;
mod ramp;
mod reader;
mod schema;
mod seal;
mod series;
mod temporary;
mod virtual_parts;
mod writer;

pub use lines::{LineFile, LinePoint, write_lines};
pub use part::{ENGINE, Part, PartEngine, PartHead};
pub use parts::{Found, PLAN, Parts, fingerprint};
pub use ramp::{RampContent, RampFile, write_ramp};
pub use reader::{MapFile, StoredAxis};
pub use schema::{AuditRecord, Header, SCHEMA, TableRecord, Value, long_name};
pub use series::{Series, SeriesFile, TraceFile, Variable, write_series};
pub use temporary::clear_stale;
pub(crate) use temporary::{publish, temporary_beside};
pub use writer::MapWriter;

use crate::error::{Error, Result};
use indicatif::HumanBytes;
use std::path::Path;
use temporary::{folder, seal_and_publish, write_whole};

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
    let free = free_space(folder);
    if bytes > free {
        return Err(Error::request(
            format!("the output {shown} can grow to {}, and {} are free there", HumanBytes(bytes), HumanBytes(free)),
            "ask for fewer cells, or write to a larger disk",
        ));
    }
    Ok(())
}

/// Bytes that are free on the disk of a folder; without bound where the system does not say.
#[must_use]
pub fn free_space(folder: &Path) -> u64 {
    fs4::available_space(folder).unwrap_or(u64::MAX)
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
