//! The option `--start` for a finished map: selects one of its starts by a sweep's names.

use crate::error::{Error, Result};
use crate::model::Start;
use crate::store::MapFile;

/// Index of the selected start, or `None` for all of them together.
///
/// # Errors
/// [`Error::Request`] if the text is no start, or one that the map does not have; the message lists
/// those that it has.
pub(super) fn of_map(map: &MapFile, text: Option<&str>) -> Result<Option<usize>> {
    let Some(text) = text else { return Ok(None) };
    if let Some(number) = map.starts().iter().position(|name| *name == text.trim()) {
        return Ok(Some(number));
    }
    let wanted: Start = text.parse().map_err(|_| missing(map, text))?;
    let own = map.text("start").and_then(|t| t.parse::<Start>().ok());
    // The start that the map was swept with: its only one, or all of them.
    if own == Some(wanted) { Ok(None) } else { Err(missing(map, text)) }
}

/// Index of the one selected start; without a text, the first.
///
/// # Errors
/// [`Error::Request`] as in [`of_map`], or if the text selects several starts.
pub(super) fn one_of_map(map: &MapFile, text: Option<&str>) -> Result<usize> {
    match (of_map(map, text)?, text) {
        (None, Some(text)) if !map.starts().is_empty() => {
            Err(Error::request(format!("one start is needed here, and '{text}' is several"), remedy(map)))
        }
        (number, _) => Ok(number.unwrap_or(0)),
    }
}

fn missing(map: &MapFile, text: &str) -> Error {
    Error::request(format!("the map has no start '{text}'"), remedy(map))
}

fn remedy(map: &MapFile) -> String {
    match map.starts().is_empty() {
        true => format!("it has one start, {}: leave --start off", map.text("start").unwrap_or_default()),
        false => format!("give --start {}", map.starts().join(" or ")),
    }
}
