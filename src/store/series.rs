//! Files of series: named variables along one axis each, such as a trajectory along t and a
//! spectrum along angular_frequency.

use super::Output;
use super::checked::CheckedFile;
use super::hdf5_file::{dataset, read_all};
use super::netcdf::{attach_scales, coordinates, make_scale, number, one, read_number, text};
use super::nexus::write_plottable;
use super::schema::{SCHEMA, Value, long_name};
use super::writer::described;
use crate::error::{Error, Result};
use crate::model::Parameter;
use hdf5::Dataset;
use std::path::Path;

/// A variable, or an axis.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Name in the file.
    pub name: &'static str,
    /// Unit, as the attribute `units`.
    pub units: &'static str,
    /// Short description, as the attribute `long_name`.
    pub long_name: &'static str,
    /// Values along the axis.
    pub values: Vec<f64>,
}

/// Variables along one axis.
#[derive(Debug, Clone)]
pub struct Series {
    /// The axis of the series.
    pub axis: Variable,
    /// The variables along the axis.
    pub variables: Vec<Variable>,
}

/// A file of series.
#[derive(Debug, Clone)]
pub struct SeriesFile {
    /// The series, each with its own axis.
    pub series: Vec<Series>,
    /// Parameters of the neuron, as scalars.
    pub fixed: Vec<(Parameter, f64)>,
    /// Root attributes.
    pub attributes: Vec<(String, Value)>,
}

/// Writes a file of series atomically.
///
/// # Errors
/// [`Error::File`] if the folder cannot be written to, or the disk is full.
pub fn write_series(output: Output<'_>, content: &SeriesFile) -> Result<()> {
    super::write_whole(output, |file| write(file, content))
}

fn variable(file: &mut CheckedFile, v: &Variable) -> hdf5::Result<Dataset> {
    let root = (**file.file()).clone();
    let dataset = file.list(&root, v.name, &v.values)?;
    text(&dataset, "long_name", v.long_name)?;
    text(&dataset, "units", v.units)?;
    Ok(dataset)
}

fn write(file: &mut CheckedFile, content: &SeriesFile) -> hdf5::Result<()> {
    let root = (**file.file()).clone();
    number(&root, "hopfmap_series_schema", SCHEMA)?;
    file.attributes(&content.attributes)?;
    let fixed: Vec<_> = content.fixed.iter().map(|(p, _)| p.name()).collect();
    for (p, value) in &content.fixed {
        described(file.scalar(&root, p.name(), *value)?, &long_name(*p))?;
    }
    for series in &content.series {
        make_scale(&variable(file, &series.axis)?, series.axis.name)?;
        for v in &series.variables {
            coordinates(&variable(file, v)?, &fixed)?;
        }
        let names: Vec<_> = series.variables.iter().map(|v| v.name.to_string()).collect();
        attach_scales(&root, &[series.axis.name.to_string()], &names)?;
    }
    // Viewers draw the voltage, or else the first variable, over the first axis.
    let Some(series) = content.series.first() else { return Ok(()) };
    let names: Vec<_> = series.variables.iter().map(|v| v.name.to_string()).collect();
    let Some(signal) = names.iter().find(|name| *name == "V").or(names.first()) else { return Ok(()) };
    write_plottable(&root, signal, &[series.axis.name.to_string()], &names)
}

/// A trajectory and its spectrum, read back from a file.
#[derive(Debug, Clone)]
pub struct TraceFile {
    /// Times, in tau_c.
    pub t: Vec<f64>,
    /// States X, Y, Z and V at each time.
    pub states: [Vec<f64>; 4],
    /// Angular frequencies of the spectrum, in 1/tau_c.
    pub omega: Vec<f64>,
    /// One-sided power spectral density of V at each angular frequency, in tau_c.
    pub power: Vec<f64>,
    /// Period of the motion, in tau_c; NaN if it has none.
    pub period: f64,
    /// Angular frequency of the spectrum's highest peak, in 1/tau_c; NaN if there is none.
    pub peak: f64,
    /// Number of bursts; 0 in files of earlier versions.
    pub bursts: f64,
    /// V of Eq. 10 at each time, in a file of the pendulum.
    pub full: Option<Vec<f64>>,
    /// Input V_n and current I at each time, where the input changes.
    pub driven: Option<[Vec<f64>; 2]>,
    /// Parameters of the neuron.
    pub fixed: Vec<(Parameter, f64)>,
}

