//! Fixed-length, null-terminated string attributes: the one thing netCDF needs that the HDF5 crate cannot write.
//!
//! netCDF-4 and h5py recognise a dimension scale by `CLASS` = "DIMENSION_SCALE" only when the string is fixed-length
//! and null-terminated; the crate's fixed strings are null-padded. Hence these few calls of the C library.
#![allow(unsafe_code)] // The only file that calls the C library itself; every identifier opened here is closed here.

use hdf5_sys::h5a::{H5Aclose, H5Acreate2, H5Awrite};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pget_virtual_count, H5Pget_virtual_filename};
use hdf5_sys::h5s::{H5S_class_t, H5Sclose, H5Screate};
use hdf5_sys::h5t::{H5T_C_S1, H5T_str_t, H5Tclose, H5Tcopy, H5Tset_size, H5Tset_strpad};
use std::ffi::CString;

/// Writes `text` as a fixed-length, null-terminated ASCII attribute of the object.
///
/// # Errors
/// A NUL inside the text or a non-ASCII character (both of them ours to avoid), or a failure of the library.
pub(super) fn write_fixed(object: &hdf5::Location, name: &str, text: &str) -> hdf5::Result<()> {
    let failed = || hdf5::Error::from(format!("attribute {name} could not be written"));
    if !text.is_ascii() {
        return Err(hdf5::Error::from(format!("attribute {name} is not ASCII: {text}")));
    }
    let (c_name, c_text) = match (CString::new(name), CString::new(text)) {
        (Ok(n), Ok(t)) => (n, t),
        _ => return Err(failed()),
    };
    let written = hdf5::sync::sync(|| {
        // SAFETY: every identifier passed on comes from the call before it and was checked to be valid; the text
        // outlives the calls, and its buffer has the size, terminator included, that the type was given.
        unsafe {
            let kind = H5Tcopy(*H5T_C_S1);
            let sized = kind >= 0
                && H5Tset_size(kind, c_text.as_bytes_with_nul().len()) >= 0
                && H5Tset_strpad(kind, H5T_str_t::H5T_STR_NULLTERM) >= 0;
            let space = H5Screate(H5S_class_t::H5S_SCALAR);
            let attribute: hid_t = if sized && space >= 0 {
                H5Acreate2(object.id(), c_name.as_ptr(), kind, space, H5P_DEFAULT, H5P_DEFAULT)
            } else {
                -1
            };
            let written = attribute >= 0 && H5Awrite(attribute, kind, c_text.as_ptr().cast()) >= 0;
            if attribute >= 0 {
                H5Aclose(attribute);
            }
            if space >= 0 {
                H5Sclose(space);
            }
            if kind >= 0 {
                H5Tclose(kind);
            }
            written
        }
    });
    if written { Ok(()) } else { Err(failed()) }
}

/// The names of the files that a virtual dataset takes its values from, by its creation properties. (The crate's own
/// reader of these properties fails on selections that it has written itself.)
///
/// # Errors
/// A failure of the library, or a name that is not UTF-8.
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
                // SAFETY: with no buffer the library only tells the length of the name.
                let length = unsafe { H5Pget_virtual_filename(properties.id(), index, std::ptr::null_mut(), 0) };
                let mut name = vec![0_u8; usize::try_from(length).map_err(|_| failed())? + 1];
                // SAFETY: the buffer has the size that is passed on, with room for the terminator.
                let written =
                    unsafe { H5Pget_virtual_filename(properties.id(), index, name.as_mut_ptr().cast(), name.len()) };
                name.truncate(usize::try_from(written).map_err(|_| failed())?);
                String::from_utf8(name).map_err(|_| failed())
            })
            .collect()
    })
}
