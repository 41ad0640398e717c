//! What a file says of its cells: axes or points, and parameters that are the same everywhere.

use super::coordinates;
use super::hdf5_file::{dataset, linked, read_all};
use super::netcdf::{one, read_text};
use super::schema::{DIRECTION, POINT, START};
use super::stored_axis::StoredAxis;
use crate::grid::Points;
use crate::model::Parameter;
use crate::results::OUTCOME;
use hdf5::File;

/// The number of values along each axis, or of points.
pub(super) fn shape(axes: &[StoredAxis], points: Option<&Points>) -> Vec<usize> {
    points.map_or_else(|| axes.iter().map(|a| a.values.len()).collect(), |points| vec![points.len()])
}

/// What a file says of its cells: axes, or a list of points, and parameters that are neither.
type Coordinates = (Vec<StoredAxis>, Option<Points>, Vec<(Parameter, f64)>);

/// The axes in the order of the dimensions, from the scales of `outcome`, or the points, and the parameters that
/// are neither.
///
/// A fixed parameter is a scalar, or an array of one if another program has rewritten the file.
pub(super) fn read_coordinates(file: &File) -> hdf5::Result<Coordinates> {
    let dimensions = dimensions(file)?;
    let parameter = |name: &String| Parameter::ALL.into_iter().find(|p| p.name() == name);
    let (mut axes, mut of_points): (Vec<StoredAxis>, _) = (Vec::new(), None);
    for (number, name) in dimensions.iter().enumerate() {
        match parameter(name) {
            Some(p) if axes.iter().any(|a| a.parameter == p) => {
                return Err(format!("{name} is the scale of two dimensions").into());
            }
            Some(parameter) => axes.push(StoredAxis { parameter, values: read_all(&dataset(file, name)?)? }),
            // The first dimension is the direction in a ramp, and the start in a map of several starts.
            None if number == 0 && (name == DIRECTION || name == START) => {}
            None if name == POINT && axes.is_empty() && of_points.is_none() => of_points = Some(Vec::new()),
            None => return Err(format!("dimension {number} of {} is {name}, which is no parameter", OUTCOME.0).into()),
        }
    }
    if of_points.is_some() && !axes.is_empty() {
        return Err("it has axes and points".into());
    }
    let mut fixed = Vec::new();
    for p in Parameter::ALL.into_iter().filter(|p| axes.iter().all(|a| a.parameter != *p)) {
        let values = dataset(file, p.name())?;
        match &mut of_points {
            // What varies from point to point has their dimension.
            Some(columns) if values.attr("DIMENSION_LIST").is_ok() => columns.push((p, read_all(&values)?)),
            _ => fixed.push((p, one(&values)?)),
        }
    }
    let points =
        of_points.map(|columns| Points::new(columns).map_err(|e| hdf5::Error::from(e.to_string()))).transpose()?;
    Ok((axes, points, fixed))
}

/// The names of the scales of `outcome`'s dimensions.
fn dimensions(file: &File) -> hdf5::Result<Vec<String>> {
    use hdf5::types::VarLenArray;
    use hdf5::{ObjectReference1, ReferencedObject};
    let list = linked(file, OUTCOME.0)?.attr("DIMENSION_LIST")?;
    if list.size() > Parameter::ALL.len() + 1 {
        return Err(format!("it has {} dimensions", list.size()).into());
    }
    let name = |references: &VarLenArray<ObjectReference1>| {
        let Some(reference) = references.first() else { return Err("a dimension has no scale".into()) };
        let lost = |_| "the scale of a dimension is not there, as in a copy that was made object by object";
        match file.dereference(reference).map_err(lost)? {
            ReferencedObject::Dataset(scale) => Ok(scale.name().trim_start_matches('/').to_string()),
            _ => Err("a dimension's scale is not a dataset".into()),
        }
    };
    list.read_raw::<VarLenArray<ObjectReference1>>()?.iter().map(name).collect()
}

/// Checks that axes and fixed parameters have allowed values, and are those the file was written with.
///
/// The error is the reason if not.
pub(super) fn check_coordinates(
    file: &File,
    axes: &[StoredAxis],
    points: Option<&Points>,
    fixed: &[(Parameter, f64)],
) -> std::result::Result<(), String> {
    axes.iter().try_for_each(|a| coordinates::check_axis(a.parameter, &a.values))?;
    fixed.iter().try_for_each(|(p, value)| coordinates::check_value(*p, *value))?;
    let axes = axes.iter().map(|a| (a.parameter, a.values.clone()));
    let columns =
        points.into_iter().flat_map(|points| points.parameters().iter().map(|p| (*p, points.column(*p).collect())));
    let varied: Vec<_> = axes.chain(columns).collect();
    match read_text(file, coordinates::ATTRIBUTE) {
        Ok(written) if written != coordinates::fingerprint(&varied, fixed) => {
            Err("its coordinates are not those that it was written with".to_string())
        }
        _ => Ok(()),
    }
}
