//! Accessors of a map file that a map in memory has too: axes, parameters, starts, whole columns.

use super::part::audit_of;
use super::reader::MapFile;
use super::schema::AuditRow;
use super::stored_axis::StoredAxis;
use super::stored_coordinates::shape;
use crate::error::{Error, Result};
use crate::grid::Points;
use crate::model::Parameter;
use crate::results::{COLUMNS, MARGINS, OUTCOME, Outcome, optional_columns};
use ndarray::{ArrayD, Axis, stack};

impl MapFile {
    /// The axes, slowest first; none of a map of points.
    #[must_use]
    pub fn axes(&self) -> &[StoredAxis] {
        &self.axes
    }

    /// The list of points, of a map that has no axes.
    #[must_use]
    pub fn points(&self) -> Option<&Points> {
        self.points.as_ref()
    }

    /// The number of values along each axis, or of points.
    #[must_use]
    pub fn shape(&self) -> Vec<usize> {
        shape(&self.axes, self.points.as_ref())
    }

    /// The axes' or the columns' parameters with their values at a cell, by its index along each axis or its point's.
    #[must_use]
    pub fn values_at(&self, place: &[usize]) -> Vec<(Parameter, f64)> {
        match (&self.points, place) {
            (Some(points), [i]) => points.parameters().iter().copied().zip(points.row(*i).iter().copied()).collect(),
            _ => self.axes.iter().zip(place).map(|(a, i)| (a.parameter, a.values[*i])).collect(),
        }
    }

    /// The parameters that are the same in all cells.
    #[must_use]
    pub fn fixed(&self) -> &[(Parameter, f64)] {
        &self.fixed
    }

    /// Names of the starts, if there are several.
    #[must_use]
    pub fn starts(&self) -> &[String] {
        &self.starts
    }

    /// The request, as TOML.
    #[must_use]
    pub fn request(&self) -> &str {
        &self.request
    }

    /// One column of numbers, of all cells, such as `span`, `v_min`, `v_max`, `v_mean`, `period`, `multiplier`, and in a
    /// map of two axes `margin` and `margin_relative`; those that were asked for, such as `z_mean`. Missing numbers are NaN.
    ///
    /// The array has one dimension for each axis, in the order of the axes; if the map has several
    /// starts, they come first, as one more dimension, but for margins.
    ///
    /// # Errors
    /// [`Error::Request`] if there is no such column, or a number in it is not what it should be;
    /// [`Error::File`] if it cannot be read.
    pub fn array(&self, column: &str) -> Result<ArrayD<f64>> {
        let margins = || MARGINS.iter().map(|m| m.0).filter(|name| self.columns().contains(name));
        if margins().any(|name| name == column) {
            return self.cut(column, &vec![None; self.shape().len()]);
        }
        let optional = || optional_columns().map(|o| o.0).filter(|name| self.columns().contains(name));
        if COLUMNS.iter().map(|c| c.name).chain(optional()).all(|name| name != column) {
            let names: Vec<_> = COLUMNS.iter().map(|c| c.name).chain(margins()).chain(optional()).collect();
            return Err(Error::request(
                format!("'{column}' is no column of numbers"),
                format!("name one of {}", names.join(", ")),
            ));
        }
        self.whole(column)
    }

    /// The outcome of every cell, in an array like those of [`MapFile::array`].
    ///
    /// # Errors
    /// [`Error::Request`] if a number is no outcome; [`Error::File`] if they cannot be read.
    pub fn outcomes(&self) -> Result<ArrayD<Outcome>> {
        let numbers = self.whole(OUTCOME.0)?;
        // The reader has refused numbers that are no outcome.
        Ok(numbers.mapv(|n| Outcome::from_f64(n).unwrap_or(Outcome::Unsettled)))
    }

    /// The results that the map's audit checked; none if there was no audit.
    ///
    /// # Errors
    /// [`Error::File`] if they cannot be read.
    pub fn audit_rows(&self) -> Result<Vec<AuditRow>> {
        audit_of(&self.file).map_err(|e| Error::file_because(&self.path, "its audit could not be read", e))
    }

    /// A column of all cells and starts.
    fn whole(&self, column: &str) -> Result<ArrayD<f64>> {
        let at = vec![None; self.shape().len()];
        if self.starts.is_empty() {
            return self.cut(column, &at);
        }
        let by_start: Vec<_> =
            (0..self.starts.len()).map(|start| self.cut_from(column, start, &at)).collect::<Result<_>>()?;
        let views: Vec<_> = by_start.iter().map(|a| a.view()).collect();
        stack(Axis(0), &views).map_err(|e| Error::file(self.path(), format!("column {column} has no one shape: {e}")))
    }
}
