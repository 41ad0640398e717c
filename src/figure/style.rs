//! How a map is drawn, where it is not drawn as usual.

use super::colour::Rgb;
use super::scale::Scale;
use crate::error::{Error, Result, shown};
use crate::model::Parameter;

/// Colours of numbers, from the lowest to the highest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColourMap {
    /// Matplotlib's viridis.
    #[default]
    Viridis,
    /// Matplotlib's magma.
    Magma,
    /// Matplotlib's inferno.
    Inferno,
    /// Matplotlib's plasma.
    Plasma,
    /// Cividis, alike for eyes that do not tell red from green.
    Cividis,
    /// From white to black.
    Grey,
}

impl ColourMap {
    /// All of them.
    pub const ALL: [ColourMap; 6] = [
        ColourMap::Viridis,
        ColourMap::Magma,
        ColourMap::Inferno,
        ColourMap::Plasma,
        ColourMap::Cividis,
        ColourMap::Grey,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ColourMap::Viridis => "viridis",
            ColourMap::Magma => "magma",
            ColourMap::Inferno => "inferno",
            ColourMap::Plasma => "plasma",
            ColourMap::Cividis => "cividis",
            ColourMap::Grey => "grey",
        }
    }

    /// Colour at `part`, clamped to 0..1.
    pub(super) fn at(self, part: f64) -> Rgb {
        let gradient = match self {
            ColourMap::Viridis => colorous::VIRIDIS,
            ColourMap::Magma => colorous::MAGMA,
            ColourMap::Inferno => colorous::INFERNO,
            ColourMap::Plasma => colorous::PLASMA,
            ColourMap::Cividis => colorous::CIVIDIS,
            ColourMap::Grey => colorous::GREYS,
        };
        let c = gradient.eval_continuous(part.clamp(0.0, 1.0));
        [c.r, c.g, c.b]
    }
}

/// Title of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Title {
    /// What is drawn, and below it the fixed parameters.
    #[default]
    Own,
    /// This text, and below it the fixed parameters.
    Text(String),
    /// None, and no parameters either: a caption has them.
    None,
}

/// How a map is drawn; by default as usual.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Style {
    /// Value with the lowest colour, in place of the smallest one; `vmin`.
    pub lowest: Option<f64>,
    /// Value with the highest colour, in place of the largest one; `vmax`.
    pub highest: Option<f64>,
    /// Whether colours follow the logarithm of the values; `None` where the values decide: times of more than two decades do.
    pub log_colour: Option<bool>,
    /// Colours of the numbers; `None` for viridis where there are any.
    pub colours: Option<ColourMap>,
    /// Title of the picture.
    pub title: Title,
    /// Whether there is no white ground.
    pub transparent: bool,
    /// Parameters whose axes go along x and up y, in place of the usual ones.
    pub x: Option<Parameter>,
    /// See `x`.
    pub y: Option<Parameter>,
}

impl Style {
    /// The usual style.
    pub const USUAL: Style = Style {
        lowest: None,
        highest: None,
        log_colour: None,
        colours: None,
        title: Title::Own,
        transparent: false,
        x: None,
        y: None,
    };

    /// Whether anything is said of the colours.
    #[must_use]
    pub fn is_of_colours(&self) -> bool {
        self.has_scale() || self.colours.is_some()
    }

    /// Colours of the numbers.
    pub(super) fn colour_map(&self) -> ColourMap {
        self.colours.unwrap_or_default()
    }

    /// Whether anything is said of the scale of the colours.
    pub(super) fn has_scale(&self) -> bool {
        self.lowest.is_some() || self.highest.is_some() || self.log_colour.is_some()
    }

