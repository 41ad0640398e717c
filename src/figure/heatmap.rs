//! A 2-D cut of a map as a heat map with a colour bar.

use super::category::Category;
use super::chart::{Chart, Layout, chart, font, write};
use super::colour::{Fill, NO_VALUE, label, mark, viridis};
use super::cut::{Cut, CutCell, Seen};
use super::picture::{Bitmap, Canvas, Picture, drawing_failed};
use super::scale::{Scale, number};
use crate::error::Result;
use crate::figure::{Line, Stroke, labels};
use crate::model::Parameter;
use crate::results::{OUTCOME, Outcome};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

pub(super) const SIZE: (u32, u32) = (1240, 1000);
/// Left, top, right and bottom edges of the plotting area, in pixels.
pub(super) const FRAME: (i32, i32, i32, i32) = (130, 110, 1010, 850);
const BAR: (i32, i32) = (1045, 1080);
pub(super) const TEXT: i32 = 30;

/// Draws the cut, with its last axis along x, and lines over it.
pub(super) fn draw(cut: &Cut<'_>, overlay: &[Line]) -> Result<Picture> {
    let (y, x) = (&cut.axes[0], &cut.axes[1]);
    let (x_scale, y_scale) = (Scale::around(&x.values), Scale::around(&y.values));
    let mut seen = Seen::default();
    let shown = Shown::read(cut, &x_scale, &y_scale, |cell| seen.take_in(cell))?;
    let (low, high) = seen.range(&cut.column);
    // A single value needs no bar, and has no range for one.
    let single = || match seen.distinct() {
        Some([value]) => Some(vec![(
            *value,
            format!("{} = {}", labels::short(&cut.column), number(value)),
            Fill::Plain(viridis(0.0)),
        )]),
        _ => None,
    };
    let names = Category::of(&cut.column).and_then(|category| category.entries(&seen)).or_else(single);
    let marks = cut.column != OUTCOME.0;
    let fill = |cell: &CutCell| match (cell.outcome, &names) {
        // This cell was never written.
        (None, _) => NO_VALUE,
        (Some(o), _) if marks && mark(o).is_some() => mark(o).unwrap_or(NO_VALUE),
        (_, Some(names)) => names.iter().find(|(value, ..)| *value == cell.value).map_or(NO_VALUE, |name| name.2),
        (_, None) => number_fill(cell.value, low, high),
    };
    let legend = legend(&seen, names.as_deref(), marks);
    let mut picture = Picture::new(SIZE.0, height(&legend, overlay));
    picture.bitmap(FRAME.0, FRAME.1, &shown.bitmap(fill))?;
    if names.is_none() {
        picture.bitmap(BAR.0, FRAME.1, &bar())?;
    }
    picture.layer(|canvas| {
        axes(canvas, [cut.axes[1].parameter, cut.axes[0].parameter], x_scale, y_scale, overlay)?;
        if names.is_none() {
            bar_axis(canvas, cut, low, high)?;
        }
        write(canvas, &labels::column(&cut.column, cut.from.as_deref()), (FRAME.0, 28), TEXT + 6, HPos::Left)?;
        write(canvas, &labels::fixed(&cut.fixed), (FRAME.0, 72), TEXT - 6, HPos::Left)
    })?;
    draw_legend(&mut picture, &legend, overlay)?;
    Ok(picture)
}

/// Cells of a cut that contain pixels of the plotting area.
pub(super) struct Shown {
    /// For each pixel from the left, the index of its cell among the kept columns.
    columns: Vec<usize>,
    /// For each pixel from the bottom, the index of its cell among the kept rows.
    rows: Vec<usize>,
    /// Kept cells, row by row.
    cells: Vec<CutCell>,
    /// Number of kept columns.
    width: usize,
}

/// Sorted distinct indices of a list, and the position of each entry of the list among them.
fn distinct(indices: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut kept = indices.to_vec();
    kept.sort_unstable();
    kept.dedup();
    let places = indices.iter().map(|i| kept.partition_point(|k| k < i)).collect();
    (kept, places)
}

