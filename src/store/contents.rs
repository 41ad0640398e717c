//! The kind of a hopfmap file, the request stored in it, and curves read back.

use super::curves::{CurvePoint, SPECIAL, StoredPoint, special_name};
use super::hdf5_file::{dataset, read_all};
use super::netcdf::{one, read_number, read_text};
use super::reader::{MapFile, open};
use super::schema::{REQUEST_ATTRIBUTE, SCHEMA_ATTRIBUTE};
use crate::error::{Error, Result};
use crate::model::Parameter;
use hdf5::File;
use std::path::Path;

/// The kind of a hopfmap file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// A map, as written by `hopfmap sweep`.
    Map,
    /// A trajectory, as written by `hopfmap trace` and `hopfmap replay`.
    Trajectory,
    /// A ramp, as written by `hopfmap ramp`.
    Ramp,
    /// Curves, as written by `hopfmap curves`.
    Curves,
    /// Branches of cycles, as written by `hopfmap cycles`.
    Branches,
}

/// The root attribute that identifies each kind of file.
const SCHEMAS: [(&str, Contents); 5] = [
    (SCHEMA_ATTRIBUTE, Contents::Map),
    ("hopfmap_series_schema", Contents::Trajectory),
    ("hopfmap_ramp_schema", Contents::Ramp),
    ("hopfmap_curves_schema", Contents::Curves),
    ("hopfmap_branches_schema", Contents::Branches),
];

impl Contents {
    /// The name of this kind in messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Contents::Map => "map",
            Contents::Trajectory => "trajectory",
            Contents::Ramp => "ramp",
            Contents::Curves => "file of curves",
            Contents::Branches => "file of branches",
        }
    }

    /// The kind of the file at `path`.
    ///
    /// # Errors
    /// [`Error::Request`] if the file does not exist, is not HDF5, is damaged, or is not a hopfmap
    /// file; [`Error::File`] if it cannot be read.
    pub fn of(path: &Path) -> Result<Self> {
        let file = open(path)?;
        let found = SCHEMAS.iter().find(|(name, _)| file.attr(name).is_ok());
        found.map(|(_, contents)| *contents).ok_or_else(|| {
            if super::part::is_part(&file) {
                return Error::input(path, "is a part of a map", "merge the parts, or name a whole file");
            }
            Error::input(path, "is an HDF5 file, but none of hopfmap's", "name a file that hopfmap has written")
        })
    }
}

/// The request stored in a map or a ramp, as TOML.
///
/// # Errors
/// [`Error::Request`] if the file is neither, does not exist, or is damaged; [`Error::File`] if it
/// cannot be read.
pub fn stored_request(path: &Path) -> Result<String> {
    let none = |problem: String| Error::input(path, problem, "name a map or a ramp, or a folder of parts");
    match Contents::of(path)? {
        Contents::Map => Ok(MapFile::open(path)?.request),
        Contents::Ramp => {
            read_text(&*open(path)?, REQUEST_ATTRIBUTE).map_err(|e| none(format!("holds no request ({e})")))
        }
        other => Err(none(format!("is a {}, which holds no request", other.name()))),
    }
}

/// Root attributes of each side of the curves' plane: its parameter, its lower and its upper end.
pub const SIDES: [[&str; 3]; 2] = [["x", "x_low", "x_high"], ["y", "y_low", "y_high"]];

/// Curves read back from a file.
#[derive(Debug, Clone)]
pub struct CurvesFile {
    /// Sides of the plane: parameter, lower end, upper end.
    pub sides: [(Parameter, f64, f64); 2],
    /// Number of each line's kind, and its points in order: of them, the place and the Lyapunov coefficient are read.
    pub lines: Vec<(u8, Vec<CurvePoint>)>,
    /// Points of codimension 2; none in files of earlier versions.
    pub special: Vec<StoredPoint>,
    /// Parameters that are the same everywhere.
    pub fixed: Vec<(Parameter, f64)>,
}

impl CurvesFile {
    /// Opens a file written by `hopfmap curves`.
    ///
    /// # Errors
    /// [`Error::Request`] if the file does not exist, is damaged, or holds no curves;
    /// [`Error::File`] if it cannot be read.
    pub fn open(path: &Path) -> Result<Self> {
        read(&open(path)?).map_err(|e| {
            Error::input(path, format!("is no file of curves ({e})"), "name a file that hopfmap curves has written")
        })
    }
}

fn read(file: &File) -> hdf5::Result<CurvesFile> {
    let side = |[name, low, high]: [&str; 3]| -> hdf5::Result<_> {
        let end = |name: &str| read_number::<f64>(file, name);
        let parameter = Parameter::parse(&read_text(file, name)?).map_err(|e| hdf5::Error::from(e.to_string()))?;
        let (low, high) = (end(low)?, end(high)?);
        if !(low.is_finite() && high.is_finite() && low < high) {
            return Err(format!("{} from {low} to {high} is no side of a plane", parameter.name()).into());
        }
        Ok((parameter, low, high))
    };
    let sides = [side(SIDES[0])?, side(SIDES[1])?];
    let values = |p: Parameter| read_all::<f64>(&dataset(file, p.name())?);
    let (x, y) = (values(sides[0].0)?, values(sides[1].0)?);
    let numbers = read_all::<u32>(&dataset(file, "line")?)?;
    let kinds = read_all::<u8>(&dataset(file, "kind")?)?;
    let lyapunov = read_all::<f64>(&dataset(file, "lyapunov")?)?;
    if [y.len(), numbers.len(), kinds.len(), lyapunov.len()] != [x.len(); 4] {
        return Err("its variables are not of one length".into());
    }
    if !x.iter().chain(&y).all(|v| v.is_finite()) {
        return Err("its points are not finite".into());
    }
    let mut lines: Vec<(u8, Vec<CurvePoint>)> = Vec::new();
    for i in 0..x.len() {
        if i == 0 || numbers[i] != numbers[i - 1] {
            lines.push((kinds[i], Vec::new()));
        }
        let none = f64::NAN;
        let point = CurvePoint { x: x[i], y: y[i], v: none, omega: none, lyapunov: lyapunov[i], cycle: [none; 3] };
        lines.last_mut().into_iter().for_each(|line| line.1.push(point));
    }
    let mut fixed = Vec::new();
    for p in Parameter::ALL.into_iter().filter(|p| sides.iter().all(|s| s.0 != *p)) {
        fixed.push((p, one(&*dataset(file, p.name())?)?));
    }
    let special = if file.dataset(SPECIAL[2].0).is_ok() { special(file, sides.map(|s| s.0))? } else { Vec::new() };
    Ok(CurvesFile { sides, lines, special, fixed })
}

fn special(file: &File, plane: [Parameter; 2]) -> hdf5::Result<Vec<StoredPoint>> {
    let values = |name: &str| read_all::<f64>(&dataset(file, name)?);
    let (x, y) = (values(&special_name(plane[0]))?, values(&special_name(plane[1]))?);
    let (v, period) = (values(SPECIAL[0].0)?, values(SPECIAL[1].0)?);
    let kinds = read_all::<u8>(&dataset(file, SPECIAL[2].0)?)?;
    let is_finite = x.iter().chain(&y).all(|v| v.is_finite());
    if [y.len(), v.len(), period.len(), kinds.len()] != [x.len(); 4] || !is_finite {
        return Err("its special points are not of one length, or not finite".into());
    }
    let point = |i: usize| StoredPoint { kind: kinds[i], at: [x[i], y[i]], v: v[i], period: period[i] };
    Ok((0..x.len()).map(point).collect())
}
