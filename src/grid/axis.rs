//! One axis of a grid: its text form, and its values by index.

use crate::error::{Error, Result, shown};
use crate::model::Parameter;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
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

/// One swept parameter and the values it takes.
///
/// ```
/// use hopfmap::grid::Axis;
/// let axis: Axis = "Γ=0.02:1:50".parse()?;
/// assert_eq!((axis.parameter.name(), axis.len(), axis.value(0), axis.value(49)), ("Gamma", 50, 0.02, 1.0));
/// assert_eq!(axis.to_string(), "Gamma=0.02:1:50");
/// # Ok::<(), hopfmap::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// The swept parameter.
    pub parameter: Parameter,
    /// The values it takes.
    pub spacing: Spacing,
}

/// Limit on the values of an axis and on the cells of a grid: more than any file holds, and small
/// enough for u64.
pub(super) const LONGEST: u64 = 1 << 40;
const FORMS: &str = "write NAME=START:STOP:COUNT, NAME=log:START:STOP:COUNT or NAME=a,b,c";

/// Splits `NAME=VALUE` and looks up the parameter.
///
/// # Errors
/// [`Error::Request`] if there is no `=`, or the name is unknown.
pub fn split_assignment<'a>(text: &'a str, form: &str) -> Result<(Parameter, &'a str)> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| Error::request(format!("'{text}' has no '='"), form.to_string()))?;
    Ok((Parameter::parse(name)?, value.trim()))
}

/// Parses a value of parameter `p`.
///
/// # Errors
/// [`Error::Request`] if the text is not a number, not finite, or outside the parameter's range.
pub fn parse_value(p: Parameter, text: &str) -> Result<f64> {
    let value = text.trim().parse::<f64>().map_err(|_| {
        Error::request(
            format!("{} = '{}' is not a number", p.name(), text.trim()),
            format!("give {} as {}", p.name(), p.info().range),
        )
    })?;
    p.check(value)
}

impl std::str::FromStr for Axis {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (parameter, values) = split_assignment(text, FORMS)?;
        let (log, rest) = match values.strip_prefix("log:") {
            Some(rest) => (true, rest),
            None => (false, values),
        };
        let spacing = match (log, rest.split(':').collect::<Vec<_>>().as_slice()) {
            (_, [start, stop, count]) => {
                let (start, stop) = (parse_value(parameter, start)?, parse_value(parameter, stop)?);
                let count = parse_count(parameter, count.trim())?;
                if log { Spacing::Log { start, stop, count } } else { Spacing::Linear { start, stop, count } }
            }
            (false, [list]) => {
                Spacing::List(list.split(',').map(|v| parse_value(parameter, v)).collect::<Result<_>>()?)
            }
            _ => return Err(Error::request(format!("'{text}' is not an axis"), FORMS)),
        };
        let axis = Self { parameter, spacing };
        axis.check()?;
        Ok(axis)
    }
}

fn parse_count(p: Parameter, text: &str) -> Result<u64> {
    let name = p.name();
    match text.parse::<u64>() {
        Ok(count) => check_count(p, count),
        Err(_) => Err(Error::request(format!("axis {name} has the count '{text}', not a whole number"), FORMS)),
    }
}

fn check_count(p: Parameter, count: u64) -> Result<u64> {
    let name = p.name();
    match count {
        0 => Err(Error::request(format!("axis {name} has a count of 0"), "give a count of 1 or more")),
        1..=LONGEST => Ok(count),
        _ => Err(Error::request(format!("axis {name} has a count of {count}, over {LONGEST}"), "give a smaller count")),
    }
}

