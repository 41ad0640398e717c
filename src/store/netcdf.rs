//! netCDF-4 conventions on plain HDF5: dimension scales, written by hand, and attributes of the
//! right types.
//!
//! The HDF5 crate does not bind the dimension-scale library, so its attributes are written as that
//! library would: `CLASS` and `NAME` on each axis, `DIMENSION_LIST` on each map, `REFERENCE_LIST`
//! on each axis.
//!
//! Programs that rewrite or edit a file keep its content and change its form, so the readers here
//! accept one number or string as a scalar or as an array of one, in any type.

use super::hdf5_calls::{Ending, holds_texts, read_texts, write_text};
use super::schema::Value;
use hdf5::types::VarLenArray;
use hdf5::{Container, Dataset, Group, H5Type, Location, ObjectReference1};

/// Attribute with the numbers that a flag variable can hold.
const FLAG_VALUES: &str = "flag_values";
/// Attribute with the words for the flag values, separated by spaces.
const FLAG_MEANINGS: &str = "flag_meanings";
/// Limit on the length of a dimension whose values are words.
const MOST_WORDS: usize = 256;

/// An entry of an axis's `REFERENCE_LIST`: a map, and the dimension of it that the axis scales.
#[derive(Debug, Clone, Copy, H5Type)]
#[repr(C)]
struct Referrer {
    dataset: ObjectReference1,
    dimension: u32,
}

/// Writes a string attribute of any length; a NUL in it becomes a space.
pub(super) fn text(object: &Location, name: &str, value: &str) -> hdf5::Result<()> {
    write_text(object, name, &value.replace('\0', " "), Ending::Exact)
}

/// Reads an attribute that holds one string in any form; the netCDF library stores an empty one as
/// no element.
pub(super) fn read_text(object: &Location, name: &str) -> hdf5::Result<String> {
    let attribute = object.attr(name)?;
    let mut texts = read_texts(&attribute).map_err(|e| format!("the attribute {name}: {e}"))?;
    match texts.len() {
        0 | 1 => Ok(texts.pop().unwrap_or_default()),
        several => Err(format!("the attribute {name} holds {several} texts instead of one").into()),
    }
}

/// Writes an attribute that holds one number.
pub(super) fn number<T: H5Type>(object: &Location, name: &str, value: T) -> hdf5::Result<()> {
    object.new_attr::<T>().create(name)?.write_scalar(&value)
}

/// Reads an attribute that holds one number of any type.
pub(super) fn read_number<T: H5Type>(object: &Location, name: &str) -> hdf5::Result<T> {
    let attribute = object.attr(name)?;
    one(&attribute).map_err(|e| format!("the attribute {name}: {e}").into())
}

/// The only number of an attribute or dataset: a scalar, or an array of one, as netCDF tools write it.
pub(super) fn one<T: H5Type>(container: &Container) -> hdf5::Result<T> {
    let size = container.size();
    let first = if size == 1 { container.read_raw()?.into_iter().next() } else { None };
    first.ok_or_else(|| format!("it holds {size} numbers instead of one").into())
}

/// Writes an attribute that holds text or a number.
pub(super) fn attribute(object: &Location, name: &str, value: &Value) -> hdf5::Result<()> {
    match value {
        Value::Text(t) => text(object, name, t),
        Value::Number(v) => number(object, name, *v),
    }
}

/// Makes a dataset a dimension scale.
pub(super) fn make_scale(axis: &Dataset, name: &str) -> hdf5::Result<()> {
    // The dimension-scale library recognises only a NUL-terminated string.
    write_text(axis, "CLASS", "DIMENSION_SCALE", Ending::Terminated)?;
    write_text(axis, "NAME", name, Ending::Terminated)
}

/// Writes the CF flag values and flag meanings of a dataset of flags.
pub(super) fn name_flags<T: H5Type>(dataset: &Dataset, values: &[T], meanings: &[&str]) -> hdf5::Result<()> {
    dataset.new_attr_builder().with_data(values).create(FLAG_VALUES)?;
    text(dataset, FLAG_MEANINGS, &meanings.join(" "))
}

/// Reads the words along a dimension, stored as CF flags or as strings.
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

/// Writes the CF list of a variable's scalar coordinates, unless it is empty.
pub(super) fn coordinates(variable: &Dataset, names: &[&str]) -> hdf5::Result<()> {
    if names.is_empty() { Ok(()) } else { text(variable, "coordinates", &names.join(" ")) }
}

/// Attaches each map of a group to its axes: `axes[d]` is the scale of every map's dimension `d`.
pub(super) fn attach_scales(group: &Group, axes: &[String], maps: &[String]) -> hdf5::Result<()> {
    attach_groups(group, &[(axes, maps)])
}

/// Attaches several kinds of maps to their axes, as [`attach_scales`] does: each kind is a pair of
/// axes and maps.
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
