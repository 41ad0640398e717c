//! The spacing of an axis: its text form, and its values by index.

use crate::error::{Error, Result, shown};
use std::fmt;

/// The spacing of an axis's values.
#[derive(Debug, Clone, PartialEq)]
pub enum Spacing {
    /// `START:STOP:COUNT`, both ends included.
    Linear {
        /// First value.
        start: f64,
        /// Last value.
        stop: f64,
        /// Number of values.
        count: u64,
    },
    /// `log:START:STOP:COUNT`, both ends included, equal ratios.
    Log {
        /// First value.
        start: f64,
        /// Last value.
        stop: f64,
        /// Number of values.
        count: u64,
    },
    /// `a,b,c`: an explicit list of values.
    List(Vec<f64>),
}

/// Limit on the values of an axis and on the cells of a grid: more than any file holds, and small
/// enough for u64.
pub(super) const LONGEST: u64 = 1 << 40;
pub(super) const FORMS: &str = "write NAME=START:STOP:COUNT, NAME=log:START:STOP:COUNT or NAME=a,b,c";

fn parse_count(name: &str, text: &str) -> Result<u64> {
    match text.parse::<u64>() {
        Ok(count) => check_count(name, count),
        Err(_) => Err(Error::request(format!("axis {name} has the count '{text}', not a whole number"), FORMS)),
    }
}

fn check_count(name: &str, count: u64) -> Result<u64> {
    match count {
        0 => Err(Error::request(format!("axis {name} has a count of 0"), "give a count of 1 or more")),
        1..=LONGEST => Ok(count),
        _ => Err(Error::request(format!("axis {name} has a count of {count}, over {LONGEST}"), "give a smaller count")),
    }
}

impl Spacing {
    /// Parses the text behind `NAME=`; `value` parses one value.
    ///
    /// # Errors
    /// [`Error::Request`] if the text has none of the forms, or a value is not allowed.
    pub(super) fn parse(name: &str, text: &str, value: impl Fn(&str) -> Result<f64>) -> Result<Self> {
        let (log, rest) = match text.strip_prefix("log:") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        match (log, rest.split(':').collect::<Vec<_>>().as_slice()) {
            (_, [start, stop, count]) => {
                let (start, stop) = (value(start)?, value(stop)?);
                let count = parse_count(name, count.trim())?;
                Ok(if log { Spacing::Log { start, stop, count } } else { Spacing::Linear { start, stop, count } })
            }
            (false, [list]) => Ok(Spacing::List(list.split(',').map(value).collect::<Result<_>>()?)),
            _ => Err(Error::request(format!("'{name}={text}' is not an axis"), FORMS)),
        }
    }

    /// Checks the values, each by `value`.
    ///
    /// # Errors
    /// [`Error::Request`] if a value is not allowed, or the values neither rise nor fall.
    pub(super) fn check(&self, name: &str, value: impl Fn(f64) -> Result<f64>) -> Result<()> {
        match self {
            Spacing::Linear { start, stop, count } | Spacing::Log { start, stop, count } => {
                check_count(name, *count)?;
                value(*start)?;
                value(*stop)?;
            }
            Spacing::List(values) if values.is_empty() => {
                return Err(Error::request(format!("axis {name} has no values"), FORMS));
            }
            Spacing::List(values) => values.iter().try_for_each(|v| value(*v).map(drop))?,
        }
        match self {
            Spacing::Linear { start, stop, count } | Spacing::Log { start, stop, count } => {
                if *count == 1 && start != stop {
                    return Err(Error::request(
                        format!("axis {name} has a count of 1 and two different ends, {start} and {stop}"),
                        format!("write {name}={start}, or a count of 2 or more"),
                    ));
                }
                if *count > 1 && start == stop {
                    return Err(Error::request(
                        format!("axis {name} has {count} values and both its ends at {start}"),
                        format!("write {name}={start}, or two different ends"),
                    ));
                }
                if matches!(self, Spacing::Log { .. })
                    && (*start == 0.0 || *stop == 0.0 || (*start < 0.0) != (*stop < 0.0))
                {
                    return Err(Error::request(
                        format!(
                            "axis {name} is logarithmic and runs through 0, from {} to {}",
                            shown(*start),
                            shown(*stop)
                        ),
                        "give both ends the same sign, neither of them 0, or leave out 'log:'",
                    ));
                }
                // Ends within range can still have an infinite difference, or neighbours that coincide.
                let step = |i: u64| self.value(i + 1) - self.value(i);
                if *count > 1 && !(step(0).is_normal() && step(*count - 2).is_normal()) {
                    return Err(Error::request(
                        format!(
                            "axis {name} from {} to {} in {count} values has no usable step",
                            shown(*start),
                            shown(*stop)
                        ),
                        "bring the ends closer together, or ask for fewer values",
                    ));
                }
            }
            Spacing::List(values) => {
                let rises = values.windows(2).all(|w| w[0] < w[1]);
                let falls = values.windows(2).all(|w| w[0] > w[1]);
                if !rises && !falls {
                    return Err(Error::request(
                        format!("axis {name} lists values that neither rise nor fall throughout"),
                        "list every value once, in order",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Number of values.
    #[must_use]
    pub(super) fn len(&self) -> u64 {
        match self {
            Spacing::Linear { count, .. } | Spacing::Log { count, .. } => *count,
            Spacing::List(values) => values.len() as u64,
        }
    }

    /// The value at `index`, computed from the index alone; both ends are exact.
    #[must_use]
    pub(super) fn value(&self, index: u64) -> f64 {
        match self {
            Spacing::List(values) => values[index as usize],
            Spacing::Linear { start, stop, count } | Spacing::Log { start, stop, count } => {
                if index == 0 {
                    return *start;
                }
                if index + 1 == *count {
                    return *stop;
                }
                let part = index as f64 / (*count - 1) as f64;
                match self {
                    Spacing::Log { .. } => start * (stop / start).powf(part),
                    _ => start + (stop - start) * part,
                }
            }
        }
    }
}

impl fmt::Display for Spacing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Spacing::Linear { start, stop, count } => write!(f, "{start}:{stop}:{count}"),
            Spacing::Log { start, stop, count } => write!(f, "log:{start}:{stop}:{count}"),
            Spacing::List(values) => {
                let texts: Vec<_> = values.iter().map(f64::to_string).collect();
                write!(f, "{}", texts.join(","))
            }
        }
    }
}
