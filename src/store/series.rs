//! Files of series: named variables along one axis each, such as a trajectory along t and a spectrum along angular_frequency.

use super::netcdf::{
    attach_scales, attributes, coordinates, create_file, make_scale, new_dataset, number, read_number, read_value, text,
};
use super::schema::{SCHEMA, Value, long_name};
use crate::error::{Error, Result};
use crate::model::Parameter;
use hdf5::{Dataset, File};
use std::path::Path;

/// A variable, or an axis.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name in the file.
    pub name: &'static str,
    /// Its unit.
    pub units: &'static str,
    /// One phrase on what it is.
    pub long_name: &'static str,
    /// Its values.
    pub values: Vec<f64>,
}

/// Variables along one axis.
#[derive(Debug, Clone)]
pub struct Series {
    /// The axis.
    pub axis: Variable,
    /// What lies along it.
    pub variables: Vec<Variable>,
}

/// A file of series.
#[derive(Debug, Clone)]
pub struct SeriesFile {
    /// The series.
    pub series: Vec<Series>,
    /// Parameters of the neuron, as scalars.
    pub fixed: Vec<(Parameter, f64)>,
    /// Root attributes.
    pub attributes: Vec<(String, Value)>,
}

/// Writes the file, whole or not at all.
///
/// # Errors
/// The folder cannot be written to, or the disk is full.
pub fn write_series(path: &Path, content: &SeriesFile) -> Result<()> {
    super::write_whole(path, |temporary| write(temporary, content))
}

fn variable(file: &File, v: &Variable) -> hdf5::Result<Dataset> {
    let dataset = new_dataset(file).with_data(&v.values).create(v.name)?;
    text(&dataset, "long_name", v.long_name)?;
    text(&dataset, "units", v.units)?;
    Ok(dataset)
}

fn write(path: &Path, content: &SeriesFile) -> hdf5::Result<()> {
    let file = create_file(path)?;
    let fixed: Vec<_> = content.fixed.iter().map(|(p, _)| p.name()).collect();
    number(&file, "hopfmap_series_schema", SCHEMA)?;
    attributes(&file, &content.attributes)?;
    for (p, value) in &content.fixed {
        let dataset = new_dataset(&file).empty::<f64>().create(p.name())?;
        dataset.write_scalar(value)?;
        text(&dataset, "long_name", &long_name(*p))?;
        text(&dataset, "units", "1")?;
    }
    for series in &content.series {
        make_scale(&variable(&file, &series.axis)?, series.axis.name)?;
        for v in &series.variables {
            coordinates(&variable(&file, v)?, &fixed)?;
        }
        let names: Vec<_> = series.variables.iter().map(|v| v.name.to_string()).collect();
        attach_scales(&file, &[series.axis.name.to_string()], &names)?;
    }
    file.flush()?;
    file.close()
}

/// A trajectory and its spectrum, read back.
#[derive(Debug, Clone)]
pub struct TraceFile {
    /// Times.
    pub t: Vec<f64>,
    /// X, Y, Z, V at each.
    pub states: [Vec<f64>; 4],
    /// Angular frequencies.
    pub omega: Vec<f64>,
    /// Power spectral density there.
    pub power: Vec<f64>,
    /// Period of the motion in tau_c, NaN where it has none.
    pub period: f64,
    /// Frequency of the spectrum's peak.
    pub peak: f64,
    /// Parameters of the neuron.
    pub fixed: Vec<(Parameter, f64)>,
}

impl TraceFile {
    /// Opens a file that `hopfmap trace` or `hopfmap replay` has written.
    ///
    /// # Errors
    /// Not there, damaged, or not such a file.
    pub fn open(path: &Path) -> Result<Self> {
        super::seal::check(path)?;
        read(path).map_err(|e| {
            Error::input(
                path,
                format!("is no trajectory of hopfmap ({e})"),
                "name a file that hopfmap trace has written",
            )
        })
    }
}

fn read(path: &Path) -> hdf5::Result<TraceFile> {
    let file = File::open(path)?;
    let values = |name: &str| file.dataset(name)?.read_raw::<f64>();
    let attribute = |name: &str| read_number::<f64>(&file, name);
    let mut fixed = Vec::new();
    for p in Parameter::ALL {
        fixed.push((p, read_value(&file, p.name())?));
    }
    Ok(TraceFile {
        t: values("t")?,
        states: [values("X")?, values("Y")?, values("Z")?, values("V")?],
        omega: values("angular_frequency")?,
        power: values("S")?,
        period: attribute("period")?,
        peak: attribute("spectrum_peak")?,
        fixed,
    })
}
