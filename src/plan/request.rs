//! A sweep request and its TOML form.

use super::request_text;
use crate::engine::{EngineKind, EngineOptions, Precision};
use crate::error::{Error, Result};
use crate::grid::{Axis, Grid, Points, needs_device, parse_quantity, parse_value, split_assignment, split_quantity};
use crate::kernel::table::Format;
use crate::model::physical::QUANTITIES;
use crate::model::{COUNTERPARTS, Device, Parameter, Start};
use serde::de::DeserializeOwned;
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
    /// Points instead of axes; in TOML the name of a CSV file, or the list written out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// Values of the parameters that are not swept; in TOML by any of their names.
    #[serde(default, with = "request_text::settings")]
    pub set: BTreeMap<Parameter, f64>,
    /// Device in SI units: it gives the parameters that are neither swept nor set, and what quantities in SI are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
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
            points: None,
            set: BTreeMap::new(),
            device: None,
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

/// Settings of single values: of parameters, and of a device's quantities by their index.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Values of parameters.
    pub parameters: BTreeMap<Parameter, f64>,
    /// Values of quantities in SI units.
    pub quantities: BTreeMap<usize, f64>,
}

/// Parses `NAME=VALUE` settings; with a device, its quantities too.
///
/// # Errors
/// [`Error::Request`] if a name is unknown, a value is bad, or a parameter is set twice.
pub fn parse_settings(texts: &[String], has_device: bool) -> Result<Settings> {
    let mut set = Settings::default();
    let twice = |name: &str| Error::request(format!("{name} is set twice"), "give each parameter one `set`");
    for text in texts {
        if let Some((index, value)) = split_quantity(text, has_device) {
            let name = QUANTITIES[index].0;
            if !has_device {
                return Err(needs_device(name));
            }
            if set.quantities.insert(index, parse_quantity(index, value)?).is_some() {
                return Err(twice(name));
            }
            continue;
        }
        let (p, value) = split_assignment(text, "write `set` NAME=VALUE")?;
        if set.parameters.insert(p, parse_value(p, value)?).is_some() {
            return Err(twice(p.name()));
        }
    }
    for (p, name) in COUNTERPARTS {
        if set.parameters.contains_key(&p) && set.quantities.keys().any(|index| QUANTITIES[*index].0 == name) {
            return Err(Error::request(
                format!("{} is set twice, once by {name}", p.name()),
                "leave one of the two off",
            ));
        }
    }
    Ok(set)
}

impl Request {
    /// Takes settings over: they replace those that the request has.
    ///
    /// # Errors
    /// [`Error::Request`] if a quantity is set and no device there, impossible, or an axis of the grid.
    pub fn apply(&mut self, settings: Settings) -> Result<()> {
        for (index, value) in settings.quantities {
            let name = QUANTITIES[index].0;
            let device = self.device.ok_or_else(|| needs_device(name))?;
            self.device = Some(device.with(index, value)?);
            if let Some((p, _)) = COUNTERPARTS.into_iter().find(|c| c.1 == name) {
                self.set.remove(&p);
                if self.swept().contains(&p) {
                    return Err(swept_and_set(name, value));
                }
            }
        }
        self.set.extend(settings.parameters);
        Ok(())
    }

    /// The parameters that are swept: those of the axes, or of the points.
    #[must_use]
    pub fn swept(&self) -> Vec<Parameter> {
        let points = self.points.iter().flat_map(Points::parameters).copied();
        self.grid.iter().map(|axis| axis.parameter).chain(points).collect()
    }

    /// The axes, those of quantities in SI units with the values of their parameters.
    ///
    /// # Errors
    /// [`Error::Request`] if such an axis has no device, or one for which it is none.
    pub fn axes(&self) -> Result<Vec<Axis>> {
        let is_given = |p: Parameter| self.set.contains_key(&p) || self.swept().contains(&p);
        self.grid.iter().map(|axis| axis.clone().resolved(self.device.as_ref(), is_given)).collect()
    }

