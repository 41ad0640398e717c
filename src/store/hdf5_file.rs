//! Opens and creates HDF5 files and datasets, and refuses links to other files and implausible sizes.
//!
//! A file may come from anywhere. Links to and storage in other files are refused, and no memory is
//! allocated for more values than the file can hold.

use super::hdf5_calls::virtual_sources;
use hdf5::plist::dataset_create::{AttrCreationOrder, Layout};
use hdf5::plist::file_create::LinkCreationOrder;
use hdf5::{Dataset, DatasetBuilder, File, Group, H5Type, IndexType, IterationOrder, LinkInfo, LinkType};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes that may be read into memory from any file.
const ALWAYS: u64 = 1 << 24;
/// Bytes that may be read into memory per byte of the file: far more than coordinates compress.
const PACKED: u64 = 16;
/// Number of attempts to open a locked file, 20 ms apart.
const LOCKED_FOR: usize = 100;
/// Creation order of attributes is tracked and indexed.
const ORDERED: AttrCreationOrder = AttrCreationOrder::Indexed;

/// A path that the HDF5 library accepts, which must be UTF-8.
///
/// On Linux a file with another name is reached through an open descriptor, which is returned to be
/// kept open.
fn reachable(path: &Path, write: bool) -> hdf5::Result<(PathBuf, Option<std::fs::File>)> {
    if path.to_str().is_some() {
        return Ok((path.to_owned(), None));
    }
    #[cfg(target_os = "linux")]
    {
        use std::os::fd::AsRawFd;
        let open = std::fs::File::options().read(true).write(write).open(path);
        let file = open.map_err(|e| hdf5::Error::from(e.to_string()))?;
        Ok((PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd())), Some(file)))
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = write;
        Err(hdf5::Error::from(format!("the name {} is not UTF-8", path.display())))
    }
}

/// Creates a file in place of the empty one at `path`.
///
/// The order of links and attributes is kept, as netCDF tools need it to add to the file. The
/// superblock is always the oldest version, whose flags [`super::checksum`] knows.
pub(super) fn create(path: &Path) -> hdf5::Result<File> {
    let (path, _open) = reachable(path, true)?;
    File::with_options()
        .with_fapl(|p| p.libver_earliest())
        .with_fcpl(|p| {
            p.link_creation_order(LinkCreationOrder::Indexed).attr_creation_order(ORDERED).obj_track_times(false)
        })
        .create(path)
}

/// Opens a file for reading.
///
/// A child process that another thread has just started can hold the library's file lock for a
/// moment, because it inherits open files; so a locked file is tried again.
pub(super) fn open(path: &Path) -> hdf5::Result<File> {
    let (path, _open) = reachable(path, false)?;
    for _ in 0..LOCKED_FOR {
        match File::open(&path) {
            Err(e) if e.to_string().contains("unable to lock file") => std::thread::sleep(Duration::from_millis(20)),
            other => return other,
        }
    }
    File::open(&path)
        .map_err(|e| format!("{e}; HDF5_USE_FILE_LOCKING=FALSE in the environment opens it without a lock").into())
}

/// Creates a group that keeps the order of links and attributes.
pub(super) fn new_group(parent: &Group, name: &str) -> hdf5::Result<Group> {
    parent
        .create_group_builder()
        .with_gcpl(|p| p.link_creation_order(LinkCreationOrder::Indexed).attr_creation_order(ORDERED))
        .obj_track_times(false)
        .create(name)
}

/// A builder of datasets that keep the order of attributes.
pub(super) fn new_dataset(group: &Group) -> DatasetBuilder {
    group.new_dataset_builder().attr_creation_order(ORDERED)
}

/// Opens a dataset whose values are in this file.
pub(super) fn dataset(group: &Group, name: &str) -> hdf5::Result<Dataset> {
    let dataset = linked(group, name)?;
    if dataset.layout() == Layout::Virtual {
        return Err(format!("the values of {name} lie in other files").into());
    }
    Ok(dataset)
}

/// Opens a dataset whose values are in this file or, for a virtual map, in the files of `sources`.
pub(super) fn dataset_or_virtual(group: &Group, name: &str, sources: &[String]) -> hdf5::Result<Dataset> {
    let dataset = linked(group, name)?;
    if dataset.layout() == Layout::Virtual {
        let listed: HashSet<&str> = sources.iter().map(String::as_str).collect();
        if let Some(other) = virtual_sources(&dataset.dcpl()?)?.iter().find(|file| !listed.contains(file.as_str())) {
            return Err(format!("the values of {name} lie in {other}, which is no part of the map").into());
        }
    }
    Ok(dataset)
}

/// Opens a group through a hard link.
pub(super) fn group(parent: &Group, name: &str) -> hdf5::Result<Group> {
    check_link(parent, name)?;
    parent.group(name)
}

/// Opens a dataset through a hard link; the values of a virtual dataset may be anywhere.
pub(super) fn linked(group: &Group, name: &str) -> hdf5::Result<Dataset> {
    check_link(group, name)?;
    let dataset = group.dataset(name)?;
    match dataset.dcpl()?.get_external()?.first() {
        Some(elsewhere) => Err(format!("the values of {name} lie in {}", elsewhere.name).into()),
        None => Ok(dataset),
    }
}

/// Refuses links to other files and other paths before they are followed.
fn check_link(group: &Group, name: &str) -> hdf5::Result<()> {
    let kind = |link: &str, info: LinkInfo| Ok((link == name).then_some(info.link_type));
    match group.find_link(IndexType::Name, IterationOrder::Native, kind)? {
        Some(LinkType::Hard) => Ok(()),
        Some(_) => Err(format!("{name} is a link to another place").into()),
        None => Err(format!("there is no {name}").into()),
    }
}

/// Reads all values of a dataset, if the file is large enough to hold them.
pub(super) fn read_all<T: H5Type>(dataset: &Dataset) -> hdf5::Result<Vec<T>> {
    check_size::<T>(dataset)?;
    dataset.read_raw()
}

fn check_size<T>(dataset: &Dataset) -> hdf5::Result<()> {
    let values = dataset.shape().iter().try_fold(1_u64, |n, d| n.checked_mul(*d as u64)).unwrap_or(u64::MAX);
    if !can_hold(dataset.file()?.size(), values, size_of::<T>() as u64) {
        return Err(format!("{} says that it holds {values} values, more than fit the file", dataset.name()).into());
    }
    Ok(())
}

/// Whether a file of `file` bytes can hold this number of values of this width, with the best
/// compression.
fn can_hold(file: u64, values: u64, width: u64) -> bool {
    values.saturating_mul(width) <= ALWAYS.saturating_add(PACKED.saturating_mul(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_so_much_and_no_more() {
        let most = ALWAYS + PACKED * 1000;
        assert!(can_hold(1000, most, 1) && !can_hold(1000, most + 1, 1));
        assert!(can_hold(1000, most / 8, 8) && !can_hold(1000, most / 8 + 1, 8));
        assert!(can_hold(0, ALWAYS, 1) && !can_hold(0, u64::MAX, 8) && can_hold(u64::MAX, u64::MAX, 8));
    }
}
