//! Table I of the paper in both directions: a device in SI units, and the dimensionless parameters
//! of Eq. 10.
//!
//! With tau_c = C_ext R_ext and l = (hbar / (m Omega_p))^½ (Eq. 3):
//!
//! ```text
//! Omega = Omega_p tau_c      Gamma = gamma_phi tau_c      alpha = gamma_T / gamma_phi      R_n = R_ext / R_0
//! V_n = q V_ext / (2 √2 m Omega_p² L l)      Z_T = tanh(hbar Omega_p / (2 k_B T))      x_0, l, lambda in units of L
//! ```

use super::Parameters;
use crate::error::{Error, Result, shown};
use std::f64::consts::SQRT_2;

/// Reduced Planck constant in J s (exact since 2019).
pub const HBAR: f64 = 6.626_070_15e-34 / std::f64::consts::TAU;
/// Boltzmann constant in J/K (exact since 2019).
pub const K_B: f64 = 1.380_649e-23;

macro_rules! physical {
    ($($field:ident $name:literal $unit:literal $low:literal $meaning:literal;)*) => {
        /// A device in SI units.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct Physical { $(#[doc = $meaning] pub $field: f64),* }

        /// Name, unit and meaning of each quantity, in order.
        pub const QUANTITIES: &[(&str, &str, &str)] = &[$(($name, $unit, $meaning)),*];
        /// Smallest allowed value of each quantity: 0 where 0 is allowed, the smallest positive
        /// number where the value must be positive, the lowest finite number where any finite value
        /// is allowed.
        const LOWEST: &[f64] = &[$($low),*];

        impl Physical {
            /// The device from values in the order of [`QUANTITIES`].
            ///
            /// # Errors
            /// [`Error::Request`] if a value is not finite, or is 0 or negative where that is not
            /// allowed.
            pub fn from_values(values: [f64; QUANTITIES.len()]) -> Result<Self> {
                (0..).zip(values).try_for_each(|(quantity, value)| check_quantity(quantity, value).map(drop))?;
                let [$($field),*] = values;
                Ok(Self { $($field),* })
            }

            /// The values in the order of [`QUANTITIES`].
            #[must_use]
            pub fn values(&self) -> [f64; QUANTITIES.len()] { [$(self.$field),*] }
        }
    };
}

physical! {
    m "m" "kg" 5e-324 "mass of the shuttling particle";
    q "q" "C" 5e-324 "its charge";
    omega_p "Omega_p" "rad/s" 5e-324 "angular frequency of its potential";
    length "L" "m" 5e-324 "half the distance between the terminals";
    x_0 "x_0" "m" -1.7976931348623157e308 "position of the potential's minimum";
    lambda "lambda" "m" 5e-324 "tunnelling length of the electrons";
    r_0 "R_0" "ohm" 5e-324 "smallest resistance of the device";
    r_ext "R_ext" "ohm" 5e-324 "external resistance";
    c_ext "C_ext" "F" 5e-324 "external capacitance";
    v_ext "V_ext" "V" -1.7976931348623157e308 "applied voltage";
    gamma_phi "gamma_phi" "1/s" 5e-324 "dephasing rate";
    gamma_t "gamma_T" "1/s" 0.0 "relaxation rate";
    temperature "T" "K" 0.0 "temperature of the bath";
}

/// Accepts a value of the quantity with this index in [`QUANTITIES`], or reports which limit it breaks.
///
/// # Errors
/// [`Error::Request`] if the value is not finite, or is 0 or negative where that is not allowed.
pub fn check_quantity(quantity: usize, value: f64) -> Result<f64> {
    let ((name, unit, _), low) = (QUANTITIES[quantity], LOWEST[quantity]);
    if value.is_finite() && value >= low {
        return Ok(value);
    }
    let sign = match low {
        f64::MIN => "",
        0.0 => ", 0 or more,",
        _ => ", above 0,",
    };
    Err(Error::request(
        format!("{name} = {} {unit} is not possible", shown(value)),
        format!("give a finite number{sign} in {unit}"),
    ))
}

/// Index in [`QUANTITIES`] of the quantity with this name. Letter case counts, as in SI: q and Q, m and M differ.
#[must_use]
pub fn quantity(name: &str) -> Option<usize> {
    QUANTITIES.iter().position(|q| q.0 == name)
}

/// Scales of a device, which the dimensionless parameters leave open.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scales {
    /// Half the distance between the terminals, in m.
    pub length: f64,
    /// The particle's charge, in C.
    pub q: f64,
    /// External resistance, in ohm.
    pub r_ext: f64,
    /// External capacitance, in F.
    pub c_ext: f64,
}

/// The thermal value Z_T = tanh(hbar Omega_p / (2 k_B T)) (Eq. B6); 1 at T = 0.
#[must_use]
pub fn thermal_z(omega_p: f64, temperature: f64) -> f64 {
    if temperature == 0.0 { 1.0 } else { (HBAR * omega_p / (2.0 * K_B * temperature)).tanh() }
}

/// The temperature in K at which Z_T has this value, the inverse of [`thermal_z`]; 0 at Z_T = 1,
/// infinite at 0.
#[must_use]
pub fn temperature(omega_p: f64, z_t: f64) -> f64 {
    if z_t >= 1.0 { 0.0 } else { HBAR * omega_p / (2.0 * K_B * z_t.atanh()) }
}

