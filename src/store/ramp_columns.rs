//! All columns of a ramp, by name.

use super::hdf5_file::{dataset, read_all};
use super::ramp::{LOOPS, MEANS, NUMBERS, RampFile};
use super::reader::open;
use crate::error::{Error, Result};
use crate::results::OUTCOME;
use std::path::Path;

/// A column of a ramp.
#[derive(Debug, Clone)]
pub struct RampColumn {
    /// Its name in the file.
    pub name: &'static str,
    /// Short description.
    pub long_name: &'static str,
    /// Whether it has one value for each lane; others have one for each direction and place on the axes.
    pub is_of_lanes: bool,
    /// Values, row-major.
    pub values: Vec<f64>,
}

impl RampFile {
    /// The columns that the file at `path`, from which this ramp was read, has.
    ///
    /// # Errors
    /// [`Error::Request`] if a column does not fit the axes; [`Error::File`] if it cannot be read.
    pub fn columns(&self, path: &Path) -> Result<Vec<RampColumn>> {
        let file = open(path)?;
        let of_lanes = LOOPS.iter().map(|l| (l.0, l.1, true));
        let all = NUMBERS.iter().chain(&MEANS).map(|n| (n.0, n.1, false));
        let all = all.chain([(OUTCOME.0, OUTCOME.1, false)]).chain(of_lanes);
        let cells = self.outcomes.len();
        let lanes = cells / (2 * self.axes[0].values.len().max(1));
        let mut columns = Vec::new();
        for (name, long_name, is_of_lanes) in all.filter(|(name, ..)| file.link_exists(name)) {
            let values = dataset(&file, name).and_then(|d| read_all::<f64>(&d));
            let values =
                values.map_err(|e| Error::file_because(path, format!("column {name} could not be read"), e))?;
            if values.len() != if is_of_lanes { lanes } else { cells } {
                let problem = format!("is damaged: its {name} does not fit its axes");
                return Err(Error::input(path, problem, "run the ramp again"));
            }
            columns.push(RampColumn { name, long_name, is_of_lanes, values });
        }
        Ok(columns)
    }
}
