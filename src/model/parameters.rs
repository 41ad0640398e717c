//! The parameters of one neuron: one table that command line, messages, files and shader are made
//! from.

use crate::error::{Error, Result, shown};

/// Description of one parameter of Eq. 10.
#[derive(Debug, Clone, Copy)]
pub struct ParameterInfo {
    /// Name in files and on the command line, e.g. `Z_T`.
    pub name: &'static str,
    /// The paper's symbol for titles and legends, `_` marking a subscript, e.g. `Γ`.
    pub symbol: &'static str,
    /// Name of the field in Rust and WGSL, e.g. `z_t`.
    pub field: &'static str,
    /// Meaning in one phrase.
    pub meaning: &'static str,
    /// Default value; `None` if a value is required.
    pub default: Option<f64>,
    /// Range of allowed values.
    pub range: Range,
    /// Place in the paper where it is defined.
    pub source: &'static str,
}

/// An interval of allowed values, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Smallest allowed value.
    pub min: f64,
    /// Largest allowed value.
    pub max: f64,
    /// Reason for the limits.
    pub reason: &'static str,
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.min > f64::MIN, self.max < f64::MAX) {
            (true, true) => write!(f, "{} to {}", shown(self.min), shown(self.max)),
            (true, false) => write!(f, "{} or more", shown(self.min)),
            (false, true) => write!(f, "{} or less", shown(self.max)),
            (false, false) => write!(f, "any finite number"),
        }
    }
}