impl Shown {
    /// Reads the cut and calls `see` with every cell, also with those that contain no pixel.
    pub(super) fn read(cut: &Cut<'_>, x: &Scale, y: &Scale, mut see: impl FnMut(&CutCell)) -> Result<Self> {
        let (width, height) = area();
        let (kept_columns, columns) = distinct(&x.cells(&cut.axes[1].values, width));
        let (kept_rows, rows) = distinct(&y.cells(&cut.axes[0].values, height));
        let mut cells = Vec::with_capacity(kept_rows.len() * kept_columns.len());
        cut.read(|part| {
            part.cells.iter().for_each(&mut see);
            if kept_rows.binary_search(&part.row).is_ok() {
                let from = kept_columns.partition_point(|c| *c < part.first);
                let to = kept_columns.partition_point(|c| *c < part.first + part.cells.len());
                cells.extend(kept_columns[from..to].iter().map(|c| part.cells[c - part.first]));
            }
        })?;
        Ok(Self { columns, rows, cells, width: kept_columns.len() })
    }

    /// Cell at a pixel, counted from the upper left corner.
    pub(super) fn at(&self, px: usize, py: usize) -> &CutCell {
        &self.cells[self.rows[self.rows.len() - 1 - py] * self.width + self.columns[px]]
    }

    /// Bitmap in which every pixel has the fill of its cell.
    fn bitmap(&self, fill: impl Fn(&CutCell) -> Fill) -> Bitmap {
        let (width, height) = area();
        let pixels = (0..height).flat_map(|py| (0..width).map(move |px| (px, py)));
        let rgb = pixels.flat_map(|(px, py)| fill(self.at(px as usize, py as usize)).at(px, py)).collect();
        Bitmap { width, height, rgb }
    }
}

/// Width and height of the plotting area, in pixels.
pub(super) fn area() -> (u32, u32) {
    ((FRAME.2 - FRAME.0) as u32, (FRAME.3 - FRAME.1) as u32)
}

/// Draws lines alone, on the plane of two parameters (x first).
pub(super) fn plane(sides: [(Parameter, f64, f64); 2], fixed: &[(Parameter, f64)], lines: &[Line]) -> Result<Picture> {
    let mut picture = Picture::new(SIZE.0, height(&[], lines));
    let [x, y] = sides.map(|(_, low, high)| Scale::linear(low, high));
    picture.layer(|canvas| {
        axes(canvas, sides.map(|s| s.0), x, y, lines)?;
        let frame = Rectangle::new([(FRAME.0, FRAME.1), (FRAME.2, FRAME.3)], BLACK.stroke_width(1));
        canvas.draw(&frame).map_err(drawing_failed)?;
        write(canvas, "Bifurcation curves", (FRAME.0, 28), TEXT + 6, HPos::Left)?;
        write(canvas, &labels::fixed(fixed), (FRAME.0, 72), TEXT - 6, HPos::Left)
    })?;
    draw_legend(&mut picture, &[], lines)?;
    Ok(picture)
}

fn number_fill(value: f64, low: f64, high: f64) -> Fill {
    if value.is_nan() { NO_VALUE } else { Fill::Plain(viridis((value - low) / (high - low))) }
}

fn bar() -> Bitmap {
    let (width, height) = ((BAR.1 - BAR.0) as u32, (FRAME.3 - FRAME.1) as u32);
    let rows = (0..height).map(|y| viridis(1.0 - f64::from(y) / f64::from(height - 1)));
    Bitmap { width, height, rgb: rows.flat_map(|c| c.repeat(width as usize)).collect() }
}

