//! Ramp files: results by direction (up, down) and along the axes, with the loop area of each lane.

use super::Output;
use super::checked::CheckedFile;
use super::hdf5_file::{dataset, read_all};
use super::netcdf::{attach_groups, coordinates, make_scale, number};
use super::nexus::{NO_AXIS, write_plottable};
use super::schema::{DIRECTION, SCHEMA, SiCoordinate, Value, long_name};
use super::si::{si_scales, write_si};
use super::writer::described;
use crate::error::{Error, Result};
use crate::grid::Axis;
use crate::model::Parameter;
use crate::results::{CellResult, OUTCOME, Outcome};
use hdf5::File;
use std::path::Path;

/// A ramp ready to be written.
#[derive(Debug)]
pub struct RampContent<'a> {
    /// The axes, the ramped one first.
    pub axes: &'a [Axis],
    /// Names of the directions, in order.
    pub directions: [&'a str; 2],
    /// Results by direction, then row-major over the axes.
    pub results: &'a [CellResult],
    /// Means of Z and of the current, in the order of the results.
    pub means: &'a [[f64; 2]],
    /// The loop of each lane, row-major over all axes but the first.
    pub loops: Vec<RampLoop>,
    /// Parameters that are the same everywhere.
    pub fixed: &'a [(Parameter, f64)],
    /// Coordinates in SI units, of a device.
    pub si: Vec<SiCoordinate>,
    /// Root attributes.
    pub attributes: Vec<(String, Value)>,
}

/// What a ramp shows of a lane's loop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RampLoop {
    /// Area of the whole loop; NaN if the ramp does not show it.
    pub area: f64,
    /// V_n of the folds that the ramp ended before, beyond its lower and its upper end; NaN if none.
    pub missed: [f64; 2],
}

/// A ramp read back from a file.
#[derive(Debug, Clone)]
pub struct RampFile {
    /// The axes, the ramped one first.
    pub axes: Vec<super::StoredAxis>,
    /// v_min, v_max and v_mean by direction, then row-major over the axes.
    pub v: [Vec<f64>; 3],
    /// Outcomes by direction, then row-major over the axes; `None` for a number that is no outcome.
    pub outcomes: Vec<Option<Outcome>>,
    /// Area of each lane's loop, NaN where the ramp does not show all of it; empty in files without areas.
    pub loop_area: Vec<f64>,
    /// Parameters that are the same everywhere.
    pub fixed: Vec<(Parameter, f64)>,
}

pub(super) const NUMBERS: [(&str, &str); 5] = [
    ("v_min", "smallest voltage V of the settled motion"),
    ("v_max", "largest voltage V of the settled motion"),
    ("v_mean", "mean voltage V of the settled motion"),
    ("span", "oscillation span V_max - V_min"),
    ("settle_time", "time after which the motion counted as settled, in units of tau_c"),
];

/// Means, in the order of a ramp's.
pub(super) const MEANS: [(&str, &str); 2] = [
    ("z_mean", "mean of Z of the settled motion, or over the window that is shown of what has not settled"),
    (
        "i_mean",
        "mean of the current I = G V of the settled motion, or over the window that is shown of what has not settled",
    ),
];

/// Numbers of a lane's loop, in the order of [`LOOP_PICKS`].
pub(super) const LOOPS: [(&str, &str); 3] = [
    ("loop_area", "area of the loop: integral of |mean V up - mean V down| over the first axis"),
    ("missed_fold_below", "V_n of the loop's fold below the ramp, which the way down did not reach"),
    ("missed_fold_above", "V_n of the loop's fold above the ramp, which the way up did not reach"),
];
const LOOP_PICKS: [fn(&RampLoop) -> f64; 3] = [|l| l.area, |l| l.missed[0], |l| l.missed[1]];
/// Whether the ramp shows the whole loop of a lane.
const COMPLETE: (&str, &str) = ("loop_complete", "whether the ramp shows the whole loop (1) or not (0)");

/// Writes a ramp file atomically.
///
/// # Errors
/// [`Error::File`] if the folder cannot be written to, or the disk is full.
pub fn write_ramp(output: Output<'_>, content: &RampContent<'_>) -> Result<()> {
    super::write_whole(output, |file| write(file, content))
}

