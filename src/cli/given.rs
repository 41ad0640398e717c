//! Parameters of a single neuron or a plane, as `--set` gives them: which are there, and the defaults of the rest.

use crate::error::{Error, Result};
use crate::model::{COUNT, Parameter, Parameters};
use crate::sweep::parse_settings;

/// The values that were given or have a default.
#[derive(Debug, Clone)]
pub struct Given([Option<f64>; COUNT]);

impl Given {
    /// From `NAME=VALUE` texts.
    pub fn parse(texts: &[String]) -> Result<Self> {
        let set = parse_settings(texts)?;
        Ok(Self(Parameter::ALL.map(|p| set.get(p.name()).copied().or(p.info().default))))
    }

    /// The value of a parameter, if there is one.
    pub fn get(&self, p: Parameter) -> Option<f64> {
        self.0[p as usize]
    }

    /// The same with one parameter given.
    pub fn with(mut self, p: Parameter, value: f64) -> Self {
        self.0[p as usize] = Some(value);
        self
    }

    /// All parameters, with 0 for those in `idle`, whose values do not matter.
    ///
    /// # Errors
    /// A parameter that matters and is not there.
    pub fn complete(&self, idle: &[Parameter]) -> Result<Parameters<f64>> {
        let mut values = [0.0; COUNT];
        for p in Parameter::ALL {
            values[p as usize] = match self.get(p) {
                Some(value) => value,
                None if idle.contains(&p) => 0.0,
                None => {
                    let name = p.name();
                    return Err(Error::request(
                        format!("{name} has no value and no default"),
                        format!("add --set {name}=…"),
                    ));
                }
            };
        }
        Ok(Parameters::from_array(values))
    }
}
