//! Small multiples: a plane of a map for each of some values of a further axis, with one look, shared axes and one bar.

use super::chart::{Axis, Chart, Sizes};
use super::colour_bar::ColourBar;
use super::cut::{Cut, Seen};
use super::drawing::{Anchor, Area, Letters};
use super::heatmap::{Plane, plane_of};
use super::labels;
use super::legend::Legend;
use super::look::Look;
use super::overlay;
use super::picture::{MARGIN, Picture};
use super::scale::{Scale, number};
use super::size::{Size, Space};
use super::target::Target;
use super::text::fitting;
use super::{Line, View};
use crate::error::{Error, Result};
use crate::model::Parameter;
use crate::store::MapFile;

/// Number of panels at most.
const MOST_PANELS: usize = 25;
const WIDTH: f64 = 1560.0;
const SIZES: Sizes = Sizes { text: 28.0, small: 22.0 };
/// Height of a panel, in parts of its width.
const HIGH: f64 = 0.8;
/// Width of a picture for each of its columns at least, and of a panel's sides.
const LEAST: f64 = 300.0;
const LOWEST: f64 = 80.0;
/// Height of a panel's own title, in parts of its letters.
const HEAD: f64 = 1.9;

/// The cuts of a map at some values of an axis, which the view does not fix.
///
/// # Errors
/// [`Error::Request`] as of [`super::draw`].
pub(super) fn cuts<'a>(map: &'a MapFile, view: &View<'_>, (axis, values): (Parameter, &[f64])) -> Result<Vec<Cut<'a>>> {
    let cut = |value: &f64| Cut::new(map, &View { at: &[view.at, &[(axis, *value)]].concat(), ..*view });
    values.iter().map(cut).collect()
}

/// Draws a panel for each value of an axis; `overlays` has the lines of each panel, or nothing.
///
/// # Errors
/// [`Error::Request`] if there are no values or more than 25, a panel has not two axes, or the style does not go
/// with the column; [`Error::File`] if a file cannot be read or written; [`Error::Engine`] only if drawing fails (not expected).
pub fn draw_facets<'a>(
    map: &MapFile,
    view: &View<'_>,
    facet: (Parameter, &[f64]),
    overlays: &[Vec<Line>],
    target: impl Into<Target<'a>>,
) -> Result<()> {
    let target = target.into();
    check_panels(map, view, facet)?;
    let cuts = cuts(map, view, facet)?;
    let mut seen = Seen::with(view.style);
    let planes = cuts.iter().map(|cut| plane_of(cut, &mut seen)).collect::<Result<Vec<Plane>>>()?;
    let look = Look::new(view.column, seen, view.style)?;
    let page = Page { facet, cut: &cuts[0], look: &look, overlays, view };
    target.save(&page.draw(planes, &target.size)?)
}

/// Checks that a panel can be drawn for each value of an axis.
///
/// # Errors
/// [`Error::Request`] if there are no values or more than 25, or a panel has not two axes.
pub fn check_panels(map: &MapFile, view: &View<'_>, facet: (Parameter, &[f64])) -> Result<()> {
    let (name, many) = (facet.0.name(), facet.1.len());
    if !(1..=MOST_PANELS).contains(&many) {
        return Err(Error::request(
            format!("`facet` {name} has {many} values, and a picture has {MOST_PANELS} panels at most"),
            format!("choose some of them: `facet` {name}=VALUE,…; or draw each as a picture of its own with `each`"),
        ));
    }
    if let Some(line) = cuts(map, view, facet)?.iter().find(|c| c.axes.len() != 2) {
        let other = line.axes[0].parameter.name();
        return Err(Error::request(
            format!("`facet` {name} leaves one axis, {other}, for each panel, which is a plane"),
            "leave `facet` off, or sweep three axes",
        ));
    }
    Ok(())
}

/// Numbers of rows, sizes of a panel, space at the left and below, between panels, and the bar.
struct Grid {
    rows: usize,
    wide: f64,
    high: f64,
    left: f64,
    below: f64,
    gap: f64,
    bar: Option<ColourBar>,
}

/// What the panels of a page have in common.
struct Page<'a> {
    facet: (Parameter, &'a [f64]),
    cut: &'a Cut<'a>,
    look: &'a Look,
    overlays: &'a [Vec<Line>],
    view: &'a View<'a>,
}

