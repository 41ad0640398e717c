//! Options that say how a map is drawn.

use crate::error::Result;
use crate::figure::{ColourMap, Style, Title};
use clap::Args;

/// Options of a picture of a map.
#[derive(Debug, Args)]
pub(super) struct StyleArgs {
    /// The value with the lowest colour [default: the smallest one; 0 for spans]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    vmin: Option<f64>,
    /// The value with the highest colour [default: the largest one]
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    vmax: Option<f64>,
    /// Let colours follow the logarithm of the values
    #[arg(long)]
    log_colour: bool,
    /// The colours of the numbers [default: viridis]
    #[arg(long, value_name = "NAME", value_parser = ColourMap::ALL.map(ColourMap::name))]
    cmap: Option<String>,
    /// The title, or 'none' for no title and no parameters
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Draw on no ground, in place of a white one
    #[arg(long)]
    pub transparent: bool,
}

impl StyleArgs {
    /// The style that is asked for.
    ///
    /// # Errors
    /// [`crate::Error::Request`] if the limits of the colours do not go together.
    pub(super) fn style(&self) -> Result<Style> {
        let named = |m: &ColourMap| Some(m.name()) == self.cmap.as_deref();
        let title = match self.title.as_deref() {
            None => Title::Own,
            Some("none") => Title::None,
            Some(text) => Title::Text(text.to_string()),
        };
        let style = Style {
            lowest: self.vmin,
            highest: self.vmax,
            log_colour: self.log_colour,
            colours: ColourMap::ALL.into_iter().find(named).unwrap_or_default(),
            title,
            transparent: self.transparent,
        };
        style.check()?;
        Ok(style)
    }

    /// Whether a title is asked for.
    pub(super) fn has_title(&self) -> bool {
        self.title.is_some()
    }

    /// First option that is given, if any.
    pub(super) fn first_used(&self) -> Option<&'static str> {
        let used = [
            ("--vmin", self.vmin.is_some()),
            ("--vmax", self.vmax.is_some()),
            ("--log-colour", self.log_colour),
            ("--cmap", self.cmap.is_some()),
            ("--title", self.title.is_some()),
            ("--transparent", self.transparent),
        ];
        used.into_iter().find(|g| g.1).map(|g| g.0)
    }
}
