//! What is in a file: names, version, and what a writer has to be told.

use crate::grid::{Axis, GridBox};
use crate::model::Parameter;

/// Version of the layout. A reader takes this one and older ones.
pub const SCHEMA: u32 = 2;
/// Root attribute that carries it.
pub(super) const SCHEMA_ATTRIBUTE: &str = "hopfmap_schema";
/// Root attribute with the request as TOML.
pub(super) const REQUEST_ATTRIBUTE: &str = "request";
/// Dimension and coordinate of the starts.
pub(super) const START: &str = "start";
/// Dimension and coordinate of a ramp's directions.
pub(super) const DIRECTION: &str = "direction";
/// Number in `outcome` and in the derived columns stands for what nobody has written, or what is not known.
pub(super) const NO_OUTCOME: u8 = 255;

/// The value of a root attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text of any length.
    Text(String),
    /// A number.
    Number(f64),
}

/// F_ij on the nodes of a table, for `/table`.
#[derive(Debug, Clone)]
pub struct TableRecord {
    /// Oscillator length.
    pub l: f64,
    /// Tunnelling length.
    pub lambda: f64,
    /// Positions x_V in units of L.
    pub x_v: Vec<f64>,
    /// F_00, F_01, F_11 there.
    pub functions: [Vec<f64>; 3],
    /// Bound on the error of the interpolated functions.
    pub error: f64,
}

/// The claims of a map that its audit checked, for `/audit`: one entry a claim.
#[derive(Debug, Clone, Default)]
pub struct AuditRecord {
    /// Index of the cell in row-major order.
    pub cell: Vec<u64>,
    /// Which start.
    pub start: Vec<u8>,
    /// Its outcome in the map, and by the audit.
    pub outcomes: [Vec<u8>; 2],
    /// Its span in the map, and by the audit.
    pub spans: [Vec<f64>; 2],
    /// The span's error as the map states it.
    pub span_error: Vec<f64>,
}

/// Everything about a map but its cells.
#[derive(Debug, Clone)]
pub struct Header {
    /// The axes, slowest first.
    pub axes: Vec<Axis>,
    /// Names of the starts where there are several: one more dimension, before the axes.
    pub starts: Vec<&'static str>,
    /// Parameters that are the same in every cell.
    pub fixed: Vec<(Parameter, f64)>,
    /// Whether the computed columns are stored in f64.
    pub double: bool,
    /// Shape of the chunks on disk.
    pub chunk: Vec<u64>,
    /// Root attributes, in order.
    pub attributes: Vec<(String, Value)>,
    /// The request, as TOML.
    pub request: String,
    /// What computed the cells, each in one line; where there is more than one, a column says which computed a cell.
    pub engines: Vec<String>,
    /// Files that hold the columns, relative to the map's folder, each with its box; none where the map holds them itself.
    pub elsewhere: Vec<(String, GridBox)>,
}

/// A parameter's long name: its symbol as the paper writes it, and its meaning.
#[must_use]
pub fn long_name(p: Parameter) -> String {
    format!("{}: {}", p.name(), p.info().meaning)
}
