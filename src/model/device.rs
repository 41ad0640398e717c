//! A device in SI units as a request states it, its text form, and what its quantities are in Eq. 10.
//!
//! A device is thirteen quantities of Table I; in place of the relaxation rate gamma_T it may state alpha =
//! gamma_T / gamma_phi, which is then held when gamma_phi changes, as in the paper. It may state Delta_Omega, by which the
//! step to the third level differs from Omega_p.

use super::physical::{HBAR, K_B, Physical, QUANTITIES, check_quantity, quantity, temperature};
use super::{Parameter, Parameters};
use crate::error::{Error, Result, shown};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// Name, unit and meaning of the anharmonicity, which a device may state.
pub const DELTA_OMEGA: (&str, &str, &str) =
    ("Delta_Omega", "rad/s", "anharmonicity: the step to the third level less Omega_p");
/// Name of the ratio that a device may state in place of gamma_T.
const ALPHA: &str = "alpha";

/// Parameters that one quantity sets, each with that quantity.
pub const COUNTERPARTS: [(Parameter, &str); 7] = [
    (Parameter::VN, "V_ext"),
    (Parameter::RN, "R_0"),
    (Parameter::Gamma, "gamma_phi"),
    (Parameter::Alpha, "gamma_T"),
    (Parameter::ZT, "T"),
    (Parameter::X0, "x_0"),
    (Parameter::Lambda, "lambda"),
];

/// A device in SI units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Device {
    physical: Physical,
    alpha: Option<f64>,
    delta_omega: Option<f64>,
}

impl Device {
    /// The device with these quantities.
    #[must_use]
    pub fn new(physical: Physical) -> Self {
        Self { physical, alpha: None, delta_omega: None }
    }

    /// The quantities.
    #[must_use]
    pub fn physical(&self) -> &Physical {
        &self.physical
    }

    /// The anharmonicity in rad/s, if it is stated.
    #[must_use]
    pub fn delta_omega(&self) -> Option<f64> {
        self.delta_omega
    }

    /// The device with an anharmonicity, in rad/s.
    ///
    /// # Errors
    /// [`Error::Request`] if it is 0, not finite, or leaves the third level below the second.
    pub fn with_delta_omega(self, value: f64) -> Result<Self> {
        let device = Self { delta_omega: Some(value), ..self };
        device.check_levels().map(|()| device)
    }

    /// Checks the order of the levels.
    fn check_levels(&self) -> Result<()> {
        let (Some(value), (name, unit, _)) = (self.delta_omega, DELTA_OMEGA) else { return Ok(()) };
        if value.is_finite() && value != 0.0 && value > -self.physical.omega_p {
            return Ok(());
        }
        Err(Error::request(
            format!(
                "{name} = {} {unit} is not possible: a third level above the second has more than -Omega_p, and two levels alone need other than 0",
                shown(value)
            ),
            format!("give a finite number above {} in {unit}, not 0", shown(-self.physical.omega_p)),
        ))
    }

    /// The device with another value of one quantity, by its index in [`QUANTITIES`]. A stated alpha is held where gamma_phi
    /// changes, and gives way where gamma_T is given.
    ///
    /// # Errors
    /// [`Error::Request`] if the value is impossible.
    pub fn with(self, index: usize, value: f64) -> Result<Self> {
        let mut values = self.physical.values();
        values[index] = check_quantity(index, value)?;
        let physical = Physical::from_values(values)?;
        let alpha = self.alpha.filter(|_| QUANTITIES[index].0 != "gamma_T");
        let mut device = Self { physical, alpha, ..self };
        if let Some(alpha) = alpha {
            device.physical.gamma_t = alpha * physical.gamma_phi;
        }
        device.check_levels().map(|()| device)
    }

    /// The dimensionless parameters (Table I).
    #[must_use]
    pub fn dimensionless(&self) -> Parameters<f64> {
        let p = self.physical.dimensionless();
        Parameters { alpha: self.alpha.unwrap_or(p.alpha), ..p }
    }