    /// Checks what can be checked without a map.
    ///
    /// # Errors
    /// [`Error::Request`] if a limit is not a finite number, `vmin` is not below `vmax`, a limit of a logarithmic scale is
    /// not above 0, or one parameter is to go along both axes.
    pub fn check(&self) -> Result<()> {
        if let Some(p) = self.x.filter(|x| self.y == Some(*x)) {
            return Err(Error::request(
                format!("`x_axis` and `y_axis` are both {}", p.name()),
                "name two parameters, or leave one off",
            ));
        }
        for (name, value) in [("vmin", self.lowest), ("vmax", self.highest)] {
            let Some(value) = value else { continue };
            if !value.is_finite() {
                return Err(Error::request(format!("`{name}` is {value}, which is no finite number"), "give a number"));
            }
            if self.log_colour == Some(true) && value <= 0.0 {
                return Err(Error::request(
                    format!("`{name}` is {}, and a logarithmic scale begins above 0", shown(value)),
                    format!("give a `{name}` above 0, or leave `log_colour` off"),
                ));
            }
        }
        match (self.lowest, self.highest) {
            (Some(low), Some(high)) => ordered(low, high),
            _ => Ok(()),
        }
    }

    /// Scale of the colours of values from `low` to `high`, logarithmic or not; `least` is the smallest value above 0, if there
    /// is one.
    ///
    /// # Errors
    /// [`Error::Request`] if a limit leaves nothing of the range, or a logarithmic scale has no value above 0.
    pub(super) fn scale(&self, (low, high): (f64, f64), least: Option<f64>, log: bool) -> Result<Scale> {
        if !log {
            let (low, high) = (self.lowest.unwrap_or(low), self.highest.unwrap_or(high));
            ordered(low, high)?;
            return Ok(Scale::linear(low, high));
        }
        let Some(low) = self.lowest.or(least) else {
            return Err(Error::request(
                "`log_colour` needs a value above 0, and the map has none",
                "leave `log_colour` off",
            ));
        };
        // A single value needs a range to be drawn in.
        let high = self.highest.unwrap_or(if high > low { high } else { 1.001 * low });
        ordered(low, high)?;
        Ok(Scale::decades(low, high))
    }
}

fn ordered(low: f64, high: f64) -> Result<()> {
    if low < high {
        return Ok(());
    }
    Err(Error::request(
        format!("colours would run from {} to {}, and have to rise", shown(low), shown(high)),
        "give a `vmin` below `vmax`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_that_leave_no_range_are_refused() {
        let style = |lowest, highest, log| Style { lowest, highest, log_colour: Some(log), ..Style::default() };
        assert_eq!(Style::default(), Style::USUAL);
        for (low, high, log) in [
            (Some(2.0), Some(1.0), false),
            (Some(1.0), Some(1.0), false),
            (Some(f64::NAN), None, false),
            (None, Some(f64::INFINITY), false),
            (Some(0.0), None, true),
            (None, Some(-1.0), true),
        ] {
            assert!(style(low, high, log).check().is_err(), "{low:?} {high:?} {log}");
        }
        assert!(style(Some(-1.0), Some(1.0), false).check().is_ok());
        let both = |y| Style { x: Some(Parameter::VN), y: Some(y), ..Style::USUAL }.check();
        assert!(both(Parameter::VN).is_err() && both(Parameter::RN).is_ok());
        // With the range of a map.
        assert_eq!(style(Some(0.5), None, false).scale((0.0, 1.0), None, false).unwrap(), Scale::linear(0.5, 1.0));
        assert!(style(Some(2.0), None, false).scale((0.0, 1.0), None, false).is_err());
        assert_eq!(style(None, None, true).scale((0.0, 1.0), Some(0.01), true).unwrap(), Scale::decades(0.01, 1.0));
        assert!(style(None, None, true).scale((-2.0, -1.0), None, true).is_err());
    }

    #[test]
    fn colour_maps_run_from_end_to_end() {
        assert_eq!(ColourMap::Viridis.at(0.0), [68, 1, 84]);
        assert_eq!(ColourMap::Grey.at(-1.0), ColourMap::Grey.at(0.0));
        for map in ColourMap::ALL {
            assert_ne!(map.at(0.0), map.at(1.0), "{}", map.name());
        }
    }
}
