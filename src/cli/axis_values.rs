//! The option `--at NAME=VALUE[,NAME=VALUE…]`: fixes axes of a file at their nearest stored values.

use crate::error::{Error, Result, shown};
use crate::grid::{parse_value, split_assignment};
use crate::model::Parameter;
use crate::store::StoredAxis;
use clap::Args;
use serde_json::{Map, Value};

const FORM: &str = "write --at NAME=VALUE, and separate several by commas or give --at several times";
/// Relative difference up to which a stored value equals the requested one: rounding of the axis.
const SAME: f64 = 1e-9;

/// The option that fixes axes.
#[derive(Debug, Args)]
pub(super) struct AtArgs {
    /// Fix axes at their values nearest to these; separate several by commas or repeat the option
    #[arg(long, value_name = "NAME=VALUE,…")]
    at: Vec<String>,
    /// Refuse a value of --at that an axis does not have, in place of taking its neighbour
    #[arg(long)]
    exact: bool,
}

/// An axis of a file, fixed by `--at`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fixed {
    /// Index of the axis in the file.
    pub axis: usize,
    /// Parameter of the axis.
    pub parameter: Parameter,
    /// Requested value.
    pub wanted: f64,
    /// Index of the nearest value along the axis.
    pub index: usize,
    /// Nearest value along the axis.
    pub value: f64,
}

impl Fixed {
    /// Whether the nearest value differs from the requested one.
    pub(super) fn differs(&self) -> bool {
        (self.value - self.wanted).abs() > SAME * self.wanted.abs().max(self.value.abs())
    }
}

impl AtArgs {
    /// Whether no axis is fixed.
    pub(super) fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// What to say of `--exact` where nothing is named that it could refuse; `others` is whether other options name values.
    pub(super) fn note(&self, others: bool) -> Option<&'static str> {
        let is_idle = self.exact && self.is_empty() && !others;
        is_idle.then_some("note: --exact has nothing to check: no value is named")
    }

    /// Requested values, by parameter.
    ///
    /// # Errors
    /// [`Error::Request`] if a text is not `NAME=VALUE` with a known parameter and an allowed value,
    /// or names a parameter twice.
    pub(super) fn values(&self) -> Result<Vec<(Parameter, f64)>> {
        let mut values: Vec<(Parameter, f64)> = Vec::new();
        for text in self.at.iter().flat_map(|list| list.split(',')) {
            let (p, value) = split_assignment(text, FORM)?;
            if values.iter().any(|(q, _)| *q == p) {
                return Err(Error::request(format!("--at fixes {} twice", p.name()), "fix each axis once"));
            }
            values.push((p, parse_value(p, value)?));
        }
        Ok(values)
    }

    /// The value of an axis nearest to a requested one.
    ///
    /// # Errors
    /// [`Error::Request`] if the value is beyond the axis by more than a step, or is none of it and has to be.
    pub(super) fn nearest(&self, of: &StoredAxis, axis: usize, wanted: f64) -> Result<Fixed> {
        let index = of.nearest_within(wanted)?;
        let fixed = Fixed { axis, parameter: of.parameter, wanted, index, value: of.values[index] };
        if self.exact && fixed.differs() {
            let (name, value) = (of.parameter.name(), number(fixed.value));
            return Err(Error::request(
                format!("{name} = {} is no value of the axis: nearest is {value}", number(wanted)),
                format!("name {value}, or leave --exact off"),
            ));
        }
        Ok(fixed)
    }

    /// Fixed axes of a file, in the file's order.
    ///
    /// # Errors
    /// [`Error::Request`] as in [`AtArgs::values`], if a parameter is no axis of the file, or if a
    /// value is beyond the axis by more than a step.
    pub(super) fn fixed(&self, axes: &[StoredAxis]) -> Result<Vec<Fixed>> {
        let mut fixed = Vec::new();
        for (parameter, wanted) in self.values()? {
            let Some(axis) = axes.iter().position(|a| a.parameter == parameter) else {
                let names: Vec<_> = axes.iter().map(|a| a.parameter.name()).collect();
                return Err(Error::request(
                    format!("--at {} is not an axis of the file", parameter.name()),
                    format!("its axes are {}", names.join(", ")),
                ));
            };
            fixed.push(self.nearest(&axes[axis], axis, wanted)?);
        }
        fixed.sort_by_key(|f| f.axis);
        Ok(fixed)
    }
}

