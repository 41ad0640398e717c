//! A 2-D cut of a map as a heat map with a colour bar.

use super::category::Category;
use super::chart::{Axis, Chart};
use super::colour::{Fill, NO_VALUE, label, mark, viridis};
use super::colour_bar::ColourBar;
use super::cut::{Cut, Seen};
use super::drawing::Area;
use super::field::{Field, Kind, NUMBER};
use super::legend::{Entry, Legend, Sign};
use super::overlay;
use super::picture::{MARGIN, Picture, SIZES};
use super::scale::{Scale, number};
use super::size::{Size, Space};
use super::style::{ColourMap, Style, Title};
use crate::error::{Error, Result};
use crate::figure::{Line, labels};
use crate::model::Parameter;
use crate::results::{OUTCOME, Outcome};

pub(super) const WIDTH: f64 = 1240.0;
/// Height of a map with its axes.
pub(super) const HEIGHT: f64 = 840.0;
/// Fill of a number that has no logarithm.
const NOT_ABOVE_0: Fill = Fill::Plain([250, 230, 235]);
/// Code of a cell that was never written, among those of outcomes.
const UNWRITTEN: u8 = 254;

/// The cells of a cut with their colours, and what explains these.
pub(super) struct Coloured {
    pub field: Field,
    /// Kinds of cells that have a colour of their own.
    pub entries: Vec<Entry>,
    /// Whether the numbers have a scale of colours.
    pub has_bar: bool,
    scales: [Scale; 2],
}

/// Draws the cut, with its last axis along x, and lines over it.
pub(super) fn draw(cut: &Cut<'_>, overlay: &[Line], style: &Style, size: &Size) -> Result<Picture> {
    let (y, x) = (&cut.axes[0], &cut.axes[1]);
    let Coloured { field, entries, has_bar, scales } = coloured(cut, style)?;
    let bar = has_bar.then(|| (field.scale, style.colours, labels::short(&cut.column)));
    let title = labels::column(&cut.column, cut.from.as_deref());
    let page = Page {
        title: &title,
        subtitle: &labels::fixed(&cut.fixed),
        below: entries,
        right: Right::Bar(bar),
        heading: &style.title,
    };
    page.draw(Some(field), [x.parameter, y.parameter], scales, overlay, size)
}

/// Reads a cut of two axes and gives each of its cells a colour.
///
/// # Errors
/// [`Error::Request`] if the style does not go with the cut; [`Error::File`] if the file cannot be read.
pub(super) fn coloured(cut: &Cut<'_>, style: &Style) -> Result<Coloured> {
    let (y, x) = (&cut.axes[0], &cut.axes[1]);
    let (x_scale, y_scale) = (Scale::around(&x.values), Scale::around(&y.values));
    let mut seen = Seen::default();
    let mut field = Field::new((&x_scale, &x.values), (&y_scale, &y.values));
    read(cut, &mut field, |cell| {
        seen.take_in(cell);
        (cell.outcome.map_or(UNWRITTEN, |o| o as u8), cell.value as f32)
    })?;
    // A single value needs no bar, and has no range for one.
    let single = || match seen.distinct() {
        Some([value]) if !style.is_of_colours() => Some(vec![(
            *value,
            format!("{} = {}", labels::short(&cut.column), number(value)),
            Fill::Plain(viridis(0.0)),
        )]),
        _ => None,
    };
    let names = Category::of(&cut.column).and_then(|category| category.entries(&seen)).or_else(single);
    let marks = cut.column != OUTCOME.0;
    if let (Some(_), true) = (&names, style.is_of_colours()) {
        return Err(Error::request(
            format!("the numbers of {} are names, which no scale of colours has", cut.column),
            "leave `vmin`, `vmax`, `log_colour` and `cmap` off",
        ));
    }
    if names.is_none() {
        (field.scale, field.colours) = (style.scale(seen.range(&cut.column), seen.least)?, style.colours);
    }
    let mut entries = legend(&seen, names.as_deref(), marks);
    paint(&mut field, names.as_deref(), marks);
    if style.log_colour && seen.not_above_0 > 0 {
        let cells = if seen.not_above_0 == 1 { "cell" } else { "cells" };
        entries.push(Entry::new(Sign::Fill(NOT_ABOVE_0), format!("not above 0 ({} {cells})", seen.not_above_0)));
        let kind = field.kinds.len() as u8;
        field.kinds.push(Kind { fill: NOT_ABOVE_0, is_mark: false });
        field.cells.iter_mut().filter(|c| c.0 == NUMBER && c.1 <= 0.0).for_each(|c| c.0 = kind);
    }
    Ok(Coloured { field, entries, has_bar: names.is_none(), scales: [x_scale, y_scale] })
}

