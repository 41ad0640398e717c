//! netCDF-4's conventions on plain HDF5: dimension scales, written by hand, and attributes of the right types.
//!
//! The HDF5 crate does not bind the dimension-scale library, so its attributes are written as that library would:
//! `CLASS` and `NAME` on each axis, `DIMENSION_LIST` on each map, `REFERENCE_LIST` on each axis.
//!
//! Programs that rewrite or edit a file keep its content and change its form, so the readers here accept one number or
//! text as a scalar or as an array of one, in any type.

use super::hdf5_calls::{Ending, holds_texts, read_texts, write_text};
use super::schema::Value;
use hdf5::plist::file_create::{AttrCreationOrder, LinkCreationOrder};
use hdf5::types::VarLenArray;
use hdf5::{Container, Dataset, DatasetBuilder, File, Group, H5Type, Location, ObjectReference1};
use std::path::Path;

/// Attribute with the numbers that a variable of flags can hold.
const FLAG_VALUES: &str = "flag_values";
/// Attribute with the words for these numbers, separated by spaces.
const FLAG_MEANINGS: &str = "flag_meanings";
/// Limit on the length of a dimension that has words for its values.
const MOST_WORDS: usize = 256;

/// An entry of an axis's list of the maps along it.
#[derive(Debug, Clone, Copy, H5Type)]
#[repr(C)]
struct Referrer {
    dataset: ObjectReference1,
    dimension: u32,
}

/// Creates a file. Its root records the order of links and attributes: the netCDF library edits no file without it.
/// Whatever the HDF5 library's default, the file has the oldest superblock, of which [`super::seal`] knows the flags.
pub(super) fn create_file(path: &Path) -> hdf5::Result<File> {
    File::with_options()
        .with_fapl(|p| p.libver_earliest())
        .with_fcpl(|p| {
            p.link_creation_order(LinkCreationOrder::Indexed)
                .attr_creation_order(AttrCreationOrder::Indexed)
                .obj_track_times(false)
        })
        .create(path)
}

/// Creates a group that records the order of its links and attributes.
pub(super) fn create_group(parent: &Group, name: &str) -> hdf5::Result<Group> {
    parent
        .create_group_builder()
        .with_gcpl(|p| {
            p.link_creation_order(LinkCreationOrder::Indexed).attr_creation_order(AttrCreationOrder::Indexed)
        })
        .obj_track_times(false)
        .create(name)
}

/// Begins a dataset that records the order of its attributes.
pub(super) fn new_dataset(group: &Group) -> DatasetBuilder {
    group.new_dataset_builder().attr_creation_order(AttrCreationOrder::Indexed)
}

/// Writes a text of any length; a NUL in it becomes a space.
pub(super) fn text(object: &Location, name: &str, value: &str) -> hdf5::Result<()> {
    write_text(object, name, &value.replace('\0', " "), Ending::Exact)
}

/// Writes a text of any length: the same as [`text`].
pub(super) fn long_text(object: &Location, name: &str, value: &str) -> hdf5::Result<()> {
    text(object, name, value)
}

/// Reads one text in any form. The netCDF library stores an empty one as no element at all.
pub(super) fn read_text(object: &Location, name: &str) -> hdf5::Result<String> {
    let attribute = object.attr(name)?;
    let mut texts = read_texts(&attribute).map_err(|e| format!("the attribute {name}: {e}"))?;
    match texts.len() {
        0 | 1 => Ok(texts.pop().unwrap_or_default()),
        several => Err(format!("the attribute {name} holds {several} texts instead of one").into()),
    }
}

/// Writes one number.
pub(super) fn number<T: H5Type>(object: &Location, name: &str, value: T) -> hdf5::Result<()> {
    object.new_attr::<T>().create(name)?.write_scalar(&value)
}

/// Reads an attribute that holds one number of any type.
pub(super) fn read_number<T: H5Type>(object: &Location, name: &str) -> hdf5::Result<T> {
    let attribute = object.attr(name)?;
    one(&attribute).map_err(|e| format!("the attribute {name}: {e}").into())
}

/// Reads a dataset that holds one number of any type.
pub(super) fn read_value<T: H5Type>(group: &Group, name: &str) -> hdf5::Result<T> {
    let dataset = group.dataset(name)?;
    one(&dataset).map_err(|e| format!("{name}: {e}").into())
}

fn one<T: H5Type>(container: &Container) -> hdf5::Result<T> {
    let size = container.size();
    let first = if size == 1 { container.read_raw()?.into_iter().next() } else { None };
    first.ok_or_else(|| format!("it holds {size} numbers instead of one").into())
}

