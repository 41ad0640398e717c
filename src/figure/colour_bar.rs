//! The colour bar of a map: a strip with its own axis at the right.

use super::bitmap::{Bitmap, Pixels};
use super::chart::{EDGE, Sizes, upwards, widest};
use super::drawing::{Anchor, Area, Drawing, Letters};
use super::scale::Scale;
use super::style::ColourMap;
use super::text::{CAPITAL, LEADING, wrapped};
use super::ticks::Ticks;
use crate::error::Result;

/// Distance from the map, and width of the strip.
const GAP: f64 = 32.0;
const STRIP: f64 = 34.0;
const TICK: f64 = 9.0;
/// Length of the point at an end with values beyond it.
const POINT: f64 = 30.0;
/// Colours of the strip.
const COLOURS: u32 = 256;

/// A colour bar.
#[derive(Debug)]
pub(super) struct ColourBar {
    scale: Scale,
    colours: ColourMap,
    /// Whether there are values below and above.
    open: [bool; 2],
    title: String,
    sizes: Sizes,
    ticks: Ticks,
    /// Width with the distance from the map.
    pub width: f64,
}

impl ColourBar {
    /// A bar about as high as `height`; where there are values beyond an `open` end, it has a point.
    pub(super) fn new(
        scale: Scale,
        colours: ColourMap,
        open: [bool; 2],
        title: &str,
        sizes: Sizes,
        height: f64,
    ) -> Self {
        let ticks = upwards(&scale, height, sizes.small);
        let lines = wrapped(&ticks.titled(title), sizes.text, height).len() as f64;
        let width =
            GAP + STRIP + 1.6 * TICK + widest(&ticks, sizes.small) + 0.3 * sizes.text + lines * LEADING * sizes.text;
        Self { scale, colours, open, title: title.to_string(), sizes, ticks, width }
    }

    /// Draws the bar at the right of `frame`.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if its colours cannot be packed (not expected).
    pub(super) fn draw(&self, drawing: &mut Drawing, frame: &Area) -> Result<()> {
        let Sizes { text, small } = self.sizes;
        let [low, high] = self.open.map(|open| if open { POINT } else { 0.0 });
        let (left, right) = (frame.right + GAP, frame.right + GAP + STRIP);
        let strip = Area { left, right, top: frame.top + high, bottom: frame.bottom - low };
        let points = [(self.open[0], 0.0, strip.bottom, frame.bottom), (self.open[1], 1.0, strip.top, frame.top)];
        for (_, part, base, tip) in points.into_iter().filter(|point| point.0) {
            let corners = [(left, base), (0.5 * (left + right), tip), (right, base)];
            drawing.polygon(&corners, self.colours.at(part), 1.0, &EDGE);
        }
        let rgb = (0..COLOURS).rev().flat_map(|i| self.colours.at(f64::from(i) / f64::from(COLOURS - 1))).collect();
        drawing.image(&strip, &Bitmap { width: 1, height: COLOURS, pixels: Pixels::Free(rgb) })?;
        drawing.rect(&strip, None, Some(&EDGE));
        let y_of = |v: f64| strip.bottom - self.scale.part(v) * strip.height();
        for v in &self.ticks.minor {
            drawing.line((strip.right, y_of(*v)), (strip.right + 0.5 * TICK, y_of(*v)), &EDGE);
        }
        for (v, label) in &self.ticks.major {
            drawing.line((strip.right, y_of(*v)), (strip.right + TICK, y_of(*v)), &EDGE);
            let place = (strip.right + 1.6 * TICK, y_of(*v) + 0.5 * CAPITAL * small);
            drawing.text(label, place, &Letters::new(small, Anchor::Left));
        }
        let first = strip.right + 1.6 * TICK + widest(&self.ticks, small) + 0.3 * text + 0.9 * text;
        for (line, i) in wrapped(&self.ticks.titled(&self.title), text, frame.height()).iter().zip(0..) {
            let at = (first + LEADING * text * f64::from(i), 0.5 * (strip.top + strip.bottom));
            drawing.text(line, at, &Letters { upright: true, ..Letters::new(text, Anchor::Middle) });
        }
        Ok(())
    }
}
