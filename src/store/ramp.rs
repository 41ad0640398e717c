//! Ramps: answers along direction (up, down) and the axes, with the loop's area for each lane.

use super::netcdf::{
    attach_scales, attributes, coordinates, create_file, make_scale, new_dataset, number, text, words,
};
use super::schema::{DIRECTION, SCHEMA, Value, long_name};
use crate::columns::{Answer, OUTCOME, Outcome};
use crate::error::{Error, Result};
use crate::grid::Axis;
use crate::model::Parameter;
use hdf5::{Dataset, File, H5Type};
use ndarray::{ArrayD, IxDyn};
use std::path::Path;

/// A ramp ready to be written.
#[derive(Debug)]
pub struct RampContent<'a> {
    /// The axes, the walked one first.
    pub axes: &'a [Axis],
    /// Names of the directions, in order.
    pub directions: [&'a str; 2],
    /// Answers by direction, then row-major over the axes.
    pub answers: &'a [Answer],
    /// Area of each lane's loop, row-major over the axes but the first.
    pub areas: Vec<f64>,
    /// Parameters that are the same everywhere.
    pub fixed: &'a [(Parameter, f64)],
    /// Root attributes.
    pub attributes: Vec<(String, Value)>,
}

/// A ramp read back.
#[derive(Debug, Clone)]
pub struct RampFile {
    /// The axes, the walked one first.
    pub axes: Vec<super::StoredAxis>,
    /// v_min, v_max, v_mean by direction, then row-major over the axes.
    pub v: [Vec<f64>; 3],
    /// Outcomes likewise.
    pub outcomes: Vec<Option<Outcome>>,
    /// Parameters that are the same everywhere.
    pub fixed: Vec<(Parameter, f64)>,
}

const NUMBERS: [(&str, &str); 5] = [
    ("v_min", "smallest voltage V of the settled motion"),
    ("v_max", "largest voltage V of the settled motion"),
    ("v_mean", "mean voltage V of the settled motion"),
    ("span", "oscillation span V_max - V_min"),
    ("settle_time", "time after which the motion counted as settled, in units of tau_c"),
];

/// Writes the file, whole or not at all.
///
/// # Errors
/// The folder cannot be written to, or the disk is full.
pub fn write_ramp(path: &Path, content: &RampContent<'_>) -> Result<()> {
    super::write_whole(path, |temporary| write(temporary, content))
}

fn described(dataset: Dataset, long_name: &str) -> hdf5::Result<Dataset> {
    text(&dataset, "long_name", long_name)?;
    text(&dataset, "units", "1")?;
    Ok(dataset)
}

fn array<T: H5Type>(file: &File, name: &str, shape: &[usize], values: Vec<T>) -> hdf5::Result<Dataset> {
    let array = ArrayD::from_shape_vec(IxDyn(shape), values).map_err(|e| hdf5::Error::from(e.to_string()))?;
    new_dataset(file).with_data(&array).create(name)
}

fn write(path: &Path, content: &RampContent<'_>) -> hdf5::Result<()> {
    let file = create_file(path)?;
    number(&file, "hopfmap_ramp_schema", SCHEMA)?;
    attributes(&file, &content.attributes)?;
    words(&file, DIRECTION, "way in which the first axis is walked", &content.directions)?;
    for axis in content.axes {
        let values: Vec<f64> = axis.values().collect();
        let dataset =
            described(array(&file, axis.parameter.name(), &[values.len()], values)?, &long_name(axis.parameter))?;
        make_scale(&dataset, axis.parameter.name())?;
    }
    for (p, value) in content.fixed {
        let dataset = described(new_dataset(&file).empty::<f64>().create(p.name())?, &long_name(*p))?;
        dataset.write_scalar(value)?;
    }
    let lanes: Vec<usize> = content.axes[1..].iter().map(|a| a.len() as usize).collect();
    let shape = [&[2, content.axes[0].len() as usize], &lanes[..]].concat();
    let picks: [fn(&Answer) -> f64; 5] = [|a| a.v_min, |a| a.v_max, |a| a.v_mean, |a| a.span, |a| a.settle_time];
    for ((name, long_name), pick) in NUMBERS.iter().zip(picks) {
        described(array(&file, name, &shape, content.answers.iter().map(pick).collect())?, long_name)?;
    }
    let outcome = array(&file, OUTCOME.0, &shape, content.answers.iter().map(|a| a.outcome as u8).collect())?;
    let outcome = described(outcome, OUTCOME.1)?;
    super::columns::name_outcomes(&outcome)?;
    let area_name = "area of the loop: integral of |mean V up - mean V down| over the first axis";
    if lanes.is_empty() {
        let area = described(new_dataset(&file).empty::<f64>().create("loop_area")?, area_name)?;
        area.write_scalar(content.areas.first().unwrap_or(&f64::NAN))?;
    } else {
        described(array(&file, "loop_area", &lanes, content.areas.clone())?, area_name)?;
    }
    let maps: Vec<String> = NUMBERS.iter().map(|n| n.0).chain([OUTCOME.0]).map(str::to_string).collect();
    let fixed: Vec<_> = content.fixed.iter().map(|(p, _)| p.name()).collect();
    for name in maps.iter().map(String::as_str).chain(["loop_area"]) {
        coordinates(&file.dataset(name)?, &fixed)?;
    }
    let axes: Vec<String> = content.axes.iter().map(|a| a.parameter.name().to_string()).collect();
    let loops: Vec<String> = if lanes.is_empty() { Vec::new() } else { vec!["loop_area".to_string()] };
    attach_scales_of_both(&file, &axes, &maps, &loops)?;
    file.flush()?;
    file.close()
}

/// Maps run along direction and every axis, areas along every axis but the first; an axis lists both kinds.
fn attach_scales_of_both(file: &File, axes: &[String], maps: &[String], loops: &[String]) -> hdf5::Result<()> {
    let all = [&[DIRECTION.to_string()], axes].concat();
    if loops.is_empty() {
        return attach_scales(file, &all, maps);
    }
    super::netcdf::attach_groups(file, &[(&all, maps), (&axes[1..], loops)])
}

impl RampFile {
    /// Opens a file that `hopfmap ramp` has written.
    ///
    /// # Errors
    /// Not there, damaged, or not such a file.
    pub fn open(path: &Path) -> Result<Self> {
        super::seal::check(path)?;
        read(path).map_err(|e| {
            Error::input(path, format!("is no ramp of hopfmap ({e})"), "name a file that hopfmap ramp has written")
        })
    }
}

fn read(path: &Path) -> hdf5::Result<RampFile> {
    let file = File::open(path)?;
    let (axes, fixed) = super::reader::read_axes(&file)?;
    let values = |name: &str| file.dataset(name)?.read_raw::<f64>();
    let outcomes = file.dataset(OUTCOME.0)?.read_raw::<u8>()?;
    Ok(RampFile {
        axes,
        v: [values("v_min")?, values("v_max")?, values("v_mean")?],
        outcomes: outcomes.into_iter().map(|o| Outcome::from_number(u32::from(o))).collect(),
        fixed,
    })
}
