//! One axis of a file: its parameter and its values.

use crate::error::{Error, Result};
use crate::model::Parameter;

/// An axis as stored in a file.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAxis {
    /// The parameter along the axis.
    pub parameter: Parameter,
    /// Values in stored order.
    pub values: Vec<f64>,
}

impl StoredAxis {
    /// Whether the values have equal ratios, up to rounding, and not equal differences.
    #[must_use]
    pub fn is_log(&self) -> bool {
        let [first, .., last] = self.values[..] else { return false };
        if self.values.len() < 3 || !(first > 0.0 && last > 0.0) {
            return false;
        }
        let steps = (self.values.len() - 1) as f64;
        let ratio = (last / first).powf(1.0 / steps);
        (0..).zip(&self.values).all(|(i, v)| (v - first * ratio.powi(i)).abs() <= 1e-9 * v.abs()) && first != last
    }

    /// The index of the value nearest to `value`.
    #[must_use]
    pub fn nearest(&self, value: f64) -> usize {
        let distance = |i: &usize| (self.values[*i] - value).abs();
        (0..self.values.len()).min_by(|a, b| distance(a).total_cmp(&distance(b))).unwrap_or(0)
    }

    /// The index of the value nearest to `value`, which may be at most one step beyond the ends.
    ///
    /// # Errors
    /// [`Error::Request`] if the value is farther out.
    pub fn nearest_within(&self, value: f64) -> Result<usize> {
        let (low, high) =
            self.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let margin = (high - low) / (self.values.len().max(2) - 1) as f64 + 1e-12 * high.abs();
        if value < low - margin || value > high + margin {
            return Err(Error::request(
                format!("{} = {value} is outside the map, which holds {low} to {high}", self.parameter.name()),
                "name a value within it",
            ));
        }
        Ok(self.nearest(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_may_lie_a_step_beyond_an_axis_and_no_farther() {
        for values in [vec![1.0, 2.0, 3.0, 4.0], vec![4.0, 3.0, 2.0, 1.0]] {
            let axis = StoredAxis { parameter: Parameter::RN, values: values.clone() };
            let of = |value: f64| axis.nearest_within(value).ok().map(|i| values[i]);
            assert_eq!([0.1, 1.0, 2.4, 4.9].map(of), [Some(1.0), Some(1.0), Some(2.0), Some(4.0)]);
            assert_eq!([-0.1, 5.1].map(of), [None, None]);
        }
        // A single value matches itself, up to rounding.
        let axis = StoredAxis { parameter: Parameter::RN, values: vec![6.0] };
        assert_eq!(axis.nearest_within(6.0 * (1.0 + 1e-13)).ok(), Some(0));
        let message = axis.nearest_within(6.1).unwrap_err().to_string();
        assert!(message.contains("R_n = 6.1 is outside the map, which holds 6 to 6"), "{message}");
    }

    #[test]
    fn an_axis_is_logarithmic_by_its_values() {
        let axis = |values: &[f64]| StoredAxis { parameter: Parameter::RN, values: values.to_vec() }.is_log();
        assert!(axis(&[1.0, 10.0, 100.0, 1000.0]) && axis(&[8.0, 4.0, 2.0]));
        assert!(!axis(&[1.0, 2.0, 3.0]) && !axis(&[0.001, 0.5, 1.0]));
        assert!(!axis(&[1.0, 10.0]) && !axis(&[-1.0, -10.0, -100.0]) && !axis(&[6.0, 6.0, 6.0]) && !axis(&[]));
    }
}
