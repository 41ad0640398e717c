//! What says to viewers of NeXus files, such as h5web in JupyterLab, which variables to draw over which axes.

use super::hdf5_calls::write_words;
use super::netcdf::text;
use hdf5::Group;

/// The axis of a dimension without one.
pub(super) const NO_AXIS: &str = ".";

/// Makes a group one of plottable data: a signal over these axes, and others of its shape to choose from.
pub(super) fn write_plottable(group: &Group, signal: &str, axes: &[String], others: &[String]) -> hdf5::Result<()> {
    text(group, "NX_class", "NXdata")?;
    text(group, "signal", signal)?;
    match axes {
        // netCDF has texts, and no lists of them.
        [axis] => text(group, "axes", axis)?,
        axes => write_words(group, "axes", &axes.iter().map(String::as_str).collect::<Vec<_>>())?,
    }
    let others: Vec<&str> = others.iter().map(String::as_str).filter(|name| *name != signal).collect();
    if others.is_empty() { Ok(()) } else { write_words(group, "auxiliary_signals", &others) }
}
