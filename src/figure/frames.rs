//! A picture for each of some values of an axis, all with one look and one range.

use super::cut::Seen;
use super::facets::cuts;
use super::look::Look;
use super::target::Target;
use super::{Line, View, cut_line, heatmap};
use crate::error::Result;
use crate::model::Parameter;
use crate::store::MapFile;

/// Draws a picture for each value of an axis; `overlays` has the lines of each, or nothing.
///
/// # Errors
/// As of [`super::draw`].
pub fn draw_frames(
    map: &MapFile,
    view: &View<'_>,
    each: (Parameter, &[f64]),
    overlays: &[Vec<Line>],
    targets: &[Target<'_>],
) -> Result<()> {
    view.style.check()?;
    let cuts = cuts(map, view, each)?;
    let mut seen = Seen::with(view.style);
    for cut in &cuts {
        cut.read(|part| part.cells.iter().for_each(|cell| seen.take_in(cell)))?;
    }
    let are_planes = cuts.first().is_some_and(|cut| cut.axes.len() == 2);
    let look = if are_planes { Some(Look::new(view.column, seen.clone(), view.style)?) } else { None };
    for (i, (cut, target)) in cuts.iter().zip(targets).enumerate() {
        let lines = overlays.get(i).map_or(&[][..], |lines| &lines[..]);
        let mut picture = match &look {
            Some(look) => heatmap::draw(cut, lines, view.style, Some(look), &target.size)?,
            None => cut_line::draw(cut, view.style, Some(&seen), &target.size)?,
        };
        picture.transparent = view.style.transparent;
        target.save(&picture)?;
    }
    Ok(())
}
