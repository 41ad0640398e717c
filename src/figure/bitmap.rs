//! Bitmaps of few colours, as PNG.

use super::colour::Rgb;
use crate::error::{Error, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// A bitmap with colours from a list, its pixels row by row from the top.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bitmap {
    pub width: u32,
    pub height: u32,
    pub pixels: Pixels,
}

/// Converts an error of a drawing library to [`Error::Engine`]; drawing in memory should not fail.
pub(super) fn drawing_failed(e: impl std::fmt::Display) -> Error {
    Error::engine(format!("the picture could not be drawn: {e}"), "please report this with the command")
}

/// Pixels of a bitmap.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Pixels {
    /// Colours, 256 at most, and for each pixel the number of its colour.
    Listed(Vec<Rgb>, Vec<u8>),
    /// Red, green and blue of each pixel.
    Free(Vec<u8>),
}

impl Bitmap {
    /// The bitmap as a PNG with what `about` adds.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if it cannot be packed (not expected).
    pub(super) fn png(&self, about: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>) -> Result<()>) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        about(&mut encoder)?;
        let data = match &self.pixels {
            Pixels::Listed(colours, pixels) => {
                encoder.set_color(png::ColorType::Indexed);
                encoder.set_palette(colours.concat());
                pixels
            }
            Pixels::Free(pixels) => {
                encoder.set_color(png::ColorType::Rgb);
                pixels
            }
        };
        // Neighbouring cells are alike: a run of them is short without a filter.
        encoder.set_compression(png::Compression::Fast);
        encoder.set_filter(png::Filter::NoFilter);
        encoder.write_header().and_then(|mut writer| writer.write_image_data(data)).map_err(drawing_failed)?;
        Ok(bytes)
    }

    /// The bitmap as a link that holds it.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if it cannot be packed (not expected).
    pub(super) fn link(&self) -> Result<String> {
        Ok(format!("data:image/png;base64,{}", STANDARD.encode(self.png(|_| Ok(()))?)))
    }
}