/// Reads all cells of a cut to their places in a field.
pub(super) fn read(
    cut: &Cut<'_>,
    field: &mut Field,
    mut kind: impl FnMut(&super::cut::CutCell) -> (u8, f32),
) -> Result<()> {
    let (rows, columns) = cut.shape();
    let falls = |values: &[f64]| values.first() > values.last();
    let [x_falls, y_falls] = [falls(&cut.axes[1].values), falls(&cut.axes[0].values)];
    cut.read(|part| {
        let row = if y_falls { rows - 1 - part.row } else { part.row };
        for (cell, i) in part.cells.iter().zip(part.first..) {
            let column = if x_falls { columns - 1 - i } else { i };
            field.cells[row * columns + column] = kind(cell);
        }
    })
}

/// Gives each cell, so far with its outcome, the kind that it is drawn as.
fn paint(field: &mut Field, names: Option<&[(f64, String, Fill)]>, marks: bool) {
    let none = 0;
    field.kinds = vec![Kind { fill: NO_VALUE, is_mark: true }];
    let mut of_outcome = [NUMBER; Outcome::ALL.len()];
    for outcome in Outcome::ALL.into_iter().filter(|_| marks) {
        if let Some(fill) = mark(outcome) {
            of_outcome[outcome as usize] = field.kinds.len() as u8;
            field.kinds.push(Kind { fill, is_mark: true });
        }
    }
    let first = field.kinds.len() as u8;
    let named = names.unwrap_or_default();
    // Where outcomes themselves are drawn, those without a settled value are marks among the names.
    let is_mark = |value: f64| !marks && Outcome::from_f64(value).is_some_and(|o| mark(o).is_some());
    field.kinds.extend(named.iter().map(|(value, _, fill)| Kind { fill: *fill, is_mark: is_mark(*value) }));
    for (kind, value) in &mut field.cells {
        let marked = of_outcome.get(usize::from(*kind)).copied();
        *kind = match (marked, names) {
            (None, _) => none,
            (Some(kind), _) if kind != NUMBER => kind,
            (_, Some(names)) => names.iter().zip(first..).find(|(n, _)| n.0 as f32 == *value).map_or(none, |n| n.1),
            (_, None) if value.is_nan() => none,
            (_, None) => NUMBER,
        };
    }
}

/// Draws lines alone, on the plane of two parameters (x first).
pub(super) fn plane(
    sides: [(Parameter, f64, f64); 2],
    fixed: &[(Parameter, f64)],
    lines: &[Line],
    size: &Size,
) -> Result<Picture> {
    let scales = sides.map(|(_, low, high)| Scale::linear(low, high));
    let subtitle = labels::fixed(fixed);
    let page = Page {
        title: "Bifurcation curves",
        subtitle: &subtitle,
        below: Vec::new(),
        right: Right::Bar(None),
        heading: &Title::Own,
    };
    page.draw(None, sides.map(|s| s.0), scales, lines, size)
}

/// What stands at the right of a map.
pub(super) enum Right {
    /// A bar: its scale, its colours, its title.
    Bar(Option<(Scale, ColourMap, String)>),
    Names(Vec<Entry>),
}

/// A page with a map or a plane.
pub(super) struct Page<'a> {
    pub title: &'a str,
    pub subtitle: &'a str,
    /// Entries of the legend below the map; those of the lines follow.
    pub below: Vec<Entry>,
    pub right: Right,
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
            Right::Bar(of) => {
                let new = |(scale, colours, title): &(Scale, ColourMap, String)| {
                    ColourBar::new(*scale, *colours, title, SIZES, space.high - 110.0)
                };
                bar = of.as_ref().map(new);
            }
            Right::Names(list) if space.is_narrow() => entries.extend(list.iter().cloned()),
            Right::Names(list) => names = Some(Legend::column(list.clone(), SIZES.small, 0.3 * width)),
        }
        entries.extend(overlay::entries(lines));
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

/// Legend entries: the names of the numbers that occur, and what the colour bar does not show.
fn legend(seen: &Seen, names: Option<&[(f64, String, Fill)]>, marks: bool) -> Vec<Entry> {
    let there = |value: f64| match marks {
        true => seen.has_value(value),
        false => Outcome::from_f64(value).is_some_and(|o| seen.has(o)),
    };
    let named = names.unwrap_or_default().iter().filter(|(value, ..)| there(*value));
    let mut entries: Vec<_> = named.map(|(_, name, fill)| Entry::new(Sign::Fill(*fill), name)).collect();
    if marks {
        let outcomes = Outcome::ALL.into_iter().filter(|o| seen.has(*o));
        entries.extend(outcomes.filter_map(|o| mark(o).map(|fill| Entry::new(Sign::Fill(fill), label(o)))));
        if seen.nothing {
            entries.push(Entry::new(Sign::Fill(NO_VALUE), "no value"));
        }
    }
    entries
}
