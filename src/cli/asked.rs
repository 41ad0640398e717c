//! What sweeps and ramps are asked for in the same words: axes, parameters, start, engine, step and times.

use crate::engine::{Kind, Precision};
use crate::error::Result;
use crate::kernel::table::Format;
use crate::model::Parameter;
use crate::sweep::{Request, parse_settings};
use clap::Args;

/// Arguments that make up a request.
#[derive(Debug, Args)]
pub struct Asked {
    /// An axis, slowest first: NAME=START:STOP:COUNT (both ends included), NAME=log:START:STOP:COUNT, or NAME=a,b,c
    #[arg(long, value_name = "AXIS")]
    grid: Vec<String>,
    /// A parameter that is the same in every cell: NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Where each cell starts: 'rest' is (0, 0, Z_T, 0), 'equilibria' beside each equilibrium in turn, else X,Y,Z,V [default: rest]
    #[arg(long, allow_hyphen_values = true)]
    start: Option<String>,
    /// What computes: auto takes a hardware GPU if there is one, else the CPU [default: auto]
    #[arg(long, value_enum)]
    engine: Option<Kind>,
    /// GPU adapter: part of its name, or 'fallback' for the software adapter
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Number type; f64 runs on the CPU alone [default: f32]
    #[arg(long, value_enum)]
    precision: Option<Precision>,
    /// How the conductance table is stored in single precision [default: rgba32float]
    #[arg(long, value_enum)]
    table_format: Option<Format>,
    /// Step of RK4 in tau_c [default: from Omega and the stiffest cell]
    #[arg(long, value_name = "H", allow_hyphen_values = true)]
    dt: Option<f64>,
    /// Time after which a cell is given up as unsettled, in tau_c [default: 60/(alpha Gamma) and more beside a bifurcation]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    t_max: Option<f64>,
    /// Window over which returns are compared, in tau_c [default: 1/(alpha Gamma), more beside a bifurcation]
    #[arg(long, value_name = "T", allow_hyphen_values = true)]
    window: Option<f64>,
}

impl Asked {
    /// As a request: what is given here, else what `base` says. Axes given here replace all of its axes.
    ///
    /// # Errors
    /// A setting that is not one, or given twice.
    pub fn request(&self, base: Request) -> Result<Request> {
        let mut request = base;
        if !self.grid.is_empty() {
            request.grid.clone_from(&self.grid);
        }
        for (name, value) in parse_settings(&self.set)? {
            // The base may call it by another of its names.
            request.set.retain(|n, _| Parameter::parse(n).map_or(true, |p| p.name() != name));
            request.set.insert(name, value);
        }
        request.start = self.start.clone().unwrap_or(request.start);
        request.engine = self.engine.unwrap_or(request.engine);
        request.adapter = self.adapter.clone().or(request.adapter);
        request.precision = self.precision.unwrap_or(request.precision);
        request.table_format = self.table_format.unwrap_or(request.table_format);
        request.dt = self.dt.or(request.dt);
        request.t_max = self.t_max.or(request.t_max);
        request.window = self.window.or(request.window);
        Ok(request)
    }
}
