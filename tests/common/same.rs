//! Compares two HDF5 files: all data and all attributes, bit for bit, but for `history`, which holds the time.

use hdf5::types::{FixedAscii, FixedUnicode, FloatSize, IntSize, TypeDescriptor, VarLenAscii, VarLenUnicode};
use hdf5_sys::h5a::H5Aread;
use std::collections::BTreeSet;
use std::path::Path;

/// Bytes of the longest string of fixed length that can be compared.
const LONGEST: usize = 1 << 16;
/// Attributes that differ between equal files: the time, and addresses.
const PASSED_OVER: [&str; 3] = ["history", "DIMENSION_LIST", "REFERENCE_LIST"];

/// Every difference, a line each; none where the files hold the same.
pub fn differences(a: &Path, b: &Path) -> hdf5::Result<Vec<String>> {
    let (a, b) = (hdf5::File::open(a)?, hdf5::File::open(b)?);
    let mut found = Vec::new();
    groups(&a, &b, "", &mut found)?;
    Ok(found)
}

/// Panics where two files differ, with what differs.
pub fn assert_same(a: &Path, b: &Path) {
    let found = differences(a, b).unwrap();
    assert!(found.is_empty(), "{} and {}:\n{}", a.display(), b.display(), found.join("\n"));
}

/// A text, however it is stored.
pub fn text(container: &hdf5::Container) -> hdf5::Result<String> {
    let bytes = bytes(container, &container.dtype()?.to_descriptor()?)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_string())
}

fn groups(a: &hdf5::Group, b: &hdf5::Group, at: &str, found: &mut Vec<String>) -> hdf5::Result<()> {
    attributes(a, b, if at.is_empty() { "/" } else { at }, found)?;
    for name in in_both(a.member_names()?, b.member_names()?, at, found) {
        let here = format!("{at}/{name}");
        match (a.group(&name), b.group(&name)) {
            (Ok(a), Ok(b)) => groups(&a, &b, &here, found)?,
            (Err(_), Err(_)) => {
                let (a, b) = (a.dataset(&name)?, b.dataset(&name)?);
                containers(&a, &b, &here, found)?;
                attributes(&a, &b, &here, found)?;
            }
            _ => found.push(format!("{here} is a group in one file only")),
        }
    }
    Ok(())
}

fn attributes(a: &hdf5::Location, b: &hdf5::Location, at: &str, found: &mut Vec<String>) -> hdf5::Result<()> {
    for name in in_both(a.attr_names()?, b.attr_names()?, &format!("{at}@"), found) {
        if !PASSED_OVER.contains(&name.as_str()) {
            let (a, b) = (a.attr(&name)?, b.attr(&name)?);
            containers(&a, &b, &format!("{at}@{name}"), found)?;
        }
    }
    Ok(())
}

/// The names that are in both; those in one alone are differences.
fn in_both(a: Vec<String>, b: Vec<String>, at: &str, found: &mut Vec<String>) -> Vec<String> {
    let (a, b): (BTreeSet<_>, BTreeSet<_>) = (a.into_iter().collect(), b.into_iter().collect());
    found.extend(a.symmetric_difference(&b).map(|name| format!("{at}{name} is in one file only")));
    a.intersection(&b).cloned().collect()
}

fn containers(a: &hdf5::Container, b: &hdf5::Container, at: &str, found: &mut Vec<String>) -> hdf5::Result<()> {
    let kind = |c: &hdf5::Container| c.dtype().and_then(|t| t.to_descriptor());
    let (kind_a, kind_b) = (kind(a)?, kind(b)?);
    if kind_a != kind_b || a.shape() != b.shape() {
        found.push(format!("{at}: {kind_a} {:?} and {kind_b} {:?}", a.shape(), b.shape()));
    } else if bytes(a, &kind_a)? != bytes(b, &kind_b)? {
        found.push(format!("{at} differs"));
    }
    Ok(())
}

/// The values as bytes, so that one NaN equals another with the same bits.
fn bytes(container: &hdf5::Container, kind: &TypeDescriptor) -> hdf5::Result<Vec<u8>> {
    fn of<T: hdf5::H5Type, const N: usize>(c: &hdf5::Container, bytes: fn(T) -> [u8; N]) -> hdf5::Result<Vec<u8>> {
        Ok(c.read_raw::<T>()?.into_iter().flat_map(bytes).collect())
    }
    fn texts<T: hdf5::H5Type + AsRef<str>>(c: &hdf5::Container) -> hdf5::Result<Vec<u8>> {
        Ok(c.read_raw::<T>()?.iter().flat_map(|t| [t.as_ref().as_bytes(), &[0]].concat()).collect())
    }
    match kind {
        TypeDescriptor::Integer(IntSize::U1) => of(container, i8::to_le_bytes),
        TypeDescriptor::Integer(IntSize::U2) => of(container, i16::to_le_bytes),
        TypeDescriptor::Integer(IntSize::U4) => of(container, i32::to_le_bytes),
        TypeDescriptor::Integer(IntSize::U8) => of(container, i64::to_le_bytes),
        TypeDescriptor::Unsigned(IntSize::U1) => of(container, u8::to_le_bytes),
        TypeDescriptor::Unsigned(IntSize::U2) => of(container, u16::to_le_bytes),
        TypeDescriptor::Unsigned(IntSize::U4) => of(container, u32::to_le_bytes),
        TypeDescriptor::Unsigned(IntSize::U8) => of(container, u64::to_le_bytes),
        TypeDescriptor::Float(FloatSize::U4) => of(container, f32::to_le_bytes),
        TypeDescriptor::Float(FloatSize::U8) => of(container, f64::to_le_bytes),
        TypeDescriptor::VarLenAscii => texts::<VarLenAscii>(container),
        TypeDescriptor::VarLenUnicode => texts::<VarLenUnicode>(container),
        TypeDescriptor::FixedAscii(n) if *n <= LONGEST => texts::<FixedAscii<LONGEST>>(container),
        TypeDescriptor::FixedUnicode(n) if *n <= LONGEST => texts::<FixedUnicode<LONGEST>>(container),
        TypeDescriptor::FixedArray(..) => array(container),
        other => Err(format!("{} of type {other} cannot be compared", container.name()).into()),
    }
}

/// The bytes of an attribute whose value is an array.
#[allow(unsafe_code, reason = "the crate reads no array whose length it does not know before")]
fn array(container: &hdf5::Container) -> hdf5::Result<Vec<u8>> {
    let kind = container.dtype()?;
    let mut bytes = vec![0_u8; kind.size() * container.size()];
    // SAFETY: the attribute and its type are open, and `bytes` has the size of all its elements.
    let read = hdf5::sync::sync(|| unsafe { H5Aread(container.id(), kind.id(), bytes.as_mut_ptr().cast()) });
    if read < 0 { Err(format!("{} cannot be read", container.name()).into()) } else { Ok(bytes) }
}
