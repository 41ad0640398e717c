//! netCDF-4's conventions on plain HDF5: dimension scales, written by hand, and attributes of the right types.
//!
//! The HDF5 crate does not bind the dimension-scale library, so its attributes are written as that library would:
//! `CLASS` and `NAME` on each axis, `DIMENSION_LIST` on each map, `REFERENCE_LIST` on each axis.

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

/// Writes attributes in order.
pub(super) fn attributes(object: &Location, all: &[(String, Value)]) -> hdf5::Result<()> {
    all.iter().try_for_each(|(name, value)| attribute(object, name, value))
}

/// Makes a dataset a dimension scale.
pub(super) fn make_scale(axis: &Dataset, name: &str) -> hdf5::Result<()> {
    write_fixed(axis, "CLASS", "DIMENSION_SCALE")?;
    write_fixed(axis, "NAME", name)
}

/// A dimension whose values are words.
pub(super) fn words(group: &Group, name: &str, long_name: &str, values: &[&str]) -> hdf5::Result<()> {
    let mut words = Vec::new();
    for value in values {
        words.push(value.parse::<VarLenUnicode>().map_err(|e| hdf5::Error::from(e.to_string()))?);
    }
    let dataset = group.new_dataset_builder().with_data(&words).create(name)?;
    make_scale(&dataset, name)?;
    text(&dataset, "long_name", long_name)
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
