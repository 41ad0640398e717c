//! HDF5 calls that its Rust crate lacks: strings of a length known only at run time, sources of
//! virtual datasets, and chunks as they are stored.
//!
//! Strings are written with a fixed length, because several programs (Octave's netCDF package, CDO)
//! fail on a string of variable length. They are read in every form that HDF5 has, because other
//! programs write all of them.
#![allow(unsafe_code, reason = "the only file that calls the C library itself")]

use hdf5::types::TypeDescriptor;
use hdf5::{Container, Dataset, Datatype, Location};
use hdf5_sys::h5::{H5free_memory, herr_t, hsize_t};
use hdf5_sys::h5a::{H5Aread, H5Awrite};
use hdf5_sys::h5d::{H5Dread, H5Dread_chunk1, H5Dwrite_chunk};
use hdf5_sys::h5i::{H5I_type_t, hid_t};
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pget_virtual_count, H5Pget_virtual_filename};
use hdf5_sys::h5s::H5S_ALL;
use hdf5_sys::h5t::{H5T_str_t, H5Tget_strpad, H5Tset_strpad};
use std::ffi::{CStr, c_char, c_void};

/// Limit on the bytes of fixed-length strings read at once; a larger size means a damaged file.
const MOST_BYTES: usize = 1 << 26;
/// Limit on the number of variable-length strings read at once.
const MOST_TEXTS: usize = 1 << 16;

/// The termination of a stored string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The type is as long as the string, as netCDF stores strings.
    Exact,
    /// The type is one byte longer and ends in a NUL, as the dimension-scale library stores and
    /// expects strings.
    Terminated,
}

/// Writes an attribute that holds one fixed-length string, in ASCII if possible, else in UTF-8.
///
/// # Errors
/// [`hdf5::Error`] if the library fails.
pub(super) fn write_text(object: &Location, name: &str, text: &str, ending: Ending) -> hdf5::Result<()> {
    let mut bytes = text.as_bytes().to_vec();
    // A type has at least one byte, so the empty string is one NUL.
    if ending == Ending::Terminated || bytes.is_empty() {
        bytes.push(0);
    }
    let size = bytes.len();
    let descriptor =
        if text.is_ascii() { TypeDescriptor::FixedAscii(size) } else { TypeDescriptor::FixedUnicode(size) };
    let kind = Datatype::from_descriptor(&descriptor)?;
    if ending == Ending::Terminated {
        // SAFETY: `kind` is an open type of fixed-length strings that belongs to this function alone.
        let set = hdf5::sync::sync(|| unsafe { H5Tset_strpad(kind.id(), H5T_str_t::H5T_STR_NULLTERM) });
        succeeded(set, name)?;
    }
    let attribute = object.new_attr_builder().empty_as(&kind).create(name)?;
    // SAFETY: the attribute and its type are open, the attribute has one element, and `bytes` has
    // the type's size.
    let written = hdf5::sync::sync(|| unsafe { H5Awrite(attribute.id(), kind.id(), bytes.as_ptr().cast()) });
    succeeded(written, name)
}

/// Writes an attribute that holds several strings as one value of an array type.
///
/// Programs on h5py and h5wasm read it as a list; netCDF, which has no such type, passes over it, as Octave's package could
/// not do with a list of strings.
///
/// # Errors
/// [`hdf5::Error`] if the library fails.
pub(super) fn write_words(object: &Location, name: &str, words: &[&str]) -> hdf5::Result<()> {
    let size = words.iter().map(|word| word.len()).max().unwrap_or(0).max(1);
    let mut bytes = vec![0_u8; size * words.len()];
    for (place, word) in bytes.chunks_mut(size).zip(words) {
        place[..word.len()].copy_from_slice(word.as_bytes());
    }
    let descriptor = TypeDescriptor::FixedArray(Box::new(TypeDescriptor::FixedAscii(size)), words.len());
    let kind = Datatype::from_descriptor(&descriptor)?;
    let attribute = object.new_attr_builder().empty_as(&kind).create(name)?;
    // SAFETY: the attribute and its type are open, the attribute has one element, and `bytes` has the type's size.
    let written = hdf5::sync::sync(|| unsafe { H5Awrite(attribute.id(), kind.id(), bytes.as_ptr().cast()) });
    succeeded(written, name)
}

fn succeeded(status: i32, name: &str) -> hdf5::Result<()> {
    if status < 0 { Err(format!("the text {name} could not be written").into()) } else { Ok(()) }
}

