//! A picture under construction: its heading, its field of cells, its drawing; as SVG or PNG.

use super::about::About;
use super::bitmap::drawing_failed;
use super::chart::Sizes;
use super::drawing::{Anchor, Area, Drawing, Letters, px};
use super::field::Field;
use super::size::{Size, Space};
use super::style::Title;
use super::text::{LEADING, options, wrapped};
use crate::error::{Error, Result, shown};
use resvg::{tiny_skia, usvg};
use std::io::Write;

/// Space at the edges of a picture.
pub(super) const MARGIN: f64 = 22.0;
/// Sizes of texts.
pub(super) const SIZES: Sizes = Sizes { text: 30.0, small: 26.0 };
/// Sizes of the title and of the subtitle.
const TITLE: f64 = 36.0;
const SUBTITLE: f64 = 25.0;
/// Least height of a chart with its axes, in units.
const LEAST: f64 = 200.0;

/// A picture under construction.
#[derive(Debug)]
pub(super) struct Picture {
    pub width: f64,
    pub height: f64,
    pub drawing: Drawing,
    /// Title and subtitle, also where they are not drawn.
    title: String,
    subtitle: String,
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
            Title::None => {
                let (mut picture, top) = Self::new(width, "", "");
                (picture.title, picture.subtitle) = (title.to_string(), subtitle.to_string());
                (picture, top)
            }
        }
    }

    /// A picture that `draw` lays out in a space of the size that is wanted for, the usual one by default.
    ///
    /// # Errors
    /// [`Error::Request`] if the height leaves no room for the chart or its legend, or has too many pixels; any error of `draw`.
    pub(super) fn fitted(size: &Size, usual: (f64, f64), mut draw: impl FnMut(Space) -> Result<Self>) -> Result<Self> {
        let mut space = size.space(usual);
        let mut picture = draw(space)?;
        if let Some(height) = size.height() {
            let first = (space.high + height - picture.height).max(LEAST);
            // What stands around a chart hardly depends on its height.
            for _ in 0..3 {
                let left = space.high + height - picture.height;
                if left < LEAST && size.may_be_higher() {
                    space.high = LEAST;
                    let picture = draw(space)?;
                    let (wanted, is) = (shown(height / 10.0), shown((picture.height / 10.0).ceil()));
                    log::warn!("a picture {wanted} mm high leaves no room for the chart, and it is drawn {is} mm high");
                    return Ok(picture);
                }
                if left < LEAST {
                    let problem = format!(
                        "a `size` {} mm high leaves {} mm for the chart, which needs {}",
                        shown(height / 10.0),
                        shown((left / 10.0).round()),
                        LEAST / 10.0
                    );
                    let needed = (height - left + LEAST) / 10.0;
                    return Err(Error::request(
                        problem,
                        format!("give {} mm or more, or the width alone", needed.ceil()),
                    ));
                }
                space.high = left;
                picture = draw(space)?;
            }
            if picture.height > height + 1.0 {
                // The legend is what is high, so the chart need not be low.
                let needed = shown((picture.height / 10.0).ceil());
                let wanted = shown(height / 10.0);
                if !size.may_be_higher() {
                    return Err(Error::request(
                        format!("a `size` {wanted} mm high has no room for the legend"),
                        format!("give {needed} mm or more, or the width alone"),
                    ));
                }
                log::warn!("a picture {wanted} mm high has no room for the legend, and it is drawn {needed} mm high");
                return draw(Space { high: first, ..space });
            }
            picture.height = height;
        }
        size.check_sides(picture.width, picture.height)?;
        Ok(picture)
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
        let [title, subtitle] = [title, subtitle].map(ToString::to_string);
        (
            Self { width, height: y, drawing, title, subtitle, fields: Vec::new(), transparent: false },
            y + 0.3 * SUBTITLE,
        )
    }

    /// Ends the picture below `bottom`, with the labels that had no room next to their points.
    pub(super) fn end_below(&mut self, bottom: f64, left_off: &[String]) {
        let mut y = bottom;
        if !left_off.is_empty() {
            let text = format!("No room for the labels of {}", left_off.join(", "));
            for line in wrapped(&text, SIZES.small, self.width - 2.0 * MARGIN) {
                self.drawing.text(&line, (MARGIN, y + SIZES.small), &Letters::new(SIZES.small, Anchor::Left));
                y += LEADING * SIZES.small;
            }
        }
        self.height = (y + MARGIN).ceil();
    }

    /// Puts cells under the drawing.
    pub(super) fn put(&mut self, area: Area, field: Field) {
        self.fields.push((area, field));
    }

    /// Title and subtitle.
    pub(super) fn heading(&self) -> (&str, &str) {
        (&self.title, &self.subtitle)
    }

    /// The picture as an SVG document with all of its cells.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if a bitmap cannot be packed (not expected).
    pub(super) fn svg(&self, size: &Size, about: &About) -> Result<String> {
        let sides = [self.width, self.height].map(|side| size.svg(side));
        self.document(Medium::Vector, sides, &about.svg(&self.title, &self.subtitle))
    }

    /// The picture as it is drawn, with all of its cells; as large as it is in units.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if it cannot be drawn (not expected).
    pub(super) fn tree(&self) -> Result<usvg::Tree> {
        self.read(Medium::Vector)
    }

    fn read(&self, medium: Medium) -> Result<usvg::Tree> {
        let document = self.document(medium, [self.width, self.height].map(px), "")?;
        usvg::Tree::from_str(&document, &options()).map_err(drawing_failed)
    }

    fn document(&self, medium: Medium, [width, height]: [String; 2], metadata: &str) -> Result<String> {
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
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {w} {h}\">\n{metadata}{}{}</svg>\n",
            under.elements(),
            self.drawing.elements()
        ))
    }

    /// The picture as a PNG with its pixels per metre and its origin.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if it cannot be drawn (not expected).
    pub(super) fn png(&self, size: &Size, about: &About) -> Result<Vec<u8>> {
        let scale = size.scale();
        let tree = self.read(Medium::Pixels(scale))?;
        let [w, h] = [self.width, self.height].map(|side| size.pixels(side));
        let mut pixels = tiny_skia::Pixmap::new(w, h).ok_or_else(|| drawing_failed("it has no size"))?;
        resvg::render(&tree, tiny_skia::Transform::from_scale(scale as f32, scale as f32), &mut pixels.as_mut());
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, w, h);
        encoder.set_color(if self.transparent { png::ColorType::Rgba } else { png::ColorType::Rgb });
        let per_metre = size.per_metre();
        encoder.set_pixel_dims(Some(png::PixelDimensions { xppu: per_metre, yppu: per_metre, unit: png::Unit::Meter }));
        about.add_to(&mut encoder, self.heading())?;
        let mut writer = encoder.write_header().map_err(drawing_failed)?;
        let mut stream = writer.stream_writer().map_err(drawing_failed)?;
        let mut data = Vec::with_capacity(4 * w as usize);
        // Row by row: a second picture in memory would be as large as the first.
        for row in pixels.pixels().chunks(w as usize) {
            data.clear();
            for pixel in row {
                let c = pixel.demultiply();
                data.extend([c.red(), c.green(), c.blue()]);
                if self.transparent {
                    data.push(c.alpha());
                }
            }
            stream.write_all(&data).map_err(drawing_failed)?;
        }
        stream.finish().map_err(drawing_failed)?;
        drop(writer);
        Ok(bytes)
    }
}