    /// Checks that a quantity sets one parameter of this device; `is_taken` tells parameters that are swept or set by themselves.
    ///
    /// # Errors
    /// [`Error::Request`] if an axis of it would change several.
    pub fn check_axis(&self, name: &str, is_taken: impl Fn(Parameter) -> bool) -> Result<()> {
        match name {
            "gamma_phi" if self.alpha.is_none() => Err(Error::request(
                "an axis of gamma_phi would change Gamma and, as gamma_T is stated, alpha",
                "state `alpha` in place of `gamma_T` in the device: it is then held; or sweep Gamma",
            )),
            "gamma_T" if is_taken(Parameter::Gamma) => Err(Error::request(
                "gamma_T gives alpha = gamma_T / gamma_phi, and Gamma is swept or set too",
                "sweep or set alpha in its place",
            )),
            _ => Ok(()),
        }
    }

    /// The value in SI of a parameter's own quantity, for a value of the parameter; `None` for Omega and l, which follow from
    /// quantities that others depend on.
    #[must_use]
    pub fn in_si(&self, parameter: Parameter, value: f64) -> Option<f64> {
        let d = &self.physical;
        match parameter {
            Parameter::VN => Some(value * d.volts_per_unit()),
            Parameter::RN => Some(d.r_ext / value),
            Parameter::Gamma => Some(value / d.tau_c()),
            Parameter::Alpha => Some(value * d.gamma_phi),
            Parameter::ZT => Some(temperature(d.omega_p, value)),
            Parameter::X0 | Parameter::Lambda => Some(value * d.length),
            Parameter::Omega | Parameter::L => None,
        }
    }

    /// The device whose own quantities give these values of parameters: of those that differ from its own, the quantity is set.
    #[must_use]
    pub fn matching(&self, fixed: &[(Parameter, f64)]) -> Self {
        let own = self.dimensionless();
        let mut values = own.to_array();
        fixed.iter().for_each(|(p, value)| values[*p as usize] = *value);
        let wanted = Parameters::from_array(values);
        let mut device = *self;
        let d = &mut device.physical;
        let differs = |p: Parameter| wanted.get(p) != own.get(p);
        for (p, field) in [
            (Parameter::VN, &mut d.v_ext),
            (Parameter::RN, &mut d.r_0),
            (Parameter::Gamma, &mut d.gamma_phi),
            (Parameter::ZT, &mut d.temperature),
            (Parameter::X0, &mut d.x_0),
            (Parameter::Lambda, &mut d.lambda),
        ] {
            if let Some(value) = self.in_si(p, wanted.get(p)).filter(|_| differs(p)) {
                *field = value;
            }
        }
        if differs(Parameter::Gamma) || differs(Parameter::Alpha) {
            d.gamma_t = wanted.alpha * d.gamma_phi;
        }
        device
    }

    /// Energies of the first three levels above the first, in J; `None` without an anharmonicity.
    fn levels(&self) -> Option<[f64; 3]> {
        let omega = self.physical.omega_p;
        self.delta_omega.map(|delta| [0.0, HBAR * omega, HBAR * (2.0 * omega + delta)])
    }

    /// (gamma_phi + gamma_T) / |Delta_Omega|: the width of the levels (Sec. II) against the anharmonicity.
    #[must_use]
    pub fn level_width(&self) -> Option<f64> {
        self.delta_omega.map(|delta| (self.physical.gamma_phi + self.physical.gamma_t) / delta.abs())
    }

    /// The Boltzmann weight of the third level, among three levels.
    #[must_use]
    pub fn third_level(&self) -> Option<f64> {
        let temperature = self.physical.temperature;
        let weight = |energy: f64| if temperature == 0.0 { 0.0 } else { (-energy / (K_B * temperature)).exp() };
        self.levels().map(|[_, second, third]| weight(third) / (1.0 + weight(second) + weight(third)))
    }

    /// Watts per unit of the dimensionless power I V: the unit of V squared over R_0.
    #[must_use]
    pub fn watts_per_unit(&self) -> f64 {
        self.physical.volts_per_unit().powi(2) / self.physical.r_0
    }
}

