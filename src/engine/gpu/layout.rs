//! Rust layouts of the shader's buffers; tests compare them with the shader's own layouts.

use crate::engine::{Cell, Tables};
use crate::kernel::Real;
use crate::kernel::constants::MOST_REGIONS;
use crate::kernel::run::{Run, RunResult};
use crate::kernel::table::Table;
use crate::kernel::trapping::{FORM, TrappingRegion};
use crate::results::COLUMNS;
use bytemuck::{Pod, Zeroable};

/// Parameters of one dispatch.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct DispatchParams {
    /// Slots with a run.
    pub running: u32,
    /// Steps per slot.
    pub steps: u32,
    /// Slots of the dispatch: 0 for the first ones, 1 for those that the last dispatch left in `order`.
    pub packed: u32,
    /// 1 while cells may come: slots without a run take part.
    pub is_open: u32,
    /// Cells that have been put into the queue so far; it may have come round to 0.
    pub queued: u32,
    /// Length of the queue, a power of two, less 1.
    pub mask: u32,
    /// Padding: the size of a uniform is a multiple of 16 bytes.
    pub unused: [u32; 2],
}

/// One cell as uploaded.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct RawCell {
    /// Parameters in the order of `PARAMETERS`.
    pub parameters: [f32; crate::model::PARAMETER_COUNT],
    /// Initial state: X, Y, Z, V.
    pub start: [f32; 4],
    /// RK4 step in units of tau_c.
    pub dt: f32,
    /// Discretisation error of an interpolated maximum.
    pub peak_error: f32,
    /// Maxima of the first window.
    pub first_peaks: u32,
    /// Steps between looks at whether the run has come to rest.
    pub look_steps: u32,
    /// Most steps of the run.
    pub max_steps: u32,
    /// Row of the texture.
    pub row: u32,
    /// Number of trapping regions.
    pub regions: u32,
}

/// A cell that waits in the queue.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct QueuedCell {
    /// The cell.
    pub cell: RawCell,
    /// Its trapping regions.
    pub regions: [RawRegion; MOST_REGIONS as usize],
}

impl QueuedCell {
    /// A cell with the first of its regions.
    pub(super) fn new(cell: &Cell, regions: &[TrappingRegion<f64>]) -> Self {
        let mut queued = Self { cell: RawCell::from(cell), regions: [RawRegion::zeroed(); MOST_REGIONS as usize] };
        queued.cell.regions = cell.regions.min(MOST_REGIONS);
        queued.regions.iter_mut().zip(regions).for_each(|(raw, region)| *raw = RawRegion::from(region));
        queued
    }
}

impl From<&Cell> for RawCell {
    fn from(cell: &Cell) -> Self {
        let s = &cell.start;
        Self {
            parameters: cell.parameters.map(|v| v as f32).to_array(),
            start: [s.x, s.y, s.z, s.v].map(|v| v as f32),
            dt: cell.dt as f32,
            peak_error: cell.peak_error as f32,
            first_peaks: cell.limits.first_peaks,
            look_steps: cell.limits.look_steps,
            max_steps: cell.limits.max_steps,
            row: cell.table,
            regions: cell.regions,
        }
    }
}

/// A trapping region as uploaded, in the kernel's layout.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct RawRegion {
    /// V* rounded to the origin grid, and the remainder.
    pub v: [f32; 2],
    /// Coefficients of the form.
    pub form: [f32; FORM],
    /// σ of the normal form, per tau_c.
    pub growth: f32,
    /// κ of the normal form.
    pub curvature: f32,
}

impl From<&TrappingRegion<f64>> for RawRegion {
    fn from(region: &TrappingRegion<f64>) -> Self {
        let b: TrappingRegion<f32> = region.rounded();
        Self { v: [b.v_high, b.v_low], form: b.form, growth: b.growth, curvature: b.curvature }
    }
}

