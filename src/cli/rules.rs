//! Pairs of options that exclude or need each other, checked before anything is read or written.
//!
//! clap has such rules too, but skips "A needs B" if an option is present that excludes B, so they are
//! checked here.

use crate::error::{Error, Result};

/// An option's name, and whether it was given.
pub(super) type Presence<'a> = (&'a str, bool);

/// Refuses two options that exclude each other.
///
/// # Errors
/// [`Error::Request`] if both are given; `why` is the reason in the message.
pub(super) fn exclusive(a: Presence<'_>, b: Presence<'_>, why: &str) -> Result<()> {
    match a.1 && b.1 {
        true => Err(Error::request(format!("{} and {} are both given, and {why}", a.0, b.0), "leave one of them off")),
        false => Ok(()),
    }
}

/// Refuses an option without the other that it needs.
///
/// # Errors
/// [`Error::Request`] if `option` is given and `other` is not.
pub(super) fn needs(option: Presence<'_>, other: Presence<'_>) -> Result<()> {
    match option.1 && !other.1 {
        true => Err(Error::request(
            format!("{} is given without {}", option.0, other.0),
            format!("add {}, or leave {} off", other.0, option.0),
        )),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_refused_whatever_else_is_given() {
        let on = |name| (name, true);
        let off = |name| (name, false);
        assert!(exclusive(on("--a"), on("--b"), "one is enough").unwrap_err().to_string().contains("--a and --b"));
        assert!(exclusive(on("--a"), off("--b"), "").is_ok() && exclusive(off("--a"), on("--b"), "").is_ok());
        assert!(needs(on("--a"), off("--b")).unwrap_err().to_string().contains("without --b"));
        assert!(needs(on("--a"), on("--b")).is_ok() && needs(off("--a"), off("--b")).is_ok());
    }
}
