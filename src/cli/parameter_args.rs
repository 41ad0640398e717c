//! Parameters of a single neuron or a plane from `--set`, with defaults for the others.

use crate::error::{Error, Result};
use crate::model::physical::QUANTITIES;
use crate::model::{COUNTERPARTS, PARAMETER_COUNT, Parameter, Parameters};
use crate::plan::{Request, parse_settings};

/// Parameter values that are set or have a default; the others are missing.
#[derive(Debug, Clone)]
pub(super) struct ParameterArgs([Option<f64>; PARAMETER_COUNT]);

impl ParameterArgs {
    /// Parses `NAME=VALUE` texts; the other parameters have their defaults.
    pub(super) fn parse(texts: &[String]) -> Result<Self> {
        Self::over(&Request::default(), texts)
    }

    /// Combines a request with `NAME=VALUE` texts, which override it.
    ///
    /// A parameter that the request sweeps has no value unless a text sets it; without a device, one that it neither sweeps nor
    /// sets has its default.
    pub(super) fn over(request: &Request, texts: &[String]) -> Result<Self> {
        let mut request = request.clone();
        let settings = parse_settings(texts, request.device.is_some())?;
        let by_quantity = |p: Parameter| {
            let own = |index: &usize| COUNTERPARTS.iter().any(|c| c.0 == p && c.1 == QUANTITIES[*index].0);
            settings.quantities.keys().any(own)
        };
        request.grid.retain(|axis| !settings.parameters.contains_key(&axis.parameter) && !by_quantity(axis.parameter));
        // Of a list of one point the columns have a value, as axes of one value do.
        let points = request.points.take();
        let is_free = |p: &Parameter| !settings.parameters.contains_key(p) && !by_quantity(*p);
        let columns = points.iter().flat_map(|points| points.parameters().iter().zip(points.row(0)));
        let columns: Vec<_> = columns.filter(|(p, _)| is_free(p)).map(|(p, v)| (*p, *v)).collect();
        request.apply(settings)?;
        request.check_device()?;
        let mut values = [None; PARAMETER_COUNT];
        for p in Parameter::ALL {
            values[p as usize] = match request.set.get(&p) {
                Some(value) => Some(p.check(*value)?),
                None => request.fallback(p)?,
            };
        }
        for axis in request.axes()? {
            values[axis.parameter as usize] = (axis.len() == 1).then(|| axis.value(0));
        }
        let single = points.is_some_and(|points| points.len() == 1);
        columns.into_iter().for_each(|(p, value)| values[p as usize] = single.then_some(value));
        Ok(Self(values))
    }

    /// Value of a parameter, if it has one.
    pub(super) fn get(&self, p: Parameter) -> Option<f64> {
        self.0[p as usize]
    }

    /// Returns the values with parameter `p` set to `value`.
    pub(super) fn with(mut self, p: Parameter, value: f64) -> Self {
        self.0[p as usize] = Some(value);
        self
    }

    /// Returns all parameters; missing ones in `idle` become 0, since their values do not matter.
    ///
    /// # Errors
    /// [`Error::Request`] if any other parameter has no value.
    pub(super) fn complete(&self, idle: &[Parameter]) -> Result<Parameters<f64>> {
        let mut values = [0.0; PARAMETER_COUNT];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_override_a_request_whose_axes_have_to_be_given() {
        let toml = "grid = ['Gamma=0.1:1:4', 'Omega=6:8:3', 'Z_T=0.5']\n[set]\nVn = 2\nR_n = 6\n";
        let request = Request::from_toml(toml).unwrap();
        let over = |texts: &[&str]| {
            let texts: Vec<_> = texts.iter().map(ToString::to_string).collect();
            ParameterArgs::over(&request, &texts).and_then(|p| p.complete(&[]))
        };
        assert!(over(&["Gamma=0.3"]).unwrap_err().to_string().contains("Omega has no value"), "not its default");
        let p = over(&["Γ=0.3", "Omega=7.5", "R_n=5"]).unwrap();
        assert_eq!((p.gamma, p.omega, p.r_n, p.v_n, p.z_t, p.alpha), (0.3, 7.5, 5.0, 2.0, 0.5, 1.0));
        assert!(over(&["Gamma=0.3", "Γ=0.4", "Omega=7"]).unwrap_err().to_string().contains("set twice"));
    }
}