/// Spacing and reach of the pieces of one table, a row of the texture.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct TableLayout {
    /// Distance in xi between the centres of neighbouring pieces.
    pub spacing: f32,
    /// Inverse of the spacing.
    pub inverse_spacing: f32,
    /// Largest distance in xi from a piece's centre at which the piece serves.
    pub reach: f32,
    /// Inverse of the reach.
    pub inverse_reach: f32,
    /// Number of the last piece.
    pub last: i32,
}

impl From<&Tables> for TableLayout {
    fn from(tables: &Tables) -> Self {
        let t = &tables.single;
        let Table { spacing, inverse_spacing, reach, inverse_reach, .. } = *t;
        Self { spacing, inverse_spacing, reach, inverse_reach, last: t.last() }
    }
}

/// Result of one cell as read back.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub struct RawResult {
    /// Numbers in the order of `COLUMNS`.
    pub numbers: [f32; COLUMNS.len()],
    /// Number of the outcome.
    pub outcome: u32,
    /// Number of the certificate.
    pub certificate: u32,
    /// Steps taken.
    pub steps: u32,
    /// Windows closed.
    pub windows: u32,
    /// Number of the cell.
    pub number: u32,
    /// Final state: X, Y, Z, V.
    pub end: [f32; 4],
}

impl From<&RawResult> for RunResult<f32> {
    fn from(raw: &RawResult) -> Self {
        let RawResult { numbers, outcome, certificate, steps, end, .. } = *raw;
        RunResult { numbers, outcome, certificate, steps, end }
    }
}

/// Counters of one dispatch, summed over its invocations.
#[derive(Debug, Clone, Copy, Default, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Status {
    /// Cells still running.
    pub running: u32,
    /// Slots without a run.
    pub free: u32,
    /// Running cells whose loop ended before the last requested step.
    pub cut_short: u32,
    /// Cells that ended in this dispatch.
    pub finished: u32,
    /// Those of them that settled.
    pub settled: u32,
    /// Steps taken, low word.
    pub steps_low: u32,
    /// Steps taken, high word.
    pub steps_high: u32,
    /// Cells drawn from the queue so far, in all dispatches.
    pub drawn: u32,
}