/// One line per value that differs from the requested one.
pub(super) fn differences(fixed: &[Fixed]) -> String {
    let line = |f: &Fixed| format!("{} = {}: nearest is {}\n", f.parameter.name(), number(f.wanted), number(f.value));
    fixed.iter().filter(|f| f.differs()).map(line).collect()
}

/// Text of a coordinate in nine significant digits, enough to distinguish neighbours.
fn number(value: f64) -> String {
    let rounded = format!("{value:.8e}").parse::<f64>().unwrap_or(value);
    shown(rounded)
}

/// Nearest values as a JSON object, by parameter name.
pub(super) fn taken(fixed: &[Fixed]) -> Value {
    by_name(fixed, |f| f.value)
}

/// Requested values as a JSON object, by parameter name.
pub(super) fn wanted(fixed: &[Fixed]) -> Value {
    by_name(fixed, |f| f.wanted)
}

fn by_name(fixed: &[Fixed], pick: fn(&Fixed) -> f64) -> Value {
    fixed.iter().map(|f| (f.parameter.name().to_string(), pick(f).into())).collect::<Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(texts: &[&str]) -> AtArgs {
        AtArgs { at: texts.iter().map(ToString::to_string).collect(), exact: false }
    }

    fn axes() -> Vec<StoredAxis> {
        let axis = |parameter, values: &[f64]| StoredAxis { parameter, values: values.to_vec() };
        vec![axis(Parameter::Gamma, &[0.1, 0.2, 0.30000000000000004]), axis(Parameter::ZT, &[0.0, 0.4, 0.8])]
    }

    #[test]
    fn fault_25_lists_and_repeats_are_the_same_and_other_values_are_named() {
        let list = at(&["Z_T=0.5,Γ=0.3"]).fixed(&axes()).unwrap();
        assert_eq!(list, at(&["Γ=0.3", "Z_T=0.5"]).fixed(&axes()).unwrap());
        assert_eq!(list.iter().map(|f| (f.axis, f.index)).collect::<Vec<_>>(), [(0, 2), (1, 1)]);
        assert_eq!(differences(&list), "Z_T = 0.5: nearest is 0.4\n");
        let exact = |text: &str| AtArgs { exact: true, ..at(&[text]) }.fixed(&axes()).is_ok();
        assert!(exact("Z_T=0.4,Γ=0.3") && !exact("Z_T=0.5") && !exact("Γ=0.3000001"));
        let idle = |texts: &[&str], exact, others| AtArgs { exact, ..at(texts) }.note(others).is_some();
        assert!(idle(&[], true, false) && !idle(&[], true, true) && !idle(&[], false, false));
        assert!(!idle(&["Z_T=0.4"], true, false));
        assert_eq!(taken(&list)["Z_T"], 0.4);
        assert_eq!(wanted(&list)["Z_T"], 0.5);
        assert_eq!(differences(&at(&["Γ=0.3,Z_T=0.4"]).fixed(&axes()).unwrap()), "", "rounding is no other value");
        // An axis of one value takes that value only.
        let single = [StoredAxis { parameter: Parameter::Alpha, values: vec![0.7] }];
        assert_eq!(at(&["alpha=0.7"]).fixed(&single).unwrap()[0].index, 0);
        assert!(at(&["alpha=0.8"]).fixed(&single).unwrap_err().to_string().contains("outside the map"));
    }

    #[test]
    fn what_cannot_be_fixed_is_named() {
        for (texts, part) in [
            (&["Z_T=0.5,Z_T=0.4"][..], "twice"),
            (&["Z_T=0.5", "z_t=0.4"], "twice"),
            (&["V_n=2"], "is not an axis"),
            (&["Z_T"], "no '='"),
            (&["Z_T=0.5,"], "no '='"),
            (&[""], "no '='"),
            (&["Z_T=x"], "not a number"),
            (&["Gamma=7"], "outside the map"),
        ] {
            let message = at(texts).fixed(&axes()).unwrap_err().to_string();
            assert!(message.contains(part), "{texts:?}: {message}");
        }
    }
}
