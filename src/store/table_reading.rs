//! The conductance tables of a map, read back.

use super::hdf5_file::{self, dataset, read_all};
use super::netcdf::read_number;
use super::reader::MapFile;
use super::schema::TableRecord;
use crate::error::{Error, Result};
use hdf5::Group;

/// Most tables that a map has.
const MOST_TABLES: usize = 16;

impl MapFile {
    /// The conductance tables that the map was computed with, over evenly spaced x_V.
    ///
    /// # Errors
    /// [`Error::File`] if a table cannot be read, or is no function of evenly spaced positions.
    pub fn tables(&self) -> Result<Vec<TableRecord>> {
        let names = (1..=MOST_TABLES).map(|n| if n == 1 { "table".to_string() } else { format!("table_{n}") });
        let there = names.take_while(|name| self.file.link_exists(name));
        there
            .map(|name| {
                let group = hdf5_file::group(&self.file, &name);
                let table = group
                    .and_then(|group| read(&group))
                    .map_err(|e| Error::file_because(&self.path, format!("its {name} could not be read"), e))?;
                if !is_even(&table) {
                    return Err(Error::file(&self.path, format!("has a {name} that is not over evenly spaced x_V")));
                }
                Ok(table)
            })
            .collect()
    }
}

fn read(group: &Group) -> hdf5::Result<TableRecord> {
    let list = |name: &str| read_all::<f64>(&dataset(group, name)?);
    Ok(TableRecord {
        l: read_number(group, "l")?,
        lambda: read_number(group, "lambda")?,
        error: read_number(group, "error_bound")?,
        x_v: list("x_V")?,
        functions: [list("F00")?, list("F01")?, list("F11")?],
    })
}

/// Whether the positions have equal distances, and each has a finite value of each function.
fn is_even(table: &TableRecord) -> bool {
    let x = &table.x_v;
    let [first, .., last] = x[..] else { return false };
    let step = (last - first) / (x.len() - 1) as f64;
    let even = |(i, v): (usize, &f64)| (v - (first + step * i as f64)).abs() <= 1e-6 * step;
    let whole = |f: &Vec<f64>| f.len() == x.len() && f.iter().all(|v| v.is_finite());
    x.len() >= 4
        && step > 0.0
        && step.is_finite()
        && x.iter().enumerate().all(even)
        && table.functions.iter().all(whole)
}