pub(super) fn axes(
    canvas: &Canvas<'_>,
    [x_is, y_is]: [Parameter; 2],
    x: Scale,
    y: Scale,
    lines: &[Line],
) -> Result<()> {
    let (w, h) = canvas.dim_in_pixel();
    let (w, h) = (w as i32, h as i32);
    let margins = [FRAME.1, w - FRAME.2, h - FRAME.3 - 90, 10];
    let layout = Layout { caption: None, margins, labels: (90, FRAME.0 - 10), ticks: (7, 7), grid: false, text: TEXT };
    let mut chart = chart(canvas, &layout, (x, &labels::axis(x_is)), (y, &labels::axis(y_is)))?;
    let mut taken: Vec<(i32, i32)> = Vec::new();
    // Dots lie over lines.
    let (dots, curves): (Vec<_>, Vec<_>) = lines.iter().partition(|l| l.points.len() == 1);
    for line in curves.into_iter().chain(dots) {
        let [r, g, b] = line.colour;
        let colour = RGBColor(r, g, b);
        // A dark casing keeps a line readable on every colour of the map.
        if let [dot] = line.points[..] {
            let dots = [Circle::new(dot, 9, BLACK.filled()), Circle::new(dot, 7, colour.filled())];
            chart.draw_series(dots).map_err(drawing_failed)?;
            if let Some(label) = line.label {
                draw_label(&mut chart, dot, label, &mut taken)?;
            }
        } else {
            // Points closer than a few pixels would show the canvas's rounding, not the curve.
            let mut kept: Vec<(f64, f64)> = Vec::new();
            let apart = |a: &(f64, f64), b: &(f64, f64)| {
                let (a, b) = (chart.backend_coord(a), chart.backend_coord(b));
                (a.0 - b.0).abs().max((a.1 - b.1).abs()) >= 12
            };
            for (i, point) in line.points.iter().enumerate() {
                if i + 1 == line.points.len() || kept.last().is_none_or(|last| apart(last, point)) {
                    kept.push(*point);
                }
            }
            for (style, width) in [(BLACK, 5), (colour, 3)] {
                let points = kept.iter().copied();
                if let Stroke::Dashed(_) = line.stroke {
                    let series = DashedLineSeries::new(points, 14, 10, style.stroke_width(width));
                    chart.draw_series(series).map_err(drawing_failed)?;
                } else {
                    let series = LineSeries::new(points, style.stroke_width(width));
                    chart.draw_series(series).map_err(drawing_failed)?;
                }
            }
        }
    }
    Ok(())
}

/// Draws the label of a dot, readable on every colour of the map, unless another label is everywhere around it.
fn draw_label(chart: &mut Chart<'_, '_>, dot: (f64, f64), label: &str, taken: &mut Vec<(i32, i32)>) -> Result<()> {
    let (x, y) = chart.backend_coord(&dot);
    let half = 8 * label.len() as i32;
    let places = [(half + 12, -10), (-half - 12, -10), (half + 12, 34), (-half - 12, 34), (0, -16), (0, 42)];
    let is_free = |(dx, dy): &(i32, i32)| {
        let (left, top) = (x + dx, y + dy);
        let inside = left - half > FRAME.0 && left + half < FRAME.2 && top - 24 > FRAME.1 && top < FRAME.3;
        inside && taken.iter().all(|t| (t.0 - left).abs() > half + 30 || (t.1 - top).abs() > 26)
    };
    let Some((dx, dy)) = places.into_iter().find(is_free) else { return Ok(()) };
    taken.push((x + dx, y + dy));
    let style = |colour: &'static RGBColor| {
        TextStyle::from(font(TEXT - 6)).color(colour).pos(Pos::new(HPos::Center, VPos::Bottom))
    };
    let around = [(-2, 0), (2, 0), (0, -2), (0, 2), (-1, -1), (1, 1), (-1, 1), (1, -1)];
    for (shift, colour) in around.map(|s| (s, &WHITE)).into_iter().chain([((0, 0), &BLACK)]) {
        let text = Text::new(label.to_string(), (dx + shift.0, dy + shift.1), style(colour));
        chart.draw_series([EmptyElement::at(dot) + text]).map_err(drawing_failed)?;
    }
    Ok(())
}

fn bar_axis(canvas: &Canvas<'_>, cut: &Cut<'_>, low: f64, high: f64) -> Result<()> {
    use plotters::coord::ranged1d::{BoldPoints, Ranged};
    let scale = Scale::linear(low, high);
    for corners in [[(BAR.0, FRAME.1), (BAR.1, FRAME.3)], [(FRAME.0, FRAME.1), (FRAME.2, FRAME.3)]] {
        canvas.draw(&Rectangle::new(corners, BLACK.stroke_width(1))).map_err(drawing_failed)?;
    }
    for tick in scale.key_points(BoldPoints(7)) {
        let y = scale.map(&tick, (FRAME.3, FRAME.1));
        canvas.draw(&PathElement::new([(BAR.1, y), (BAR.1 + 6, y)], BLACK)).map_err(drawing_failed)?;
        let style = TextStyle::from(font(TEXT - 4)).pos(Pos::new(HPos::Left, VPos::Center));
        canvas.draw_text(&number(&tick), &style, (BAR.1 + 10, y)).map_err(drawing_failed)?;
    }
    write(canvas, &labels::short(&cut.column), (BAR.0, FRAME.1 - 38), TEXT - 4, HPos::Left)
}

