//! SHA-256 fingerprints: they identify plans, coordinates, shaders, files, and the scripts that a page may run.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Bytes in hexadecimal.
#[must_use]
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// SHA-256 of a text.
#[must_use]
pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// SHA-256 of a text, in hexadecimal.
#[must_use]
pub(crate) fn sha256(text: &str) -> String {
    hex(&digest(text))
}

#[cfg(test)]
mod tests {
    #[test]
    fn fingerprints_are_those_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(super::sha256("abc"), abc, "FIPS 180-2, B.1");
        assert_eq!(super::hex(&[0, 10, 255]), "000aff");
    }
}
