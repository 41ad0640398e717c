//! A ramp as a file, with provenance.

use super::ramp::{DIRECTIONS, Ramp};
use crate::engine::Chosen;
use crate::error::Result;
use crate::store::{Output, RampContent, Value, write_ramp};
use crate::sweep::Plan;

/// Writes it.
///
/// # Errors
/// The folder cannot be written to, or the disk is full.
pub fn record_ramp(
    output: Output<'_>,
    plan: &Plan,
    chosen: &Chosen,
    hold: Option<f64>,
    walked: &Ramp,
    command: &str,
) -> Result<()> {
    let text = |s: &str| Value::Text(s.to_string());
    let content = RampContent {
        axes: plan.grid.axes(),
        directions: DIRECTIONS,
        answers: &walked.answers,
        areas: (0..walked.lanes).map(|lane| walked.loop_area(lane)).collect(),
        fixed: &plan.fixed,
        attributes: vec![
            ("Conventions".into(), text("CF-1.11")),
            ("title".into(), text("Hysteresis of a memristive quantum neuron")),
            ("source".into(), Value::Text(format!("hopfmap {}", env!("CARGO_PKG_VERSION")))),
            ("history".into(), Value::Text(format!("{:.0} {command}", jiff::Timestamp::now()))),
            ("engine".into(), text(chosen.description.engine)),
            ("adapter".into(), text(&chosen.description.adapter)),
            ("precision".into(), text(plan.request.precision.name())),
            ("dt".into(), Value::Number(plan.dt)),
            ("hold".into(), hold.map_or(text("until settled"), Value::Number)),
            ("request".into(), Value::Text(plan.request.to_toml()?)),
        ],
    };
    write_ramp(output, &content)
}
