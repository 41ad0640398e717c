//! Tables of times and voltages.

use crate::error::{Error, Result};
use crate::grid::{table_lines, table_text};
use std::path::Path;

/// Times, rising, and V_n at each of them.
type Points = (Vec<f64>, Vec<f64>);

/// The table in a CSV file: lines of a time and a voltage, and possibly names in the first.
pub(super) fn table(path: &Path, forms: &str) -> Result<Points> {
    let text = table_text(path, |e| {
        let what = format!("`input` {} is no form of input, and no file that can be read: {e}", path.display());
        Error::request(what, forms)
    })?;
    table_of(&text, path)
}

/// The table in the lines of a text, which messages call by the name of its file.
pub(super) fn table_of(text: &str, path: &Path) -> Result<Points> {
    let (mut t, mut v_n): (Vec<f64>, Vec<f64>) = Default::default();
    for (number, line, values) in table_lines(text) {
        let refused = |why: &str| {
            Error::input(
                path,
                format!("line {number}: {why}: `{line}`"),
                "write a time and a voltage in each line, as 0.5,2.0",
            )
        };
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
