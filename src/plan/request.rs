//! A sweep request and its TOML form.

use super::request_text;
use crate::engine::{EngineKind, EngineOptions, Precision};
use crate::error::{Error, Result};
use crate::grid::{Axis, Grid, parse_value, split_assignment};
use crate::kernel::table::Format;
use crate::model::{Parameter, Start};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest size of a request file, in bytes.
const LONGEST_FILE: u64 = 1 << 20;

/// Policy when a device stays lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum OnDeviceLoss {
    /// Stop, and keep the finished parts.
    #[default]
    Stop,
    /// Continue with engine cpu; the file records which cells it computed.
    Cpu,
}

/// A sweep request.
///
/// Its TOML form, with the command line's option names as keys, is stored in every file and can be
/// run again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Request {
    /// Axes, slowest first; in TOML their text form.
    #[serde(default)]
    pub grid: Vec<Axis>,
    /// Values of the parameters that are not swept; in TOML by any of their names.
    #[serde(default, with = "request_text::settings")]
    pub set: BTreeMap<Parameter, f64>,
    /// Start of each cell; in TOML `rest`, `equilibria`, `lower`, `middle`, `upper`, or `X,Y,Z,V`.
    #[serde(default)]
    pub start: Start,
    /// Kind of engine.
    #[serde(default)]
    pub engine: EngineKind,
    /// GPU adapter: its index, `pci:` and its PCI bus id, part of its name, or `fallback`; or several of them, as in
    /// [`AdapterChoice`](crate::engine::gpu::AdapterChoice).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adapter: Option<String>,
    /// Number type of the integration.
    #[serde(default)]
    pub precision: Precision,
    /// Storage format of the single-precision table.
    #[serde(default)]
    pub table_format: Format,
    /// RK4 step in tau_c; by rule if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dt: Option<f64>,
    /// Time in tau_c after which a cell is given up; by rule if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t_max: Option<f64>,
    /// Window in tau_c over which returns are compared; by rule if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<f64>,
    /// Number of cells that the audit recomputes, 0 for none; by rule if absent.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "request_text::audit")]
    pub audit: Option<u64>,
    /// Largest number of cells in a part, counting starts; by rule if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_cells: Option<u64>,
    /// Whether the map has means of each cell's settled motion: [`MEANS`](crate::results::MEANS).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub means: bool,
    /// Input V_n(t) to which the map has each cell's response, [`RESPONSE`](crate::results::RESPONSE), in a form of
    /// [`Input::parse`](super::Input::parse).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Time to which responses are followed, in tau_c.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t_end: Option<f64>,
    /// Least swing of V in a spike of a response; half of each response's largest one if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Path of the map that a request file names; not stored in the map.
    #[serde(default, skip_serializing)]
    pub output: Option<PathBuf>,
    /// Path of the picture that a request file names; not stored in the map.
    #[serde(default, skip_serializing)]
    pub plot: Option<PathBuf>,
    /// Policy for a lost device that a request file names; it does not change the map.
    #[serde(default, skip_serializing)]
    pub on_device_loss: Option<OnDeviceLoss>,
}

impl Default for Request {
    /// A request without axes, and with the default of everything else.
    fn default() -> Self {
        Self {
            grid: Vec::new(),
            set: BTreeMap::new(),
            start: Start::Rest,
            engine: EngineKind::default(),
            adapter: None,
            precision: Precision::default(),
            table_format: Format::default(),
            dt: None,
            t_max: None,
            window: None,
            audit: None,
            part_cells: None,
            means: false,
            input: None,
            t_end: None,
            threshold: None,
            output: None,
            plot: None,
            on_device_loss: None,
        }
    }
}

/// Parses `NAME=VALUE` settings.
///
/// # Errors
/// [`Error::Request`] if a name is unknown, a value is bad, or a parameter is set twice.
pub fn parse_settings(texts: &[String]) -> Result<BTreeMap<Parameter, f64>> {
    let mut set = BTreeMap::new();
    for text in texts {
        let (p, value) = split_assignment(text, "write `set` NAME=VALUE")?;
        if set.insert(p, parse_value(p, value)?).is_some() {
            return Err(Error::request(format!("{} is set twice", p.name()), "give each parameter one `set`"));
        }
    }
    Ok(set)
}

