//! The process that owns a temporary file or a lock, written so that others can tell whether it
//! still runs.
//!
//! A process ID alone is not enough: IDs are reused, and machines and containers that share a
//! folder each have their own. An owner therefore has four parts: the kernel's boot ID, the PID
//! namespace, the process ID and the process's start time. Another process can be checked only if
//! boot ID and namespace are this process's own; otherwise the age of the file decides.

use crate::fingerprint::hex;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// A process, identified by boot, namespace, ID and start time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    /// A short hash of the kernel's boot ID or, where there is none, of the machine's name.
    boot: String,
    /// The PID namespace, which differs between containers on one machine.
    namespace: u64,
    /// The process ID.
    pub process: u32,
    /// The process's start time, in the kernel's clock ticks since boot; 0 if unknown.
    start: u64,
}

/// The state of an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// The process is running.
    Running,
    /// The process ran on this boot and in this namespace, and has ended.
    Gone,
    /// The process ran elsewhere, so only the age of its files can decide.
    Elsewhere,
}

impl Owner {
    /// This process.
    pub(super) fn this() -> Self {
        static THIS: OnceLock<Owner> = OnceLock::new();
        let make = || {
            let process = std::process::id();
            Self { boot: boot(), namespace: namespace(), process, start: start_of(process).unwrap_or(0) }
        };
        THIS.get_or_init(make).clone()
    }

    /// The state of the owner's process.
    pub(super) fn life(&self) -> Life {
        let here = Self::this();
        if self.boot != here.boot || self.namespace != here.namespace {
            return Life::Elsewhere;
        }
        let started_later = match (self.start, start_of(self.process)) {
            (0, _) | (_, None) => false,
            (then, Some(now)) => then != now,
        };
        if is_gone(self.process) || started_later { Life::Gone } else { Life::Running }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:x}-{}-{:x}", self.boot, self.namespace, self.process, self.start)
    }
}

impl FromStr for Owner {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = text.split('-').collect();
        let [boot, namespace, process, start] = parts[..] else { return Err(()) };
        Ok(Self {
            boot: boot.to_string(),
            namespace: u64::from_str_radix(namespace, 16).map_err(|_| ())?,
            process: process.parse().map_err(|_| ())?,
            start: u64::from_str_radix(start, 16).map_err(|_| ())?,
        })
    }
}

/// The first 12 hexadecimal digits of a SHA-256: short enough for a file name.
pub(super) fn short_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..6])
}

/// The name of this machine, for messages.
pub(super) fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    return std::env::var("COMPUTERNAME").unwrap_or_default();
}

fn boot() -> String {
    match std::fs::read("/proc/sys/kernel/random/boot_id") {
        Ok(id) => short_hash(&id),
        // Elsewhere only the name is available; the complete name is hashed.
        Err(_) => short_hash(host().as_bytes()),
    }
}

fn namespace() -> u64 {
    let link = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let digits: String = link.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// The start time of a process in clock ticks since boot: field 22 of its `stat`, counted after the
/// name in parentheses.
fn start_of(process: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, behind) = stat.rsplit_once(')')?;
    behind.split_whitespace().nth(19)?.parse().ok()
}

/// Whether a process of this namespace has ended; false if that cannot be determined.
fn is_gone(process: u32) -> bool {
    #[cfg(unix)]
    return i32::try_from(process)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .is_some_and(|p| rustix::process::test_kill_process(p) == Err(rustix::io::Errno::SRCH));
    #[cfg(not(unix))]
    return process == 0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_08_an_owner_is_judged_only_where_it_can_be_asked_for() {
        let this = Owner::this();
        assert_eq!(this.to_string().parse::<Owner>(), Ok(this.clone()));
        assert_eq!(this.life(), Life::Running);
        // Process IDs end at 2^22.
        assert_eq!(Owner { process: 4_194_305, ..this.clone() }.life(), Life::Gone);
        // The same process ID on another boot or in another container says nothing about this
        // machine's processes.
        assert_eq!(Owner { boot: "000000000000".into(), process: 4_194_305, ..this.clone() }.life(), Life::Elsewhere);
        assert_eq!(Owner { namespace: 7, process: 4_194_305, ..this.clone() }.life(), Life::Elsewhere);
        // The ID was reused for another process since.
        if this.start > 0 {
            assert_eq!(Owner { start: this.start + 1, ..this.clone() }.life(), Life::Gone);
        }
        for bad in ["", "a-b-c", "a-b-c-d-e", "a-zz-1-0", "a-1-x-0"] {
            assert!(bad.parse::<Owner>().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_that_fold_together_stay_apart() {
        assert_ne!(short_hash(b"ip-10-0-12-3"), short_hash(b"ip-10-0-1-23"));
    }
}