/// Legend entries: the names of the numbers that occur, and what the colour bar does not show.
fn legend(seen: &Seen, names: Option<&[(f64, String, Fill)]>, marks: bool) -> Vec<(String, Fill)> {
    let there = |value: f64| match marks {
        true => seen.has_value(value),
        false => Outcome::from_f64(value).is_some_and(|o| seen.has(o)),
    };
    let named = names.unwrap_or_default().iter().filter(|(value, ..)| there(*value));
    let mut entries: Vec<_> = named.map(|(_, name, fill)| (name.clone(), *fill)).collect();
    if marks {
        let outcomes = Outcome::ALL.into_iter().filter(|o| seen.has(*o));
        entries.extend(outcomes.filter_map(|o| mark(o).map(|fill| (label(o), fill))));
        if seen.nothing {
            entries.push(("no value".to_string(), NO_VALUE));
        }
    }
    entries
}

/// Height of a row of the legend, in pixels.
const ROW: i32 = 40;

/// Width of an entry of the legend.
fn width(text: &str) -> i32 {
    70 + 15 * text.chars().count() as i32
}

/// Lines with an entry in the legend, each name once.
fn named(lines: &[Line]) -> impl Iterator<Item = &Line> {
    let is_new = move |i: usize, l: &Line| !l.name.is_empty() && lines[..i].iter().all(|m| m.name != l.name);
    lines.iter().enumerate().filter(move |(i, l)| is_new(*i, l)).map(|(_, l)| l)
}

/// Height of the picture with all rows of its legend.
fn height(entries: &[(String, Fill)], lines: &[Line]) -> u32 {
    let (mut x, mut rows) = (FRAME.0 + entries.iter().map(|(text, _)| width(text)).sum::<i32>(), 0);
    for line in named(lines) {
        if x + width(line.name) > SIZE.0 as i32 && x > FRAME.0 {
            (x, rows) = (FRAME.0, rows + ROW);
        }
        x += width(line.name);
    }
    SIZE.1 + rows as u32
}

pub(super) fn draw_legend(picture: &mut Picture, entries: &[(String, Fill)], lines: &[Line]) -> Result<()> {
    const SIDE: u32 = 28;
    let (mut x, mut y) = (FRAME.0, SIZE.1 as i32 - 46);
    let name = |picture: &mut Picture, (x, y): (i32, i32), text: &str| {
        picture.layer(|canvas| write(canvas, text, (x + 38, y + 1), TEXT - 4, HPos::Left))?;
        Ok::<i32, crate::Error>(x + width(text))
    };
    for (text, fill) in entries {
        let rgb = (0..SIDE * SIDE).flat_map(|i| fill.at(i % SIDE, i / SIDE)).collect();
        picture.bitmap(x, y, &Bitmap { width: SIDE, height: SIDE, rgb })?;
        picture.layer(|canvas| {
            let corners = [(x, y), (x + SIDE as i32, y + SIDE as i32)];
            canvas.draw(&Rectangle::new(corners, BLACK.stroke_width(1))).map_err(drawing_failed)
        })?;
        x = name(picture, (x, y), text)?;
    }
    for line in named(lines) {
        let [r, g, b] = line.colour;
        if x + width(line.name) > SIZE.0 as i32 && x > FRAME.0 {
            (x, y) = (FRAME.0, y + ROW);
        }
        let middle = y + SIDE as i32 / 2;
        picture.layer(|canvas| {
            let end = x + SIDE as i32;
            let dashes = match line.stroke {
                Stroke::Dashed(_) => vec![(x, x + 10), (end - 10, end)],
                _ => vec![(x, end)],
            };
            for (style, width) in [(BLACK, 5), (RGBColor(r, g, b), 3)] {
                for (from, to) in &dashes {
                    let dash = PathElement::new([(*from, middle), (*to, middle)], style.stroke_width(width));
                    canvas.draw(&dash).map_err(drawing_failed)?;
                }
            }
            Ok(())
        })?;
        x = name(picture, (x, y), line.name)?;
    }
    Ok(())
}