impl Request {
    /// The grid and the values of all other parameters, checked against each other.
    ///
    /// # Errors
    /// [`Error::Request`] if a parameter is repeated, missing or out of range, or an axis is bad.
    pub fn points(&self) -> Result<(Grid, Vec<(Parameter, f64)>)> {
        let grid = Grid::new(self.grid.clone())?;
        let swept = |p: Parameter| grid.axes().iter().any(|a| a.parameter == p);
        for (p, value) in &self.set {
            if swept(*p) {
                return Err(Error::request(
                    format!("{} is both swept and set to {value}", p.name()),
                    "leave one of the two off; axes are those of `grid`, or else of the file that `spec` or `from` names",
                ));
            }
            p.check(*value)?;
        }
        let mut fixed = Vec::new();
        for p in Parameter::ALL.into_iter().filter(|p| !swept(*p)) {
            let name = p.name();
            let value = self.set.get(&p).copied().or(p.info().default).ok_or_else(|| {
                Error::request(
                    format!("{name} has no value and no default"),
                    format!("add `set` {name}=… or `grid` {name}=…"),
                )
            })?;
            fixed.push((p, value));
        }
        Ok((grid, fixed))
    }

    /// Options of the requested engine, for any number of cells.
    #[must_use]
    pub fn wanted(&self) -> EngineOptions {
        EngineOptions {
            kind: self.engine,
            adapter: self.adapter.clone(),
            precision: self.precision,
            format: self.table_format,
            ..EngineOptions::default()
        }
    }

    /// The request as TOML.
    ///
    /// # Errors
    /// [`Error::Request`] only if the request has no TOML form (not expected).
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self)
            .map_err(|e| Error::request(format!("the request has no TOML form: {e}"), "please report this"))
    }

    /// Reads a request from a TOML file.
    ///
    /// # Errors
    /// [`Error::Request`] if the file cannot be read, is over 1 MiB, is not TOML, or has unknown
    /// keys; the message shows line and column.
    pub fn from_file(path: &Path) -> Result<Self> {
        let remedy = "name a file that holds a request in TOML";
        let mut text = String::new();
        let read = std::fs::File::open(path).and_then(|f| f.take(LONGEST_FILE + 1).read_to_string(&mut text));
        let length = read.map_err(|e| Error::input(path, format!("cannot be read ({e})"), remedy))?;
        if length as u64 > LONGEST_FILE {
            return Err(Error::input(path, format!("is over {LONGEST_FILE} bytes, so it is no request"), remedy));
        }
        toml::from_str(&text).map_err(|e| {
            Error::input(path, format!("is not understood: {}", e.to_string().trim_end()), "fix the line shown")
        })
    }

    /// Parses a request from TOML.
    ///
    /// # Errors
    /// [`Error::Request`] if the text is not TOML, or has unknown keys; the message shows line and
    /// column.
    pub fn from_toml(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|e| {
            Error::request(format!("the request is not understood: {}", e.to_string().trim_end()), "fix the line shown")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request::from_toml("grid = ['Γ=0.02:1:8', 'z_t=0:1:4']\n[set]\nV_n = 2\nr_n = 6.0\n").unwrap()
    }

    #[test]
    fn toml_round_trips() {
        let r = request();
        assert_eq!(Request::from_toml(&r.to_toml().unwrap()).unwrap(), r);
        let (grid, fixed) = r.points().unwrap();
        assert_eq!(grid.shape(), [8, 4]);
        assert_eq!(fixed.len(), 7);
    }

    #[test]
    fn contradictions_are_named() {
        let with = |change: fn(&mut Request)| {
            let mut r = request();
            change(&mut r);
            r.points().unwrap_err().to_string()
        };
        let setting = |p: Parameter, value: f64| {
            let mut r = request();
            r.set.insert(p, value);
            r.points().unwrap_err().to_string()
        };
        assert!(with(|r| r.grid.push("Gamma=1".parse().unwrap())).contains("swept twice"));
        assert!(with(|r| r.set.clear()).contains("V_n has no value"));
        assert!(setting(Parameter::ZT, 1.0).contains("both swept"));
        assert!(setting(Parameter::Alpha, 3.0).contains("out of range"));
        assert!(with(|r| r.grid.clear()).contains("no axis"));
        assert!(parse_settings(&["V_n=1".into(), "v_n=2".into()]).unwrap_err().to_string().contains("set twice"));
    }
}
