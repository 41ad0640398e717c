//! What the page knows of a map, as JSON: numbers as base64 of little-endian f32, u8 or f64.

use super::reduced::Kept;
use super::{curves, reduced};
use crate::error::{Error, Result};
use crate::figure::{main_column, viridis};
use crate::model::{Start, random_state};
use crate::results::{CERTIFICATE, COLUMNS, Certificate, DERIVED, MARGINS, OUTCOME, Outcome, optional_columns};
use crate::store::{MapFile, TableRecord};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::str::FromStr;

/// The page's data, and whether all cells are in it.
pub(super) fn of_map(map: &MapFile) -> Result<(Value, Kept)> {
    let lengths: Vec<_> = map.axes().iter().map(|a| a.values.len()).collect();
    let kept = Kept::of(&lengths, map.starts().len(), reduced::MOST_CELLS);
    let indices: Vec<Vec<usize>> = (0..lengths.len()).map(|axis| kept.indices(axis).collect()).collect();
    let axes = map.axes().iter().zip(&indices).map(|(a, kept_of_it)| {
        let values: Vec<_> = kept_of_it.iter().map(|i| a.values[*i]).collect();
        let index = if kept.is_whole() { Value::Null } else { json!(kept_of_it) };
        json!({ "name": a.parameter.name(), "values": values, "index": index, "log": a.is_log() })
    });
    let axes: Vec<_> = axes.collect();
    let columns = map.columns().into_iter().map(|name| column(map, &kept, name)).collect::<Result<Vec<_>>>()?;
    let tables: Vec<_> = map.tables()?.iter().map(table).collect();
    let (sets, note) = curves::of_map(map, &indices);
    let certificates: Map<String, Value> =
        Certificate::ALL.iter().map(|c| ((*c as u8).to_string(), c.name().into())).collect();
    let thinned = format!(
        "This page has {} of the map's {} cells: each {} along the axes.",
        kept.cells(),
        lengths.iter().product::<usize>(),
        kept.strides.iter().map(|s| format!("{s}.")).collect::<Vec<_>>().join(", ")
    );
    let input =
        map.request().contains("\ninput").then_some("Motions are shown for the constant V_n, without the input.");
    let text = |name: &str| map.text(name).unwrap_or_default();
    let dt = map.number("dt").filter(|dt| *dt > 0.0 && dt.is_finite());
    let dt = dt.ok_or_else(|| Error::file(map.path(), "has no step `dt`, which the page integrates with"))?;
    let notes: Vec<String> = [note, input.map(String::from)].into_iter().flatten().collect();
    let data = json!({
        "kind": "map",
        "file": map.path().file_name().unwrap_or_default().to_string_lossy(),
        "version": text("hopfmap_version"), "precision": text("precision"), "engine": text("engine"),
        "request": map.request(), "dt": dt, "axes": axes,
        "fixed": map.fixed().iter().map(|(p, v)| json!({ "name": p.name(), "value": v })).collect::<Vec<_>>(),
        "starts": starts(map)?, "several": !map.starts().is_empty(), "columns": columns,
        "outcomes": Outcome::ALL.map(Outcome::name), "certificates": certificates, "tables": tables,
        "main": main_column(map), "viridis": colours(), "curves": sets,
        "reduced": (!kept.is_whole()).then_some(thinned),
        "notes": notes,
    });
    Ok((data, kept))
}

/// One column of the kept cells, from all starts in order.
fn column(map: &MapFile, kept: &Kept, name: &str) -> Result<Value> {
    let over = DERIVED.iter().map(|d| d.0).chain(MARGINS.iter().map(|m| m.0)).any(|n| n == name);
    let by_start = !map.starts().is_empty() && !over;
    let is_number = name == OUTCOME.0 || name == CERTIFICATE.0;
    let mut bytes = Vec::new();
    for start in 0..if by_start { map.starts().len() } else { 1 } {
        for value in kept.cells_of(map, name, start)? {
            // Numbers of outcomes and certificates are below 256, and the file has single precision.
            if is_number { bytes.push(value as u8) } else { bytes.extend((value as f32).to_le_bytes()) }
        }
    }
    let named = COLUMNS.iter().map(|c| (c.name, c.long_name)).chain([OUTCOME, CERTIFICATE]);
    let named =
        named.chain(DERIVED.iter().map(|d| (d.0, d.1))).chain(MARGINS).chain(optional_columns().map(|o| (o.0, o.1)));
    let about = named.into_iter().find(|n| n.0 == name).map_or("", |n| n.1);
    let kind = if is_number { "u8" } else { "f32" };
    Ok(json!({ "name": name, "about": about, "by_start": by_start, "type": kind, "data": STANDARD.encode(bytes) }))
}

fn table(t: &TableRecord) -> Value {
    let list = |f: &[f64]| STANDARD.encode(f.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>());
    let (first, last) = (t.x_v[0], t.x_v[t.x_v.len() - 1]);
    let [f00, f01, f11] = &t.functions;
    json!({
        "l": t.l, "lambda": t.lambda, "first": first, "step": (last - first) / (t.x_v.len() - 1) as f64,
        "f00": list(f00), "f01": list(f01), "f11": list(f11),
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
fn colours() -> String {
    (0..256).map(|i| viridis(f64::from(i) / 255.0).map(|c| format!("{c:02x}")).concat()).collect()
}
