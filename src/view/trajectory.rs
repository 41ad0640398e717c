//! What the page knows of a trajectory: its variables over time and its spectrum.

use super::{encoded, map};
use crate::error::{Result, short};
use crate::store::{RootAttributes, TraceFile};
use serde_json::{Value, json};
use std::path::Path;

/// Most samples of a page.
const MOST_SAMPLES: usize = 200_000;

/// The page's data, the number of samples in it, and whether these are all.
pub(super) fn of_trajectory(path: &Path) -> Result<(Value, usize, bool)> {
    let trace = TraceFile::open(path)?;
    let attributes = RootAttributes::open(path)?;
    let text = |name: &str| attributes.text(name).unwrap_or_default();
    let number = |name: &str| attributes.number(name).unwrap_or(f64::NAN);
    let stride = trace.t.len().div_ceil(MOST_SAMPLES);
    let bins = trace.omega.len().div_ceil(MOST_SAMPLES);
    let thinned = |values: &[f64], by: usize| encoded::doubles(&values.iter().copied().step_by(by).collect::<Vec<_>>());
    let [x, y, z, v] = &trace.states;
    let mut series = vec![("V", v), ("X", x), ("Y", y), ("Z", z)];
    if let Some([input, current]) = &trace.driven {
        series.extend([("V_n", input), ("I", current)]);
    }
    series.extend(trace.full.iter().map(|full| ("V_full", full)));
    let series: Vec<_> =
        series.into_iter().map(|(name, list)| json!({ "name": name, "data": thinned(list, stride) })).collect();
    let kept = trace.t.len().div_ceil(stride);
    let note = (stride > 1).then(|| format!("This page has {kept} of {} samples: each {stride}.", trace.t.len()));
    let bins_note = (bins > 1).then(|| format!("Of the spectrum it has each {bins}. value."));
    let data = json!({
        "kind": "trajectory", "version": text("hopfmap_version"), "request": "", "command": attributes.command(),
        "fixed": map::fixed(&trace.fixed), "series": series, "t": thinned(&trace.t, stride),
        "spectrum": { "frequency": thinned(&trace.omega, bins), "amplitude": thinned(&trace.power, bins) },
        "verdict": verdict(&text("motion"), number("span"), trace.period, trace.peak),
        "last": { "outcome": text("motion"), "span": number("span"), "period": trace.period },
        "reduced": note, "notes": bins_note.into_iter().collect::<Vec<_>>(),
    });
    Ok((data, kept, stride == 1))
}

/// What becomes of the motion, in words.
fn verdict(motion: &str, span: f64, period: f64, peak: f64) -> String {
    let known = |name: &str, value: f64, unit: &str| {
        value.is_finite().then(|| format!("{name} {}{unit}", short(value))).into_iter()
    };
    let motion = (!motion.is_empty()).then(|| motion.replace('_', " ")).into_iter();
    let parts = motion.chain(known("span of the record", span, "")).chain(known("period", period, " τc"));
    format!("{}.", parts.chain(known("highest peak at angular frequency", peak, "/τc")).collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_not_named() {
        assert_eq!(verdict("start_dependent", f64::NAN, f64::NAN, f64::NAN), "start dependent.");
        assert_eq!(verdict("", 0.5, f64::NAN, 7.0), "span of the record 0.5, highest peak at angular frequency 7/τc.");
    }
}
