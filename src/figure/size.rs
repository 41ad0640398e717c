//! How large a picture is: on paper, or in pixels.
//!
//! Pictures are laid out in units of 0.1 mm, in which a title of an axis is 30 units high: 8.5 points, at any size. A larger
//! picture has more room, not larger letters.

use crate::error::{Error, Result, shown};

/// Pixels per inch, if no others are asked for: one for each unit.
const DPI: f64 = 254.0;
/// Pixels per inch that are taken.
const DPIS: (f64, f64) = (10.0, 2400.0);
/// Units of an inch.
const INCH: f64 = 254.0;
/// Number of points (1/72 inch) in a unit.
pub(super) const POINT: f64 = 72.0 / INCH;
/// Most pixels of a side.
const MOST: f64 = 20_000.0;
/// Width in units in which every text has room.
const LEAST: f64 = 600.0;
/// Units of length: name, and units of the layout in it.
const LENGTHS: [(&str, f64); 3] = [("mm", 10.0), ("cm", 100.0), ("in", INCH)];
const FORMS: &str = "write 86mm, 86x70mm, 8.6cm, 3.4in, 1240px or 1240x1000 (pixels)";

/// Size of a picture, and its pixels per inch; by default that of its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Size {
    /// Width and height in units of the layout.
    width: Option<f64>,
    height: Option<f64>,
    dpi: f64,
    /// Whether it was given in mm, cm or inches.
    on_paper: bool,
    /// Whether a picture without room for its chart is drawn higher than asked for, with a warning.
    or_higher: bool,
}

impl Default for Size {
    fn default() -> Self {
        Self { width: None, height: None, dpi: DPI, on_paper: false, or_higher: false }
    }
}

/// Width and height that a picture may take, in units: its width, and the height of its chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Space {
    pub width: f64,
    pub high: f64,
}

/// Width below which a legend stands below a chart, not at its right.
pub(super) const NARROW: f64 = 1100.0;

impl Space {
    /// Whether a legend stands below a chart, not at its right.
    pub(super) fn is_narrow(&self) -> bool {
        self.width < NARROW
    }
}

impl Size {
    /// Reads a size such as `86mm`, `86x70mm`, `8.6cm`, `3.4in`, `1240px` or `1240x1000` (pixels); `dpi` is the number of
    /// pixels per inch, 254 by default. A width alone keeps the shape of the chart.
    ///
    /// # Errors
    /// [`Error::Request`] if a text is no size, a side has no pixel or more than 20,000, the width is below 60 mm, or `dpi` is
    /// not between 10 and 2400.
    pub fn new(size: Option<&str>, dpi: Option<f64>) -> Result<Self> {
        let dpi = dpi.unwrap_or(DPI);
        if !(DPIS.0..=DPIS.1).contains(&dpi) {
            let problem = format!("`dpi` is {}, and pictures have {} to {}", shown(dpi), DPIS.0, DPIS.1);
            return Err(Error::request(problem, "give pixels per inch, such as 300"));
        }
        let Some(text) = size else { return Ok(Self { dpi, ..Self::default() }) };
        let lower = text.trim().to_lowercase();
        let length =
            LENGTHS.iter().find_map(|(name, units)| lower.strip_suffix(name).map(|rest| (rest, *name, *units)));
        let (sides, name, units) = length.unwrap_or((lower.strip_suffix("px").unwrap_or(&lower), "px", INCH / dpi));
        let side = |side: &str| side.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        let sides: Option<Vec<f64>> = sides.split(['x', '×']).map(side).collect();
        let Some(sides) = sides.filter(|sides| sides.len() <= 2) else {
            return Err(Error::request(format!("`size` '{text}' is no width, nor a width and a height"), FORMS));
        };
        for value in &sides {
            check_pixels(&format!("`size` {text}"), value * units * dpi / INCH)?;
        }
        if sides[0] * units < LEAST - 1e-6 {
            let problem = format!(
                "`size` {text} is {} mm wide at {} pixels per inch, and texts need {} mm",
                shown((sides[0] * units * 10.0).round() / 100.0),
                shown(dpi),
                LEAST / 10.0
            );
            return Err(Error::request(problem, "give a larger width, or with pixels a lower `dpi`"));
        }
        let sides: Vec<f64> = sides.iter().map(|v| v * units).collect();
        let (width, height) = (Some(sides[0]), sides.get(1).copied());
        Ok(Self { width, height, dpi, on_paper: name != "px", or_higher: false })
    }

    /// A size at which a picture without room for its chart is drawn higher, with a warning, and not refused.
    #[must_use]
    pub fn or_higher(self) -> Self {
        Self { or_higher: true, ..self }
    }

