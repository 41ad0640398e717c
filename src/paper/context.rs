//! A run that makes figures of the paper: its folder, engine, quality, and the maps made so far.

use crate::engine::{EngineOptions, OpenEngine, Progress};
use crate::error::Result;
use crate::figure::{About, Line, LinePlot, Size, Target, View, draw, draw_line_plot};
use crate::model::{Parameter, Parameters, Start};
use crate::plan::{Plan, Request};
use crate::store::{MapFile, Output, SeriesFile, Value, history, origin, provenance, write_series};
use crate::sweep::SweepJob;
use crate::sweep::{Ramp, ramp, record_ramp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Resolution of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Quality {
    /// Minutes on two cores: for a look, and for CI.
    Draft,
    /// As fine as a journal prints.
    #[default]
    Paper,
    /// As fine as a wall shows: maps of 4096 × 4096 cells.
    Poster,
}

impl Quality {
    /// Selects one of three numbers by the quality.
    pub(super) fn pick(self, [draft, paper, poster]: [u64; 3]) -> u64 {
        match self {
            Quality::Draft => draft,
            Quality::Paper => paper,
            Quality::Poster => poster,
        }
    }
}

/// A run that makes figures in a folder.
#[derive(Debug)]
pub struct PaperRun<'a> {
    /// Output folder.
    pub folder: PathBuf,
    /// Resolution of the figures.
    pub quality: Quality,
    /// Requested engine options.
    pub wanted: EngineOptions,
    /// Engine in use.
    pub chosen: &'a OpenEngine,
    /// Progress, which counts every cell.
    pub progress: &'a Progress,
    /// Command line, for the files' history.
    pub command: String,
    /// Command line, for the pictures.
    pub drawn_by: String,
    /// Size of the pictures.
    pub size: Size,
    /// Whether the texts of the SVGs are outlines of letters.
    pub outline_text: bool,
    /// Names of the maps made so far.
    made: BTreeSet<&'static str>,
    /// Whether existing files may be replaced.
    pub force: bool,
    /// Own values of parameters, of items that take some.
    pub set: BTreeMap<Parameter, f64>,
    /// Results of the item `numbers`.
    pub numbers: Vec<super::Number>,
    /// Result of the search for the largest span over Gamma and alpha, once made.
    pub(super) largest: Option<crate::optimum::Found>,
}

impl<'a> PaperRun<'a> {
    /// Creates a run that has made nothing yet.
    #[must_use]
    pub fn new(
        folder: &Path,
        quality: Quality,
        wanted: EngineOptions,
        chosen: &'a OpenEngine,
        progress: &'a Progress,
        command: String,
    ) -> Self {
        let (folder, made, numbers) = (folder.to_owned(), BTreeSet::new(), Vec::new());
        let (force, largest, set, drawn_by) = (false, None, BTreeMap::new(), command.clone());
        let (size, outline_text) = (Size::default(), false);
        Self {
            drawn_by,
            folder,
            quality,
            wanted,
            chosen,
            progress,
            command,
            size,
            outline_text,
            made,
            force,
            set,
            numbers,
            largest,
        }
    }

    /// Path of the file of this name and ending.
    #[must_use]
    pub fn path(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }

    /// Makes an output of a path, replacing an existing file if `replace` is set.
    pub(super) fn output<'p>(&self, path: &'p Path) -> Output<'p> {
        Output::with(path, self.force)
    }

    /// Plan for this run's engine from axes and settings.
    pub(super) fn plan(&self, axes: &[String], settings: &[(Parameter, f64)], start: Start) -> Result<Plan> {
        Plan::new(Request {
            grid: axes.iter().map(|text| text.parse()).collect::<Result<_>>()?,
            set: settings.iter().copied().collect(),
            start,
            engine: self.wanted.kind,
            adapter: self.wanted.adapter.clone(),
            precision: self.wanted.precision,
            table_format: self.wanted.format,
            ..Request::default()
        })
    }

    /// Plan as from [`PaperRun::plan`], with the run's own values of parameters.
    pub(super) fn own_plan(&self, axes: &[String], settings: &[(Parameter, f64)], start: Start) -> Result<Plan> {
        let own = settings.iter().copied().chain(self.set.iter().map(|(p, value)| (*p, *value)));
        self.plan(axes, &own.collect::<Vec<_>>(), start)
    }

    /// Parameters of the paper with the run's own values.
    pub(super) fn parameters(&self, v_n: f64, r_n: f64, gamma: f64) -> Parameters<f64> {
        let mut values = Parameters::at(v_n, r_n, gamma).to_array();
        self.set.iter().for_each(|(p, value)| values[*p as usize] = *value);
        Parameters::from_array(values)
    }

    /// Map of a plan, swept unless this run has done so already.
    pub(super) fn map(&mut self, name: &'static str, plan: &Plan) -> Result<MapFile> {
        let path = self.path(name, "h5");
        if self.made.insert(name) {
            let job = SweepJob::new(plan, &path, &self.command, self.progress);
            SweepJob { force: self.force, ..job }.run(self.chosen)?;
        }
        MapFile::open(&path)
    }

    /// Names of the maps made so far.
    pub fn maps(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.made.iter().copied()
    }

    /// Runs a ramp along a plan's first axis, up and down, and writes it.
    pub(super) fn ramp(&self, name: &str, plan: &Plan) -> Result<Ramp> {
        let walked = ramp(plan, self.chosen, None, self.progress)?;
        record_ramp(self.output(&self.path(name, "h5")), plan, self.chosen, None, &walked, &self.command)?;
        Ok(walked)
    }

    /// Writes series with this run's provenance.
    pub(super) fn series(&self, name: &str, title: &str, mut content: SeriesFile) -> Result<()> {
        content.attributes.splice(0..0, self.provenance(name, title));
        write_series(self.output(&self.path(name, "h5")), &content)
    }

    /// Provenance attributes of the data file of this name.
    pub(super) fn provenance(&self, name: &str, title: &str) -> Vec<(String, Value)> {
        provenance(title, history(self.output(&self.path(name, "h5")), &self.command))
    }

    /// Draws a picture as PNG, SVG and PDF.
    pub(super) fn draw(&self, name: &str, drawing: impl Fn(Target<'_>) -> Result<()>) -> Result<()> {
        let origin = origin(&self.path(name, "h5"))?;
        let about = About { command: self.drawn_by.clone(), data: origin.file, request: origin.request };
        ["png", "svg", "pdf"].iter().try_for_each(|ending| {
            let path = self.path(name, ending);
            let (about, outline_text) = (about.clone(), self.outline_text && *ending == "svg");
            drawing(Target { about, size: self.size, outline_text, ..Target::from(self.output(&path)) })
        })
    }

    /// Draws a line plot as PNG, SVG and PDF.
    pub(super) fn plot(&self, name: &str, plot: &LinePlot) -> Result<()> {
        self.draw(name, |output| draw_line_plot(plot, output))
    }

    /// Draws a map with lines over it as PNG, SVG and PDF.
    pub(super) fn heat_map(&self, name: &str, map: &MapFile, over: &[Line]) -> Result<()> {
        self.draw(name, |output| draw(map, &View::whole(map), over, output))
    }
}
