//! What the page knows of a map.

use super::reduced::Kept;
use super::{curves, encoded, reduced};
use crate::error::{Error, Result};
use crate::figure::{main_column, viridis};
use crate::model::{Parameter, Start, random_state};
use crate::results::{CERTIFICATE, COLUMNS, Certificate, DERIVED, MARGINS, OUTCOME, Outcome, optional_columns};
use crate::store::{MapFile, StoredAxis, TableRecord};
use serde_json::{Map, Value, json};
use std::str::FromStr;

/// The page's data, and which cells are in it.
pub(super) fn of_map(map: &MapFile) -> Result<(Value, Kept)> {
    let lengths = map.shape();
    if lengths.is_empty() {
        return Err(Error::input(map.path(), "has no axis to show", "name a map of one axis or more"));
    }
    let kept = Kept::of(&lengths, map.starts().len(), reduced::MOST_CELLS);
    let indices: Vec<Vec<usize>> = (0..lengths.len()).map(|axis| kept.indices(axis).collect()).collect();
    let columns = map.columns().into_iter().map(|name| column(map, &kept, name)).collect::<Result<Vec<_>>>()?;
    let tables: Vec<_> = map.tables()?.iter().map(table).collect();
    let (sets, note) = curves::of_map(map, &indices);
    let certificates: Map<String, Value> =
        Certificate::ALL.iter().map(|c| ((*c as u8).to_string(), c.name().into())).collect();
    let input = map
        .request()
        .lines()
        .any(|line| line.starts_with("input"))
        .then_some("A click shows the motion at the constant V_n, without the input.");
    let text = |name: &str| map.text(name).unwrap_or_default();
    let dt = map.number("dt").filter(|dt| *dt > 0.0 && dt.is_finite());
    let dt = dt.ok_or_else(|| Error::file(map.path(), "has no step `dt`, which the page integrates with"))?;
    let notes: Vec<String> = [note, input.map(String::from)].into_iter().flatten().collect();
    let data = json!({
        "kind": "map", "version": text("hopfmap_version"), "precision": text("precision"), "engine": text("engine"),
        "request": map.request(), "dt": dt, "axes": axes(map, &kept, &indices), "points": points(map, &indices),
        "fixed": fixed(map.fixed()), "starts": starts(map)?, "several": !map.starts().is_empty(), "start_word": "start",
        "columns": columns, "outcomes": Outcome::ALL.map(Outcome::name), "certificates": certificates, "tables": tables,
        "main": main_column(map), "curves": sets, "reduced": thinned(map, &kept),
        "notes": notes,
    });
    Ok((data, kept))
}

/// What a page that lacks cells says of it.
fn thinned(map: &MapFile, kept: &Kept) -> Option<String> {
    let names = map.axes().iter().map(|a| a.parameter.name()).chain(map.points().map(|_| "the point"));
    let reduced = names.zip(&kept.strides).filter(|(_, stride)| **stride > 1);
    let each: Vec<_> = reduced.map(|(name, stride)| format!("one of {stride} values of {name}")).collect();
    let all: usize = map.shape().iter().product();
    let text = format!("This page has {} of the map's {all} cells: {}.", kept.cells(), each.join(", "));
    (!kept.is_whole()).then_some(text)
}

/// The axes with the values that are kept, and their indices in the map where some are not; those of a list are its numbers.
fn axes(map: &MapFile, kept: &Kept, indices: &[Vec<usize>]) -> Vec<Value> {
    let index = |list: &Vec<usize>| if kept.is_whole() { Value::Null } else { json!(list) };
    if map.points().is_some() {
        return indices
            .iter()
            .map(|i| json!({ "name": "point", "values": i, "index": index(i), "log": false }))
            .collect();
    }
    let axis = |(a, list): (&StoredAxis, &Vec<usize>)| {
        let values: Vec<_> = list.iter().map(|i| a.values[*i]).collect();
        json!({ "name": a.parameter.name(), "values": values, "index": index(list), "log": a.is_log() })
    };
    map.axes().iter().zip(indices).map(axis).collect()
}

/// The columns of a list of points.
fn points(map: &MapFile, indices: &[Vec<usize>]) -> Option<Vec<Value>> {
    let points = map.points()?;
    let columns = points.parameters().iter().enumerate().map(|(at, p)| {
        let values: Vec<_> = indices[0].iter().map(|i| points.row(*i)[at]).collect();
        json!({ "name": p.name(), "values": values, "log": false })
    });
    Some(columns.collect())
}

/// Parameters that are the same everywhere.
pub(super) fn fixed(values: &[(Parameter, f64)]) -> Vec<Value> {
    values.iter().map(|(p, v)| json!({ "name": p.name(), "value": v })).collect()
}

/// One column of the kept cells, from all starts in order.
fn column(map: &MapFile, kept: &Kept, name: &str) -> Result<Value> {
    let over = DERIVED.iter().map(|d| d.0).chain(MARGINS.iter().map(|m| m.0)).any(|n| n == name);
    let by_start = !map.starts().is_empty() && !over;
    let mut values = Vec::new();
    for start in 0..if by_start { map.starts().len() } else { 1 } {
        values.extend(kept.cells_of(map, name, start)?);
    }
    let named = COLUMNS.iter().map(|c| (c.name, c.long_name)).chain([OUTCOME, CERTIFICATE]);
    let named =
        named.chain(DERIVED.iter().map(|d| (d.0, d.1))).chain(MARGINS).chain(optional_columns().map(|o| (o.0, o.1)));
    let about = named.into_iter().find(|n| n.0 == name).map_or("", |n| n.1);
    // The file has single precision.
    let mut column = encoded::column(name, about, &values, name == OUTCOME.0 || name == CERTIFICATE.0, "f32");
    column["by_start"] = by_start.into();
    Ok(column)
}

/// A table as the page reads it.
pub(super) fn table(t: &TableRecord) -> Value {
    let (first, last) = (t.x_v[0], t.x_v[t.x_v.len() - 1]);
    let [f00, f01, f11] = &t.functions;
    json!({
        "l": t.l, "lambda": t.lambda, "first": first, "step": (last - first) / (t.x_v.len() - 1) as f64,
        "f00": encoded::doubles(f00), "f01": encoded::doubles(f01), "f11": encoded::doubles(f11),
    })
}

/// The starts as the page reads them: a kind, and a state where that does not follow from the cell.
fn starts(map: &MapFile) -> Result<Vec<Value>> {
    let text = map.text("start").unwrap_or_else(|| "rest".to_string());
    let start = Start::from_str(&text)
        .map_err(|_| Error::file(map.path(), format!("names the start '{text}', which is none")))?;
    let state = |name: &str, kind: &str, s: crate::model::State<f64>| json!({ "name": name, "kind": kind, "state": [s.x, s.y, s.z, s.v] });
    Ok(match start {
        Start::Rest => vec![json!({ "name": "rest", "kind": "rest" })],
        Start::Near(branch) => vec![json!({ "name": branch.name(), "kind": branch.name() })],
        Start::At(s) => vec![state(&text, "state", s)],
        Start::Equilibria => map.starts().iter().map(|name| json!({ "name": name, "kind": name })).collect(),
        // V is a part of V_n.
        Start::Random { seed, .. } => {
            let draw = |(i, name): (usize, &String)| state(name, "random", random_state(seed, i, 1.0));
            map.starts().iter().enumerate().map(draw).collect()
        }
    })
}

/// Viridis as 256 colours in hexadecimal.
pub(super) fn colours() -> String {
    (0..256).map(|i| viridis(f64::from(i) / 255.0).map(|c| format!("{c:02x}")).concat()).collect()
}
