//! A picture under construction: its heading, its field of cells, its drawing; saved as SVG or PNG.

use super::bitmap::drawing_failed;
use super::chart::Sizes;
use super::drawing::{Anchor, Area, Drawing, Letters, px};
use super::field::Field;
use super::style::Title;
use super::text::{LEADING, options, wrapped};
use crate::error::Result;
use crate::store::{Output, write_file};
use resvg::{tiny_skia, usvg};
use std::path::Path;

/// Space at the edges of a picture.
pub(super) const MARGIN: f64 = 22.0;
/// Sizes of texts.
pub(super) const SIZES: Sizes = Sizes { text: 30.0, small: 26.0 };
/// Sizes of the title and of the subtitle.
const TITLE: f64 = 36.0;
const SUBTITLE: f64 = 24.0;

/// A picture under construction.
#[derive(Debug)]
pub(super) struct Picture {
    pub width: f64,
    pub height: f64,
    pub drawing: Drawing,
    /// Cells under the drawing, and where.
    fields: Vec<(Area, Field)>,
    /// Whether there is no white ground.
    pub transparent: bool,
}

/// What a picture is drawn for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Medium {
    /// Lines and cells as they are.
    Vector,
    /// Number of pixels for each unit of the drawing.
    Pixels(f64),
}

impl Picture {
    /// A picture of this width with the heading that a style asks for, and where the heading ends.
    pub(super) fn styled(width: f64, title: &str, subtitle: &str, heading: &Title) -> (Self, f64) {
        match heading {
            Title::Own => Self::new(width, title, subtitle),
            Title::Text(text) => Self::new(width, text, subtitle),
            Title::None => Self::new(width, "", ""),
        }
    }

    /// A picture of this width with its heading, and where the heading ends.
    pub(super) fn new(width: f64, title: &str, subtitle: &str) -> (Self, f64) {
        let mut drawing = Drawing::default();
        let mut y = MARGIN;
        for (text, size) in [(title, TITLE), (subtitle, SUBTITLE)] {
            for line in wrapped(text, size, width - 2.0 * MARGIN) {
                drawing.text(&line, (MARGIN, y + 0.8 * size), &Letters::new(size, Anchor::Left));
                y += LEADING * size;
            }
        }
        (Self { width, height: y, drawing, fields: Vec::new(), transparent: false }, y + 0.3 * SUBTITLE)
    }

    /// Puts cells under the drawing.
    pub(super) fn put(&mut self, area: Area, field: Field) {
        self.fields.push((area, field));
    }

    /// The picture as an SVG document with all of its cells.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if a bitmap cannot be packed (not expected).
    pub(super) fn svg(&self) -> Result<String> {
        self.document(Medium::Vector)
    }

    fn document(&self, medium: Medium) -> Result<String> {
        let (w, h) = (px(self.width), px(self.height));
        let mut under = Drawing::default();
        if !self.transparent {
            under.rect(&Area::new(0.0, 0.0, self.width, self.height), Some([255; 3]), None);
        }
        for (area, field) in &self.fields {
            match medium {
                Medium::Vector => field.draw(&mut under, area)?,
                Medium::Pixels(scale) => field.draw_pixels(&mut under, area, scale)?,
            }
        }
        Ok(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\">\n{}{}</svg>\n",
            under.elements(),
            self.drawing.elements()
        ))
    }

    fn png(&self, scale: f64) -> Result<Vec<u8>> {
        let tree = usvg::Tree::from_str(&self.document(Medium::Pixels(scale))?, &options()).map_err(drawing_failed)?;
        let [w, h] = [self.width, self.height].map(|side| (side * scale).round() as u32);
        let mut pixels = tiny_skia::Pixmap::new(w, h).ok_or_else(|| drawing_failed("it has no size"))?;
        let (sx, sy) = (f64::from(w) / self.width, f64::from(h) / self.height);
        resvg::render(&tree, tiny_skia::Transform::from_scale(sx as f32, sy as f32), &mut pixels.as_mut());
        pixels.encode_png().map_err(drawing_failed)
    }

    /// Writes the picture as SVG or PNG, by the ending of its name, whole or not at all.
    ///
    /// # Errors
    /// [`crate::Error::File`] if it cannot be written; [`crate::Error::Engine`] if it cannot be drawn (not expected).
    pub(super) fn save(&self, output: Output<'_>) -> Result<()> {
        let bytes = if is_svg(output.path) { self.svg()?.into_bytes() } else { self.png(1.0)? };
        write_file(output, &bytes)
    }
}

/// Whether a path ends in .svg.
pub(super) fn is_svg(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg"))
}
