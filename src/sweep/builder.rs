//! Library interface to sweeps: parameters and axes in, an array or a file out.

use super::map::Map;
use super::run::SweepJob;
use crate::engine::{EngineKind, OpenEngine, Precision, Progress, open_engine};
use crate::error::Result;
use crate::grid::{Axis, Points, Spacing};
use crate::model::{Parameter, Start};
use crate::plan::{Plan, Request};
use crate::store::{MapFile, check_output};
use std::ops::RangeInclusive;
use std::path::Path;

/// A sweep over a grid of parameters, or over a list of points.
///
/// Axes are added slowest first: the last one varies fastest, and is x in a picture. A parameter
/// that is neither swept nor set has its default; V_n, R_n and Gamma have none. Nothing is checked
/// before the sweep runs.
///
/// ```
/// use hopfmap::{Outcome, Parameter::*, Sweep};
///
/// let map = Sweep::new()
///     .axis(Gamma, 0.1..=0.6, 6)
///     .axis(ZT, 0.0..=1.0, 3)
///     .set(VN, 2.0)
///     .set(RN, 6.0)
///     .run()?;
/// let span = map.array("span")?;
/// assert_eq!(span.shape(), [6, 3]);
/// assert_eq!(map.outcomes()[[5, 0]], Outcome::Steady);
/// # Ok::<(), hopfmap::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Sweep<'a> {
    request: Request,
    progress: Option<&'a Progress>,
    force: bool,
}

/// Entry for the history of a file that no command line has created.
const COMMAND: &str = "hopfmap::Sweep";

impl<'a> Sweep<'a> {
    /// A sweep without any axis or point.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A sweep that repeats a request, for example one that [`Request::from_file`] has read.
    #[must_use]
    pub fn from_request(request: Request) -> Self {
        Self { request, ..Self::default() }
    }

    /// Adds an axis with `count` values at equal distances, both ends included.
    #[must_use]
    pub fn axis(self, parameter: Parameter, range: RangeInclusive<f64>, count: u64) -> Self {
        let (start, stop) = range.into_inner();
        self.with_axis(parameter, Spacing::Linear { start, stop, count })
    }

    /// Adds an axis with `count` values at equal ratios, both ends included.
    #[must_use]
    pub fn log_axis(self, parameter: Parameter, range: RangeInclusive<f64>, count: u64) -> Self {
        let (start, stop) = range.into_inner();
        self.with_axis(parameter, Spacing::Log { start, stop, count })
    }

    /// Adds an axis with these values.
    #[must_use]
    pub fn values(self, parameter: Parameter, values: impl IntoIterator<Item = f64>) -> Self {
        self.with_axis(parameter, Spacing::List(values.into_iter().collect()))
    }

    /// Sets points instead of axes: columns of parameters, each with its value at every point, for samples such as a Latin
    /// hypercube. A sweep has axes or points, not both.
    ///
    /// ```
    /// use hopfmap::{Parameter::*, Sweep};
    ///
    /// let points = [(VN, vec![2.0, 2.5, 3.0]), (Gamma, vec![0.1, 0.05, 0.2])];
    /// let map = Sweep::new().points(points)?.set(RN, 6.0).run()?;
    /// assert_eq!(map.array("span")?.shape(), [3]);
    /// assert_eq!(map.points().map(|points| points.row(1)), Some(&[2.5, 0.05][..]));
    /// # Ok::<(), hopfmap::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`crate::Error::Request`] if there is no column or no point, a parameter occurs twice, the columns are not of one
    /// length, a value is out of range, or there are more than 2^22 values.
    pub fn points(mut self, columns: impl IntoIterator<Item = (Parameter, Vec<f64>)>) -> Result<Self> {
        self.request.points = Some(Points::new(columns.into_iter().collect())?);
        Ok(self)
    }

    fn with_axis(mut self, parameter: Parameter, spacing: Spacing) -> Self {
        self.request.grid.push(Axis::new(parameter, spacing));
        self
    }

    /// Sets a parameter that is the same in all cells; the last value counts.
    #[must_use]
    pub fn set(mut self, parameter: Parameter, value: f64) -> Self {
        self.request.set.insert(parameter, value);
        self
    }

    /// Sets the start of each cell: at rest, unless set.
    #[must_use]
    pub fn start(mut self, start: Start) -> Self {
        self.request.start = start;
        self
    }

    /// Sets the engine: a hardware GPU if one works and the map is not small, else the CPU, unless set.
    #[must_use]
    pub fn engine(mut self, engine: EngineKind) -> Self {
        self.request.engine = engine;
        self
    }