impl Serialize for Axis {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Axis {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl Axis {
    /// Checks an axis that was not parsed from text.
    ///
    /// # Errors
    /// [`Error::Request`] if a value is out of the parameter's range, or the values neither rise nor
    /// fall.
    pub(super) fn check(&self) -> Result<()> {
        let (p, name) = (self.parameter, self.parameter.name());
        match &self.spacing {
            Spacing::Linear { start, stop, count } | Spacing::Log { start, stop, count } => {
                check_count(p, *count)?;
                p.check(*start)?;
                p.check(*stop)?;
            }
            Spacing::List(values) if values.is_empty() => {
                return Err(Error::request(format!("axis {name} has no values"), FORMS));
            }
            Spacing::List(values) => values.iter().try_for_each(|v| p.check(*v).map(drop))?,
        }
        match &self.spacing {
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
                if matches!(self.spacing, Spacing::Log { .. })
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
    pub fn len(&self) -> u64 {
        match &self.spacing {
            Spacing::Linear { count, .. } | Spacing::Log { count, .. } => *count,
            Spacing::List(values) => values.len() as u64,
        }
    }

    /// Whether the axis is empty: always false, since an axis has at least one value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index`, computed from the index alone; both ends are exact.
    #[must_use]
    pub fn value(&self, index: u64) -> f64 {
        match &self.spacing {
            Spacing::List(values) => values[index as usize],
            Spacing::Linear { start, stop, count } | Spacing::Log { start, stop, count } => {
                if index == 0 {
                    return *start;
                }
                if index + 1 == *count {
                    return *stop;
                }
                let part = index as f64 / (*count - 1) as f64;
                match self.spacing {
                    Spacing::Log { .. } => start * (stop / start).powf(part),
                    _ => start + (stop - start) * part,
                }
            }
        }
    }

    /// All values, in order.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.len()).map(|i| self.value(i))
    }

    /// Whether the values have equal ratios.
    #[must_use]
    pub fn is_log(&self) -> bool {
        matches!(self.spacing, Spacing::Log { .. })
    }

    /// The fractional index of a value, extrapolated from the last interval beyond the ends.
    #[must_use]
    pub fn position(&self, value: f64) -> f64 {
        match &self.spacing {
            Spacing::Linear { start, stop, count } => (value - start) / (stop - start) * (*count - 1) as f64,
            Spacing::Log { start, stop, count } => (value / start).ln() / (stop / start).ln() * (*count - 1) as f64,
            Spacing::List(values) => {
                let rises = values.first() <= values.last();
                let beyond = |v: &f64| if rises { *v <= value } else { *v >= value };
                let i = values.partition_point(beyond).clamp(1, values.len().max(2) - 1);
                let (a, b) = (values[i - 1], values[i.min(values.len() - 1)]);
                if a == b { 0.0 } else { (i - 1) as f64 + (value - a) / (b - a) }
            }
        }
    }

    /// The (smallest, largest) value.
    #[must_use]
    pub fn extent(&self) -> (f64, f64) {
        let (a, b) = (self.value(0), self.value(self.len() - 1));
        (a.min(b), a.max(b))
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.parameter.name())?;
        match &self.spacing {
            Spacing::Linear { start, stop, count } => write!(f, "{start}:{stop}:{count}"),
            Spacing::Log { start, stop, count } => write!(f, "log:{start}:{stop}:{count}"),
            Spacing::List(values) => {
                let texts: Vec<_> = values.iter().map(f64::to_string).collect();
                write!(f, "{}", texts.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bad_axes_are_named() {
        for (text, part) in [
            ("Gamma=0.1:1:0", "count of 0"),
            ("Gamma=0.1:1:1", "two different ends"),
            ("Gamma=0.5:0.5:3", "both its ends"),
            ("Gamma=log:0:1:5", "through 0"),
            ("V_n=log:-1:1:5", "through 0"),
            ("Gamma=nan:1:5", "not a finite"),
            ("Gamma=0:inf:5", "not a finite"),
            ("alpha=0:2.5:5", "out of range"),
            ("beta=0:1:5", "unknown parameter"),
            ("Gamma=0:1:1.5", "whole number"),
            ("Gamma=0:1", "not an axis"),
            ("Gamma=0:1:5:7", "not an axis"),
            ("Gamma=1,3,2", "neither rise nor fall"),
            ("Gamma=1,1", "neither rise nor fall"),
            ("Gamma", "no '='"),
            ("Gamma=", "not a number"),
            ("V_n=-1.7e308:1.7e308:5", "no usable step"),
        ] {
            let message = text.parse::<Axis>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn values_come_from_the_index_with_exact_ends() {
        let axis: Axis = "Z_T=0:0.3:4".parse().unwrap();
        assert_eq!(axis.values().collect::<Vec<_>>(), [0.0, 0.09999999999999999, 0.19999999999999998, 0.3]);
        let log: Axis = "Gamma=log:0.001:1:4".parse().unwrap();
        assert!((log.value(1) - 0.01).abs() < 1e-15 && log.value(3) == 1.0);
        assert_eq!("alpha=1".parse::<Axis>().unwrap().len(), 1);
    }

    #[test]
    fn positions_undo_values() {
        for text in ["Z_T=0:1:9", "Z_T=1:0:9", "Gamma=log:0.01:1:7", "V_n=-1,0,3,7", "V_n=7,3,0,-1"] {
            let axis: Axis = text.parse().unwrap();
            for i in 0..axis.len() {
                assert!((axis.position(axis.value(i)) - i as f64).abs() < 1e-9, "{text} at {i}");
            }
        }
        assert_eq!("V_n=0,2".parse::<Axis>().unwrap().position(0.5), 0.25);
    }

    proptest! {
        #[test]
        fn any_text_is_an_axis_or_an_error(text in "\\PC{0,40}") {
            let _ = text.parse::<Axis>();
        }

        #[test]
        fn almost_axes_are_axes_or_errors(text in "(Gamma|V_n|α|Λ|z_t|x_0)=?(log:)?[-+0-9.eEnaif:,]{0,24}") {
            if let Ok(axis) = text.parse::<Axis>() {
                prop_assert_eq!(axis.to_string().parse::<Axis>().unwrap(), axis.clone());
            }
        }

        /// Most texts in the form that users write are axes; a refusal has a reason.
        #[test]
        fn fault_33_axes_of_every_form_read_back_as_written(
            form in 0..3, a in number(), b in number(), count in prop_oneof![1..5_u64, 2..100_000_u64],
            list in prop::collection::vec(number(), 1..6), falls in any::<bool>(),
        ) {
            let mut list = list;
            list.sort_by(f64::total_cmp);
            list.dedup();
            if falls {
                list.reverse();
            }
            let texts: Vec<_> = list.iter().map(f64::to_string).collect();
            let (low, high) = (1.0 + a.abs(), 2.0 + a.abs() + b.abs());
            let text = match form {
                0 => format!("V_n={a}:{b}:{count}"),
                1 => format!("Gamma=log:{low}:{high}:{count}"),
                _ => format!("x_0={}", texts.join(",")),
            };
            match text.parse::<Axis>() {
                Ok(axis) => {
                    prop_assert_eq!(axis.to_string().parse::<Axis>().unwrap(), axis.clone(), "{}", text);
                    let n = axis.len();
                    prop_assert_eq!(n, if form == 2 { list.len() as u64 } else { count });
                    // The ends are exact, and every value is between its neighbours.
                    let ends = match form { 0 => [a, b], 1 => [low, high], _ => [list[0], list[list.len() - 1]] };
                    prop_assert_eq!([axis.value(0), axis.value(n - 1)], ends, "{}", text);
                    for i in [1, n / 3, n / 2, n.saturating_sub(2)].into_iter().filter(|i| *i > 0 && i + 1 < n) {
                        let (before, here, after) = (axis.value(i - 1), axis.value(i), axis.value(i + 1));
                        prop_assert!((before < here) == (here < after) && before != here && here != after, "{text} at {i}");
                        prop_assert!((axis.position(here) - i as f64).abs() < 1e-6 * n as f64, "{text} at {i}");
                    }
                }
                // A count of 1 needs equal ends, and a larger count needs different ends.
                Err(e) => prop_assert!(form < 2 && (count == 1 || form == 0 && a == b), "{text}: {e}"),
            }
        }
    }

    /// Numbers as users write them: few digits, any sign.
    fn number() -> impl Strategy<Value = f64> {
        (-2000_i32..2000, 0..4_i32).prop_map(|(digits, places)| f64::from(digits) / 10_f64.powi(places))
    }
}
