//! Shards: several processes that share the parts of one sweep.

use crate::error::{Error, Result};
use std::fmt;
use std::str::FromStr;

const FORMS: &str = "write `shard` I/N with I from 0 to N - 1, or `shard` slurm in a job array";

/// Shard `index` of `of`: it takes every part whose number modulo `of` is `index`.
///
/// Its share does not depend on when it starts. A share of the parts missing at that moment would
/// shift while other shards finish, and parts could be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Number of this shard, from 0.
    pub index: u64,
    /// Number of shards.
    pub of: u64,
}

impl Shard {
    /// Whether the shard takes a part.
    #[must_use]
    pub fn takes(&self, part: u64) -> bool {
        part % self.of == self.index
    }

    /// Number of parts that the shard takes, of `all`.
    #[must_use]
    pub fn parts(&self, all: u64) -> u64 {
        all / self.of + u64::from(self.index < all % self.of)
    }

    /// The approximate number of a sweep's cells in the shard.
    #[must_use]
    pub fn share(&self, cells: u64) -> u64 {
        cells / self.of
    }

    /// The shard of this task of a Slurm job array; `None` outside of one. `variable` looks up the
    /// environment.
    ///
    /// # Errors
    /// [`Error::Request`] if the task numbers are not equally spaced, so that the shard is unknown.
    pub fn from_slurm(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>> {
        let number = |name: &str| variable(name).and_then(|v| v.trim().parse::<u64>().ok());
        let (Some(id), Some(of)) = (number("SLURM_ARRAY_TASK_ID"), number("SLURM_ARRAY_TASK_COUNT")) else {
            return Ok(None);
        };
        let first = number("SLURM_ARRAY_TASK_MIN").unwrap_or(0);
        let step = number("SLURM_ARRAY_TASK_STEP").unwrap_or(1).max(1);
        let last = number("SLURM_ARRAY_TASK_MAX").unwrap_or(first + step * of.saturating_sub(1));
        let even = id >= first && (id - first) % step == 0 && last.saturating_sub(first) / step + 1 == of;
        let index = id.saturating_sub(first) / step;
        if !even || index >= of {
            return Err(Error::request(
                format!("task {id} of a job array of {of} tasks from {first} to {last} is no shard by its number"),
                FORMS,
            ));
        }
        Ok(Some(Self { index, of }))
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.trim() == "slurm" {
            return Self::from_slurm(|name| std::env::var(name).ok())?.ok_or_else(|| {
                let problem = "`shard` slurm takes I and N from a Slurm job array, and this runs in none";
                Error::request(problem, FORMS)
            });
        }
        let parsed = text.split_once('/').and_then(|(i, n)| Some((i.trim().parse().ok()?, n.trim().parse().ok()?)));
        match parsed {
            Some((index, of)) if index < of => Ok(Self { index, of }),
            Some((index, of)) => Err(Error::request(format!("there is no shard {index} of {of}"), FORMS)),
            None => Err(Error::request(format!("'{text}' is not a shard"), FORMS)),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_falls_to_one_shard() {
        for part in 0..20 {
            let takers = (0..7).filter(|&index| Shard { index, of: 7 }.takes(part)).count();
            assert_eq!(takers, 1);
        }
        for (index, all) in (0..7).flat_map(|index| (0..30).map(move |all| (index, all))) {
            let shard = Shard { index, of: 7 };
            assert_eq!(shard.parts(all), (0..all).filter(|part| shard.takes(*part)).count() as u64);
        }
        assert_eq!((Shard { index: 1, of: 4 }.share(400), Shard { index: 0, of: 1 }.share(7)), (100, 7));
    }

    #[test]
    fn texts_and_job_arrays_are_understood() {
        assert_eq!("3/8".parse::<Shard>().unwrap(), Shard { index: 3, of: 8 });
        for bad in ["8/8", "0/0", "-1/4", "3", "a/b", "", "1/2/3"] {
            assert!(bad.parse::<Shard>().is_err(), "{bad}");
        }
        let array = |id: &str, count: &str, min: &str, max: &str, step: &str| {
            let all = [("ID", id), ("COUNT", count), ("MIN", min), ("MAX", max), ("STEP", step)];
            let all: Vec<_> = all.map(|(n, v)| (format!("SLURM_ARRAY_TASK_{n}"), v.to_string())).to_vec();
            Shard::from_slurm(|name| all.iter().find(|(n, v)| n == name && !v.is_empty()).map(|(_, v)| v.clone()))
        };
        assert_eq!(array("2", "4", "0", "3", "").unwrap(), Some(Shard { index: 2, of: 4 }));
        assert_eq!(array("7", "3", "1", "7", "3").unwrap(), Some(Shard { index: 2, of: 3 }));
        assert_eq!(array("", "", "", "", "").unwrap(), None);
        // --array=3,17: two tasks, but their numbers do not determine a shard.
        assert!(array("17", "2", "3", "17", "1").is_err());
        // A number after the last task's, and one before the first's.
        assert!(array("4", "4", "0", "3", "1").is_err() && array("0", "2", "1", "2", "1").is_err());
    }
}
