//! What a file says of its own origin, for the pictures of it.

use super::checksum::of_seal;
use super::earlier_run::HISTORY;
use super::hdf5_file;
use super::netcdf::read_text;
use super::root_attributes::command_of;
use super::schema::REQUEST_ATTRIBUTE;
use crate::error::{Error, Result};
use std::path::Path;

/// Where the data of a picture come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// Name of the file and, if it is sealed, its fingerprint (SHA-256).
    pub file: String,
    /// The request as TOML, or of files without one the command line that made them.
    pub request: String,
}

/// The origin of a file that has been read before: its seal is not checked again.
///
/// # Errors
/// [`Error::File`] if it cannot be read.
pub fn origin(path: &Path) -> Result<Origin> {
    let failed = |e: hdf5::Error| Error::file_because(path, "cannot be read", std::io::Error::other(e.to_string()));
    let file = hdf5_file::open(path).map_err(failed)?;
    let text = |name: &str| if file.attr(name).is_ok() { read_text(&file, name).map(Some) } else { Ok(None) };
    let request = text(REQUEST_ATTRIBUTE).map_err(failed)?.filter(|text| !text.is_empty());
    let made_by = || text(HISTORY).map_err(failed);
    let request = match request {
        Some(request) => request,
        None => made_by()?.and_then(|text| command_of(&text)).unwrap_or_default(),
    };
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let seal = of_seal(path).map_err(|e| Error::file_because(path, "cannot be read", e))?;
    let file = seal.map_or(name.clone(), |seal| format!("{name}, sha-256 {seal}"));
    Ok(Origin { file, request })
}
