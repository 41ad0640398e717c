//! One axis of a grid: its text form, and its values by index.

use super::si_axis::{SiAxis, needs_device};
use super::spacing::{FORMS, Spacing};
use crate::error::{Error, Result};
use crate::model::{Device, Parameter};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

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
    /// The quantity in SI units by which they are given, if they are.
    pub si: Option<SiAxis>,
}

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
        if let Some((parameter, si)) = SiAxis::parse(text)? {
            return Ok(Self { parameter, spacing: Spacing::List(Vec::new()), si: Some(si) });
        }
        let (parameter, values) = split_assignment(text, FORMS)?;
        let spacing = Spacing::parse(parameter.name(), values, |v| parse_value(parameter, v))?;
        let axis = Self::new(parameter, spacing);
        axis.check()?;
        Ok(axis)
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
    /// The axis of a parameter.
    #[must_use]
    pub fn new(parameter: Parameter, spacing: Spacing) -> Self {
        Self { parameter, spacing, si: None }
    }

    /// Checks an axis that was not parsed from text.
    ///
    /// # Errors
    /// [`Error::Request`] if a value is out of the parameter's range, or the values neither rise nor
    /// fall, or the axis is one of a quantity in SI that no device has resolved.
    pub(super) fn check(&self) -> Result<()> {
        if let Some(si) = self.si.as_ref().filter(|_| self.is_empty()) {
            return Err(needs_device(si.quantity));
        }
        self.spacing.check(self.parameter.name(), |v| self.parameter.check(v))
    }

    /// The axis with the values of its parameter, where it is one of a quantity in SI units; `is_taken` tells parameters that
    /// are swept or set by themselves.
    ///
    /// # Errors
    /// [`Error::Request`] if there is no device, the quantity sets several parameters of it, a value is out of the
    /// parameter's range, or two values of the quantity give the same one of the parameter.
    pub fn resolved(self, device: Option<&Device>, is_taken: impl Fn(Parameter) -> bool) -> Result<Self> {
        match &self.si {
            Some(si) => Ok(Self { spacing: Spacing::List(si.resolved(self.parameter, device, is_taken)?), ..self }),
            None => Ok(self),
        }
    }

    /// Number of values.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.spacing.len()
    }

    /// Whether the axis is empty: only that of a quantity in SI which no device has resolved.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index`, computed from the index alone; both ends are exact.
    #[must_use]
    pub fn value(&self, index: u64) -> f64 {
        self.spacing.value(index)
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
        match &self.si {
            Some(si) => write!(f, "{}={}", si.quantity, si.spacing),
            None => write!(f, "{}={}", self.parameter.name(), self.spacing),
        }
    }
}

#[cfg(test)]
#[path = "axis_tests.rs"]
mod tests;
