//! Probes of devices, kept in the user's cache folder until driver, shader or processor change.

use super::probe::Probe;
use crate::error::Result;
use crate::fingerprint::sha256;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of kept probes: `hopfmap/probes` in the user's cache folder (`$XDG_CACHE_HOME` or `~/.cache` on Linux).
pub(super) fn folder() -> Option<PathBuf> {
    dirs::cache_dir().map(|cache| cache.join("hopfmap").join("probes"))
}

/// The kept probe of a key, or else what `probe` finds, which is then kept; that it cannot be kept is a warning.
///
/// # Errors
/// The errors of `probe`.
pub(super) fn kept_or(folder: Option<&Path>, key: &str, probe: impl FnOnce() -> Result<Probe>) -> Result<Probe> {
    let file = folder.map(|folder| folder.join(format!("{}.toml", &sha256(key)[..16])));
    if let Some(kept) = file.as_deref().and_then(read) {
        return Ok(kept);
    }
    let found = probe()?;
    match file.map(|file| (write(&file, &found, key), file)) {
        None => log::warn!("there is no cache folder to keep a device's probe in, so the next command probes it, too"),
        Some((Err(e), file)) => log::warn!(
            "a device's probe cannot be kept in {} ({e}), so the next command probes it, too",
            file.display()
        ),
        Some((Ok(()), _)) => {}
    }
    Ok(found)
}

/// The probe in a file; a file that is none, or damaged, counts as absent, and is replaced.
fn read(file: &Path) -> Option<Probe> {
    toml::from_str(&std::fs::read_to_string(file).ok()?).ok()
}

/// Writes a probe, so that another process sees all of it or nothing. What it is valid for is in comments.
fn write(file: &Path, found: &Probe, key: &str) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let text = toml::to_string(found).map_err(std::io::Error::other)?;
    let mut draft = tempfile::NamedTempFile::new_in(folder)?;
    for line in key.lines() {
        writeln!(draft, "# {line}")?;
    }
    draft.write_all(text.as_bytes())?;
    draft.persist(file)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use std::cell::Cell;

    #[test]
    fn a_probe_is_made_once_for_a_key() {
        let home = tempfile::tempdir().unwrap();
        let probes = home.path().join("of/probes");
        let (made, rate) = (Cell::new(0), Cell::new(1e9));
        let get = |folder: Option<&Path>, key: &str| {
            let probe = || {
                made.set(made.get() + 1);
                Ok(Probe { cells: 64, wrong: 0, device_steps_per_s: rate.get(), cpu_steps_per_s: 2.5e8 })
            };
            kept_or(folder, key, probe).unwrap().device_steps_per_s
        };
        let key = "a card\ndriver 1";
        assert_eq!(get(Some(&probes), key), 1e9);
        rate.set(3e9);
        // The kept one, and for another driver a new one.
        assert_eq!((get(Some(&probes), key), made.get()), (1e9, 1));
        assert_eq!((get(Some(&probes), "a card\ndriver 2"), made.get()), (3e9, 2));
        // A file that is damaged or of another version, or a folder that takes none, is no error.
        let files: Vec<PathBuf> = std::fs::read_dir(&probes).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(files.len(), 2, "{files:?}");
        for text in ["", "cells = 64\n", "\u{0}", "wrong = 'many'", "cells = 1\nwrong = 0\nfurther = 2\n"] {
            files.iter().for_each(|file| std::fs::write(file, text).unwrap());
            let before = made.get();
            assert_eq!((get(Some(&probes), key), made.get()), (3e9, before + 1), "{text:?}");
            assert_eq!((get(Some(&probes), key), made.get()), (3e9, before + 1), "{text:?}");
        }
        let before = made.get();
        std::fs::write(home.path().join("file"), "").unwrap();
        for none in [None, Some(home.path().join("file/probes"))] {
            assert_eq!(get(none.as_deref(), key), 3e9);
        }
        assert_eq!(made.get(), before + 2);
    }

    #[test]
    fn a_probe_that_fails_is_not_kept() {
        let home = tempfile::tempdir().unwrap();
        let lost = || Err(Error::DeviceLost { adapter: "A".into(), problem: "pulled out".into() });
        assert!(kept_or(Some(home.path()), "key", lost).is_err());
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
    }
}
