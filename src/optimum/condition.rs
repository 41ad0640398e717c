//! Conditions on a cycle: `multiplier<0.95`, `v_max>2`.

use super::quantity::{QUANTITIES, Quantity};
use crate::error::{Error, Result, shown};
use crate::model::Parameter;

/// Distance to its limit, relative to 1 + |limit|, at which a condition is kept.
const INSIDE: f64 = 1e-9;
/// Distance from 1 at which the largest multiplier is kept: nearer to it a cycle is too neutral for Newton's method in
/// double precision.
pub(super) const STABLE_INSIDE: f64 = 2e-4;
const FORM: &str = "write NAME<NUMBER or NAME>NUMBER, such as multiplier<0.95, and one condition in each `within`";

/// A limit on a quantity of a cycle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Condition {
    /// The limited quantity.
    pub quantity: Quantity,
    /// Whether the limit is an upper one.
    pub is_upper: bool,
    /// The limit, excluded itself.
    pub limit: f64,
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}{}", self.quantity.name(), if self.is_upper { '<' } else { '>' }, shown(self.limit))
    }
}

impl std::str::FromStr for Condition {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refused = |why: String| Error::request(why, FORM);
        let mut signs = text.match_indices(['<', '>', '=', '&', ',']);
        let (Some((at, sign @ ("<" | ">"))), None) = (signs.next(), signs.next()) else {
            return Err(refused(format!("'{text}' is not one condition with < or >")));
        };
        let (name, limit) = (text[..at].trim(), text[at + 1..].trim());
        let Some(quantity) = Quantity::parse(name) else {
            if let Ok(p) = Parameter::parse(name) {
                let name = p.name();
                return Err(Error::request(
                    format!("'{text}' limits {name}, which is a parameter and no quantity of the cycle"),
                    format!("bound it with `over` {name}=START:STOP"),
                ));
            }
            let names: Vec<_> = QUANTITIES.iter().map(|q| q.0).collect();
            return Err(Error::request(
                format!("'{name}' in '{text}' is no quantity of a cycle"),
                format!("name one of {}", names.join(", ")),
            ));
        };
        let limit = limit.parse::<f64>().ok().filter(|v| v.is_finite());
        let limit = limit.ok_or_else(|| refused(format!("'{text}' has no finite number after {sign}")))?;
        Ok(Self { quantity, is_upper: sign == "<", limit })
    }
}

impl Condition {
    /// The condition that a cycle is stable: its multipliers are inside the unit circle.
    pub(super) const STABLE: Self = Self { quantity: Quantity::Multiplier, is_upper: true, limit: 1.0 };

    /// Deviation from [`Condition::kept_at`] of an active condition that is small enough.
    pub(super) fn precision(&self) -> f64 {
        if *self == Self::STABLE { 1e-4 * STABLE_INSIDE } else { INSIDE * (1.0 + self.limit.abs()) }
    }

    /// How far the values are beyond the limit: negative where the condition holds.
    pub(super) fn excess(&self, values: &[f64]) -> f64 {
        self.sign() * (values[self.quantity as usize] - self.limit)
    }

    /// Sign of the excess.
    pub(super) fn sign(&self) -> f64 {
        if self.is_upper { 1.0 } else { -1.0 }
    }

    /// The excess that an active condition is kept at; a cycle is kept stable by `inside`.
    pub(super) fn kept_at(&self, inside: f64) -> f64 {
        if *self == Self::STABLE { -inside } else { -INSIDE * (1.0 + self.limit.abs()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_read_and_refused() {
        let read = |text: &str| text.parse::<Condition>().map(|c| c.to_string()).map_err(|e| e.to_string());
        assert_eq!(read("multiplier<0.95").unwrap(), "multiplier<0.95");
        assert_eq!(read(" thd > 1e-9 ").unwrap(), "THD>1e-9");
        for (text, words) in [
            ("multiplier", "not one condition"),
            ("multiplier<=0.9", "not one condition"),
            ("0.2<multiplier<0.9", "not one condition"),
            ("multiplier=0.9", "not one condition"),
            ("multiplier<0.9,span>1", "not one condition"),
            ("", "not one condition"),
            ("multiplier<", "no finite number"),
            ("multiplier<NaN", "no finite number"),
            ("multiplier<inf", "no finite number"),
            ("Gamma<0.5", "bound it with `over` Gamma=START:STOP"),
            ("colour<0.5", "name one of span"),
            ("<0.5", "name one of span"),
        ] {
            let message = read(text).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
        }
    }

    #[test]
    fn a_condition_knows_on_which_side_a_value_is() {
        let values = [0.1, 3.0, 2.9, 2.95, 0.9, 7.0, 1.0, 0.2, 0.5, 1.0];
        let excess = |text: &str| text.parse::<Condition>().unwrap().excess(&values);
        assert!(excess("multiplier<0.6") < 0.0 && excess("multiplier<0.4") > 0.0);
        assert!(excess("span>0.05") < 0.0 && excess("span>0.2") > 0.0);
    }
}