impl Physical {
    /// The circuit's time constant tau_c = C_ext R_ext, in s: the unit of time in Eq. 10.
    #[must_use]
    pub fn tau_c(&self) -> f64 {
        self.c_ext * self.r_ext
    }

    /// Volts per unit of the dimensionless voltage: 2 √2 m Omega_p² L l / q.
    #[must_use]
    pub fn volts_per_unit(&self) -> f64 {
        volts_per_unit(self.m, self.omega_p, self.length, self.q)
    }

    /// The dimensionless parameters of this device (Table I).
    #[must_use]
    pub fn dimensionless(&self) -> Parameters<f64> {
        Parameters {
            v_n: self.v_ext / self.volts_per_unit(),
            r_n: self.r_ext / self.r_0,
            gamma: self.gamma_phi * self.tau_c(),
            alpha: self.gamma_t / self.gamma_phi,
            z_t: thermal_z(self.omega_p, self.temperature),
            omega: self.omega_p * self.tau_c(),
            x_0: self.x_0 / self.length,
            l: oscillator_length(self.m, self.omega_p) / self.length,
            lambda: self.lambda / self.length,
        }
    }

    /// The device with these scales and these dimensionless parameters.
    ///
    /// # Errors
    /// [`Error::Request`] if R_n, Gamma or Z_T is 0, which no device with finite R_0, gamma_phi and
    /// T has, or if a scale is not positive.
    pub fn from_dimensionless(p: &Parameters<f64>, scales: &Scales) -> Result<Self> {
        for (name, value) in [("R_n", p.r_n), ("Gamma", p.gamma), ("Z_T", p.z_t)] {
            if value == 0.0 {
                return Err(Error::request(
                    format!("{name} = 0 belongs to no device with finite R_0, gamma_phi and T"),
                    format!("give {name} above 0"),
                ));
            }
        }
        let tau_c = scales.c_ext * scales.r_ext;
        let omega_p = p.omega / tau_c;
        let m = HBAR / (omega_p * (p.l * scales.length).powi(2));
        let gamma_phi = p.gamma / tau_c;
        Self::from_values([
            m,
            scales.q,
            omega_p,
            scales.length,
            p.x_0 * scales.length,
            p.lambda * scales.length,
            scales.r_ext / p.r_n,
            scales.r_ext,
            scales.c_ext,
            p.v_n * volts_per_unit(m, omega_p, scales.length, scales.q),
            gamma_phi,
            p.alpha * gamma_phi,
            temperature(omega_p, p.z_t),
        ])
    }
}

/// The oscillator length l = (hbar / (m Omega_p))^½, in m (Eq. 3).
fn oscillator_length(m: f64, omega_p: f64) -> f64 {
    (HBAR / (m * omega_p)).sqrt()
}

fn volts_per_unit(m: f64, omega_p: f64, length: f64, q: f64) -> f64 {
    2.0 * SQRT_2 * m * omega_p * omega_p * length * oscillator_length(m, omega_p) / q
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn there_and_back(
            v_n in -8.0..8.0f64, r_n in 0.1..16.0f64, gamma in 0.01..1.0f64, alpha in 0.0..2.0f64, z_t in 0.05..0.999f64,
            omega in 1.0..12.0f64, l in 0.1..1.0f64, scale in -3.0..3.0f64,
        ) {
            let p = Parameters { v_n, r_n, gamma, alpha, z_t, omega, x_0: 0.8, l, lambda: 0.13 };
            let s = 10_f64.powf(scale);
            let scales = Scales { length: 2e-9 * s, q: 1.6e-19, r_ext: 1e6 * s, c_ext: 1e-15 };
            let back = Physical::from_dimensionless(&p, &scales).unwrap().dimensionless();
            for (a, b) in back.to_array().iter().zip(p.to_array()) {
                prop_assert!((a - b).abs() < 1e-12 * (1.0 + b.abs()), "{back:?} {p:?}");
            }
        }
    }

    #[test]
    fn temperature_and_thermal_z_are_inverse() {
        // hbar Omega_p = 2 k_B T: Z_T = tanh(1).
        let omega_p = 2.0 * K_B * 0.3 / HBAR;
        assert!((thermal_z(omega_p, 0.3) - 1.0_f64.tanh()).abs() < 1e-15);
        assert!((temperature(omega_p, 1.0_f64.tanh()) - 0.3).abs() < 1e-14);
        assert_eq!((thermal_z(omega_p, 0.0), temperature(omega_p, 1.0)), (1.0, 0.0));
        assert!(temperature(omega_p, 0.0).is_infinite());
        // At 1 GHz · 2 pi, h f / k_B = 48 mK, a figure well known in low-temperature physics.
        assert!((HBAR * std::f64::consts::TAU * 1e9 / K_B - 0.047_992_4).abs() < 1e-6);
    }

    #[test]
    fn impossible_devices_are_refused() {
        let p = Parameters::at(2.0, 0.0, 0.1);
        let scales = Scales { length: 1e-9, q: 1.6e-19, r_ext: 1e6, c_ext: 1e-15 };
        assert!(Physical::from_dimensionless(&p, &scales).unwrap_err().to_string().contains("R_n = 0"));
        let negative = Scales { c_ext: -1.0, ..scales };
        assert!(Physical::from_dimensionless(&Parameters { r_n: 1.0, ..p }, &negative).is_err());
        assert!(Physical::from_values([f64::NAN; QUANTITIES.len()]).unwrap_err().to_string().contains("m = NaN kg"));
    }
}
