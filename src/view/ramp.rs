//! What the page knows of a ramp: its directions are to the page what starts are of a map.

use super::reduced::MOST_CELLS;
use super::{encoded, equilibria};
use crate::error::{Error, Result, shown};
use crate::kernel::table::Table;
use crate::model::Parameter;
use crate::results::{OUTCOME, Outcome};
use crate::store::{RampFile, RootAttributes, TableRecord, stored_request};
use serde_json::{Value, json};
use std::path::Path;

/// The page's data, and the number of values that they show.
pub(super) fn of_ramp(path: &Path) -> Result<(Value, usize)> {
    let ramp = RampFile::open(path)?;
    let cells = ramp.outcomes.len();
    if cells > MOST_CELLS {
        let problem = format!("has {cells} cells up and down, and a page shows {MOST_CELLS} at most");
        return Err(Error::input(path, problem, "draw it with hopfmap plot, or ramp fewer lanes"));
    }
    let attributes = RootAttributes::open(path)?;
    let text = |name: &str| attributes.text(name).unwrap_or_default();
    let columns = ramp.columns(path)?.into_iter().map(|c| {
        let mut column = encoded::column(c.name, c.long_name, &c.values, c.name == OUTCOME.0, "f64");
        column["by_start"] = (!c.is_of_lanes).into();
        column["of_lanes"] = c.is_of_lanes.into();
        column
    });
    let columns: Vec<_> = columns.collect();
    let (tables, dt) = (tables(&ramp), attributes.number("dt").filter(|dt| *dt > 0.0 && dt.is_finite()));
    let tables = if dt.is_some() { tables } else { Vec::new() };
    let axis =
        |a: &crate::store::StoredAxis| json!({ "name": a.parameter.name(), "values": a.values, "log": a.is_log() });
    let directions = ["up", "down"].map(|name| json!({ "name": name }));
    let (curves, note) = equilibria::of_ramp(&ramp);
    let hold = match attributes.number("hold") {
        Some(time) => format!("{} τc at each value", shown(time)),
        None => text("hold"),
    };
    let notes: Vec<String> =
        [note, (!hold.is_empty()).then(|| format!("Held {hold}."))].into_iter().flatten().collect();
    let data = json!({
        "kind": "ramp", "request": stored_request(path).unwrap_or_default(), "command": attributes.command(),
        "version": text("hopfmap_version"), "precision": text("precision"), "engine": text("engine"),
        "axes": ramp.axes.iter().map(axis).collect::<Vec<_>>(),
        "fixed": super::map::fixed(&ramp.fixed),
        "starts": directions, "several": true, "start_word": "direction",
        "columns": columns, "tables": tables, "dt": dt, "outcomes": Outcome::ALL.map(Outcome::name), "main": "v_mean",
        "curves": curves, "notes": notes,
    });
    Ok((data, cells))
}

/// Most geometries that the page has tables of.
const MOST_TABLES: usize = 8;
/// Samples on each piece of a table: a cubic through four is as good as f32.
const A_PIECE: i32 = 8;

/// The conductance tables of a ramp's geometries, which its file has not; none where there are too many.
fn tables(ramp: &RampFile) -> Vec<Value> {
    let values = |p: Parameter| {
        let axis = ramp.axes.iter().find(|a| a.parameter == p).map(|a| a.values.clone());
        axis.unwrap_or_else(|| ramp.fixed.iter().filter(|f| f.0 == p).map(|f| f.1).collect())
    };
    let (lengths, widths) = (values(Parameter::L), values(Parameter::Lambda));
    if lengths.len() * widths.len() > MOST_TABLES {
        return Vec::new();
    }
    let pairs = lengths.iter().flat_map(|l| widths.iter().map(move |lambda| (*l, *lambda)));
    let record = |(l, lambda)| {
        let table = Table::<f64>::new(l, lambda);
        let (x_v, functions) = table.sampled(A_PIECE);
        super::map::table(&TableRecord { l, lambda, x_v, functions, error: table.error_bound })
    };
    pairs.map(record).collect()
}