impl Page<'_> {
    fn chart(&self, scales: [Scale; 2], frame: Area) -> Chart {
        let [x, y] = [0, 1].map(|i| Axis::new(scales[i], labels::axis(self.cut.sides()[i].parameter)));
        Chart::framed(frame, x, y, SIZES)
    }

    fn draw(&self, planes: Vec<Plane>, size: &Size) -> Result<Picture> {
        let (many, wide) = (planes.len(), size.width(WIDTH));
        let columns = if many < 4 { many } else { (many as f64).sqrt().ceil() as usize };
        let columns = columns.min((wide / LEAST) as usize).max(1);
        let scales = planes[0].scales;
        let mut high = many.div_ceil(columns) as f64 * (HIGH * wide / (columns as f64 + 1.0) + HEAD * SIZES.small);
        for _ in 0..4 {
            let grid = self.grid(columns, scales, &Space { width: wide, high });
            high = grid.rows as f64 * (HIGH * grid.wide + HEAD * SIZES.small);
        }
        let mut frames = Vec::new();
        let mut picture = Picture::fitted(size, (wide, high), |space| {
            let (picture, found) = self.laid_out(columns, scales, &space)?;
            frames = found;
            Ok(picture)
        })?;
        picture.transparent = self.view.style.transparent;
        for (Plane { mut field, .. }, frame) in planes.into_iter().zip(frames) {
            self.look.paint(&mut field);
            picture.put(frame, field);
        }
        Ok(picture)
    }

    /// The sizes of the panels in a space. They and the numbers and titles depend on each other: a few times are enough.
    fn grid(&self, columns: usize, scales: [Scale; 2], space: &Space) -> Grid {
        let rows = self.facet.1.len().div_ceil(columns);
        let high = space.high / rows as f64 - HEAD * SIZES.small;
        let bar = self.look.bar(SIZES, 0.9 * space.high - HEAD * SIZES.small);
        let right = bar.as_ref().map_or(0.0, |bar| bar.width);
        let mut grid =
            Grid { rows, wide: space.width / (columns as f64 + 1.0), high, left: 0.0, below: 0.0, gap: 0.0, bar };
        for _ in 0..4 {
            let whole = Area::new(0.0, 0.0, columns as f64 * grid.wide, space.high - HEAD * SIZES.small);
            let chart = self.chart(scales, Area::new(0.0, 0.0, grid.wide, high.max(1.0)));
            let margins = chart.margins(&whole);
            (grid.left, grid.below) = (margins[0].max(grid.left), margins[1].max(grid.below));
            grid.gap = chart.widest_below() + 0.6 * SIZES.small;
            let all = space.width - 2.0 * MARGIN - grid.left - right - 0.5 * grid.gap;
            grid.wide = ((all - (columns - 1) as f64 * grid.gap) / columns as f64).max(1.0);
        }
        grid
    }

    /// The page in a space, without its cells, and the frames of its panels.
    fn laid_out(&self, columns: usize, scales: [Scale; 2], space: &Space) -> Result<(Picture, Vec<Area>)> {
        let many = self.facet.1.len();
        let title = labels::column(&self.cut.column, self.cut.from.as_deref());
        let mut fixed = self.cut.fixed.clone();
        fixed.retain(|(p, _)| *p != self.facet.0);
        let subtitle = labels::fixed(&fixed);
        let (mut picture, top) = Picture::styled(space.width, &title, &subtitle, &self.view.style.title);
        let Grid { rows, wide, high, left, below, gap, bar } = self.grid(columns, scales, space);
        if wide.min(high) < LOWEST {
            return Err(Error::request(
                format!(
                    "this `size` leaves {} mm for a side of each of {many} panels, which needs {}",
                    (0.1 * wide.min(high)).round(),
                    0.1 * LOWEST
                ),
                "give a larger `size`, or the width alone, or fewer values of `facet`",
            ));
        }
        let head = HEAD * SIZES.small;
        let frame = |i: usize| {
            let x = MARGIN + left + (i % columns) as f64 * (wide + gap);
            let y = top + (i / columns) as f64 * (high + head) + head;
            Area::new(x.round(), y.round(), (x + wide).round(), (y + high).round())
        };
        let last = frame((rows - 1) * columns);
        let whole = Area { right: frame(columns - 1).right, bottom: last.bottom, ..frame(0) };
        let (mut frames, mut left_off) = (Vec::new(), Vec::new());
        for i in 0..many {
            let chart = self.chart(scales, frame(i));
            let drawing = &mut picture.drawing;
            let lines = self.overlays.get(i).map_or(&[][..], |lines| &lines[..]);
            left_off.extend(overlay::draw(drawing, &chart, lines, 0.85 * SIZES.small));
            chart.draw_ticks(drawing, [i + columns >= many, i % columns == 0]);
            let name = format!("{} = {}", self.facet.0.info().symbol, number(&self.facet.1[i]));
            let (size, middle) = (fitting(&name, SIZES.small, wide), 0.5 * (chart.frame.left + chart.frame.right));
            drawing.text(&name, (middle, chart.frame.top - 0.4 * size), &Letters::new(size, Anchor::Middle));
            frames.push(chart.frame);
        }
        self.chart(scales, last).draw_titles(&mut picture.drawing, &whole);
        if let Some(bar) = bar {
            bar.draw(&mut picture.drawing, &whole)?;
        }
        let all: Vec<Line> = self.overlays.iter().flatten().cloned().collect();
        let entries = self.look.entries().into_iter().chain(overlay::entries(&all, scales)).collect();
        let legend = Legend::new(entries, SIZES.small, space.width - 2.0 * MARGIN);
        let end = whole.bottom + below + 0.4 * SIZES.text;
        legend.draw(&mut picture.drawing, (MARGIN, end))?;
        picture.end_below(end + legend.height, &left_off);
        Ok((picture, frames))
    }
}