/// Whether an attribute or dataset holds strings.
pub(super) fn holds_texts(container: &Container) -> bool {
    use TypeDescriptor::{FixedAscii, FixedUnicode, VarLenAscii, VarLenUnicode};
    let kind = container.dtype().and_then(|t| t.to_descriptor());
    matches!(kind, Ok(FixedAscii(_) | FixedUnicode(_) | VarLenAscii | VarLenUnicode))
}

/// Reads the strings of an attribute or dataset of any shape: fixed or variable length, ASCII or
/// UTF-8, any padding.
///
/// # Errors
/// [`hdf5::Error`] if it holds no strings, a string is not UTF-8, a limit of this file is exceeded,
/// or the library fails.
pub(super) fn read_texts(container: &Container) -> hdf5::Result<Vec<String>> {
    let kind = container.dtype()?;
    let count = container.size();
    if count == 0 {
        return Ok(Vec::new());
    }
    let raw = match kind.to_descriptor()? {
        TypeDescriptor::FixedAscii(size) | TypeDescriptor::FixedUnicode(size) => {
            read_fixed(container, &kind, size, count)?
        }
        TypeDescriptor::VarLenAscii | TypeDescriptor::VarLenUnicode => read_variable(container, &kind, count)?,
        _ => return Err("it holds no text".into()),
    };
    raw.into_iter()
        .map(|bytes| String::from_utf8(bytes).map_err(|_| "it holds text that is not UTF-8".into()))
        .collect()
}

/// Reads fixed-length strings, as bytes without their padding.
fn read_fixed(container: &Container, kind: &Datatype, size: usize, count: usize) -> hdf5::Result<Vec<Vec<u8>>> {
    let all = size.checked_mul(count).filter(|all| *all <= MOST_BYTES);
    let all = all.ok_or_else(|| format!("it holds {count} texts of {size} bytes: more than {MOST_BYTES} in all"))?;
    let mut bytes = vec![0_u8; all];
    // SAFETY: the buffer has space for every element of the object in the object's own type, which
    // is what is read.
    unsafe { read_all(container, kind, bytes.as_mut_ptr().cast())? };
    // SAFETY: `kind` is an open type of strings.
    let padding = hdf5::sync::sync(|| unsafe { H5Tget_strpad(kind.id()) });
    if size == 1 && count > 1 {
        // One string stored as an array of characters.
        return Ok(vec![without_padding(&bytes, padding)]);
    }
    Ok(bytes.chunks(size.max(1)).map(|text| without_padding(text, padding)).collect())
}

fn without_padding(text: &[u8], padding: H5T_str_t) -> Vec<u8> {
    let end = text.iter().position(|b| *b == 0).unwrap_or(text.len());
    let text = &text[..end];
    let blanks =
        if padding == H5T_str_t::H5T_STR_SPACEPAD { text.iter().rev().take_while(|b| **b == b' ').count() } else { 0 };
    text[..end - blanks].to_vec()
}

/// Reads variable-length strings, as bytes; the library may return a null pointer for an empty one.
fn read_variable(container: &Container, kind: &Datatype, count: usize) -> hdf5::Result<Vec<Vec<u8>>> {
    if count > MOST_TEXTS {
        return Err(format!("it holds {count} texts, and at most {MOST_TEXTS} are read").into());
    }
    let mut pointers = vec![std::ptr::null_mut::<c_char>(); count];
    // SAFETY: in memory, an element of a type of variable-length strings is one pointer, and there
    // is one for each element.
    unsafe { read_all(container, kind, pointers.as_mut_ptr().cast())? };
    let take = |pointer: *mut c_char| {
        if pointer.is_null() {
            return Vec::new();
        }
        // SAFETY: the library has allocated a NUL-terminated string there, which has no other
        // owner; it is freed once.
        unsafe {
            let text = CStr::from_ptr(pointer).to_bytes().to_vec();
            H5free_memory(pointer.cast());
            text
        }
    };
    Ok(hdf5::sync::sync(|| pointers.into_iter().map(take).collect()))
}

/// Reads every element of an attribute or dataset in its own type.
///
/// # Safety
/// `buffer` must have space for all elements in this type's in-memory form, and `kind` must be the
/// object's own type.
unsafe fn read_all(container: &Container, kind: &Datatype, buffer: *mut c_void) -> hdf5::Result<()> {
    let status = hdf5::sync::sync(|| {
        // SAFETY: the object and its type are open; the buffer is as large as the caller has promised.
        unsafe {
            if container.id_type() == H5I_type_t::H5I_ATTR {
                H5Aread(container.id(), kind.id(), buffer)
            } else {
                H5Dread(container.id(), kind.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer)
            }
        }
    });
    if status < 0 { Err("its text could not be read".into()) } else { Ok(()) }
}

