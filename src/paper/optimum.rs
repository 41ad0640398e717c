//! Beyond the paper: the largest span over Gamma and alpha at V_n = 2, R_n = 6, Z_T = 1, in the plane of Fig. 6b, with the best
//! Gamma for each alpha. Sec. IV ends with the question for it.

use super::fig6a;
use crate::audit::curves_of;
use crate::error::{Error, Result};
use crate::figure::{Line, lines};
use crate::model::{Parameter, Parameters, Start};
use crate::optimum::{Found, Optimum, Over, Quantity, RidgePoint, Task, optimum};
use crate::paper::{PaperRun, Quality, fig6b};
use crate::store::{Series, SeriesFile, Value, Variable};

/// Name of the item and of its files.
const NAME: &str = "optimum";

pub(super) fn cells(quality: Quality) -> u64 {
    fig6b::cells(quality) + task().coarse_cells()
}

/// The search, over the plane of Fig. 6b.
pub(super) fn task() -> Task {
    let over = |parameter, (low, high)| Over { parameter, low, high, log: false };
    Task {
        over: vec![over(Parameter::Gamma, fig6a::GAMMA), over(Parameter::Alpha, fig6b::ALPHA)],
        base: Parameters::at(2.0, 6.0, fig6a::GAMMA.0),
        of: Quantity::Span,
        within: Vec::new(),
        start: Start::Rest,
    }
}

/// The result of the search, made once in a run.
pub(super) fn found(run: &mut PaperRun<'_>) -> Result<Found> {
    if let Some(found) = &run.largest {
        return Ok(found.clone());
    }
    let found = optimum(&task(), run.progress)?;
    run.largest = Some(found.clone());
    Ok(found)
}

/// The best of the local maxima.
///
/// # Errors
/// [`Error::Engine`] if there is none (not expected).
pub(super) fn best(found: &Found) -> Result<&Optimum> {
    let none = || Error::engine("no largest span over Gamma and alpha was found", "please report this");
    found.optima.first().ok_or_else(none)
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let found = found(run)?;
    let best = best(&found)?;
    let (plan, map) = fig6b::map(run)?;
    let ridge = |pick: fn(&RidgePoint) -> f64| found.ridge.iter().map(pick).collect::<Vec<f64>>();
    let variable = |name, long_name, values| Variable { name, units: "1", long_name, values };
    let content = SeriesFile {
        series: vec![Series {
            axis: variable("alpha", "relaxation over dephasing", ridge(|r| r.at[1])),
            variables: vec![
                variable("Gamma", "dephasing rate with the largest span at this alpha", ridge(|r| r.at[0])),
                variable("span", "largest span at this alpha", ridge(|r| r.value)),
                variable("multiplier", "largest modulus of a Floquet multiplier there", ridge(|r| r.multiplier)),
            ],
        }],
        fixed: map.fixed().to_vec(),
        attributes: vec![
            ("optimum_Gamma".to_string(), Value::Number(best.at[0])),
            ("optimum_alpha".to_string(), Value::Number(best.at[1])),
            ("optimum_span".to_string(), Value::Number(best.values[Quantity::Span as usize])),
            ("optimum_multiplier".to_string(), Value::Number(best.values[Quantity::Multiplier as usize])),
        ],
    };
    run.series(NAME, "Largest span over Gamma and alpha, with the best Gamma for each alpha", content)?;
    let mut over = curves_of(&plan).map(|c| lines(&c)).unwrap_or_default();
    over.push(Line::new(
        "best Gamma for each alpha",
        [240, 150, 200],
        found.ridge.iter().map(|r| (r.at[1], r.at[0])).collect(),
    ));
    over.push(Line::new("largest span", [214, 39, 40], vec![(best.at[1], best.at[0])]));
    run.heat_map(NAME, &map, &over)
}
