//! File input and output: netCDF-4 conventions on HDF5, written atomically. Only this module uses
//! `hdf5`.

mod answer_sum;
mod atomic;
mod checked;
mod checksum;
mod columns;
mod contents;
mod coordinates;
mod curves;
mod earlier_run;
mod hdf5_calls;
mod hdf5_file;
mod lock;
mod netcdf;
mod owner;
mod part;
mod parts;
mod ramp;
mod reader;
mod schema;
mod series;
mod sha256;
mod text_file;
mod virtual_parts;
mod writer;

pub(crate) use atomic::Draft;
pub(crate) use atomic::resolved;
pub use atomic::{Output, write_file};
pub use contents::{Contents, CurvesFile, SIDES, stored_request};
pub use curves::{CurvePoint, CurveSet, write_curves};
pub use earlier_run::{history, history_now, is_of_command};
pub(crate) use lock::Lock;
pub use lock::clear_stale;
pub use part::{ENGINE, Part, PartEngine, PartSpec};
pub use parts::{PLAN, PartState, Parts};
pub use ramp::{RampContent, RampFile, write_ramp};
pub use reader::{MapFile, StoredAxis};
pub use schema::{AuditRecord, Header, SCHEMA, TableRecord, Value, long_name};
pub use series::{Series, SeriesFile, TraceFile, Variable, write_series};
pub use sha256::sha256;
pub use text_file::read_text_file;
pub use writer::MapWriter;

use crate::cancel::CancelToken;
use crate::error::{Error, Result, bytes_shown};
use atomic::folder;
use checked::{CheckedFile, failed, read_back};
use std::path::Path;

/// Writes an HDF5 file atomically: `write` fills it, then it is read back, sealed and renamed into
/// place.
fn write_whole(output: Output<'_>, write: impl FnOnce(&mut CheckedFile) -> hdf5::Result<()>) -> Result<()> {
    let draft = Draft::new(output)?;
    let failed = || failed(output.path, "the file");
    let mut file = CheckedFile::create(draft.path()).map_err(failed())?;
    let written = write(&mut file);
    // Closed in any case: a file that stays open keeps its space on a full disk.
    let closed = file.close();
    written.map_err(failed())?;
    read_back(draft.path(), output.path, &closed.map_err(failed())?)?;
    seal_and_publish(draft, output.path, &CancelToken::default())
}

/// Seals a finished file and gives it its final name.
fn seal_and_publish(draft: Draft, path: &Path, stop: &CancelToken) -> Result<()> {
    let sealed = checksum::seal(draft.path(), stop);
    stop.check()?;
    sealed.map_err(|e| Error::file_because(path, "could not be sealed", e))?;
    draft.publish()
}

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
            return refused(format!("the output {shown} exists"), "name another file, or add --force to replace it");
        }
        Err(e) if e.kind() == std::io::ErrorKind::InvalidFilename => {
            return refused(
                format!("the output {shown} has a name that the disk does not take ({e})"),
                "name it shorter",
            );
        }
        _ => {}
    }
    let folder = folder(&target);
    if folder.exists() && !folder.is_dir() {
        return refused(format!("{} is no folder, so no output can lie in it", folder.display()), "name another one");
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