fn write(file: &mut CheckedFile, content: &RampContent<'_>) -> hdf5::Result<()> {
    let root = (**file.file()).clone();
    number(&root, "hopfmap_ramp_schema", SCHEMA)?;
    file.attributes(&content.attributes)?;
    file.words(DIRECTION, "way in which the first axis is walked", &content.directions)?;
    for axis in content.axes {
        let values: Vec<f64> = axis.values().collect();
        let dataset = described(file.list(&root, axis.parameter.name(), &values)?, &long_name(axis.parameter))?;
        make_scale(&dataset, axis.parameter.name())?;
    }
    for (p, value) in content.fixed {
        described(file.scalar(&root, p.name(), *value)?, &long_name(*p))?;
    }
    write_si(file, &content.si)?;
    let lanes: Vec<usize> = content.axes[1..].iter().map(|a| a.len() as usize).collect();
    let shape = [&[2, content.axes[0].len() as usize], &lanes[..]].concat();
    let picks: [fn(&CellResult) -> f64; 5] = [|a| a.v_min, |a| a.v_max, |a| a.v_mean, |a| a.span, |a| a.settle_time];
    for ((name, long_name), pick) in NUMBERS.iter().zip(picks) {
        let values: Vec<f64> = content.results.iter().map(pick).collect();
        described(file.array(&root, name, &shape, &values)?, long_name)?;
    }
    for (i, (name, long_name)) in MEANS.iter().enumerate() {
        let values: Vec<f64> = content.means.iter().map(|means| means[i]).collect();
        described(file.array(&root, name, &shape, &values)?, long_name)?;
    }
    let outcomes: Vec<u8> = content.results.iter().map(|a| a.outcome as u8).collect();
    super::columns::name_outcomes(&described(file.array(&root, OUTCOME.0, &shape, &outcomes)?, OUTCOME.1)?)?;
    for ((name, long_name), pick) in LOOPS.iter().zip(LOOP_PICKS) {
        let values: Vec<f64> = content.loops.iter().map(pick).collect();
        described(file.array(&root, name, &lanes, &values)?, long_name)?;
    }
    let complete: Vec<u8> = content.loops.iter().map(|l| u8::from(!l.area.is_nan())).collect();
    let dataset = described(file.array(&root, COMPLETE.0, &lanes, &complete)?, COMPLETE.1)?;
    super::columns::name_flags(&dataset, &[0_u8, 1], &["incomplete", "complete"])?;
    let of_lanes = || LOOPS.iter().map(|n| n.0).chain([COMPLETE.0]);
    let fixed: Vec<_> = content.fixed.iter().map(|(p, _)| p.name()).collect();
    // A loop runs along the first axis, so the coordinates of that are none of it.
    let si_of =
        |first: bool| content.si.iter().filter(move |c| first || c.dimension != content.axes[0].parameter.name());
    let names = |first: bool| fixed.iter().copied().chain(si_of(first).map(|c| &*c.name)).collect::<Vec<_>>();
    let numbers = || NUMBERS.iter().chain(&MEANS).map(|n| n.0).chain([OUTCOME.0]);
    for name in numbers() {
        coordinates(&root.dataset(name)?, &names(true))?;
    }
    for name in of_lanes() {
        coordinates(&root.dataset(name)?, &names(false))?;
    }
    let maps: Vec<String> = numbers().map(str::to_string).collect();
    let axes: Vec<String> = content.axes.iter().map(|a| a.parameter.name().to_string()).collect();
    let loops: Vec<String> = if lanes.is_empty() { Vec::new() } else { of_lanes().map(str::to_string).collect() };
    // An axis lists what runs along it: results have the direction and every axis, loops every axis but the first.
    let all = [&[DIRECTION.to_string()], &axes[..]].concat();
    // The ways up and down have no numbers for an axis.
    write_plottable(&root, NUMBERS[2].0, &[&[NO_AXIS.to_string()], &axes[..]].concat(), &maps)?;
    let si = si_scales(&content.si);
    let mut kinds: Vec<(&[String], &[String])> = vec![(&all, &maps)];
    if !loops.is_empty() {
        kinds.push((&axes[1..], &loops));
    }
    kinds.extend(si.iter().map(|(axis, name)| (&axis[..], &name[..])));
    attach_groups(&root, &kinds)
}

impl RampFile {
    /// Opens a file written by `hopfmap ramp`.
    ///
    /// # Errors
    /// [`Error::Request`] if the file does not exist, is damaged, or is no ramp; [`Error::File`] if
    /// it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        let refused = |why: String| {
            Error::input(path, format!("is no ramp of hopfmap ({why})"), "name a file that hopfmap ramp has written")
        };
        let file = super::reader::open(path)?;
        let found = read(&file).map_err(|e| refused(e.to_string()))?;
        found.check().map_err(refused)?;
        Ok(found)
    }

    /// Checks that the values fit the axes; the error is the reason if not.
    fn check(&self) -> std::result::Result<(), String> {
        if self.axes.is_empty() {
            return Err("it has no axis".to_string());
        }
        self.axes.iter().try_for_each(|a| super::coordinates::check_axis(a.parameter, &a.values))?;
        let due = self.axes.iter().try_fold(2_usize, |n, a| n.checked_mul(a.values.len()));
        if self.v.iter().any(|v| Some(v.len()) != due) || Some(self.outcomes.len()) != due {
            return Err("its axes do not fit its values".to_string());
        }
        let lanes = self.outcomes.len() / (2 * self.axes[0].values.len().max(1));
        if ![0, lanes].contains(&self.loop_area.len()) {
            return Err("its loop areas do not fit its lanes".to_string());
        }
        Ok(())
    }
}

fn read(file: &File) -> hdf5::Result<RampFile> {
    let (axes, _, fixed) = super::stored_coordinates::read_coordinates(file)?;
    let values = |name: &str| read_all::<f64>(&dataset(file, name)?);
    let outcomes = read_all::<f64>(&dataset(file, OUTCOME.0)?)?;
    let has_areas = file.link_exists(LOOPS[0].0);
    Ok(RampFile {
        axes,
        v: [values("v_min")?, values("v_max")?, values("v_mean")?],
        outcomes: outcomes.into_iter().map(Outcome::from_f64).collect(),
        loop_area: if has_areas { values(LOOPS[0].0)? } else { Vec::new() },
        fixed,
    })
}
