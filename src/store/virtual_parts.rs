//! A virtual map's word on the files that hold its columns. The HDF5 library reads a missing one as NaN without a word, so they are
//! listed with their fingerprints, and looked over whenever the map is opened.

use super::seal;
use crate::error::{Error, Result};
use crate::grid::GridBox;
use std::path::Path;

/// Root attribute with the list: a fingerprint and a path from the map's folder, line by line.
pub(super) const LIST: &str = "virtual_parts";

/// The list for a map at `map`.
pub(super) fn list(map: &Path, elsewhere: &[(String, GridBox)]) -> Result<String> {
    let mut list = String::new();
    for (file, _) in elsewhere {
        let path = map.with_file_name(file);
        let digest = seal::told(&path).map_err(|e| Error::file_because(&path, "cannot be read", e))?;
        list.push_str(&format!("{digest} {file}\n"));
    }
    Ok(list)
}

/// Checks that all files of a list are there, whole, and those that were listed.
pub(super) fn check(map: &Path, list: &str) -> Result<()> {
    let mut missing = Vec::new();
    for (digest, file) in list.lines().filter_map(|line| line.split_once(' ')) {
        let path = map.with_file_name(file);
        if !path.is_file() {
            missing.push(file);
        } else if !seal::check(&path)? || seal::told(&path).ok().as_deref() != Some(digest) {
            let problem = format!("is a virtual map, and its part {file} is damaged or another's");
            return Err(Error::input(map, problem, "compute it again"));
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let (count, first) = (missing.len(), missing[0]);
    Err(Error::input(
        map,
        format!("is a virtual map, and {count} of its parts are missing, {first} first"),
        "put them back, or compute it again",
    ))
}
