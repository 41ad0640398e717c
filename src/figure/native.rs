//! A plane of a map as bare pixels: one for each cell, without axes, for other programs.

use super::colour::Fill;
use super::cut::{Cut, Seen};
use super::heatmap::plane_of;
use super::legend::{Entry, Sign};
use super::look::Look;
use super::scale::number;
use super::size::check_pixels;
use super::target::{Target, check_outline, ending};
use super::{View, labels};
use crate::error::{Error, Result};
use crate::store::{MapFile, StoredAxis, write_file};

/// Draws one pixel for each cell of a plane, as a PNG: its colours as in the heat map, a hatched cell in the colour of its
/// strokes. The text chunk `Description` says what the pixels and their colours stand for.
///
/// # Errors
/// [`Error::Request`] as for [`super::draw`], or if the picture is no PNG, a size is asked for, the cut is no plane, or a side
/// has more than 20,000 cells; [`Error::File`] if a file cannot be read or written.
pub fn draw_native<'a>(map: &MapFile, view: &View<'_>, target: impl Into<Target<'a>>) -> Result<()> {
    let target = target.into();
    view.style.check()?;
    check_outline(target.output.path, target.outline_text)?;
    if ending(target.output.path).as_deref() != Some("png") {
        let problem = format!("`native` pixels are of PNG, and the picture is {}", target.output.path.display());
        return Err(Error::request(problem, "name it FILE.png, or leave `native` off: SVG and PDF hold every cell"));
    }
    if !target.size.is_usual() {
        let problem = "a `native` picture has one pixel for each cell, and no other `size` or `dpi`";
        return Err(Error::request(problem, "leave `size` and `dpi` off, or `native`"));
    }
    let cut = Cut::new(map, view)?;
    if cut.axes.len() != 2 {
        return Err(Error::request("`native` needs a plane, and a line is left to draw", "fix one axis less"));
    }
    let [x, y] = cut.sides();
    for axis in [x, y] {
        check_pixels(&format!("`native` {}", axis.parameter.name()), axis.values.len() as f64)?;
    }
    let mut seen = Seen::with(view.style);
    let mut field = plane_of(&cut, &mut seen)?.field;
    let look = Look::new(&cut.column, seen, view.style)?;
    look.paint(&mut field);
    let text = description(&cut, [x, y], &look, view);
    let title = labels::column(&cut.column, cut.from.as_deref());
    let bytes = field.bare().png(|encoder| target.about.add_to(encoder, (&title, &text)))?;
    write_file(target.output, &bytes)
}

/// What the pixels and their colours stand for.
fn description(cut: &Cut<'_>, [x, y]: [&StoredAxis; 2], look: &Look, view: &View<'_>) -> String {
    let ends = |axis: &StoredAxis| {
        let (low, high) =
            axis.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        format!("{} from {} to {}", axis.parameter.info().symbol, number(&low), number(&high))
    };
    let mut parts = vec![format!("from left to right {}, from below {}", ends(x), ends(y))];
    if let Some(scale) = look.scale() {
        let kind = if scale.log { ", logarithmic" } else { "" };
        let (low, high) = (number(&scale.low), number(&scale.high));
        parts.push(format!("colours {} from {low} to {high}{kind}", view.style.colour_map().name()));
    }
    for Entry { sign, name } in look.entries() {
        if let Sign::Fill(Fill::Plain([r, g, b]) | Fill::Hatched(_, [r, g, b])) = sign {
            parts.push(format!("#{r:02x}{g:02x}{b:02x} {name}"));
        }
    }
    if !cut.fixed.is_empty() {
        parts.push(labels::fixed(&cut.fixed));
    }
    parts.join("; ")
}
