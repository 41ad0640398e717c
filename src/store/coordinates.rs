//! The coordinates of a file: a fingerprint that detects edits, and checks of their values.

use crate::fingerprint::sha256;
use crate::model::Parameter;
use std::fmt::Write;

/// Root attribute with the fingerprint of the coordinates.
pub(super) const ATTRIBUTE: &str = "coordinates_sha256";

/// SHA-256 of all axes, in order, and of all fixed parameters.
pub(super) fn fingerprint(axes: &[(Parameter, Vec<f64>)], fixed: &[(Parameter, f64)]) -> String {
    let mut text = String::new();
    let fixed = fixed.iter().map(|(p, value)| (p, std::slice::from_ref(value)));
    for (p, values) in axes.iter().map(|(p, values)| (p, &values[..])).chain(fixed) {
        text.push_str(p.name());
        for value in values {
            // Writing to a String cannot fail. Adding 0 maps -0 to +0.
            let _ = write!(text, " {:016x}", (value + 0.0).to_bits());
        }
        text.push('\n');
    }
    sha256(&text)
}

/// Checks that an axis has finite values in the parameter's range that rise or fall throughout.
///
/// The error is the reason if not.
pub(super) fn check_axis(p: Parameter, values: &[f64]) -> Result<(), String> {
    let name = p.name();
    if values.is_empty() {
        return Err(format!("its axis {name} has no values"));
    }
    values.iter().try_for_each(|v| check_value(p, *v))?;
    let rises = values.windows(2).all(|w| w[0] < w[1]);
    let falls = values.windows(2).all(|w| w[0] > w[1]);
    if rises || falls { Ok(()) } else { Err(format!("its axis {name} neither rises nor falls throughout")) }
}

/// Checks that a parameter may have this value; the error is the reason if not.
pub(super) fn check_value(p: Parameter, value: f64) -> Result<(), String> {
    p.check(value).map(drop).map_err(|e| format!("its {e}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_10_any_edit_of_a_coordinate_changes_the_fingerprint() {
        use Parameter::{Gamma, VN, ZT};
        let axes = [(Gamma, vec![0.1, 0.2, 0.3]), (ZT, vec![0.0, 1.0])];
        let fixed = [(VN, 2.0)];
        let sound = fingerprint(&axes, &fixed);
        let mut reversed = axes.clone();
        reversed[0].1.reverse();
        let mut nudged = axes.clone();
        nudged[0].1[1] = 0.2_f64.next_up();
        let swapped = [axes[1].clone(), axes[0].clone()];
        for other in [fingerprint(&reversed, &fixed), fingerprint(&nudged, &fixed), fingerprint(&swapped, &fixed)] {
            assert_ne!(other, sound);
        }
        assert_ne!(fingerprint(&axes, &[(VN, 2.5)]), sound);
        assert_eq!(fingerprint(&[axes[0].clone(), (ZT, vec![-0.0, 1.0])], &fixed), sound);
    }

    #[test]
    fn fault_12_axes_that_are_none_are_named() {
        use Parameter::Gamma;
        assert!(check_axis(Gamma, &[0.1, 0.2]).is_ok() && check_axis(Gamma, &[0.2, 0.1]).is_ok());
        for bad in [&[][..], &[0.1, 0.1], &[0.1, 0.3, 0.2], &[f64::NAN], &[0.1, f64::INFINITY], &[-1.0, 1.0]] {
            assert!(check_axis(Gamma, bad).is_err(), "{bad:?}");
        }
    }
}
