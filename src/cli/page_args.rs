//! Options that say how large a picture is, and what every picture says of its origin.

use super::command_line::command_of_picture;
use crate::error::{Error, Result};
use crate::figure::{About, Size, Target, check_outline};
use crate::store::{Output, origin};
use clap::Args;
use std::path::Path;

/// Options of the page of a picture.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct PageArgs {
    /// The picture's width, or width and height: 86mm, 86x70mm, 8.6cm, 3.4in, or 1240x1000 in pixels [default: that of its
    /// kind]
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    size: Option<String>,
    /// Pixels per inch of a PNG [default: 254, which is 10 for each mm]
    #[arg(long, value_name = "DPI", allow_hyphen_values = true)]
    dpi: Option<f64>,
    /// Draw the texts of an SVG as outlines of their letters, for programs without the font
    #[arg(long)]
    outline_text: bool,
}

impl PageArgs {
    /// Checks the options, of a picture at `path` if there is one.
    ///
    /// # Errors
    /// [`Error::Request`] if a size is none or out of bounds, or texts cannot be outlines in this file.
    pub(super) fn check(&self, path: Option<&Path>) -> Result<Size> {
        if let Some(path) = path {
            check_outline(path, self.outline_text)?;
        }
        Size::new(self.size.as_deref(), self.dpi)
    }

    /// First option that is given, if any.
    pub(super) fn first_used(&self) -> Option<&'static str> {
        let used =
            [("--size", self.size.is_some()), ("--dpi", self.dpi.is_some()), ("--outline-text", self.outline_text)];
        used.into_iter().find(|g| g.1).map(|g| g.0)
    }

    /// Checks the options of the picture that a command draws of its result, if it draws one.
    ///
    /// # Errors
    /// As of [`PageArgs::check`]; also if an option is given, and no picture is drawn.
    pub(super) fn check_of_result(&self, plot: Option<&Path>) -> Result<()> {
        match (plot, self.first_used()) {
            (None, Some(option)) => {
                Err(Error::request(format!("{option} is of the picture, and none is drawn"), "add --plot FILE.png"))
            }
            _ => self.check(plot).map(|_| ()),
        }
    }

    /// The page of a picture, and the origin of its data if they are in a file.
    ///
    /// # Errors
    /// As of [`PageArgs::check`]; [`crate::Error::File`] if the file cannot be read.
    pub(super) fn target<'a>(&self, output: Output<'a>, data: Option<&Path>) -> Result<Target<'a>> {
        let size = self.check(Some(output.path))?;
        let origin = data.map(origin).transpose()?.unwrap_or_default();
        let about = About { command: command_of_picture(), data: origin.file, request: origin.request };
        Ok(Target { size, outline_text: self.outline_text, about, ..Target::from(output) })
    }

    /// The page of a picture of a result that is there by now: it is drawn higher rather than not at all.
    ///
    /// # Errors
    /// As of [`PageArgs::target`].
    pub(super) fn target_of_result<'a>(&self, output: Output<'a>, data: Option<&Path>) -> Result<Target<'a>> {
        let target = self.target(output, data)?;
        Ok(Target { size: target.size.or_higher(), ..target })
    }

    /// The size of the pictures of results that are not there yet, and whether texts are outlines.
    ///
    /// # Errors
    /// As of [`PageArgs::check`].
    pub(super) fn of_results(&self) -> Result<(Size, bool)> {
        Ok((self.check(None)?.or_higher(), self.outline_text))
    }
}
