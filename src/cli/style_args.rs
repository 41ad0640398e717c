//! Options that say how a map is drawn.

use crate::error::{Error, Result};
use crate::figure::{ColourMap, Style, Title};
use crate::model::Parameter;
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
    /// Let colours follow the logarithm of the values, or with 'off' never [default: for times that differ by a factor of more
    /// than 100]
    #[arg(long, value_name = "on|off", num_args = 0..=1, require_equals = true, default_missing_value = "on", value_parser = ["on", "off"])]
    log_colour: Option<String>,
    /// The colours of the numbers [default: viridis]
    #[arg(long, value_name = "NAME", value_parser = ColourMap::ALL.map(ColourMap::name))]
    cmap: Option<String>,
    /// The title, or 'none' for no title and no parameters
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Draw on no ground, in place of a white one
    #[arg(long)]
    pub transparent: bool,
    #[command(flatten)]
    axes: AxisArgs,
}

/// Options that say which axis goes where.
#[derive(Debug, Clone, Args)]
pub(super) struct AxisArgs {
    /// The parameter along x of a picture [default: the last axis; V_n of the plane of V_n and R_n]
    #[arg(long, value_name = "NAME")]
    x_axis: Option<String>,
    /// The parameter up y of a picture
    #[arg(long, value_name = "NAME")]
    y_axis: Option<String>,
}

impl AxisArgs {
    /// The usual style with these axes.
    ///
    /// # Errors
    /// [`crate::Error::Request`] if a name is no parameter's, or both are the same.
    pub(super) fn style(&self) -> Result<Style> {
        let parameter = |name: &Option<String>| name.as_deref().map(Parameter::parse).transpose();
        let style = Style { x: parameter(&self.x_axis)?, y: parameter(&self.y_axis)?, ..Style::USUAL };
        style.check()?;
        Ok(style)
    }

    /// First option that is given, if any.
    pub(super) fn first_used(&self) -> Option<&'static str> {
        let used = [("--x-axis", self.x_axis.is_some()), ("--y-axis", self.y_axis.is_some())];
        used.into_iter().find(|g| g.1).map(|g| g.0)
    }
}

impl StyleArgs {
    /// The style that is asked for.
    ///
    /// # Errors
    /// [`Error::Request`] if the limits of the colours do not go together, or the title has a control character.
    pub(super) fn style(&self) -> Result<Style> {
        let named = |m: &ColourMap| Some(m.name()) == self.cmap.as_deref();
        if let Some(c) = self.title.iter().flat_map(|text| text.chars()).find(|c| c.is_control()) {
            let problem = format!("--title has the control character U+{:04X}", u32::from(c));
            return Err(Error::request(problem, "write the title in one line, without it"));
        }
        let title = match self.title.as_deref() {
            None => Title::Own,
            Some("none") => Title::None,
            Some(text) => Title::Text(text.to_string()),
        };
        let style = Style {
            lowest: self.vmin,
            highest: self.vmax,
            log_colour: self.log_colour.as_deref().map(|word| word == "on"),
            colours: ColourMap::ALL.into_iter().find(named),
            title,
            transparent: self.transparent,
            ..self.axes.style()?
        };
        style.check()?;
        Ok(style)
    }

    /// Whether a title is asked for.
    pub(super) fn has_title(&self) -> bool {
        self.title.is_some()
    }
}

/// The option that draws bifurcations.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct CurvesArgs {
    /// Draw bifurcations of equilibria: Hopf, fold and cusp curves over a plane; Hopf points and folds of a ramp's lanes
    #[arg(long)]
    pub curves: bool,
}

/// Options of the picture that a command draws of its result.
#[derive(Debug, Clone, Args)]
pub(super) struct PictureArgs {
    #[command(flatten)]
    pub bifurcations: CurvesArgs,
    #[command(flatten)]
    axes: AxisArgs,
}

impl PictureArgs {
    /// The style of the picture, if there is one.
    ///
    /// # Errors
    /// [`Error::Request`] if an option is of the picture, and none is drawn, or the axes do not go together.
    pub(super) fn style(&self, is_drawn: bool) -> Result<Style> {
        let used = self.bifurcations.curves.then_some("--curves").or(self.axes.first_used());
        match used.filter(|_| !is_drawn) {
            Some(option) => {
                Err(Error::request(format!("{option} is of the picture, and none is drawn"), "add --plot FILE.png"))
            }
            None => self.axes.style(),
        }
    }
}