/// The names of the source files of a virtual dataset, from its creation properties.
///
/// The crate's own reader of these properties fails on selections that the crate has written itself.
///
/// # Errors
/// [`hdf5::Error`] if the library fails, or a name is not UTF-8.
pub(super) fn virtual_sources(properties: &hdf5::plist::DatasetCreate) -> hdf5::Result<Vec<String>> {
    let failed = || hdf5::Error::from("the sources of a virtual dataset could not be read");
    hdf5::sync::sync(|| {
        let mut count = 0;
        // SAFETY: the property list is open, and the library writes one number into `count`.
        if unsafe { H5Pget_virtual_count(properties.id(), &raw mut count) } < 0 {
            return Err(failed());
        }
        (0..count)
            .map(|index| {
                // SAFETY: with no buffer the library only returns the length of the name.
                let length = unsafe { H5Pget_virtual_filename(properties.id(), index, std::ptr::null_mut(), 0) };
                let mut name = vec![0_u8; usize::try_from(length).map_err(|_| failed())? + 1];
                // SAFETY: the buffer has the size that is passed on, with space for the terminator.
                let written =
                    unsafe { H5Pget_virtual_filename(properties.id(), index, name.as_mut_ptr().cast(), name.len()) };
                name.truncate(usize::try_from(written).map_err(|_| failed())?);
                String::from_utf8(name).map_err(|_| failed())
            })
            .collect()
    })
}

unsafe extern "C" {
    /// Since HDF5 1.10.2; the bindings lack it.
    fn H5Dget_chunk_storage_size(dataset: hid_t, offset: *const hsize_t, bytes: *mut hsize_t) -> herr_t;
}

/// Writes a chunk of a dataset as it is stored: packed by all of the dataset's filters. `offset` is its first value's place.
///
/// # Errors
/// [`hdf5::Error`] if the library fails.
pub(super) fn write_chunk(dataset: &Dataset, offset: &[u64], packed: &[u8]) -> hdf5::Result<()> {
    check_rank(dataset, offset)?;
    // SAFETY: the dataset is open, the offset has a number for each of its dimensions, and the bytes are as many as said.
    let written = hdf5::sync::sync(|| unsafe {
        H5Dwrite_chunk(dataset.id(), H5P_DEFAULT, 0, offset.as_ptr(), packed.len(), packed.as_ptr().cast())
    });
    if written < 0 { Err("a chunk could not be written".into()) } else { Ok(()) }
}

/// Number of bytes that a chunk takes in the file; 0 if it was never written, or the library cannot tell.
///
/// # Errors
/// [`hdf5::Error`] if the offset has another number of dimensions.
pub(super) fn chunk_bytes(dataset: &Dataset, offset: &[u64]) -> hdf5::Result<usize> {
    check_rank(dataset, offset)?;
    let mut bytes = 0;
    // SAFETY: the dataset is open, the offset has a number for each of its dimensions, and one number is written.
    let found =
        hdf5::sync::sync(|| unsafe { H5Dget_chunk_storage_size(dataset.id(), offset.as_ptr(), &raw mut bytes) });
    Ok(if found < 0 { 0 } else { bytes as usize })
}

/// Reads a chunk of a dataset as it is stored, which takes this many bytes; `None` if a filter was left out for it.
///
/// # Errors
/// [`hdf5::Error`] if the library fails.
pub(super) fn read_chunk(dataset: &Dataset, offset: &[u64], bytes: usize) -> hdf5::Result<Option<Vec<u8>>> {
    // The library writes as many bytes as the chunk takes.
    if chunk_bytes(dataset, offset)? != bytes {
        return Err("a chunk has another size than before".into());
    }
    let (mut packed, mut left_out) = (vec![0_u8; bytes], 0);
    // SAFETY: the dataset is open, the offset has a number for each of its dimensions, and the buffer has the chunk's size.
    let read = hdf5::sync::sync(|| unsafe {
        H5Dread_chunk1(dataset.id(), H5P_DEFAULT, offset.as_ptr(), &raw mut left_out, packed.as_mut_ptr().cast())
    });
    if read < 0 { Err("a chunk could not be read".into()) } else { Ok((left_out == 0).then_some(packed)) }
}

fn check_rank(dataset: &Dataset, offset: &[u64]) -> hdf5::Result<()> {
    if dataset.ndim() == offset.len() { Ok(()) } else { Err("a chunk lies in other dimensions".into()) }
}
