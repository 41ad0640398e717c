//! netCDF-4's conventions on plain HDF5: dimension scales, written by hand, and attributes of the right types.
//!
//! The HDF5 crate does not bind the dimension-scale library, so its attributes are written as that library would:
//! `CLASS` and `NAME` on each axis, `DIMENSION_LIST` on each map, `REFERENCE_LIST` on each axis.

use super::checked::CheckedFile;
use super::hdf5_file;
use super::schema::Value;
use super::strings::write_fixed;
use hdf5::types::{VarLenArray, VarLenUnicode};
use hdf5::{Dataset, Group, H5Type, Location, ObjectReference1};

/// An entry of an axis's list of the maps along it.
#[derive(Debug, Clone, Copy, H5Type)]
#[repr(C)]
struct Referrer {
    dataset: ObjectReference1,
    dimension: u32,
}

/// Writes a short ASCII text.
pub(super) fn text(object: &Location, name: &str, value: &str) -> hdf5::Result<()> {
    // The fixed form cannot be empty, and what is not ASCII or long goes into a string of variable length.
    if value.is_ascii() && !value.is_empty() && value.len() < 512 && !value.contains('\0') {
        return write_fixed(object, name, value);
    }
    long_text(object, name, value)
}

/// Writes a text of any length in UTF-8.
pub(super) fn long_text(object: &Location, name: &str, value: &str) -> hdf5::Result<()> {
    let value: VarLenUnicode = value.replace('\0', " ").parse().map_err(|_| format!("attribute {name} holds a NUL"))?;
    object.new_attr::<VarLenUnicode>().create(name)?.write_scalar(&value)
}

/// Reads a text of either form.
pub(super) fn read_text(object: &Location, name: &str) -> hdf5::Result<String> {
    use hdf5::types::{FixedAscii, TypeDescriptor};
    let attribute = object.attr(name)?;
    match attribute.dtype()?.to_descriptor()? {
        TypeDescriptor::VarLenUnicode => Ok(attribute.read_scalar::<VarLenUnicode>()?.to_string()),
        _ => Ok(attribute.read_scalar::<FixedAscii<512>>()?.to_string()),
    }
}

/// Reads a number: a scalar, or an array of one.
pub(super) fn read_number(object: &Location, name: &str) -> hdf5::Result<f64> {
    let attribute = object.attr(name)?;
    if attribute.size() != 1 {
        return Err(format!("the attribute {name} holds {} values, and not one", attribute.size()).into());
    }
    attribute.read_raw::<f64>()?.first().copied().ok_or_else(|| "it holds no value".into())
}

/// Writes one number.
pub(super) fn number<T: H5Type>(object: &Location, name: &str, value: T) -> hdf5::Result<()> {
    object.new_attr::<T>().create(name)?.write_scalar(&value)
}

/// Writes an attribute of either kind.
pub(super) fn attribute(object: &Location, name: &str, value: &Value) -> hdf5::Result<()> {
    match value {
        Value::Text(t) => text(object, name, t),
        Value::Number(v) => number(object, name, *v),
    }
}

/// Makes a dataset a dimension scale.
pub(super) fn make_scale(axis: &Dataset, name: &str) -> hdf5::Result<()> {
    write_fixed(axis, "CLASS", "DIMENSION_SCALE")?;
    write_fixed(axis, "NAME", name)
}

/// A dimension whose values are words: numbers from 0, which CF's flags name. Strings as coordinates are beyond many
/// netCDF programs.
pub(super) fn words(file: &mut CheckedFile, name: &str, long_name: &str, values: &[&str]) -> hdf5::Result<()> {
    let root = (**file.file()).clone();
    let numbers: Vec<u8> = (0_u8..).take(values.len()).collect();
    let dataset = file.list(&root, name, &numbers)?;
    make_scale(&dataset, name)?;
    text(&dataset, "long_name", long_name)?;
    text(&dataset, "units", "1")?;
    dataset.new_attr_builder().with_data(&numbers).create("flag_values")?;
    text(&dataset, "flag_meanings", &values.join(" "))
}

/// The words of such a dimension, in the order of its values.
pub(super) fn read_words(group: &Group, name: &str) -> hdf5::Result<Vec<String>> {
    let dataset = hdf5_file::dataset(group, name)?;
    let words: Vec<String> = read_text(&dataset, "flag_meanings")?.split_whitespace().map(str::to_string).collect();
    let numbers = hdf5_file::read_all::<f64>(&dataset)?;
    if numbers.len() != words.len() || numbers.iter().enumerate().any(|(i, n)| *n != i as f64) {
        return Err(format!("the dimension {name} and its words do not fit each other").into());
    }
    Ok(words)
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
