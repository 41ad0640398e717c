//! Where a picture goes, how large it is there, and what it says about itself.

use super::about::About;
use super::outline::outlined;
use super::pdf::pdf;
use super::picture::Picture;
use super::size::Size;
use crate::error::{Error, Result};
use crate::store::{Output, write_file};
use std::path::Path;

/// Endings of pictures.
pub(super) const ENDINGS: [&str; 3] = ["png", "svg", "pdf"];

/// A picture's file, size and origin. An [`Output`] alone is a target of the usual size.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// File to write: PNG, SVG or PDF, by the ending of its name.
    pub output: Output<'a>,
    /// Size and pixels per inch.
    pub size: Size,
    /// Whether the texts of an SVG are outlines of letters; `outline_text`.
    pub outline_text: bool,
    /// Where it comes from.
    pub about: About,
}

impl<'a> From<Output<'a>> for Target<'a> {
    fn from(output: Output<'a>) -> Self {
        Self { output, size: Size::default(), outline_text: false, about: About::default() }
    }
}

impl Target<'_> {
    /// Writes a picture in the format of the file's ending, whole or not at all.
    ///
    /// # Errors
    /// [`Error::Request`] if the texts of another format than SVG are to be outlines; [`Error::File`] if it cannot be written;
    /// [`Error::Engine`] if it cannot be drawn (not expected).
    pub(super) fn save(&self, picture: &Picture) -> Result<()> {
        check_outline(self.output.path, self.outline_text)?;
        let bytes = match ending(self.output.path).as_deref() {
            Some("svg") if self.outline_text => outlined(&picture.svg(&self.size, &self.about)?)?.into_bytes(),
            Some("svg") => picture.svg(&self.size, &self.about)?.into_bytes(),
            Some("pdf") => pdf(&picture.tree()?, &self.about, picture.heading())?,
            _ => picture.png(&self.size, &self.about)?,
        };
        write_file(self.output, &bytes)
    }
}

/// Checks that texts can be outlines in the file at `path`, if they are to be.
///
/// # Errors
/// [`Error::Request`] if it is no SVG.
pub fn check_outline(path: &Path, outline_text: bool) -> Result<()> {
    let is_svg = ending(path).as_deref() == Some("svg");
    if !outline_text || is_svg {
        return Ok(());
    }
    Err(Error::request(
        format!("`outline_text` is of SVG, and the picture is {}", path.display()),
        "name it FILE.svg, or leave `outline_text` off: a PDF brings its fonts, and a PNG has none",
    ))
}

/// The ending of a picture's name, in small letters, if it is one of a picture.
pub(super) fn ending(path: &Path) -> Option<String> {
    let ending = path.extension()?.to_string_lossy().to_lowercase();
    ENDINGS.contains(&&*ending).then_some(ending)
}
