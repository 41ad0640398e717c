//! What sweeps and ramps are asked for in the same words: axes, parameters, start, engine, step and times.

use crate::engine::{Kind, Precision};
use crate::error::Result;
use crate::kernel::table::Format;
use crate::sweep::{Request, parse_settings};
use clap::Args;

/// Arguments that make up a request.
#[derive(Debug, Args)]
pub struct Asked {
    /// An axis, slowest first: NAME=START:STOP:COUNT (both ends included), NAME=log:START:STOP:COUNT, or NAME=a,b,c
    #[arg(long, value_name = "AXIS", required = true)]
    grid: Vec<String>,
    /// A parameter that is the same in every cell: NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Where each cell starts: 'rest' is (0, 0, Z_T, 0), 'equilibria' beside each equilibrium in turn, else X,Y,Z,V
    #[arg(long, default_value = "rest", allow_hyphen_values = true)]
    start: String,
    /// What computes: auto takes a hardware GPU if there is one, else the CPU
    #[arg(long, value_enum, default_value_t)]
    engine: Kind,
    /// GPU adapter: part of its name, or 'fallback' for the software adapter
    #[arg(long, value_name = "NAME")]
    adapter: Option<String>,
    /// Number type; f64 runs on the CPU alone
    #[arg(long, value_enum, default_value_t)]
    precision: Precision,
    /// How the conductance table is stored in single precision
    #[arg(long, value_enum, default_value_t)]
    table_format: Format,
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
    /// As a request.
    ///
    /// # Errors
    /// A setting that is not one, or given twice.
    pub fn request(&self) -> Result<Request> {
        Ok(Request {
            grid: self.grid.clone(),
            set: parse_settings(&self.set)?,
            start: self.start.clone(),
            engine: self.engine,
            adapter: self.adapter.clone(),
            precision: self.precision,
            table_format: self.table_format,
            dt: self.dt,
            t_max: self.t_max,
            window: self.window,
            audit: None,
        })
    }
}