    /// Whether a picture may be higher than asked for.
    pub(super) fn may_be_higher(&self) -> bool {
        self.or_higher
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Space of a picture whose usual width and height of the chart are these.
    pub(super) fn space(&self, (width, high): (f64, f64)) -> Space {
        let wanted = self.width(width);
        Space { width: wanted, high: high * wanted / width }
    }

    /// Width in units, where the usual one is `usual`.
    pub(super) fn width(&self, usual: f64) -> f64 {
        self.width.unwrap_or(usual)
    }

    /// Height that is asked for, in units.
    pub(super) fn height(&self) -> Option<f64> {
        self.height
    }

    /// Pixels of a length in units.
    pub(super) fn pixels(&self, units: f64) -> u32 {
        (units * self.scale() - 1e-6).ceil().max(1.0) as u32
    }

    /// Number of pixels in a unit.
    pub(super) fn scale(&self) -> f64 {
        self.dpi / INCH
    }

    /// Pixels per metre.
    pub(super) fn per_metre(&self) -> u32 {
        (self.dpi / 0.0254).round() as u32
    }

    /// A length as SVG has it: in mm if it was asked for so, else in pixels.
    pub(super) fn svg(&self, units: f64) -> String {
        if self.on_paper { format!("{}mm", short(units / 10.0)) } else { short(units * self.scale()) }
    }

    /// Checks the width and the height that a picture has come to, in units.
    ///
    /// # Errors
    /// [`Error::Request`] if one of them has more than 20,000 pixels.
    pub(super) fn check_sides(&self, width: f64, height: f64) -> Result<()> {
        check_pixels("the picture's width", width * self.scale())?;
        check_pixels("the picture's height", height * self.scale())
    }
}

/// Checks the number of pixels of a side of `what`.
///
/// # Errors
/// [`Error::Request`] if there is none, or more than 20,000.
pub(super) fn check_pixels(what: &str, pixels: f64) -> Result<()> {
    // No −0.
    let rounded = (pixels - 1e-6).ceil() + 0.0;
    if pixels > 0.0 && rounded <= MOST {
        return Ok(());
    }
    Err(Error::request(
        format!("{what} comes to {} pixels, and a side has 1 to {MOST}", shown(rounded)),
        format!("give a side of 1 to {MOST} pixels, or another `dpi`; {FORMS}"),
    ))
}

/// A number with three decimals at most.
fn short(value: f64) -> String {
    format!("{}", (value * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        let size = |text: &str, dpi| Size::new(Some(text), dpi).unwrap();
        assert_eq!(size("86mm", Some(300.0)).width, Some(860.0));
        assert_eq!((size("86x70mm", None).height, size("8.6 cm", None).width), (Some(700.0), Some(860.0)));
        assert_eq!(size("3in", None).width, Some(762.0));
        assert_eq!(
            (size("1240x1000", None), size("1240×1000px", None)),
            (size("1240x1000px", None), size("1240x1000", None))
        );
        // At a lower resolution, as many pixels are a larger page.
        assert!((size("1240x1000", Some(127.0)).width.unwrap() - 2480.0).abs() < 1e-9);
        assert_eq!(size("86mm", Some(300.0)).pixels(860.0), 1016);
        assert_eq!((size("86mm", None).svg(860.0), size("1240", None).svg(1240.0)), ("86mm".into(), "1240".into()));
        assert_eq!((Size::default().per_metre(), size("86mm", Some(300.0)).per_metre()), (10_000, 11_811));
    }

    #[test]
    fn what_is_no_size_is_refused_with_value_limit_and_remedy() {
        for (text, dpi, parts) in [
            ("0", None, ["`size` 0 comes to 0 pixels", "1 to 20000"]),
            ("86x0mm", None, ["comes to 0 pixels", "1 to 20000"]),
            ("-5mm", None, ["comes to -50 pixels", "1 to 20000"]),
            ("20001", None, ["20001 pixels", "1 to 20000"]),
            ("1000x20001px", None, ["20001 pixels", "1 to 20000"]),
            ("1000mm", Some(1200.0), ["47245 pixels", "another `dpi`"]),
            ("5mm", None, ["5 mm wide", "60 mm"]),
            ("86yards", None, ["'86yards' is no width", "86mm"]),
            ("1x2x3", None, ["is no width", "86mm"]),
            ("", None, ["is no width", "86mm"]),
            ("NaN", None, ["is no width", "86mm"]),
            ("86mm", Some(0.0), ["`dpi` is 0", "10 to 2400"]),
            ("86mm", Some(f64::NAN), ["`dpi` is NaN", "such as 300"]),
        ] {
            let message = Size::new(Some(text), dpi).unwrap_err().to_string();
            assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        }
    }
}
