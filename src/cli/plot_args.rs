//! Arguments of `hopfmap plot`.

use super::axis_values::AtArgs;
use super::command_report::Format;
use super::messages::Verbosity;
use super::page_args::PageArgs;
use super::panel_args::PanelArgs;
use super::plane_curves::CyclesArgs;
use super::rules::exclusive;
use super::style_args::{CurvesArgs, StyleArgs};
use crate::error::Result;
use clap::Args;
use std::path::PathBuf;

/// Arguments of `hopfmap plot`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap plot map.h5 -o map.svg --variable v_mean --at alpha=1")]
pub(super) struct Arguments {
    /// The file: a map, a trajectory, a ramp, curves or branches of cycles
    pub file: PathBuf,
    /// Where to write: an HDF5 file (plot: a .png, .svg or .pdf picture; view: an .html page; paper and man: a folder) [default: the file's name with .png]
    #[arg(short, long, value_name = "PATH")]
    pub output: Option<PathBuf>,
    /// Which column of a map: span, v_min, v_max, v_mean, period, span_error, settle_time, multiplier, maxima, lyapunov,
    /// lyapunov_error, outcome or certificate; of a map with several starts also attractors, coexistence or largest_span; with
    /// --means z_mean, coherence, i_mean, power or interval; with --input latency, spikes or response_v_max; of a ramp loop_area [default: span, or largest_span; V of a ramp of 6 lanes at most]
    #[arg(long, value_name = "COLUMN")]
    pub variable: Option<String>,
    /// The start: 'rest' is (0, 0, Z_T, 0); 'lower', 'middle' or 'upper' is near that equilibrium; X,Y,Z,V is a state;
    /// where several starts make sense, 'equilibria' is near each equilibrium in turn, and N or N:SEED is N random
    /// states [default: all of the map's]
    #[arg(long, value_name = "START", allow_hyphen_values = true)]
    pub start: Option<String>,
    #[command(flatten)]
    pub at: AtArgs,
    #[command(flatten)]
    pub panels: PanelArgs,
    #[command(flatten)]
    pub bifurcations: CurvesArgs,
    #[command(flatten)]
    pub cycles: CyclesArgs,
    #[command(flatten)]
    pub style: StyleArgs,
    #[command(flatten)]
    pub page: PageArgs,
    /// Draw one pixel for each cell of a plane, without axes, as a PNG for other programs
    #[arg(long)]
    pub native: bool,
    /// Draw a map of three axes as regions where oscillations exist, one for each value of the slowest axis, and say whether
    /// they are nested
    #[arg(long)]
    pub regions: bool,
    /// Replace outputs that exist
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub verbosity: Verbosity,
    #[command(flatten)]
    pub format: Format,
}

impl Arguments {
    /// Checks the options for conflicts.
    ///
    /// # Errors
    /// [`Error::Request`] if `--regions` is given with an option of other pictures.
    pub(super) fn check(&self) -> Result<()> {
        let regions = ("--regions", self.regions);
        for other in [
            ("--variable", self.variable.is_some()),
            ("--start", self.start.is_some()),
            ("--at", !self.at.is_empty()),
            ("--curves", self.bifurcations.curves),
            ("--cycles", self.cycles.cycles.is_some()),
            ("--facet", self.panels.facet.is_some()),
            ("--each", self.panels.each.is_some()),
        ] {
            exclusive(regions, other, "regions are drawn of the whole map")?;
        }
        let [facet, each] = [("--facet", self.panels.facet.is_some()), ("--each", self.panels.each.is_some())];
        let page = self.page.first_used();
        for other in [
            regions,
            facet,
            each,
            ("--curves", self.bifurcations.curves),
            ("--title", self.style.has_title()),
            ("--transparent", self.style.transparent),
            (page.unwrap_or_default(), page.is_some()),
        ] {
            exclusive(("--native", self.native), other, "native pixels are the bare cells, one for each")?;
        }
        self.page.check(None)?;
        exclusive(facet, each, "one makes panels, and the other pictures")
    }

    /// Options that apply to maps only, and whether they are present.
    pub(super) fn map_only(&self) -> Vec<(&'static str, bool)> {
        vec![
            ("--cycles", self.cycles.cycles.is_some()),
            ("--start", self.start.is_some()),
            ("--regions", self.regions),
            ("--facet", self.panels.facet.is_some()),
            ("--native", self.native),
        ]
    }
}
