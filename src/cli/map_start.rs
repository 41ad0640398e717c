//! `--start` of a finished map: which of its starts is meant, by the names that a sweep takes.

use crate::error::{Error, Result};
use crate::model::Start;
use crate::store::MapFile;

/// The start that is meant: its number, or none for all of them together.
///
/// # Errors
/// [`Error::Request`]: no start, or one that the map does not have. The message lists those that it has.
pub fn of_map(map: &MapFile, text: Option<&str>) -> Result<Option<usize>> {
    let Some(text) = text else { return Ok(None) };
    let wanted: Start = text.parse().map_err(|_| missing(map, text))?;
    let own = map.text("start").and_then(|t| t.parse::<Start>().ok());
    match map.starts.iter().position(|name| *name == wanted.to_string()) {
        Some(number) => Ok(Some(number)),
        // What the map was swept with: its only start, or all of them.
        None if own == Some(wanted) => Ok(None),
        None => Err(missing(map, text)),
    }
}

/// The number of the one start that is meant; without a text it is the first.
///
/// # Errors
/// [`Error::Request`]: as for [`of_map`], or several starts.
pub fn one_of_map(map: &MapFile, text: Option<&str>) -> Result<usize> {
    match (of_map(map, text)?, text) {
        (None, Some(text)) if !map.starts.is_empty() => {
            Err(Error::request(format!("one start is needed here, and '{text}' is several"), remedy(map)))
        }
        (number, _) => Ok(number.unwrap_or(0)),
    }
}

fn missing(map: &MapFile, text: &str) -> Error {
    Error::request(format!("the map has no start '{text}'"), remedy(map))
}

fn remedy(map: &MapFile) -> String {
    match map.starts.is_empty() {
        true => format!("it has one start, {}: leave --start off", map.text("start").unwrap_or_default()),
        false => format!("give --start {}", map.starts.join(" or ")),
    }
}
