//! Titles and legends in the paper's symbols.

use super::scale::number;
use crate::model::{BRANCHES, Parameter};
use crate::results::{CERTIFICATE, COLUMNS, DERIVED, MARGINS, OUTCOME, optional_columns};

/// Title of an axis: symbol and meaning, without what follows a colon.
pub(super) fn axis(p: Parameter) -> String {
    let meaning = p.info().meaning.split(": ").next().unwrap_or_default();
    format!("{} ({})", p.info().symbol, meaning.replace("tau_c", "τ_c"))
}

/// Title of a column in sentence case, with the paper's symbols, and its start if there are several.
pub(super) fn column(name: &str, from: Option<&str>) -> String {
    let known = COLUMNS.iter().find(|c| c.name == name);
    let derived = DERIVED.into_iter().chain(MARGINS).chain(optional_columns()).find(|d| d.0 == name);
    let named = [OUTCOME, CERTIFICATE].into_iter().find(|c| c.0 == name);
    let long = known.map(|c| c.long_name).or(derived.or(named).map(|d| d.1)).unwrap_or(name);
    let from = from.map(|f| match BRANCHES.contains(&f) {
        true => format!(", from near the {f} equilibrium"),
        false => format!(", from the start {f}"),
    });
    let from = from.unwrap_or_default();
    let mut chars = long.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    // Names stand for the numbers of answers.
    let rest = chars
        .as_str()
        .replace(" (1) or not (0)", " or not")
        .replace(" - ", " − ")
        .replace("tau_c", "τ_c")
        .replace("(X^2 + Y^2)^1/2", "√(X^2 + Y^2)");
    format!("{first}{rest}{from}")
}

/// Whether the numbers of a column are times.
pub(super) fn is_time(name: &str) -> bool {
    column(name, None).contains("in units of τ_c")
}

/// Text of fixed parameter values: `V_n = 2, R_n = 6, …`.
pub(super) fn fixed(values: &[(Parameter, f64)]) -> String {
    let parts: Vec<_> = values.iter().map(|(p, v)| format!("{} = {}", p.info().symbol, number(v))).collect();
    parts.join(", ")
}

/// Short name of a column for an axis or a colour bar.
pub(super) fn short(name: &str) -> String {
    match name {
        "span" | "largest_span" => "V_max − V_min".to_string(),
        "v_min" => "V_min".to_string(),
        "v_max" => "V_max".to_string(),
        "v_mean" => "mean V".to_string(),
        "period" => "period (τ_c)".to_string(),
        "span_error" => "error of V_max − V_min".to_string(),
        "settle_time" => "settle time (τ_c)".to_string(),
        "multiplier" => "modulus of the multiplier".to_string(),
        "maxima" => "maxima of V in a period".to_string(),
        "lyapunov" => "Lyapunov exponent (1/τ_c)".to_string(),
        "lyapunov_error" => "error of the exponent (1/τ_c)".to_string(),
        "z_mean" => "mean Z".to_string(),
        "coherence" => "mean √(X^2 + Y^2)".to_string(),
        "i_mean" => "mean I".to_string(),
        "power" => "mean I V".to_string(),
        "interval" => "mean interval (τ_c)".to_string(),
        "latency" => "latency (τ_c)".to_string(),
        "response_v_max" => "V_max of the response".to_string(),
        "margin" => "margin (cells)".to_string(),
        "margin_relative" => "relative margin".to_string(),
        other => other.replace('_', " "),
    }
}
