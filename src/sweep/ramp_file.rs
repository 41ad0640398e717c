//! Files of ramps, with provenance.

use super::hysteresis::hysteresis;
use super::ramp::{DIRECTIONS, Ramp};
use crate::engine::OpenEngine;
use crate::error::Result;
use crate::plan::Plan;
use crate::store::{
    Output, RampContent, RampLoop, Value, device_attributes, history, provenance, si_coordinates, write_ramp,
};

/// Largest number of lanes whose missing area a file explains.
const NOTES: usize = 16;

/// Writes a ramp to a file; the area is NaN for a lane whose whole loop the ramp does not show.
///
/// # Errors
/// [`crate::Error::File`] if the folder cannot be written to, or the disk is full;
/// [`crate::Error::Request`] only if the request has no TOML form (not expected).
pub fn record_ramp(
    output: Output<'_>,
    plan: &Plan,
    chosen: &OpenEngine,
    hold: Option<f64>,
    walked: &Ramp,
    command: &str,
) -> Result<()> {
    let text = |s: &str| Value::Text(s.to_string());
    let (mut loops, mut notes) = (Vec::with_capacity(walked.lanes), Vec::new());
    for (lane, h) in hysteresis(plan, walked).enumerate() {
        let missed = h.missed.map(|fold| fold.unwrap_or(f64::NAN));
        loops.push(RampLoop { area: h.area.unwrap_or(f64::NAN), missed });
        if !h.is_complete() && notes.len() < NOTES {
            notes.push(format!("lane {lane}: {}", h.words));
        }
    }
    let open = loops.iter().filter(|l| l.area.is_nan()).count();
    let mut attributes = provenance("Hysteresis of a memristive quantum neuron", history(output, command));
    attributes.extend([
        ("engine".into(), text(chosen.info.kind.name())),
        ("adapter".into(), text(&chosen.info.adapter)),
        ("precision".into(), text(plan.request.precision.name())),
        ("dt".into(), Value::Number(plan.dt)),
        ("hold".into(), hold.map_or(text("until settled"), Value::Number)),
        ("lanes_without_loop_area".into(), Value::Number(open as f64)),
        ("request".into(), Value::Text(plan.request.to_toml()?)),
    ]);
    if !chosen.info.pci_bus_id.is_empty() {
        attributes.push(("pci_bus_id".into(), text(&chosen.info.pci_bus_id)));
    }
    let (grid, device) = (&plan.grid, plan.request.device.as_ref());
    attributes.extend(device.map(|d| device_attributes(d, &grid.parameters(), &plan.fixed)).unwrap_or_default());
    let mut content = RampContent {
        axes: grid.axes(),
        directions: DIRECTIONS,
        results: &walked.results,
        means: &walked.means,
        loops,
        fixed: &plan.fixed,
        si: device.map(|d| si_coordinates(d, grid, &plan.fixed)).unwrap_or_default(),
        attributes,
    };
    if open > 0 {
        content.attributes.push(("loop_area_note".into(), Value::Text(notes.join("\n"))));
    }
    write_ramp(output, &content)
}