macro_rules! parameters {
    ($($field:ident $variant:ident $name:literal $symbol:literal default $default:expr, range $min:expr, $max:expr,
       because $reason:literal, source $source:literal, $meaning:literal;)*) => {
        /// The nine parameters, in the order used everywhere: files, help, WGSL.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(usize)]
        pub enum Parameter { $(#[doc = $meaning] $variant),* }

        impl Parameter {
            /// All parameters, in table order.
            pub const ALL: [Parameter; PARAMETER_COUNT] = [$(Parameter::$variant),*];
        }

        /// The table of parameters, indexed by [`Parameter`].
        pub const PARAMETERS: [ParameterInfo; PARAMETER_COUNT] = [$(ParameterInfo {
            name: $name, symbol: $symbol, field: stringify!($field), meaning: $meaning, default: $default,
            range: Range { min: $min, max: $max, reason: $reason }, source: $source,
        }),*];

        /// One value for each parameter: the point in parameter space at which a neuron is
        /// integrated.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Parameters<T> { $(#[doc = $meaning] pub $field: T),* }

        impl<T: Copy> Parameters<T> {
            /// The parameters from values in table order.
            pub fn from_array([$($field),*]: [T; PARAMETER_COUNT]) -> Self { Self { $($field),* } }

            /// The values in table order.
            pub fn to_array(&self) -> [T; PARAMETER_COUNT] { [$(self.$field),*] }
        }
    };
}

/// Number of parameters.
pub const PARAMETER_COUNT: usize = 9;
/// Smallest length in units of L: eight derivatives of F_00 stay far inside the floating-point
/// range.
const SHORTEST: f64 = 1e-6;
/// Largest length, and largest |x_0|, in units of L: for a length, eight derivatives of F_00 stay
/// far inside the floating-point range.
const LONGEST: f64 = 1e6;

parameters! {
    v_n VN "V_n" "V_n" default None, range f64::MIN, f64::MAX,
        because "the input voltage may have either sign", source "Table I", "input voltage";
    r_n RN "R_n" "R_n" default None, range 0.0, f64::MAX,
        because "a resistance is not negative", source "Table I", "external resistance R_ext / R_0";
    gamma Gamma "Gamma" "Γ" default None, range 0.0, f64::MAX,
        because "a rate is not negative", source "Table I", "dephasing rate times tau_c";
    alpha Alpha "alpha" "α" default Some(1.0), range 0.0, 2.0,
        because "outside it the state leaves the Bloch sphere (Appendix C)", source "Sec. II, Appendix C", "relaxation rate / dephasing rate";
    z_t ZT "Z_T" "Z_T" default Some(1.0), range 0.0, 1.0,
        because "it is tanh(hbar Omega_p / 2 k_B T)", source "Eq. B6", "thermal value of Z: 0 at infinite, 1 at zero temperature";
    omega Omega "Omega" "Ω" default Some(7.0), range 1e-3, f64::MAX,
        because "the particle has to oscillate within a practicable time", source "Table I", "particle's angular frequency times tau_c";
    x_0 X0 "x_0" "x_0" default Some(0.8), range -LONGEST, LONGEST,
        because "the well sits in the device, and single precision needs it within these bounds", source "Sec. II", "position of the potential's minimum in units of L";
    l L "l" "l" default Some(0.5), range SHORTEST, LONGEST,
        because "a length is positive, and the tables need it within these bounds", source "Eq. 3", "oscillator length in units of L";
    lambda Lambda "lambda" "λ" default Some(0.13), range SHORTEST, LONGEST,
        because "a length is positive, and the tables need it within these bounds", source "Eq. 7", "tunnelling length in units of L";
}

impl Parameter {
    /// The parameter's row of the table.
    #[must_use]
    pub fn info(self) -> &'static ParameterInfo {
        &PARAMETERS[self as usize]
    }

    /// The parameter's name in files and on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// Finds a parameter by name, ignoring letter case and underscores; Greek letters are accepted.
    ///
    /// ```
    /// use hopfmap::model::Parameter;
    /// assert_eq!(Parameter::parse("Γ")?, Parameter::Gamma);
    /// assert_eq!(Parameter::parse("z_t")?, Parameter::ZT);
    /// assert!(Parameter::parse("beta").is_err());
    /// # Ok::<(), hopfmap::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Request`] if the name is none of the nine; the message lists them.
    pub fn parse(text: &str) -> Result<Self> {
        let plain = |s: &str| s.trim().to_lowercase().replace('_', "");
        let wanted = plain(text);
        let matches = |p: &Parameter| [p.info().name, p.info().symbol].iter().any(|s| plain(s) == wanted);
        Self::ALL.into_iter().find(matches).ok_or_else(|| {
            let names: Vec<_> = PARAMETERS.iter().map(|i| i.name).collect();
            Error::request(
                format!("unknown parameter '{}'", text.trim()),
                format!("the parameters are {}", names.join(", ")),
            )
        })
    }

    /// Accepts a value, or reports which limit it breaks.
    ///
    /// # Errors
    /// [`Error::Request`] if the value is not finite or is outside the parameter's range.
    pub fn check(self, value: f64) -> Result<f64> {
        let ParameterInfo { name, range, .. } = self.info();
        if !value.is_finite() {
            return Err(Error::request(
                format!("{name} = {value} is not a finite number"),
                format!("give {name} as {range}"),
            ));
        }
        if value < range.min || value > range.max {
            return Err(Error::request(
                format!("{name} = {} is out of range: {}", shown(value), range.reason),
                format!("give {name} as {range}"),
            ));
        }
        Ok(value)
    }
}

impl Parameters<f64> {
    /// The parameters with these three values, and the table's defaults (the paper's) for all
    /// others.
    #[must_use]
    pub fn at(v_n: f64, r_n: f64, gamma: f64) -> Self {
        let defaults = Parameters::from_array(PARAMETERS.map(|info| info.default.unwrap_or(f64::NAN)));
        Self { v_n, r_n, gamma, ..defaults }
    }
}

impl<T> Parameters<T> {
    /// The value of one parameter.
    pub fn get(&self, parameter: Parameter) -> T
    where
        T: Copy,
    {
        self.to_array()[parameter as usize]
    }

    /// All values converted by `f`, e.g. to single precision.
    pub fn map<U: Copy>(&self, f: impl FnMut(T) -> U) -> Parameters<U>
    where
        T: Copy,
    {
        Parameters::from_array(self.to_array().map(f))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_names_and_fields_agree() {
        for (i, p) in Parameter::ALL.into_iter().enumerate() {
            assert_eq!(p as usize, i);
            assert_eq!(p.info().name.to_lowercase(), p.info().field);
            assert_eq!(Parameter::parse(&p.info().name.to_uppercase()).unwrap(), p);
            assert_eq!(Parameter::parse(p.info().symbol).unwrap(), p);
            assert!(p.info().default.is_none_or(|v| p.check(v).is_ok()));
        }
    }

    #[test]
    fn values_outside_are_named_with_limit_and_remedy() {
        for (p, bad) in [(Parameter::Alpha, 2.5), (Parameter::ZT, -0.1), (Parameter::RN, -1.0), (Parameter::L, 0.0)] {
            let message = p.check(bad).unwrap_err().to_string();
            assert!(message.contains(&format!("{} = {bad}", p.name())) && message.contains("give"), "{message}");
        }
        assert!(Parameter::VN.check(f64::NAN).is_err() && Parameter::VN.check(f64::INFINITY).is_err());
    }
}
