//! A parameter that varies between two bounds, and its coordinate from 0 to 1.

use crate::error::{Error, Result, shown};
use crate::grid::{Axis, Spacing, parse_value, split_assignment};
use crate::model::Parameter;

const FORM: &str = "write NAME=START:STOP, or NAME=log:START:STOP";

/// Width of a range, relative to its values, at least.
const NARROWEST: f64 = 1e-5;

/// A parameter and its bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Over {
    /// The parameter.
    pub parameter: Parameter,
    /// Its smaller bound.
    pub low: f64,
    /// Its larger bound.
    pub high: f64,
    /// Whether equal ratios count as equal distances.
    pub log: bool,
}

impl std::str::FromStr for Over {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (parameter, range) = split_assignment(text, FORM)?;
        let (log, rest) = range.strip_prefix("log:").map_or((false, range), |rest| (true, rest));
        let Some((low, high)) = rest.split_once(':').filter(|(_, high)| !high.contains(':')) else {
            return Err(Error::request(format!("'{text}' is not a range"), FORM));
        };
        let over = Self { parameter, low: parse_value(parameter, low)?, high: parse_value(parameter, high)?, log };
        over.check()?;
        Ok(over)
    }
}

impl Over {
    /// Checks the bounds.
    ///
    /// # Errors
    /// [`Error::Request`] if a bound is out of the parameter's range, the bounds do not rise, their distance is not a
    /// usable number or below 1e-5 of them, or a logarithmic range contains 0.
    pub fn check(&self) -> Result<()> {
        let (name, [low, high]) = (self.parameter.name(), [self.low, self.high].map(shown));
        self.parameter.check(self.low)?;
        self.parameter.check(self.high)?;
        if self.low >= self.high {
            return Err(Error::request(
                format!("the range of {name} from {low} to {high} is empty"),
                "give the smaller bound first, and a larger one behind it",
            ));
        }
        if !(self.high - self.low).is_normal() {
            return Err(Error::request(
                format!("the range of {name} from {low} to {high} has no usable width"),
                "bring the bounds closer together, or further apart",
            ));
        }
        if self.high - self.low < NARROWEST * self.low.abs().max(self.high.abs()) {
            return Err(Error::request(
                format!("the range of {name} from {low} to {high} is narrower than {NARROWEST:e} of its values"),
                "widen it: an optimum is found to 1e-6",
            ));
        }
        if self.log && self.low <= 0.0 && self.high >= 0.0 {
            return Err(Error::request(
                format!("the range of {name} is logarithmic and contains 0, from {low} to {high}"),
                "give both bounds the same sign, neither of them 0, or leave out 'log:'",
            ));
        }
        Ok(())
    }

    /// The value at a coordinate; it may lie beyond the bounds.
    #[must_use]
    pub fn value(&self, at: f64) -> f64 {
        match (at, self.log) {
            (0.0, _) => self.low,
            (1.0, _) => self.high,
            (_, false) => self.low + at * (self.high - self.low),
            (_, true) => self.low * (self.high / self.low).powf(at),
        }
    }

    /// The coordinate of a value; it may lie beyond the bounds.
    pub(super) fn coordinate(&self, value: f64) -> f64 {
        match self.log {
            false => (value - self.low) / (self.high - self.low),
            true => (value / self.low).ln() / (self.high / self.low).ln(),
        }
    }

    /// First and second derivative of the coordinate with respect to the value.
    pub(super) fn slopes(&self, value: f64) -> [f64; 2] {
        match self.log {
            false => [1.0 / (self.high - self.low), 0.0],
            true => {
                let rate = 1.0 / (value * (self.high / self.low).ln());
                [rate, -rate / value]
            }
        }
    }

    /// The axis with this many values between the bounds.
    pub(super) fn axis(&self, count: u64) -> Axis {
        let (start, stop) = (self.low, self.high);
        let spacing =
            if self.log { Spacing::Log { start, stop, count } } else { Spacing::Linear { start, stop, count } };
        Axis::new(self.parameter, spacing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_refused() {
        let read = |text: &str| text.parse::<Over>().map_err(|e| e.to_string());
        let over = read("Γ=log:0.01:1").unwrap();
        assert!((over.value(0.5) - 0.1).abs() < 1e-15 && over.value(1.0) == 1.0, "{over:?}");
        for (text, words) in [
            ("Gamma", "no '='"),
            ("Gamma=0.1", "not a range"),
            ("Gamma=0.1:1:9", "not a range"),
            ("Gamma=1:0.1", "is empty"),
            ("Gamma=1:1", "is empty"),
            ("Gamma=-1:1", "out of range"),
            ("alpha=0:2.5", "alpha = 2.5 is out of range"),
            ("Gamma=a:1", "not a number"),
            ("Gamma=log:0:1", "contains 0"),
            ("V_n=log:-1:1", "contains 0"),
            ("V_n=-1e308:1e308", "no usable width"),
            ("Gamma=0.1:0.1000000001", "narrower than 1e-5"),
            ("beta=0:1", "unknown parameter"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }

    #[test]
    fn the_coordinate_has_these_derivatives() {
        for text in ["Gamma=0.2:3", "Gamma=log:0.2:3", "V_n=log:-5:-0.1"] {
            let over: Over = text.parse().unwrap();
            let (at, h) = (0.3, 1e-4);
            let [v, below, above] = [at, at - h, at + h].map(|s| over.value(s));
            let [first, second] = over.slopes(v);
            // ds/dp = 1/p' and d²s/dp² = -p''/p'³.
            assert!((over.coordinate(v) - at).abs() < 1e-12, "{text}");
            let (slope, bend) = ((above - below) / (2.0 * h), (above - 2.0 * v + below) / (h * h));
            assert!((first * slope - 1.0).abs() < 1e-6, "{text}");
            assert!((second + bend / slope.powi(3)).abs() < 1e-5 * (1.0 + second.abs()), "{text}");
        }
    }
}
