//! A 2-D cut of a map as a heat map with a colour bar.

use super::bitmap::drawing_failed;
use super::chart::{Axis, Chart};
use super::cut::{Cut, Seen};
use super::drawing::Area;
use super::field::Field;
use super::legend::{Entry, Legend};
use super::look::{Look, UNWRITTEN};
use super::overlay;
use super::picture::{MARGIN, Picture, SIZES};
use super::scale::Scale;
use super::size::{Size, Space};
use super::style::{Style, Title};
use crate::error::Result;
use crate::figure::{Line, labels};
use crate::model::Parameter;

pub(super) const WIDTH: f64 = 1240.0;
/// Height of a map with its axes.
pub(super) const HEIGHT: f64 = 840.0;

/// A plane of a cut, read: its cells, and the scales of its sides.
pub(super) struct Plane {
    pub field: Field,
    pub scales: [Scale; 2],
}

/// Reads a plane, and takes its cells in.
///
/// # Errors
/// [`crate::Error::File`] if the file cannot be read.
pub(super) fn plane_of(cut: &Cut<'_>, seen: &mut Seen) -> Result<Plane> {
    let [x, y] = cut.sides();
    let scales = [Scale::around(&x.values), Scale::around(&y.values)];
    let mut field = Field::new((&scales[0], &x.values), (&scales[1], &y.values));
    read(cut, &mut field, |cell| {
        seen.take_in(cell);
        (cell.outcome.map_or(UNWRITTEN, |o| o as u8), cell.value as f32)
    })?;
    Ok(Plane { field, scales })
}

/// Draws the cut with lines over it; a look that others have as well is taken from them.
///
/// # Errors
/// [`crate::Error::Request`] if the style does not go with the column; [`crate::Error::File`] if the file cannot be read.
pub(super) fn draw(
    cut: &Cut<'_>,
    overlay: &[Line],
    style: &Style,
    common: Option<&Look>,
    size: &Size,
) -> Result<Picture> {
    let mut seen = Seen::with(style);
    let Plane { mut field, scales } = plane_of(cut, &mut seen)?;
    let own = if common.is_none() { Some(Look::new(&cut.column, seen, style)?) } else { None };
    let Some(look) = common.or(own.as_ref()) else { return Err(drawing_failed("it has no look")) };
    look.paint(&mut field);
    let title = labels::column(&cut.column, cut.from.as_deref());
    let page = Page {
        title: &title,
        subtitle: &labels::fixed(&cut.fixed),
        below: look.entries(),
        right: Right::Bar(Some(look)),
        heading: &style.title,
    };
    page.draw(Some(field), cut.sides().map(|a| a.parameter), scales, overlay, size)
}

/// Reads all cells of a cut to their places in a field.
pub(super) fn read(
    cut: &Cut<'_>,
    field: &mut Field,
    mut kind: impl FnMut(&super::cut::CutCell) -> (u8, f32),
) -> Result<()> {
    let falls = |values: &[f64]| values.first() > values.last();
    let sides = cut.sides().map(|a| &a.values[..]);
    let width = sides[0].len();
    cut.read(|part| {
        for (cell, i) in part.cells.iter().zip(part.first..) {
            let place = cut.place(part.row, i);
            let [column, row] = [0, 1].map(|d| if falls(sides[d]) { sides[d].len() - 1 - place[d] } else { place[d] });
            field.cells[row * width + column] = kind(cell);
        }
    })
}

/// Draws lines alone, on the plane of two parameters (x first).
pub(super) fn plane(
    sides: [(Parameter, f64, f64); 2],
    fixed: &[(Parameter, f64)],
    lines: &[Line],
    style: &Style,
    size: &Size,
) -> Result<Picture> {
    let scales = sides.map(|(_, low, high)| Scale::linear(low, high));
    let subtitle = labels::fixed(fixed);
    let page = Page {
        title: "Bifurcation curves",
        subtitle: &subtitle,
        below: Vec::new(),
        right: Right::Bar(None),
        heading: &style.title,
    };
    page.draw(None, sides.map(|s| s.0), scales, lines, size)
}

/// What stands at the right of a map.
pub(super) enum Right<'a> {
    /// The bar of a look, if it has one.
    Bar(Option<&'a Look>),
    Names(Vec<Entry>),
}

/// A page with a map or a plane.
pub(super) struct Page<'a> {
    pub title: &'a str,
    pub subtitle: &'a str,
    /// Entries of the legend below the map; those of the lines follow.
    pub below: Vec<Entry>,
    pub right: Right<'a>,
    /// Title to have.
    pub heading: &'a Title,
}

impl Page<'_> {
    /// Draws the page: x first.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if a bitmap cannot be packed (not expected).
    pub(super) fn draw(
        &self,
        field: Option<Field>,
        parameters: [Parameter; 2],
        scales: [Scale; 2],
        lines: &[Line],
        size: &Size,
    ) -> Result<Picture> {
        let mut frame = Area::new(0.0, 0.0, 0.0, 0.0);
        let mut picture = Picture::fitted(size, (WIDTH, HEIGHT), |space| {
            let (picture, inner) = self.laid_out(parameters, scales, lines, &space)?;
            frame = inner;
            Ok(picture)
        })?;
        if let Some(field) = field {
            picture.put(frame, field);
        }
        Ok(picture)
    }

    /// The page in a space, without its cells, and its frame.
    fn laid_out(
        &self,
        parameters: [Parameter; 2],
        scales: [Scale; 2],
        lines: &[Line],
        space: &Space,
    ) -> Result<(Picture, Area)> {
        let width = space.width;
        let (mut picture, top) = Picture::styled(width, self.title, self.subtitle, self.heading);
        let mut entries = self.below.clone();
        let (mut bar, mut names) = (None, None);
        match &self.right {
            Right::Bar(look) => bar = look.and_then(|look| look.bar(SIZES, space.high - 110.0)),
            Right::Names(list) if space.is_narrow() => entries.extend(list.iter().cloned()),
            Right::Names(list) => names = Some(Legend::column(list.clone(), SIZES.small, 0.3 * width)),
        }
        entries.extend(overlay::entries(lines, scales));
        let legend = Legend::new(entries, SIZES.small, width - 2.0 * MARGIN);
        let right = bar.as_ref().map_or(names.as_ref().map_or(0.0, |n| n.width + SIZES.text), |bar| bar.width);
        let outer = Area::new(MARGIN, top, width - MARGIN - right, top + space.high);
        let [x, y] = [0, 1].map(|i| Axis::new(scales[i], labels::axis(parameters[i])));
        let chart = Chart::new(&outer, x, y, SIZES, 0.0);
        let left_off = overlay::draw(&mut picture.drawing, &chart, lines, SIZES.small);
        chart.draw_axes(&mut picture.drawing);
        if let Some(bar) = bar {
            bar.draw(&mut picture.drawing, &chart.frame)?;
        }
        if let Some(names) = names {
            names.draw(&mut picture.drawing, (chart.frame.right + SIZES.text, chart.frame.top))?;
        }
        legend.draw(&mut picture.drawing, (MARGIN, outer.bottom + 0.4 * SIZES.text))?;
        picture.end_below(outer.bottom + 0.4 * SIZES.text + legend.height, &left_off);
        Ok((picture, chart.frame))
    }
}
