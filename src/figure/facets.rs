//! Small multiples: a plane of a map for each of some values of a further axis, with one look, shared axes and one bar.

use super::chart::{Axis, Chart, Sizes};
use super::cut::{Cut, Seen};
use super::drawing::{Anchor, Area, Letters};
use super::heatmap::{Plane, plane_of};
use super::labels;
use super::legend::Legend;
use super::look::Look;
use super::overlay;
use super::picture::{MARGIN, Picture};
use super::scale::{Scale, number};
use super::text::fitting;
use super::{Line, View};
use crate::error::{Error, Result};
use crate::model::Parameter;
use crate::store::{MapFile, Output};

/// Number of panels at most.
const MOST_PANELS: usize = 25;
const WIDTH: f64 = 1560.0;
const SIZES: Sizes = Sizes { text: 28.0, small: 22.0 };
/// Height of a panel, in parts of its width.
const HIGH: f64 = 0.8;
/// Height of a panel's own title, in parts of its letters.
const HEAD: f64 = 1.6;

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
pub fn draw_facets(
    map: &MapFile,
    view: &View<'_>,
    facet: (Parameter, &[f64]),
    overlays: &[Vec<Line>],
    output: Output<'_>,
) -> Result<()> {
    check_panels(map, view, facet)?;
    let cuts = cuts(map, view, facet)?;
    let mut seen = Seen::default();
    let planes = cuts.iter().map(|cut| plane_of(cut, &mut seen)).collect::<Result<Vec<Plane>>>()?;
    let look = Look::new(view.column, seen, view.style)?;
    let page = Page { facet, cut: &cuts[0], look: &look, overlays, view };
    page.draw(planes)?.save(output)
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

    fn draw(&self, planes: Vec<Plane>) -> Result<Picture> {
        let many = planes.len();
        let columns = if many < 4 { many } else { (many as f64).sqrt().ceil() as usize };
        let rows = many.div_ceil(columns);
        let title = labels::column(&self.cut.column, self.cut.from.as_deref());
        let mut fixed = self.cut.fixed.clone();
        fixed.retain(|(p, _)| *p != self.facet.0);
        let (mut picture, top) = Picture::styled(WIDTH, &title, &labels::fixed(&fixed), &self.view.style.title);
        picture.transparent = self.view.style.transparent;

        let head = HEAD * SIZES.small;
        let height = |wide: f64| rows as f64 * (HIGH * wide + head);
        // The numbers and the lines of the titles depend on the panels' size, and that on them: a few times are enough.
        let (mut wide, mut left, mut below, mut gap) = (WIDTH / (columns as f64 + 1.0), 0.0, 0.0, 0.0);
        let bar = self.look.bar(SIZES, 0.9 * height(wide) - head);
        let right = bar.as_ref().map_or(0.0, |bar| bar.width);
        for _ in 0..4 {
            let whole = Area::new(0.0, 0.0, columns as f64 * wide, height(wide));
            let chart = self.chart(planes[0].scales, Area::new(0.0, 0.0, wide, HIGH * wide));
            let margins = chart.margins(&whole);
            (left, below) = (margins[0].max(left), margins[1].max(below));
            gap = chart.widest_below() + 0.6 * SIZES.small;
            let all = WIDTH - 2.0 * MARGIN - left - right - 0.5 * gap;
            wide = (all - (columns - 1) as f64 * gap) / columns as f64;
        }
        let high = HIGH * wide;
        let frame = |i: usize| {
            let x = MARGIN + left + (i % columns) as f64 * (wide + gap);
            let y = top + (i / columns) as f64 * (high + head) + head;
            Area::new(x.round(), y.round(), (x + wide).round(), (y + high).round())
        };
        let last = frame((rows - 1) * columns);
        let whole = Area { right: frame(columns - 1).right, bottom: last.bottom, ..frame(0) };
        let scales = planes[0].scales;
        for (i, Plane { mut field, scales }) in planes.into_iter().enumerate() {
            let chart = self.chart(scales, frame(i));
            self.look.paint(&mut field);
            picture.put(chart.frame, field);
            let drawing = &mut picture.drawing;
            let lines = self.overlays.get(i).map_or(&[][..], |lines| &lines[..]);
            overlay::draw(drawing, &chart, lines, 0.8 * SIZES.small);
            chart.draw_ticks(drawing, [i + columns >= many, i % columns == 0]);
            let name = format!("{} = {}", self.facet.0.info().symbol, number(&self.facet.1[i]));
            let (size, middle) = (fitting(&name, SIZES.small, wide), 0.5 * (chart.frame.left + chart.frame.right));
            drawing.text(&name, (middle, chart.frame.top - 0.4 * size), &Letters::new(size, Anchor::Middle));
        }
        self.chart(scales, last).draw_titles(&mut picture.drawing, &whole);
        if let Some(bar) = bar {
            bar.draw(&mut picture.drawing, &whole)?;
        }
        let all: Vec<Line> = self.overlays.iter().flatten().cloned().collect();
        let entries = self.look.entries().into_iter().chain(overlay::entries(&all)).collect();
        let legend = Legend::new(entries, SIZES.small, WIDTH - 2.0 * MARGIN);
        let end = whole.bottom + below + 0.4 * SIZES.text;
        legend.draw(&mut picture.drawing, (MARGIN, end))?;
        picture.height = (end + legend.height + MARGIN).ceil();
        Ok(picture)
    }
}
