//! What spans may differ by when a cell is computed in two ways.

use crate::engine::Precision;
use crate::kernel::table::Format;
use crate::plan::Request;

/// Difference of spans in f32 and f64, in addition to the stated error: rounding and the table.
pub const SPAN_F32: f64 = 2e-5;
/// Difference of spans in f64 with the step and with half of it: the error of RK4.
pub(super) const SPAN_F64: f64 = 1e-6;
/// Difference of spans in f64 and in f32 with a table of half precision.
pub(super) const SPAN_F16_TABLE: f64 = 4e-3;
/// Difference of a span in f32 and the replay of its cell in f64 with the f32 step, in addition to
/// the stated error: the error of RK4 and the end of the other run come on top of [`SPAN_F32`].
pub(super) const REPLAY_F32: f64 = 3e-5;
/// Difference of a span in f64 and its replay, which repeats the same arithmetic for one cell
/// alone.
pub(super) const REPLAY_F64: f64 = 1e-9;

/// Tolerance of a span in addition to its stated error, for the request's number type and table.
#[must_use]
pub(super) fn span_tolerance(request: &Request) -> f64 {
    match (request.precision, request.table_format) {
        (Precision::F64, _) => SPAN_F64,
        (Precision::F32, Format::Rgba32Float) => SPAN_F32,
        (Precision::F32, Format::Rgba16Float) => SPAN_F16_TABLE,
    }
}
