//! An axis along a quantity in SI units: its text form, and its values as those of a parameter.

use super::spacing::{FORMS, Spacing};
use crate::error::{Error, Result, shown};
use crate::model::physical::{QUANTITIES, check_quantity, quantity};
use crate::model::{COUNTERPARTS, Device, Parameter, axis_names};

/// Most values of such an axis: each is kept, not computed from its index.
const MOST_VALUES: u64 = 1 << 20;

/// A quantity in SI units and the values it takes.
#[derive(Debug, Clone, PartialEq)]
pub struct SiAxis {
    /// Name of the quantity.
    pub quantity: &'static str,
    /// Its values.
    pub spacing: Spacing,
}

/// The error of a quantity that no device is named for.
#[must_use]
pub fn needs_device(name: &str) -> Error {
    Error::request(
        format!("{name} is a quantity in SI units, and no device says what it is in the dimensionless parameters"),
        "name a file in TOML with `device`, or give a parameter",
    )
}

/// The quantity, by its index in [`QUANTITIES`], and the value of a text `NAME=VALUE`; `None` if the name is none, or that
/// of a parameter, such as x_0. The letter L is the length only if `has_device`: else it is the parameter l.
#[must_use]
pub fn split_quantity(text: &str, has_device: bool) -> Option<(usize, &str)> {
    let (name, value) = text.split_once('=')?;
    let index = quantity(name.trim())?;
    let is_parameter = Parameter::parse(name).is_ok() && !(has_device && name.trim() == "L");
    (!is_parameter).then_some((index, value.trim()))
}

/// A value of the quantity with this index.
///
/// # Errors
/// [`Error::Request`] if the text is not a number, or the value is impossible.
pub fn parse_quantity(index: usize, text: &str) -> Result<f64> {
    let (name, unit, _) = QUANTITIES[index];
    let number = text.trim().parse::<f64>().map_err(|_| {
        Error::request(format!("{name} = '{}' is not a number", text.trim()), format!("give {name} in {unit}"))
    })?;
    check_quantity(index, number)
}

impl SiAxis {
    /// The axis of a text that names a quantity in SI units, and the parameter which that quantity sets; `None` for other texts.
    ///
    /// # Errors
    /// [`Error::Request`] if its values are no axis, or the quantity sets several parameters.
    pub(super) fn parse(text: &str) -> Result<Option<(Parameter, Self)>> {
        let Some((index, values)) = split_quantity(text, false) else { return Ok(None) };
        let name = QUANTITIES[index].0;
        let Some((parameter, quantity)) = COUNTERPARTS.into_iter().find(|c| c.1 == name) else {
            return Err(sets_several(name));
        };
        let spacing = Spacing::parse(name, values, |v| parse_quantity(index, v))?;
        spacing.check(name, |v| check_quantity(index, v))?;
        if spacing.len() > MOST_VALUES {
            let count = spacing.len();
            return Err(Error::request(
                format!("axis {name} has a count of {count}, over {MOST_VALUES} for a quantity in SI units"),
                FORMS,
            ));
        }
        Ok(Some((parameter, Self { quantity, spacing })))
    }

    /// All values, in order.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.spacing.len()).map(|i| self.spacing.value(i))
    }

    /// The values of `parameter`, which the quantity sets.
    pub(super) fn resolved(
        &self,
        parameter: Parameter,
        device: Option<&Device>,
        is_taken: impl Fn(Parameter) -> bool,
    ) -> Result<Vec<f64>> {
        let name = self.quantity;
        let device = device.ok_or_else(|| needs_device(name))?;
        device.check_axis(name, is_taken)?;
        let index = quantity(name).ok_or_else(|| sets_several(name))?;
        let unit = QUANTITIES[index].1;
        let mut values: Vec<f64> = Vec::with_capacity(self.spacing.len() as usize);
        let mut before = f64::NAN;
        for value in self.values() {
            let own = device.with(index, value)?.dimensionless().get(parameter);
            if let Err(e) = parameter.check(own) {
                let problem = format!("{name} = {} {unit} is not possible for this device: {e}", shown(value));
                return Err(Error::request(problem, format!("give other values of {name}")));
            }
            if values.last() == Some(&own) {
                let (before, value, parameter) = (shown(before), shown(value), parameter.name());
                let problem = format!("{name} = {before} and {value} {unit} both give {parameter} = {own}");
                return Err(Error::request(problem, format!("keep one of them, or sweep {parameter}")));
            }
            values.push(own);
            before = value;
        }
        Ok(values)
    }
}

pub(super) fn sets_several(name: &str) -> Error {
    Error::request(
        format!("an axis of {name} would change several parameters, or the unit of V"),
        format!("sweep one of {}, or a parameter; set {name} in the device", axis_names().join(", ")),
    )
}
