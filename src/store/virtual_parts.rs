//! The list of files that hold the columns of a virtual map.
//!
//! The HDF5 library silently reads a missing file as NaN, so the files are listed with their
//! fingerprints and checked whenever the map is opened.

use super::atomic::resolved;
use super::checksum;
use crate::error::{Error, Result};
use crate::grid::GridBox;
use std::path::{Component, Path};

/// Root attribute with the list: on each line a fingerprint and a path relative to the map's folder.
pub(super) const LIST: &str = "virtual_parts";

/// A file name as the HDF5 library expects it for a source, where `%` begins a pattern.
pub(super) fn source(file: &str) -> String {
    file.replace('%', "%%")
}

/// Checks that parts next to this map can be sources of a virtual map.
///
/// # Errors
/// [`Error::Request`] if the map's name is not UTF-8, or has a control character, which a line of
/// the list cannot hold.
pub(super) fn check_name(map: &Path) -> Result<()> {
    let name = map.file_name().and_then(|n| n.to_str());
    if name.is_some_and(|n| !n.contains(char::is_control)) {
        return Ok(());
    }
    let problem = "has a name that a virtual map cannot refer to: it is not UTF-8, or holds a control character";
    Err(Error::input(map, problem, "rename it, or merge without `virtual`"))
}

/// The list for a map at `map`.
///
/// # Errors
/// [`Error::Request`] if the map's name cannot be in the list; [`Error::File`] if the map's path
/// cannot be resolved, or a part cannot be read.
pub(super) fn list(map: &Path, elsewhere: &[(String, GridBox)]) -> Result<String> {
    check_name(map)?;
    let target = resolved(map).map_err(|e| Error::file_because(map, "cannot be written", e))?;
    let mut list = String::new();
    for (file, _) in elsewhere {
        let path = target.with_file_name(file);
        let digest = checksum::recorded(&path).map_err(|e| Error::file_because(&path, "cannot be read", e))?;
        list.push_str(&format!("{digest} {file}\n"));
    }
    Ok(list)
}

/// Checks that all listed files exist, are complete and have the listed fingerprints; returns their
/// source names.
///
/// # Errors
/// [`Error::Request`] if a file is missing, damaged, another's, or outside the map's folder;
/// [`Error::File`] if one cannot be read.
pub(super) fn check(map: &Path, list: &str) -> Result<Vec<String>> {
    let target = resolved(map).map_err(|e| Error::file_because(map, "cannot be read", e))?;
    let (mut missing, mut sources) = (Vec::new(), Vec::new());
    for line in list.lines() {
        let Some((digest, file)) = line.split_once(' ').filter(|(_, file)| is_inside(file)) else {
            let problem = format!("is a virtual map with a part in another place: {line}");
            return Err(Error::input(map, problem, "compute it again"));
        };
        let path = target.with_file_name(file);
        if !path.is_file() {
            missing.push(file);
        } else if !checksum::check(&path)? || checksum::recorded(&path).ok().as_deref() != Some(digest) {
            let problem = format!("is a virtual map, and its part {file} is damaged or another's");
            return Err(Error::input(map, problem, "compute it again"));
        }
        sources.push(source(file));
    }
    if missing.is_empty() {
        return Ok(sources);
    }
    let (count, first) = (missing.len(), missing[0]);
    Err(Error::input(
        map,
        format!("is a virtual map, and {count} of its parts are missing, {first} first"),
        "put them back, or compute it again",
    ))
}

/// Whether a path from the map's folder stays in it: `FOLDER/FILE`.
fn is_inside(file: &str) -> bool {
    let path = Path::new(file);
    path.components().count() == 2 && path.components().all(|c| matches!(c, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_18_parts_lie_in_the_folder_of_the_map() {
        assert!(is_inside("map.h5.parts/part-000000.h5"));
        for outside in ["/etc/passwd", "../x.parts/part-000000.h5", "part.h5", "a/b/c.h5", "a/..", ""] {
            assert!(!is_inside(outside), "{outside}");
        }
    }

    #[test]
    fn fault_06_a_percent_sign_is_no_pattern() {
        assert_eq!(source("50%%b.h5.parts/p.h5"), "50%%%%b.h5.parts/p.h5");
        assert!(check_name(Path::new("50%.h5")).is_ok() && check_name(Path::new("a\nb.h5")).is_err());
    }
}