/// Size of [`Status`] in bytes.
pub(super) const STATUS_BYTES: u64 = size_of::<Status>() as u64;
/// Size of the coefficients of Eq. 10 on the device in bytes: 12 numbers, and 5 powers of three (a vec3 aligns to 16).
pub(super) const NEURON_BYTES: u64 = 4 * 12 + 16 * f32::TERMS as u64;
/// Size of a slot on the device in bytes (a vec4 aligns to 16): a [`Run`], its neuron, its cell and the cell's number;
/// the host never reads slots, it only allocates them.
pub(super) const SLOT_BYTES: u64 =
    ((size_of::<Run<f32>>() as u64).next_multiple_of(16) + NEURON_BYTES + size_of::<QueuedCell>() as u64 + 4)
        .next_multiple_of(16);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::shader::source;
    use crate::kernel::newton::Newton;
    use crate::kernel::window::Window;
    use crate::model::PARAMETERS;
    use naga::{Module, TypeInner};
    use std::mem::offset_of;

    fn module() -> Module {
        naga::front::wgsl::parse_str(&source()).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&source())))
    }

    /// (size, [(member, offset)]) of a struct in the shader.
    fn layout(module: &Module, name: &str) -> (u32, Vec<(String, u32)>) {
        let found = module.types.iter().find(|(_, t)| t.name.as_deref() == Some(name));
        match &found.unwrap_or_else(|| panic!("no struct {name}")).1.inner {
            TypeInner::Struct { members, span } => {
                (*span, members.iter().map(|m| (m.name.clone().unwrap(), m.offset)).collect())
            }
            other => panic!("{name} is {other:?}"),
        }
    }

    fn offset(layout: &(u32, Vec<(String, u32)>), member: &str) -> usize {
        layout.1.iter().find(|(name, _)| name == member).unwrap_or_else(|| panic!("no member {member}")).1 as usize
    }

    #[test]
    fn layouts_agree_with_rust() {
        let m = module();
        let cell = layout(&m, "Cell");
        assert_eq!(cell.0 as usize, size_of::<RawCell>());
        assert_eq!(offset(&cell, "parameters"), offset_of!(RawCell, parameters));
        assert_eq!(offset(&cell, "start_x"), offset_of!(RawCell, start));
        assert_eq!(offset(&cell, "start_v"), offset_of!(RawCell, start) + 12);
        assert_eq!(offset(&cell, "dt"), offset_of!(RawCell, dt));
        assert_eq!(offset(&cell, "regions"), offset_of!(RawCell, regions));
        let region = layout(&m, "TrappingRegion");
        assert_eq!(region.0 as usize, size_of::<RawRegion>());
        assert_eq!(offset(&region, "v_low"), offset_of!(RawRegion, v) + 4);
        assert_eq!(offset(&region, "xx"), offset_of!(RawRegion, form));
        assert_eq!(offset(&region, "yy"), offset_of!(RawRegion, form) + 4 * 4);
        assert_eq!(offset(&region, "vv"), offset_of!(RawRegion, form) + 4 * (FORM - 1));
        assert_eq!(offset(&region, "curvature"), offset_of!(RawRegion, curvature));
        assert_eq!(offset(&cell, "peak_error"), offset_of!(RawCell, peak_error));
        assert_eq!(offset(&cell, "first_peaks"), offset_of!(RawCell, first_peaks));
        assert_eq!(offset(&cell, "look_steps"), offset_of!(RawCell, look_steps));
        assert_eq!(offset(&cell, "max_steps"), offset_of!(RawCell, max_steps));
        assert_eq!(offset(&cell, "row"), offset_of!(RawCell, row));

        let queued = layout(&m, "QueuedCell");
        assert_eq!(queued.0 as usize, size_of::<QueuedCell>());
        assert_eq!(offset(&queued, "regions"), offset_of!(QueuedCell, regions));

        let parameters = layout(&m, "Parameters");
        for (i, info) in PARAMETERS.iter().enumerate() {
            assert_eq!(offset(&parameters, info.field), 4 * i);
        }

        let result = layout(&m, "RunResult");
        assert_eq!(result.0 as usize, size_of::<RawResult>());
        for (i, c) in COLUMNS.iter().enumerate() {
            assert_eq!(offset(&result, c.name), offset_of!(RawResult, numbers) + 4 * i);
        }
        assert_eq!(offset(&result, "outcome"), offset_of!(RawResult, outcome));
        assert_eq!(offset(&result, "certificate"), offset_of!(RawResult, certificate));
        assert_eq!(offset(&result, "steps"), offset_of!(RawResult, steps));
        assert_eq!(offset(&result, "windows"), offset_of!(RawResult, windows));
        assert_eq!(offset(&result, "number"), offset_of!(RawResult, number));
        assert_eq!(offset(&result, "end_x"), offset_of!(RawResult, end));
        assert_eq!(offset(&result, "end_v"), offset_of!(RawResult, end) + 12);

        let row = layout(&m, "TableLayout");
        assert_eq!(row.0 as usize, size_of::<TableLayout>());
        assert_eq!(offset(&row, "inverse_spacing"), offset_of!(TableLayout, inverse_spacing));
        assert_eq!(offset(&row, "reach"), offset_of!(TableLayout, reach));
        assert_eq!(offset(&row, "inverse_reach"), offset_of!(TableLayout, inverse_reach));
        assert_eq!(offset(&row, "last"), offset_of!(TableLayout, last));

        assert_eq!(layout(&m, "Piece").1.len(), f32::TERMS, "a member for each power");

        let params = layout(&m, "DispatchParams");
        assert_eq!(params.0 as usize, size_of::<DispatchParams>());
        assert_eq!(offset(&params, "steps"), offset_of!(DispatchParams, steps));
        assert_eq!(offset(&params, "packed"), offset_of!(DispatchParams, packed));
        assert_eq!(offset(&params, "is_open"), offset_of!(DispatchParams, is_open));
        assert_eq!(offset(&params, "queued"), offset_of!(DispatchParams, queued));
        assert_eq!(offset(&params, "mask"), offset_of!(DispatchParams, mask));

        let status = layout(&m, "Status");
        assert_eq!(status.0 as usize, size_of::<Status>());
        assert_eq!(offset(&status, "cut_short"), offset_of!(Status, cut_short));
        assert_eq!(offset(&status, "settled"), offset_of!(Status, settled));
        assert_eq!(offset(&status, "steps_low"), offset_of!(Status, steps_low));
        assert_eq!(offset(&status, "free"), offset_of!(Status, free));
        assert_eq!(offset(&status, "finished"), offset_of!(Status, finished));
        assert_eq!(offset(&status, "steps_high"), offset_of!(Status, steps_high));
        assert_eq!(offset(&status, "drawn"), offset_of!(Status, drawn));
    }

    #[test]
    fn a_run_lies_on_the_device_as_its_twin_does_here() {
        let m = module();
        let run = layout(&m, "Run");
        assert_eq!(run.0 as usize, offset_of!(Run<f32>, newton));
        assert_eq!(u64::from(layout(&m, "Slot").0), SLOT_BYTES);
        assert_eq!(u64::from(layout(&m, "Neuron").0), NEURON_BYTES);
        let twin = [
            ("rate", offset_of!(Run<f32>, rate)),
            ("window", offset_of!(Run<f32>, window)),
            ("v_0", offset_of!(Run<f32>, v_0)),
            ("z_0", offset_of!(Run<f32>, z_0)),
            ("dt", offset_of!(Run<f32>, dt)),
            ("centre", offset_of!(Run<f32>, centre)),
            ("pass_kind", offset_of!(Run<f32>, pass)),
            ("peaks_due", offset_of!(Run<f32>, peaks_due)),
            ("step_due", offset_of!(Run<f32>, step_due)),
            ("newton_steps", offset_of!(Run<f32>, newton_steps)),
            ("returns", offset_of!(Run<f32>, returns)),
            ("skip", offset_of!(Run<f32>, skip)),
            ("followed", offset_of!(Run<f32>, followed)),
            ("is_dying", offset_of!(Run<f32>, is_dying)),
            ("windows", offset_of!(Run<f32>, windows)),
            ("steps", offset_of!(Run<f32>, steps)),
            ("phase", offset_of!(Run<f32>, phase)),
            ("piece", offset_of!(Run<f32>, piece)),
        ];
        for (member, at) in twin {
            assert_eq!(offset(&run, member), at, "{member}");
        }
        let window = layout(&m, "Window");
        assert_eq!(window.0 as usize, size_of::<Window<f32>>());
        assert_eq!(offset(&window, "trough"), offset_of!(Window<f32>, trough));
        assert_eq!(offset(&window, "near_time"), offset_of!(Window<f32>, near_time));
        let newton = layout(&m, "Newton");
        assert_eq!(newton.0 as usize, size_of::<Newton<f32>>());
        for (member, at) in [
            ("flow", offset_of!(Newton<f32>, flow)),
            ("end_rate", offset_of!(Newton<f32>, end_rate)),
            ("tangents", offset_of!(Newton<f32>, tangents)),
            ("period", offset_of!(Newton<f32>, period)),
            ("expected", offset_of!(Newton<f32>, expected)),
            ("multiplier", offset_of!(Newton<f32>, multiplier)),
            ("has_tangents", offset_of!(Newton<f32>, has_tangents)),
        ] {
            assert_eq!(offset(&newton, member), at, "{member}");
        }
    }
}