    /// Sets the GPU adapter: its index, `pci:` and its PCI bus id, part of its name, or `fallback` for a software adapter;
    /// `0,1` are two of them, and `all` is every one of the first one's kind.
    #[must_use]
    pub fn adapter(mut self, name: impl Into<String>) -> Self {
        self.request.adapter = Some(name.into());
        self
    }

    /// Sets the number type: f32, unless set.
    #[must_use]
    pub fn precision(mut self, precision: Precision) -> Self {
        self.request.precision = precision;
        self
    }

    /// Sets the RK4 step, in units of tau_c.
    ///
    /// A step longer than the rule's makes spans worse than their stated errors.
    #[must_use]
    pub fn dt(mut self, dt: f64) -> Self {
        self.request.dt = Some(dt);
        self
    }

    /// Sets the time, in units of tau_c, after which a cell that has not settled is given up.
    #[must_use]
    pub fn t_max(mut self, t_max: f64) -> Self {
        self.request.t_max = Some(t_max);
        self
    }

    /// Sets whether the map has means of each cell's settled motion: `z_mean`, `coherence`, `i_mean`, `power`, `interval`.
    ///
    /// ```
    /// use hopfmap::{Parameter::*, Sweep};
    ///
    /// let map = Sweep::new().values(ZT, [0.5, 1.0]).set(VN, 2.0).set(RN, 6.0).set(Gamma, 0.1).means(true).run()?;
    /// let z_mean = map.array("z_mean")?;
    /// assert!((z_mean[[0]] - z_mean[[1]]).abs() < 1e-3); // at the threshold Z_AH, whatever Z_T is
    /// # Ok::<(), hopfmap::Error>(())
    /// ```
    #[must_use]
    pub fn means(mut self, means: bool) -> Self {
        self.request.means = means;
        self
    }

    /// Sets an input V_n(t), as `hopfmap trace --input` takes it, to which the map has each cell's response up to `t_end`
    /// (tau_c): `latency`, `spikes`, `response_v_max`.
    #[must_use]
    pub fn input(mut self, input: impl Into<String>, t_end: f64) -> Self {
        (self.request.input, self.request.t_end) = (Some(input.into()), Some(t_end));
        self
    }

    /// Sets the least swing of V in a spike of a response: half of each response's largest one, unless set.
    #[must_use]
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.request.threshold = Some(threshold);
        self
    }

    /// Sets how many cells the audit recomputes; 0 for none.
    #[must_use]
    pub fn audit(mut self, cells: u64) -> Self {
        self.request.audit = Some(cells);
        self
    }

    /// Sets counters that another thread can read, with a token, [`Progress::stop`], to cancel the
    /// sweep.
    #[must_use]
    pub fn progress(mut self, progress: &'a Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Sets whether [`Sweep::run_to`] may replace a file.
    #[must_use]
    pub fn force(mut self, force: bool) -> Self {
        self.force = force;
        self
    }

    /// The request of the sweep.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    fn opened(self) -> Result<(Plan, OpenEngine)> {
        let plan = Plan::new(self.request)?;
        let engine = open_engine(&plan.wanted())?;
        Ok((plan, engine))
    }

    /// Computes the map and keeps it in memory, at 96 bytes per cell and start, and 16 more per cell of a plane;
    /// 8 more per cell and start for each column that is asked for.
    ///
    /// # Errors
    /// [`crate::Error::Request`] if a limit is broken; [`crate::Error::Engine`] or
    /// [`crate::Error::DeviceLost`] if the engine fails; [`crate::Error::Interrupted`] if
    /// cancelled.
    pub fn run(self) -> Result<Map> {
        let own = Progress::default();
        let progress = self.progress.unwrap_or(&own);
        let (plan, engine) = self.opened()?;
        Map::compute(plan, &engine, progress)
    }

    /// Computes the map part by part, writes it to a file, and opens it.
    ///
    /// A finished map of the same request is opened, not computed again, unless [`Sweep::force`] is
    /// set. If the run ends early, the finished parts stay next to the file, and the same call continues
    /// with them.
    ///
    /// # Errors
    /// As for [`Sweep::run`]; [`crate::Error::File`] if the file cannot be written;
    /// [`crate::Error::Unfinished`] if the run ends early; [`crate::Error::Busy`] if another
    /// process computes the same file.
    pub fn run_to(self, path: impl AsRef<Path>) -> Result<MapFile> {
        let (path, force, own) = (path.as_ref(), self.force, Progress::default());
        let progress = self.progress.unwrap_or(&own);
        let (plan, engine) = self.opened()?;
        let note = |note: &str| log::warn!("{note}");
        let job = SweepJob { force, note: &note, ..SweepJob::new(&plan, path, COMMAND, progress) };
        if force || !job.was_done(&engine)? {
            check_output(path, force, job.bytes(&engine)?)?;
        }
        job.run(&engine)?;
        MapFile::open(path)
    }
}
