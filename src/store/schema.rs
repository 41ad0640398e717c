//! The contents of a file: names, schema version, and the input of a writer.

use crate::grid::{Grid, GridBox};
use crate::model::Parameter;

/// Version of the file layout. A reader accepts this one and older ones.
pub const SCHEMA: u32 = 7;
/// Root attribute with the version of the layout.
pub(super) const SCHEMA_ATTRIBUTE: &str = "hopfmap_schema";
/// Root attribute with the request as TOML.
pub(super) const REQUEST_ATTRIBUTE: &str = "request";
/// Dimension and coordinate of the starts.
pub(super) const START: &str = "start";
/// Dimension of a list of points, and its coordinate: their numbers.
pub(super) const POINT: &str = "point";
/// Dimension and coordinate of a ramp's directions.
pub(super) const DIRECTION: &str = "direction";
/// Number in `outcome`, `certificate` and the derived columns for a cell that is not written or a value that is
/// not known.
pub(super) const NO_OUTCOME: u8 = 255;

/// The value of a root attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text of any length.
    Text(String),
    /// A number.
    Number(f64),
}

/// Conductance matrix elements F_ij on the nodes of a table, for `/table`.
#[derive(Debug, Clone)]
pub struct TableRecord {
    /// Oscillator length l, in units of L.
    pub l: f64,
    /// Tunnelling length lambda, in units of L.
    pub lambda: f64,
    /// Positions x_V, in units of L.
    pub x_v: Vec<f64>,
    /// F_00, F_01 and F_11 at each x_V.
    pub functions: [Vec<f64>; 3],
    /// Bound on the error of the interpolated functions.
    pub error: f64,
}

/// One stored result that an audit checked: a row (a `claim`) of the group `/audit`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuditRow {
    /// Index of the cell in row-major order.
    pub cell: u64,
    /// Index of the start.
    pub start: u8,
    /// Outcome in the map.
    pub outcome: u8,
    /// Outcome by the audit.
    pub outcome_audit: u8,
    /// Span in the map.
    pub span: f64,
    /// Span by the audit.
    pub span_audit: f64,
    /// Error of the span as stated in the map.
    pub span_error: f64,
    /// What other numbers are not as in the map: a sum of 1 (period), 2 (mean of V), 4 (number of maxima), 8 (exponent), 16 (a mean asked for), 32 (response).
    pub numbers_off: u8,
    /// 1 where starts displaced by 1e-6 end elsewhere.
    pub start_sensitive: u8,
    /// Number of attractors that random starts of the cell come to, and none of the map's; [`NOT_SEARCHED`] where the
    /// cell was not searched, or another row of the cell has it.
    pub missed: u8,
}

/// Number of missed attractors of a row without a search.
pub const NOT_SEARCHED: u8 = u8::MAX;

/// Names of the columns of the group `/audit`.
pub(super) const AUDIT_COLUMNS: [&str; 10] = [
    "cell",
    START,
    "outcome",
    "outcome_audit",
    "span",
    "span_audit",
    "span_error",
    "numbers_off",
    "start_sensitive",
    "missed",
];

/// A coordinate in SI units over the dimension of an axis, or of the points.
#[derive(Debug, Clone, PartialEq)]
pub struct SiCoordinate {
    /// Dimension: the name of the axis, or `point`.
    pub dimension: &'static str,
    /// Name of the variable: the quantity's, with `_si` behind where a parameter has that name.
    pub name: String,
    /// Unit.
    pub unit: &'static str,
    /// Meaning of the quantity.
    pub meaning: &'static str,
    /// Values, in the order of the axis.
    pub values: Vec<f64>,
}

/// Everything in a map except its cells.
#[derive(Debug, Clone)]
pub struct Header {
    /// The axes, slowest first, or the points.
    pub grid: Grid,
    /// Names of the starts if there are several: an extra dimension before the axes.
    pub starts: Vec<String>,
    /// Parameters that are the same in every cell.
    pub fixed: Vec<(Parameter, f64)>,
    /// Coordinates in SI units, of a device.
    pub si: Vec<SiCoordinate>,
    /// Whether the computed columns are stored in f64.
    pub double: bool,
    /// Shape of the chunks on disk.
    pub chunk: Vec<u64>,
    /// Root attributes, in order.
    pub attributes: Vec<(String, Value)>,
    /// The request, as TOML.
    pub request: String,
    /// Descriptions of the engines that computed the cells; if several, a column gives each cell's
    /// engine.
    pub engines: Vec<String>,
    /// Whether there are columns of margins: in maps with two axes of several values.
    pub margins: bool,
    /// Columns that the map has because they were asked for, as name and long name.
    pub optional: Vec<(&'static str, &'static str)>,
    /// Files that hold the columns, relative to the map's folder, each with its box; empty if the
    /// map holds them itself.
    pub elsewhere: Vec<(String, GridBox)>,
}

/// The long name of a parameter: its name in files, and its meaning.
#[must_use]
pub fn long_name(p: Parameter) -> String {
    format!("{}: {}", p.name(), p.info().meaning)
}
