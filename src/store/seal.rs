//! A fingerprint behind the last byte of a file, so that damage is found before the HDF5 library meets it.
//!
//! The library trusts what it reads: a flipped bit in its structures can crash the whole process. A sealed file ends in
//! 16 bytes of mark and the SHA-256 of everything before them. HDF5 ignores what lies behind its own end, so the file
//! opens everywhere; a program that edits the file cuts the seal off, and the file then counts as unsealed, not as damaged.

use crate::error::{Error, Result};
use crate::stop::Stop;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

const MARK: [u8; 16] = *b"hopfmap sha-256:";
/// Bytes of mark and fingerprint.
const LENGTH: u64 = 48;
/// A mark with this many bytes intact is still a mark, though a damaged one.
const ENOUGH: usize = 8;

/// The fingerprint of the first `length` bytes.
fn fingerprint(file: &mut File, length: u64, stop: &Stop) -> std::io::Result<[u8; 32]> {
    file.seek(SeekFrom::Start(0))?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    let mut rest = file.take(length);
    loop {
        if stop.is_asked() {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        match rest.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// Seals a finished file, unless somebody asks for the end.
pub(super) fn seal(path: &Path, stop: &Stop) -> std::io::Result<()> {
    let mut file = File::options().read(true).append(true).open(path)?;
    let length = file.metadata()?.len();
    let digest = fingerprint(&mut file, length, stop)?;
    file.write_all(&[&MARK[..], &digest].concat())
}

/// Checks the seal of a file that has one, and says whether it has.
pub(super) fn check(path: &Path) -> Result<bool> {
    let failed = |e: std::io::Error| Error::file_because(path, "cannot be read", e);
    if !std::fs::metadata(path).map_err(failed)?.is_file() {
        return Err(Error::input(path, "is no ordinary file", "name a file that hopfmap has written"));
    }
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if length < LENGTH {
        return Ok(false);
    }
    let mut seal = [0; LENGTH as usize];
    file.seek(SeekFrom::Start(length - LENGTH)).and_then(|_| file.read_exact(&mut seal)).map_err(failed)?;
    let (mark, digest) = seal.split_at(MARK.len());
    if mark.iter().zip(&MARK).filter(|(a, b)| a == b).count() < ENOUGH {
        return Ok(false);
    }
    if mark != MARK || digest != fingerprint(&mut file, length - LENGTH, &Stop::default()).map_err(failed)? {
        return Err(Error::input(
            path,
            "is damaged: its bytes do not match the fingerprint at its end",
            "compute it again, or copy it anew",
        ));
    }
    Ok(true)
}

/// The fingerprint at the end of a sealed file, in hexadecimal; not held against the file's bytes.
pub(super) fn recorded(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = [0; 32];
    file.seek(SeekFrom::End(-(digest.len() as i64)))?;
    file.read_exact(&mut digest)?;
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}
