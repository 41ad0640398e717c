//! A SHA-256 seal after the last byte of a file, so that damage is found before the HDF5 library
//! reads it.
//!
//! The library trusts what it reads: a flipped bit in its structures can crash the whole process. A
//! sealed file ends in a mark of 16 bytes and the SHA-256 (the fingerprint) of everything before
//! them. HDF5 ignores bytes after its own end of file, so the file opens everywhere; a program that
//! edits the file cuts the seal off, and the file then counts as unsealed, not as damaged.
//!
//! While a program holds a file open for writing, and after it ended without closing the file, a
//! flag in the file's superblock is set. Nothing else differs until that program writes, so the
//! seal is also checked with this flag cleared.

use crate::cancel::CancelToken;
use crate::error::{Error, Result};
use crate::fingerprint::hex;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

const MARK: [u8; 16] = *b"hopfmap sha-256:";
/// Bytes of the seal: mark and fingerprint.
const LENGTH: u64 = 48;
/// Number of matching bytes from which a mark counts as a mark, though a damaged one.
const ENOUGH: usize = 8;

/// Position of the superblock's flags: 4 bytes, little-endian, 0 in a closed file.
///
/// This holds in versions 0 and 1, the ones hopfmap writes.
const FLAGS: std::ops::Range<usize> = 20..24;
/// Position of the superblock's version.
const VERSION: usize = 8;
/// Flags of a file that a program holds open for writing: alone, or with concurrent readers (SWMR).
const OPEN_FOR_WRITING: [u32; 2] = [1, 5];

/// The start of the file with its flags cleared, if they say that a program has it open for writing.
fn with_flags_cleared(file: &mut File) -> std::io::Result<Option<[u8; FLAGS.end]>> {
    let mut spec = [0; FLAGS.end];
    file.seek(SeekFrom::Start(0))?;
    if let Err(e) = file.read_exact(&mut spec) {
        return if e.kind() == std::io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(e) };
    }
    let flags = spec[FLAGS].iter().rev().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    if spec[VERSION] > 1 || !OPEN_FOR_WRITING.contains(&flags) {
        return Ok(None);
    }
    spec[FLAGS].fill(0);
    Ok(Some(spec))
}

/// The end of file recorded in an HDF5 superblock; `None` if the file does not start with a known one.
fn end(file: &mut File) -> std::io::Result<Option<u64>> {
    let mut spec = [0; 52];
    file.seek(SeekFrom::Start(0))?;
    if let Err(e) = file.read_exact(&mut spec) {
        return if e.kind() == std::io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(e) };
    }
    // By version: position of the width of addresses, of the base address, and of the end of file.
    let (width, base, end) = match spec[VERSION] {
        0 => (13, 24, 40),
        1 => (13, 28, 44),
        2 | 3 => (9, 12, 28),
        _ => return Ok(None),
    };
    let address = |at: usize| spec[at..at + 8].iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let is_known = spec[..8] == *b"\x89HDF\r\n\x1a\n" && spec[width] == 8 && address(base) == 0;
    Ok(is_known.then(|| address(end)))
}

/// The fingerprint of the first `length` bytes, with `spec` in place of the first bytes.
fn fingerprint(file: &mut File, spec: &[u8], length: u64, stop: &CancelToken) -> std::io::Result<[u8; 32]> {
    let mut hasher = Sha256::new();
    hasher.update(spec);
    file.seek(SeekFrom::Start(spec.len() as u64))?;
    let length = length.saturating_sub(spec.len() as u64);
    let mut buffer = vec![0; 1 << 16];
    let mut rest = file.take(length);
    loop {
        if stop.is_cancelled() {
            return Err(std::io::ErrorKind::Interrupted.into());
        }
        match rest.read(&mut buffer)? {
            0 => return Ok(hasher.finalize().into()),
            n => hasher.update(&buffer[..n]),
        }
    }
}

/// Seals a finished file, unless cancelled.
pub(super) fn seal(path: &Path, stop: &CancelToken) -> std::io::Result<()> {
    let mut file = File::options().read(true).append(true).open(path)?;
    let length = file.metadata()?.len();
    let digest = fingerprint(&mut file, &[], length, stop)?;
    file.write_all(&[&MARK[..], &digest].concat())
}