    /// The value of a parameter that is neither swept nor set: the device's, or else its default.
    ///
    /// # Errors
    /// [`Error::Request`] if the device's is out of the parameter's range.
    pub fn fallback(&self, p: Parameter) -> Result<Option<f64>> {
        let Some(device) = &self.device else { return Ok(p.info().default) };
        p.check(device.dimensionless().get(p)).map(Some).map_err(|e| {
            Error::request(format!("the device is not possible: {e}"), "give other quantities of it (docs/units.md)")
        })
    }

    /// Checks that no parameter is swept or set which follows from quantities of the device that others depend on.
    ///
    /// # Errors
    /// [`Error::Request`] if one is.
    pub fn check_device(&self) -> Result<()> {
        let follows = [Parameter::Omega, Parameter::L]
            .into_iter()
            .find(|p| self.device.is_some() && (self.set.contains_key(p) || self.swept().contains(p)));
        follows.map_or(Ok(()), |p| {
            Err(Error::request(
                format!("{} follows from the device, and is swept or set too", p.name()),
                "change the quantities that it follows from (docs/units.md), or leave the device off",
            ))
        })
    }

    /// The grid and the values of all other parameters, checked against each other.
    ///
    /// # Errors
    /// [`Error::Request`] if a parameter is repeated, missing or out of range, or an axis is bad.
    pub fn points(&self) -> Result<(Grid, Vec<(Parameter, f64)>)> {
        let grid = match &self.points {
            Some(points) if self.grid.is_empty() => Grid::of_points(points.clone()),
            Some(_) => {
                let problem = "there are axes and `points`, and a sweep is over one of the two";
                return Err(Error::request(problem, "leave `grid` or `points` off"));
            }
            None => Grid::new(self.axes()?)?,
        };
        self.check_device()?;
        let parameters = grid.parameters();
        let swept = |p: Parameter| parameters.contains(&p);
        for (p, value) in &self.set {
            if swept(*p) {
                return Err(swept_and_set(p.name(), *value));
            }
            p.check(*value)?;
        }
        let mut fixed = Vec::new();
        for p in Parameter::ALL.into_iter().filter(|p| !swept(*p)) {
            let name = p.name();
            let value = match self.set.get(&p) {
                Some(value) => Some(*value),
                None => self.fallback(p)?,
            };
            let value = value.ok_or_else(|| {
                Error::request(
                    format!("{name} has no value and no default"),
                    match self.points {
                        Some(_) => format!("add `set` {name}=…, or a column {name} to `points`"),
                        None => format!("add `set` {name}=… or `grid` {name}=…"),
                    },
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
        from_toml_file(path, "request")
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

/// Reads a device from a TOML file whose keys are its quantities.
///
/// # Errors
/// [`Error::Request`] if the file cannot be read, is over 1 MiB, is not TOML, has unknown keys, lacks some, or states
/// impossible values; the message shows line and column.
pub fn device_from_file(path: &Path) -> Result<Device> {
    from_toml_file(path, "device")
}

fn from_toml_file<T: DeserializeOwned>(path: &Path, what: &str) -> Result<T> {
    let remedy = format!("name a file that holds a {what} in TOML");
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|f| f.take(LONGEST_FILE + 1).read_to_string(&mut text));
    let length = read.map_err(|e| Error::input(path, format!("cannot be read ({e})"), &*remedy))?;
    if length as u64 > LONGEST_FILE {
        return Err(Error::input(path, format!("is over {LONGEST_FILE} bytes, so it is no {what}"), remedy));
    }
    toml::from_str(&text).map_err(|e| {
        Error::input(path, format!("is not understood: {}", e.to_string().trim_end()), "fix the line shown")
    })
}

fn swept_and_set(name: &str, value: f64) -> Error {
    Error::request(
        format!("{name} is both swept and set to {}", crate::error::shown(value)),
        "leave one of the two off; swept are the axes of `grid` and the columns of `points`, or else those of the file that `spec` or `from` names",
    )
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
        assert!(
            parse_settings(&["V_n=1".into(), "v_n=2".into()], false).unwrap_err().to_string().contains("set twice")
        );
    }
}