/// Writes an attribute of either kind.
pub(super) fn attribute(object: &Location, name: &str, value: &Value) -> hdf5::Result<()> {
    match value {
        Value::Text(t) => text(object, name, t),
        Value::Number(v) => number(object, name, *v),
    }
}

/// Writes attributes in order.
pub(super) fn attributes(object: &Location, all: &[(String, Value)]) -> hdf5::Result<()> {
    all.iter().try_for_each(|(name, value)| attribute(object, name, value))
}

/// Makes a dataset a dimension scale.
pub(super) fn make_scale(axis: &Dataset, name: &str) -> hdf5::Result<()> {
    // A dimension scale is recognised by a text that ends in a NUL, and by no other form.
    write_text(axis, "CLASS", "DIMENSION_SCALE", Ending::Terminated)?;
    write_text(axis, "NAME", name, Ending::Terminated)
}

/// Writes the words for the numbers in a dataset of flags, as CF asks for them.
pub(super) fn name_flags<T: H5Type>(dataset: &Dataset, values: &[T], meanings: &[&str]) -> hdf5::Result<()> {
    dataset.new_attr_builder().with_data(values).create(FLAG_VALUES)?;
    text(dataset, FLAG_MEANINGS, &meanings.join(" "))
}

/// Writes a dimension whose values are words: numbers from 0, with the words as CF's flag meanings.
pub(super) fn words(group: &Group, name: &str, long_name: &str, values: &[&str]) -> hdf5::Result<()> {
    // Signed, because CDO takes an axis of unsigned bytes for text.
    let numbers: Vec<i32> = (0_i32..).take(values.len()).collect();
    let dataset = new_dataset(group).with_data(&numbers).create(name)?;
    make_scale(&dataset, name)?;
    text(&dataset, "long_name", long_name)?;
    text(&dataset, "units", "1")?;
    name_flags(&dataset, &numbers, values)
}

/// Reads the words along a dimension: by their numbers, or written out.
pub(super) fn read_words(dimension: &Dataset) -> hdf5::Result<Vec<String>> {
    let count = dimension.size();
    if count > MOST_WORDS {
        return Err(format!("{} has {count} entries, and at most {MOST_WORDS} are read", dimension.name()).into());
    }
    if holds_texts(dimension) {
        return read_texts(dimension);
    }
    let meanings = read_text(dimension, FLAG_MEANINGS)?;
    let values = dimension.attr(FLAG_VALUES)?;
    if values.size() > MOST_WORDS {
        return Err(format!("{} has more than {MOST_WORDS} flag values", dimension.name()).into());
    }
    let known: Vec<(f64, &str)> = values.read_raw::<f64>()?.into_iter().zip(meanings.split_whitespace()).collect();
    let word = |number: f64| {
        let found = known.iter().find(|(value, _)| *value == number);
        found.map(|(_, word)| (*word).to_string()).ok_or_else(|| format!("the flag {number} has no meaning").into())
    };
    dimension.read_raw::<f64>()?.into_iter().map(word).collect()
}

/// Writes CF's list of the scalar coordinates of a variable, unless there are none.
pub(super) fn coordinates(variable: &Dataset, names: &[&str]) -> hdf5::Result<()> {
    if names.is_empty() { Ok(()) } else { text(variable, "coordinates", &names.join(" ")) }
}

/// Ties each map of a group to its axes: `axes[d]` is the scale of every map's dimension `d`.
pub(super) fn attach_scales(group: &Group, axes: &[String], maps: &[String]) -> hdf5::Result<()> {
    attach_groups(group, &[(axes, maps)])
}

/// The same for several kinds of maps that run along different axes: each kind with its axes, in order.
pub(super) fn attach_groups(group: &Group, kinds: &[(&[String], &[String])]) -> hdf5::Result<()> {
    let mut referrers: Vec<(&String, Vec<Referrer>)> = Vec::new();
    for (axes, maps) in kinds {
        let mut to_axes = Vec::new();
        for axis in *axes {
            to_axes.push(VarLenArray::from([group.reference::<ObjectReference1>(axis)?]));
        }
        for map in *maps {
            group.dataset(map)?.new_attr_builder().with_data(&to_axes).create("DIMENSION_LIST")?;
            let dataset = group.reference::<ObjectReference1>(map)?;
            for (dimension, axis) in (0_u32..).zip(*axes) {
                let entry = Referrer { dataset, dimension };
                match referrers.iter_mut().find(|(a, _)| *a == axis) {
                    Some((_, list)) => list.push(entry),
                    None => referrers.push((axis, vec![entry])),
                }
            }
        }
    }
    for (axis, list) in referrers {
        group.dataset(axis)?.new_attr_builder().with_data(&list).create("REFERENCE_LIST")?;
    }
    Ok(())
}