/// Names of the quantities that an axis may run along. x_0 and lambda, names of parameters too, are those parameters there.
#[must_use]
pub fn axis_names() -> Vec<&'static str> {
    COUNTERPARTS.iter().map(|c| c.1).filter(|name| !matches!(*name, "x_0" | "lambda")).collect()
}

impl Serialize for Device {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for ((name, ..), value) in QUANTITIES.iter().zip(self.physical.values()) {
            match self.alpha {
                Some(alpha) if *name == "gamma_T" => map.serialize_entry(ALPHA, &alpha)?,
                _ => map.serialize_entry(name, &value)?,
            }
        }
        if let Some(delta) = self.delta_omega {
            map.serialize_entry(DELTA_OMEGA.0, &delta)?;
        }
        map.end()
    }
}

/// A key of a device's text form.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    Quantity(usize),
    Alpha,
    DeltaOmega,
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match (&name[..], quantity(&name)) {
            (_, Some(index)) => Ok(Key::Quantity(index)),
            (ALPHA, _) => Ok(Key::Alpha),
            (name, _) if name == DELTA_OMEGA.0 => Ok(Key::DeltaOmega),
            _ => {
                let names: Vec<_> = QUANTITIES.iter().map(|q| q.0).chain([ALPHA, DELTA_OMEGA.0]).collect();
                Err(D::Error::custom(format!("unknown quantity '{name}'; the quantities are {}", names.join(", "))))
            }
        }
    }
}

/// A value of a key, checked while it is read, so that an error shows its place.
struct ValueOf(Key);

impl<'de> DeserializeSeed<'de> for ValueOf {
    type Value = f64;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<f64, D::Error> {
        let value = f64::deserialize(deserializer)?;
        match self.0 {
            Key::Quantity(index) => check_quantity(index, value),
            Key::Alpha => Parameter::Alpha.check(value),
            Key::DeltaOmega if value.is_finite() && value != 0.0 => Ok(value),
            Key::DeltaOmega => Err(Error::request(
                format!("Delta_Omega = {} rad/s is not possible", shown(value)),
                "give a finite number in rad/s, not 0, or leave it off",
            )),
        }
        .map_err(D::Error::custom)
    }
}

struct DeviceVisitor;

impl<'de> Visitor<'de> for DeviceVisitor {
    type Value = Device;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of a device's quantities in SI units")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut table: M) -> Result<Device, M::Error> {
        let (mut values, mut alpha, mut delta_omega) = ([None; QUANTITIES.len()], None, None);
        while let Some(key) = table.next_key::<Key>()? {
            let value = table.next_value_seed(ValueOf(key))?;
            match key {
                Key::Quantity(index) => values[index] = Some(value),
                Key::Alpha => alpha = Some(value),
                Key::DeltaOmega => delta_omega = Some(value),
            }
        }
        let [phi, t] = ["gamma_phi", "gamma_T"].map(|name| quantity(name).and_then(|index| values[index]));
        if alpha.is_some() && t.is_some() {
            return Err(M::Error::custom("both alpha and gamma_T = alpha gamma_phi are stated; leave one of them off"));
        }
        if let (Some(alpha), Some(phi), Some(index)) = (alpha, phi, quantity("gamma_T")) {
            values[index] = Some(alpha * phi);
        }
        let missing = QUANTITIES.iter().zip(&values).filter(|(_, value)| value.is_none());
        let missing: Vec<_> = missing.map(|((name, unit, _), _)| format!("{name} ({unit})")).collect();
        if !missing.is_empty() {
            let missing = missing.join(", ").replace("gamma_T (1/s)", "gamma_T (1/s, or alpha = gamma_T / gamma_phi)");
            return Err(M::Error::custom(format!("a device needs {missing}, missing here; add them")));
        }
        let physical = Physical::from_values(values.map(Option::unwrap_or_default)).map_err(M::Error::custom)?;
        let device = Device { physical, alpha, delta_omega };
        device.check_levels().map_err(M::Error::custom)?;
        Ok(device)
    }
}

impl<'de> Deserialize<'de> for Device {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DeviceVisitor)
    }
}
