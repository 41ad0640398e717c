//! The crate's only error type: which value, which limit, and how to fix it.

use std::path::{Path, PathBuf};

/// Every error of the crate, each with what the user needs to fix it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A request that cannot be carried out as it is; nothing was computed or written.
    #[error("{problem}; {remedy}")]
    Request {
        /// The offending value and the limit it breaks.
        problem: String,
        /// What to request instead.
        remedy: String,
    },
    /// A file or folder could not be read or written.
    #[error("{}: {problem}", path.display())]
    File {
        /// The path as the caller passed it.
        path: PathBuf,
        /// What failed at this path.
        problem: String,
        /// The error of the operating system or library.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// Another process is working on the same output.
    #[error("{} is being written by {holder}; wait for it, share the work with `shard` I/N, or name another output (if that process is gone, remove {})", path.display(), lock.display())]
    Busy {
        /// The output path as the caller passed it.
        path: PathBuf,
        /// The process that holds the lock, its machine, and since when.
        holder: String,
        /// The lock file.
        lock: PathBuf,
    },
    /// An adapter, device or shader failed during the computation.
    #[error("{problem}; {remedy}")]
    Engine {
        /// What the device or driver reported.
        problem: String,
        /// How to fix it.
        remedy: String,
    },
    /// The device was lost during the computation; the work can be repeated on another device or
    /// after reopening it.
    #[error("adapter '{adapter}' was lost while it computed: {problem}")]
    DeviceLost {
        /// The adapter's name.
        adapter: String,
        /// What the driver reported.
        problem: String,
    },
    /// The computation was cancelled.
    #[error("asked to stop by {}", match signal { 2 => "Ctrl-C (SIGINT)".to_string(), 15 => "SIGTERM".to_string(), 1 => "a terminal that was closed (SIGHUP)".to_string(), n => format!("signal {n}") })]
    Interrupted {
        /// Number of the signal.
        signal: u8,
    },
    /// A long computation stopped before it was complete; what was done is kept.
    #[error("{problem}; {remedy}")]
    Unfinished {
        /// How far it came, and where the partial result is stored.
        problem: String,
        /// How to continue.
        remedy: String,
        /// Why it stopped.
        #[source]
        source: Box<Error>,
    },
}

/// Shorthand for this crate's results.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An [`Error::Request`] for a limit that is broken: `problem` names value and limit, `remedy`
    /// what to do.
    pub fn request(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Error::Request { problem: problem.into(), remedy: remedy.into() }
    }

    /// An [`Error::Engine`]: a failure of the adapter, device or shader.
    pub fn engine(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Error::Engine { problem: problem.into(), remedy: remedy.into() }
    }

    /// An [`Error::File`] without a source: the file does not contain what it should.
    pub fn file(path: &Path, problem: impl Into<String>) -> Self {
        Error::File { path: path.to_owned(), problem: problem.into(), source: None }
    }

    /// An [`Error::Request`] for a named file that is not what it should be.
    pub fn input(path: &Path, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Error::Request { problem: format!("{} {}", path.display(), problem.into()), remedy: remedy.into() }
    }

    /// An [`Error::File`] for a failed file operation, with the error of the system or library as
    /// source.
    pub fn file_because(
        path: &Path,
        problem: impl Into<String>,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Error::File { path: path.to_owned(), problem: problem.into(), source: Some(source.into()) }
    }

    /// The process's exit code: 2 for a bad request, 128 plus the signal's number (129, 130, 143)
    /// if interrupted, else 1.
    ///
    /// [`Error::Unfinished`] has the exit code of its source.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Request { .. } => 2,
            Error::Interrupted { signal } => 128 | signal,
            Error::Unfinished { source, .. } => source.exit_code(),
            Error::File { .. } | Error::Busy { .. } | Error::Engine { .. } | Error::DeviceLost { .. } => 1,
        }
    }
}

/// A number formatted for a message: plain while short, with an exponent where it would be a row of
/// zeros.
#[must_use]
pub fn shown(value: f64) -> String {
    let plain = value == 0.0 || !value.is_finite() || (1e-4..1e7).contains(&value.abs());
    if plain { value.to_string() } else { format!("{value:e}") }
}

/// A number formatted by [`shown`], rounded to five digits: 0.026831, 3.1416e-9.
#[must_use]
pub fn short(value: f64) -> String {
    digits(value, 5)
}

/// A number formatted by [`shown`], rounded to this many significant digits, without zeros at their end.
#[must_use]
pub fn digits(value: f64, count: usize) -> String {
    shown(format!("{value:.0$e}", count.saturating_sub(1)).parse().unwrap_or(value))
}

/// A number of bytes with two digits and a binary prefix: 512 B, 1.50 KiB, 20.00 GiB.
#[must_use]
pub fn bytes_shown(bytes: u64) -> String {
    let (mut size, mut prefixes) = (bytes as f64, ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].iter());
    let mut prefix = None;
    while size >= 1024.0
        && let Some(next) = prefixes.next()
    {
        (size, prefix) = (size / 1024.0, Some(next));
    }
    prefix.map_or_else(|| format!("{bytes} B"), |prefix| format!("{size:.2} {prefix}B"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_as_short_as_they_are() {
        let all = [0.0, 0.1, -2.5, 1e-4, 0.9e-4, 9_999_999.0, 1e7, -1e308, f64::INFINITY];
        let words = ["0", "0.1", "-2.5", "0.0001", "9e-5", "9999999", "1e7", "-1e308", "inf"];
        assert_eq!(all.map(shown), words);
        assert_eq!([0.019_798_989, 123_456.789, 3.0, f64::NAN].map(short), ["0.019799", "123460", "3", "NaN"]);
        assert_eq!(
            [(4.98e-7, 7), (1.725_525_123_4, 7), (0.0, 3)].map(|(v, n)| digits(v, n)),
            ["4.98e-7", "1.725525", "0"]
        );
    }

    #[test]
    fn bytes_have_a_prefix_of_their_size() {
        let shown = [0, 1023, 1536, 20 << 30, u64::MAX].map(bytes_shown);
        assert_eq!(shown, ["0 B", "1023 B", "1.50 KiB", "20.00 GiB", "16.00 EiB"]);
    }
}
