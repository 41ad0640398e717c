//! Tables of times and voltages.

use crate::error::{Error, Result};
use std::io::Read;
use std::path::Path;

/// Bytes of a table's file at most: some ten million points.
const MOST_BYTES: u64 = 1 << 28;

/// Times, rising, and V_n at each of them.
type Points = (Vec<f64>, Vec<f64>);

/// The table in a CSV file: lines of a time and a voltage, and possibly names in the first.
pub(super) fn table(path: &Path, forms: &str) -> Result<Points> {
    let mut text = String::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_string(&mut text));
    read.map_err(|e| {
        let what = format!("`input` {} is no form of input, and no file that can be read: {e}", path.display());
        Error::request(what, forms)
    })?;
    if text.len() as u64 > MOST_BYTES {
        let what = format!("has over {MOST_BYTES} bytes");
        return Err(Error::input(path, what, "give a table of fewer points"));
    }
    table_of(&text, path)
}

/// The table in the lines of a text, which messages call by the name of its file.
pub(super) fn table_of(text: &str, path: &Path) -> Result<Points> {
    let (mut t, mut v_n): (Vec<f64>, Vec<f64>) = Default::default();
    // Spreadsheets begin a file with a byte-order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let refused = |why: &str| {
            Error::input(
                path,
                format!("line {}: {why}: `{line}`", number + 1),
                "write a time and a voltage in each line, as 0.5,2.0",
            )
        };
        let values: Vec<&str> = line.split([',', ';', '\t']).map(str::trim).collect();
        let numbers: Option<Vec<f64>> = values.iter().map(|n| n.parse().ok()).collect();
        let Some(numbers) = numbers else {
            // Names of the columns.
            if t.is_empty() && values.iter().all(|n| n.parse::<f64>().is_err()) {
                continue;
            }
            return Err(refused("not two numbers"));
        };
        let &[time, voltage] = &numbers[..] else { return Err(refused("not two numbers")) };
        if !(time.is_finite() && voltage.is_finite()) {
            return Err(refused("a number is not finite"));
        }
        if t.last().is_some_and(|last| time <= *last) {
            return Err(refused("its time is not above the one before"));
        }
        t.push(time);
        v_n.push(voltage);
    }
    if t.len() < 2 {
        let what = format!("has {} points", t.len());
        return Err(Error::input(
            path,
            what,
            "give two points or more, each a line with a time and a voltage, with a comma, a semicolon or a tab between them",
        ));
    }
    Ok((t, v_n))
}
