//! Options of a request, shared by sweeps and ramps: axes, parameters, start, engine, step and times.

use super::device_args::DeviceArgs;
use super::outputs::Input;
use super::rules::{Presence, exclusive};
use crate::engine::{EngineKind, Precision};
use crate::error::{Error, Result};
use crate::grid::Points;
use crate::kernel::table::Format;
use crate::model::Start;
use crate::plan::{Request, parse_settings};
use crate::store;
use crate::sweep::request_in;
use clap::Args;
use std::path::PathBuf;

/// The option that takes a request out of another file.
#[derive(Debug, Args)]
pub(super) struct FromMap {
    /// Take the request from this map or ramp, or from this folder of parts
    #[arg(long, value_name = "MAP")]
    pub from: Option<PathBuf>,
}

impl FromMap {
    /// Request stored in the file, if one is named, without its outputs and its device-loss action.
    ///
    /// # Errors
    /// [`Error::Request`] if it is no file of hopfmap with a request, or is damaged.
    pub(super) fn request(&self) -> Result<Option<Request>> {
        let Some(path) = &self.from else { return Ok(None) };
        let request = match path.is_dir() || store::Contents::of(path)? == store::Contents::Map {
            true => request_in(path)?,
            false => Request::from_toml(&store::stored_request(path)?).map_err(|e| {
                Error::input(path, format!("holds no request of this version: {e}"), "name a newer map")
            })?,
        };
        Ok(Some(Request { output: None, plot: None, on_device_loss: None, ..request }))
    }

    /// The named file as an input, which outputs must not replace.
    pub(super) fn input(&self) -> Option<Input<'_>> {
        self.from.as_deref().map(|path| ("the file to take the request from", path))
    }
}

/// Options that make up a request.
#[derive(Debug, Args)]
pub(super) struct RequestArgs {
    /// Take the request from this file: TOML whose keys are the options' names; the command line's options override it
    #[arg(long, value_name = "FILE.toml")]
    spec: Option<PathBuf>,
    #[command(flatten)]
    from: FromMap,
    #[command(flatten)]
    device: DeviceArgs,
    /// An axis, slowest first: NAME=START:STOP:COUNT (both ends included), NAME=log:START:STOP:COUNT, or NAME=a,b,c
    #[arg(long, value_name = "AXIS")]
    grid: Vec<String>,
    /// A parameter's value
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// The start: 'rest' is (0, 0, Z_T, 0); 'lower', 'middle' or 'upper' is near that equilibrium; X,Y,Z,V is a state;
    /// where several starts make sense, 'equilibria' is near each equilibrium in turn, and N or N:SEED is N random
    /// states [default: rest]
    #[arg(long, value_name = "START", allow_hyphen_values = true)]
    start: Option<String>,
    /// The engine: gpu, cpu, or auto, which is a hardware GPU if one works, else the CPU [default: auto, with the CPU for
    /// fewer than 4096 cells]
    #[arg(long, value_enum, value_name = "ENGINE")]
    engine: Option<EngineKind>,
    /// GPU adapter: its index in 'hopfmap adapters', pci:ID with its PCI bus id, part of its name, or 'fallback' for the
    /// software adapter; 0,1 are two of them, and 'all' is every one of the first one's kind
    #[arg(long, value_name = "ADAPTER")]
    adapter: Option<String>,
    /// Number type; f64 runs on the CPU alone [default: f32]
    #[arg(long, value_enum, value_name = "TYPE")]
    precision: Option<Precision>,
    /// How the conductance table is stored in single precision [default: rgba32float]
    #[arg(long, value_enum, value_name = "FORMAT")]
    table_format: Option<Format>,
    /// Step of RK4 in tau_c [default: from each cell's own rates]
    #[arg(long, value_name = "H", allow_negative_numbers = true)]
    dt: Option<f64>,
    /// Time after which a cell is given up as unsettled, in tau_c [default: 60/(alpha Gamma), and more near a bifurcation]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    t_max: Option<f64>,
    /// Time between looks at whether a cell has come to rest, in tau_c [default: 2]
    #[arg(long, value_name = "T", allow_negative_numbers = true)]
    window: Option<f64>,
}

impl RequestArgs {
    /// Checks the options for conflicts.
    ///
    /// # Errors
    /// [`Error::Request`] if both `--spec` and `--from` are given.
    pub(super) fn check(&self) -> Result<()> {
        let from = ("--from", self.from.from.is_some());
        exclusive(("--spec", self.spec.is_some()), from, "a request comes from one file")
    }

    /// Checks that the option `--start`, if given, is a single start.
    ///
    /// # Errors
    /// [`Error::Request`] if it is several starts, or none.
    pub(super) fn check_single_start(&self) -> Result<()> {
        self.start.as_deref().map_or(Ok(()), |text| Start::one(text).map(drop))
    }

    /// The option `--grid`, for rules.
    pub(super) fn grid(&self) -> Presence<'_> {
        ("--grid", !self.grid.is_empty())
    }

    /// Files that are read, which outputs must not replace.
    pub(super) fn inputs(&self) -> Vec<Input<'_>> {
        let spec = self.spec.as_deref().map(|path| ("the file of --spec", path));
        spec.into_iter().chain(self.from.input()).chain(self.device.input()).collect()
    }

    /// Request from the options, completed by the file's.
    ///
    /// Axes in the options, or a list of points, replace all axes and points of the file.
    ///
    /// # Errors
    /// [`Error::Request`] if the file holds no request, or a setting is invalid or given twice.
    pub(super) fn request(&self, points: Option<&str>) -> Result<Request> {
        let mut request = match &self.spec {
            Some(path) => Request::from_file(path)?,
            None => self.from.request()?.unwrap_or_default(),
        };
        request = self.device.over(request)?;
        if !self.grid.is_empty() {
            request.grid = self.grid.iter().map(|text| text.parse()).collect::<Result<_>>()?;
            request.points = None;
        }
        if points.is_some() {
            (request.points, request.grid) = (None, Vec::new());
        }
        let settings = parse_settings(&self.set, request.device.is_some())?;
        request.apply(settings.clone())?;
        if let Some(points) = points {
            request.points = Some(Points::parse_for(points, request.device.as_ref())?);
            // Once more, against the columns.
            request.apply(settings)?;
        }
        if let Some(start) = &self.start {
            request.start = start.parse()?;
        }
        request.engine = self.engine.unwrap_or(request.engine);
        // The adapter of the file does not go with an engine or a precision that has none.
        let without = self.engine == Some(EngineKind::Cpu) || self.precision == Some(Precision::F64);
        request.adapter = self.adapter.clone().or(request.adapter.filter(|_| !without));
        request.precision = self.precision.unwrap_or(request.precision);
        request.table_format = self.table_format.unwrap_or(request.table_format);
        request.dt = self.dt.or(request.dt);
        request.t_max = self.t_max.or(request.t_max);
        request.window = self.window.or(request.window);
        Ok(request)
    }
}
