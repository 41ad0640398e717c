//! A picture under construction: vector layers and bitmaps, typeset and saved as SVG or PNG.
//!
//! Text in a PNG is drawn with the bundled font, so it looks the same on a machine without fonts.

use crate::error::{Error, Result};
use crate::store::{Output, write_file};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};
use resvg::{tiny_skia, usvg};
use std::fmt::Write;
use std::path::Path;

const FONT: &[u8] = include_bytes!("font/DejaVuSans.ttf");
/// Name of the bundled font, which an SVG refers to.
pub(super) const FONT_FAMILY: &str = "DejaVu Sans";

/// Canvas of a vector layer.
pub(super) type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A bitmap, its pixels row by row from the top.
pub(super) struct Bitmap {
    pub width: u32,
    pub height: u32,
    pub rgb: Vec<u8>,
}

/// A picture under construction.
pub(super) struct Picture {
    size: (u32, u32),
    body: String,
}

/// Converts an error of the drawing library to [`Error::Engine`]; drawing to a string should not fail.
pub(super) fn drawing_failed(e: impl std::fmt::Display) -> Error {
    Error::engine(format!("the picture could not be drawn: {e}"), "please report this with the command")
}

impl Picture {
    pub(super) fn new(width: u32, height: u32) -> Self {
        Self {
            size: (width, height),
            body: format!("<rect width=\"{width}\" height=\"{height}\" fill=\"#ffffff\"/>\n"),
        }
    }

    /// Adds a vector layer, drawn by `draw`, on top of the picture.
    pub(super) fn layer<T>(&mut self, draw: impl FnOnce(&Canvas<'_>) -> Result<T>) -> Result<T> {
        let mut svg = String::new();
        let result = {
            let canvas = SVGBackend::with_string(&mut svg, self.size).into_drawing_area();
            let result = draw(&canvas)?;
            canvas.present().map_err(drawing_failed)?;
            result
        };
        // Plotters writes a whole document; its elements are between the first tag and the last.
        let inner = svg.split_once("<svg").and_then(|(_, rest)| rest.split_once('>')).map_or("", |(_, rest)| rest);
        self.body.push_str(inner.trim_end().trim_end_matches("</svg>"));
        Ok(result)
    }

    /// Adds a bitmap with its upper left corner at (x, y), one pixel per unit.
    pub(super) fn bitmap(&mut self, x: i32, y: i32, bitmap: &Bitmap) -> Result<()> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, bitmap.width, bitmap.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header().and_then(|mut w| w.write_image_data(&bitmap.rgb)).map_err(drawing_failed)?;
        let Bitmap { width, height, .. } = bitmap;
        // Writing to a String cannot fail.
        let _ = writeln!(
            self.body,
            "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" image-rendering=\"optimizeSpeed\" \
             preserveAspectRatio=\"none\" href=\"data:image/png;base64,{}\"/>",
            STANDARD.encode(&bytes)
        );
        Ok(())
    }

    /// The picture as an SVG document.
    pub(super) fn svg(&self) -> String {
        let (w, h) = self.size;
        let body = typeset(&self.body);
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\">\n{body}</svg>\n"
        )
    }

    fn png(&self) -> Result<Vec<u8>> {
        let mut options = usvg::Options { font_family: FONT_FAMILY.to_string(), ..usvg::Options::default() };
        options.fontdb_mut().load_font_data(FONT.to_vec());
        let tree = usvg::Tree::from_str(&self.svg(), &options).map_err(drawing_failed)?;
        let mut pixels =
            tiny_skia::Pixmap::new(self.size.0, self.size.1).ok_or_else(|| drawing_failed("it has no size"))?;
        resvg::render(&tree, tiny_skia::Transform::identity(), &mut pixels.as_mut());
        pixels.encode_png().map_err(drawing_failed)
    }

    /// Writes the picture as SVG or PNG, by the ending of its name, whole or not at all.
    pub(super) fn save(&self, output: Output<'_>) -> Result<()> {
        let bytes = if is_svg(output.path) { self.svg().into_bytes() } else { self.png()? };
        write_file(output, &bytes)
    }
}

/// Whether a path ends in .svg.
pub(super) fn is_svg(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("svg"))
}

/// Typesets `_x` in texts as a subscript, as the paper prints its symbols.
fn typeset(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    let mut rest = svg;
    while let Some(start) = rest.find("<text") {
        let Some(open) = rest[start..].find('>').map(|i| start + i + 1) else { break };
        let Some(close) = rest[open..].find("</text>").map(|i| open + i) else { break };
        out.push_str(&rest[..open]);
        out.push_str(&subscripts(rest[open..close].trim()));
        rest = &rest[close..];
    }
    out.push_str(rest);
    out
}

fn subscripts(text: &str) -> String {
    let mut parts = text.split('_');
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let end = part.find(|c: char| !c.is_alphanumeric()).unwrap_or(part.len());
        let (sub, after) = part.split_at(end);
        // Writing to a String cannot fail.
        let _ = write!(out, "<tspan baseline-shift=\"sub\" font-size=\"75%\">{sub}</tspan>{after}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscripts_are_set_in_texts_alone() {
        let svg = typeset("<rect id=\"a_b\"/><text x=\"1\">\nV_max − V_min\n</text>");
        assert!(svg.contains("id=\"a_b\""));
        assert!(svg.contains(">V<tspan baseline-shift=\"sub\" font-size=\"75%\">max</tspan> − V<tspan"));
    }

    #[test]
    fn every_sign_of_the_labels_is_in_the_font() {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(FONT.to_vec());
        let face = fonts.faces().next().expect("one face");
        assert_eq!(face.families[0].0, FONT_FAMILY);
    }
}