/// Checks the seal of a file; returns whether it has one.
///
/// # Errors
/// [`Error::Request`] if the seal is damaged or does not match, or this is not a regular file;
/// [`Error::File`] if it cannot be read.
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
        // A program that copies or edits a file ends it at its recorded end; a truncated file has a
        // partial seal.
        return match end(&mut file).map_err(failed)? {
            Some(end) if end < length => {
                let problem = format!(
                    "is damaged: it continues for {} bytes after its end, where its fingerprint is cut or hidden",
                    length - end
                );
                Err(Error::input(path, problem, "compute it again, or copy it again"))
            }
            _ => Ok(false),
        };
    }
    let mut fits = |spec: &[u8]| -> std::io::Result<bool> {
        Ok(mark == MARK && digest == fingerprint(&mut file, spec, length - LENGTH, &CancelToken::default())?)
    };
    if fits(&[]).map_err(failed)? {
        return Ok(true);
    }
    let Some(spec) = with_flags_cleared(&mut File::open(path).map_err(failed)?).map_err(failed)? else {
        let problem = "is damaged: its bytes do not match the fingerprint at its end";
        return Err(Error::input(path, problem, "compute it again, or copy it again"));
    };
    if fits(&spec).map_err(failed)? {
        return Ok(true);
    }
    Err(Error::input(
        path,
        "is half written: another program has it open for writing, or ended before it closed it",
        "close it there, or restore it from a copy",
    ))
}

/// The fingerprint at the end of a sealed file, in hexadecimal, without comparing it with the
/// file's bytes.
pub(super) fn recorded(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = [0; 32];
    file.seek(SeekFrom::End(-(digest.len() as i64)))?;
    file.read_exact(&mut digest)?;
    Ok(hex(&digest))
}

/// The fingerprint of a file as [`recorded`], if it is sealed.
pub(super) fn of_seal(path: &Path) -> std::io::Result<Option<String>> {
    let mut file = File::open(path)?;
    let mut mark = [0; MARK.len()];
    if file.metadata()?.len() < LENGTH {
        return Ok(None);
    }
    file.seek(SeekFrom::End(-(LENGTH as i64)))?;
    file.read_exact(&mut mark)?;
    if mark == MARK { recorded(path).map(Some) } else { Ok(None) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_is_known_by_its_mark_and_holds_for_all_bytes_before_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let content = b"what is sealed";
        std::fs::write(&path, content).unwrap();
        assert!(!check(&path).unwrap(), "shorter than a seal");
        seal(&path, &CancelToken::default()).unwrap();
        assert!(check(&path).unwrap());
        let sealed = std::fs::read(&path).unwrap();
        assert_eq!((sealed.len(), recorded(&path).unwrap().len()), (content.len() + LENGTH as usize, 64));
        // A byte of the content, of the mark, and of the fingerprint.
        for at in [0, content.len() - 1, content.len(), sealed.len() - 1] {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            std::fs::write(&path, &changed).unwrap();
            assert!(check(&path).unwrap_err().to_string().contains("is damaged"), "{at}");
        }
        // Without its mark the file counts as unsealed; it is not HDF5, so no recorded end is checked.
        let mut changed = sealed;
        changed[content.len()..][..MARK.len()].iter_mut().for_each(|byte| *byte ^= 1);
        std::fs::write(&path, &changed).unwrap();
        assert!(!check(&path).unwrap());
    }

    #[test]
    fn half_a_seal_is_no_file_without_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.h5");
        for superblock in [hdf5::file::LibraryVersion::Earliest, hdf5::file::LibraryVersion::V110] {
            let builder = hdf5::File::with_options()
                .with_fapl(|p| p.libver_bounds(superblock, hdf5::file::LibraryVersion::V110))
                .clone();
            let file = builder.create(&path).unwrap();
            file.new_dataset_builder().with_data(&[1.0, 2.0, 3.0]).create("x").unwrap();
            file.close().unwrap();
            let bare = std::fs::read(&path).unwrap();
            assert_eq!(end(&mut File::open(&path).unwrap()).unwrap(), Some(bare.len() as u64), "{superblock:?}");
            assert!(!check(&path).unwrap());
            seal(&path, &CancelToken::default()).unwrap();
            let sealed = std::fs::read(&path).unwrap();
            for cut in 1..LENGTH as usize {
                std::fs::write(&path, &sealed[..sealed.len() - cut]).unwrap();
                assert!(check(&path).unwrap_err().to_string().contains("after its end"), "{superblock:?} {cut}");
            }
            std::fs::write(&path, [&sealed[..], b"\n"].concat()).unwrap();
            assert!(check(&path).unwrap_err().to_string().contains("49 bytes after its end"));
            std::fs::write(&path, &bare).unwrap();
            assert!(!check(&path).unwrap());
        }
    }
}
