//! What says to viewers of NeXus files, such as h5web in JupyterLab, which variables to draw over which axes.

use super::hdf5_calls::write_words;
use super::netcdf::text;
use crate::results::COLUMNS;
use hdf5::Group;

/// Makes a group one of plottable data: the first column over these axes, and the others to choose from.
pub(super) fn write_plottable(group: &Group, axes: &[String], columns: &[String]) -> hdf5::Result<()> {
    let signal = COLUMNS[0].name;
    text(group, "NX_class", "NXdata")?;
    text(group, "signal", signal)?;
    match axes {
        // netCDF has texts, and no lists of them.
        [axis] => text(group, "axes", axis)?,
        axes => write_words(group, "axes", &axes.iter().map(String::as_str).collect::<Vec<_>>())?,
    }
    let others: Vec<&str> = columns.iter().map(String::as_str).filter(|name| *name != signal).collect();
    write_words(group, "auxiliary_signals", &others)
}