impl TraceFile {
    /// Opens a file written by `hopfmap trace` or `hopfmap replay`.
    ///
    /// # Errors
    /// [`Error::Request`] if the file does not exist, is damaged, or is no trajectory;
    /// [`Error::File`] if it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let refused = |why: String| {
            Error::input(
                path,
                format!("is no trajectory of hopfmap ({why})"),
                "name a file that hopfmap trace has written",
            )
        };
        let file = super::reader::open(path)?;
        let found = read(&file).map_err(|e| refused(e.to_string()))?;
        found.check().map_err(refused)?;
        Ok(found)
    }

    /// Checks that this can be a trajectory and its spectrum; the error is the reason if not.
    fn check(&self) -> std::result::Result<(), String> {
        let rises = |values: &[f64]| values.iter().all(|v| v.is_finite()) && values.windows(2).all(|w| w[0] < w[1]);
        let (samples, bins) = (self.t.len(), self.omega.len());
        if samples < 2 || !rises(&self.t) || bins == 0 || !rises(&self.omega) {
            return Err("its times or frequencies do not rise".to_string());
        }
        if self.states.iter().any(|s| s.len() != samples || s.iter().any(|v| !v.is_finite())) {
            return Err("its states do not fit its times, or are not finite".to_string());
        }
        if self
            .driven
            .iter()
            .flatten()
            .chain(&self.full)
            .any(|s| s.len() != samples || s.iter().any(|v| !v.is_finite()))
        {
            return Err("its input, current or V_full does not fit its times, or is not finite".to_string());
        }
        if self.power.len() != bins || self.power.iter().any(|p| !(p.is_finite() && *p >= 0.0)) {
            return Err("its spectrum does not fit its frequencies".to_string());
        }
        Ok(())
    }
}

fn read(file: &hdf5::File) -> hdf5::Result<TraceFile> {
    let values = |name: &str| read_all::<f64>(&dataset(file, name)?);
    let mut fixed = Vec::new();
    for p in Parameter::ALL {
        fixed.push((p, one(&*dataset(file, p.name())?)?));
    }
    Ok(TraceFile {
        t: values("t")?,
        states: [values("X")?, values("Y")?, values("Z")?, values("V")?],
        omega: values("angular_frequency")?,
        power: values("S")?,
        period: read_number(file, "period")?,
        peak: read_number(file, "spectrum_peak")?,
        bursts: if file.attr("bursts").is_ok() { read_number(file, "bursts")? } else { 0.0 },
        full: if file.link_exists("V_full") { Some(values("V_full")?) } else { None },
        driven: if file.link_exists("input") { Some([values("input")?, values("I")?]) } else { None },
        fixed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound() -> TraceFile {
        TraceFile {
            t: vec![0.0, 0.5, 1.0, 1.5],
            states: std::array::from_fn(|_| vec![0.25; 4]),
            omega: vec![0.0, 2.0, 4.0],
            power: vec![1.0, 0.0, 0.5],
            period: f64::NAN,
            peak: 2.0,
            bursts: 0.0,
            full: None,
            driven: None,
            fixed: Vec::new(),
        }
    }

    #[test]
    fn what_cannot_be_a_trajectory_is_refused() {
        assert_eq!(sound().check(), Ok(()));
        let spoilt: [fn(&mut TraceFile); 14] = [
            |f| f.t[1] = f.t[0],
            |f| f.t[3] = 0.7,
            |f| f.t[3] = f64::INFINITY,
            |f| f.t.truncate(1),
            |f| f.omega[1] = 5.0,
            |f| f.omega[2] = f64::NAN,
            |f| (f.omega, f.power) = (Vec::new(), Vec::new()),
            |f| f.states[3].truncate(3),
            |f| f.states[0][2] = f64::NAN,
            |f| f.power.truncate(2),
            |f| f.power[1] = -1e-9,
            |f| f.power[2] = f64::INFINITY,
            |f| f.driven = Some([vec![0.0; 3], vec![0.0; 4]]),
            |f| f.driven = Some([vec![0.0; 4], vec![0.0, f64::NAN, 0.0, 0.0]]),
        ];
        for (number, spoil) in spoilt.into_iter().enumerate() {
            let mut file = sound();
            spoil(&mut file);
            assert!(file.check().is_err(), "{number}");
        }
    }
}
