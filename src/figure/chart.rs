//! A chart: a frame with titled axes, on which all pictures with two axes are drawn.

use super::drawing::{Anchor, Area, Drawing, Letters, Pen, Place};
use super::scale::Scale;
use super::text::{CAPITAL, LEADING, width, wrapped};
use super::ticks::{Ticks, ticks};

/// Sizes of the texts of a page, in pixels.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    /// Titles of axes.
    pub text: f64,
    /// Numbers at ticks, and legends.
    pub small: f64,
}

/// Length of the ticks with labels, and distance from them to their numbers.
const TICK: f64 = 9.0;
const GAP: f64 = 6.0;
/// Further distance of the numbers below, so that the two in the corner stand apart.
const LOWER: f64 = 3.0;
pub(super) const BLACK: [u8; 3] = [0; 3];
/// 0.5 points, as journals ask for at least.
pub(super) const EDGE: Pen = Pen::new(BLACK, 1.8);

/// An axis: its scale and its title.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    pub scale: Scale,
    pub title: String,
    /// Names of the values 0, 1, … in place of numbers at ticks.
    names: Vec<String>,
}

impl Axis {
    pub(super) fn new(scale: Scale, title: impl Into<String>) -> Self {
        Self { scale, title: title.into(), names: Vec::new() }
    }

    /// An axis with names at the values 0, 1, … in place of numbers.
    pub(super) fn named(names: Vec<String>, title: impl Into<String>) -> Self {
        let high = names.len().max(1) as f64 - 0.5;
        Self { scale: Scale::linear(-0.5, high), title: title.into(), names }
    }

    /// Ticks up a side of this length.
    fn upwards(&self, length: f64, size: f64) -> Ticks {
        match self.names.is_empty() {
            true => upwards(&self.scale, length, size),
            false => {
                let major = (0..).zip(&self.names).map(|(i, name)| (f64::from(i), name.clone())).collect();
                Ticks { major, ..Ticks::default() }
            }
        }
    }
}

/// A frame with its axes.
#[derive(Debug, Clone)]
pub(super) struct Chart {
    pub frame: Area,
    sizes: Sizes,
    x: Axis,
    y: Axis,
    x_ticks: Ticks,
    y_ticks: Ticks,
    /// Where a title up the side may begin, and its length at least: one that is longer than the frame.
    title_space: (f64, f64),
}

/// Length of a title up a side, in parts of the page's height, however low the frame is.
const TITLE: f64 = 0.8;

/// Ticks along a side of a page, as many as stand apart.
fn across(scale: &Scale, length: f64, size: f64) -> Ticks {
    let apart = |t: &Ticks| {
        let places: Vec<(f64, f64)> = t.major.iter().map(|(v, l)| (scale.part(*v) * length, width(l, size))).collect();
        places.windows(2).all(|p| (p[1].0 - p[0].0).abs() > 0.5 * (p[0].1 + p[1].1) + 0.7 * size)
    };
    let most = ((length / (3.2 * size)) as usize).clamp(2, 9);
    most_apart(scale, most, apart)
}

/// Ticks up a side, as many as stand apart.
pub(super) fn upwards(scale: &Scale, length: f64, size: f64) -> Ticks {
    let apart =
        |t: &Ticks| t.major.windows(2).all(|p| (scale.part(p[1].0) - scale.part(p[0].0)).abs() * length > 1.5 * size);
    let most = ((length / (2.6 * size)) as usize).clamp(2, 8);
    most_apart(scale, most, apart)
}

/// About `most` ticks or fewer that stand apart: two at least, if the first and the last of some do.
fn most_apart(scale: &Scale, most: usize, apart: impl Fn(&Ticks) -> bool) -> Ticks {
    let several = |t: &Ticks| t.major.len() > 1 && apart(t);
    let ends = |n: usize| {
        let mut all = ticks(scale, n);
        let last = all.major.len().saturating_sub(1);
        let inner = all.major.iter().enumerate().filter(|(i, _)| ![0, last].contains(i)).map(|(_, (v, _))| *v);
        all.minor.extend(inner);
        all.major = all.major.into_iter().enumerate().filter(|(i, _)| [0, last].contains(i)).map(|(_, t)| t).collect();
        all
    };
    let found = (2..=most).rev().map(|n| ticks(scale, n)).find(several);
    // Two numbers leave much to guess: more of them, closer together, are better.
    let is_sparse = found.as_ref().is_none_or(|t| t.major.len() < 3);
    let closer = || (most + 1..most + 4).map(|n| ticks(scale, n)).find(|t| t.major.len() > 2 && apart(t));
    let found = if is_sparse { closer().or(found) } else { found };
    found.or_else(|| (2..=6).map(ends).find(several)).unwrap_or_else(|| {
        let mut few = ticks(scale, 2);
        few.major.truncate(1);
        few
    })
}

/// Width of the widest label.
pub(super) fn widest(ticks: &Ticks, size: f64) -> f64 {
    ticks.major.iter().map(|(_, label)| width(label, size)).fold(0.0, f64::max)
}

impl Chart {
    /// A chart within `outer`, its labels and titles included.
    ///
    /// `left` is where the frame begins at least, so that charts stand one above the other.
    pub(super) fn new(outer: &Area, x: Axis, y: Axis, sizes: Sizes, left: f64) -> Self {
        let Sizes { text, small } = sizes;
        let mut frame = *outer;
        frame.top += 0.5 * small;
        // The ticks depend on the frame and the frame on the labels: a few times are enough.
        let (mut x_ticks, mut y_ticks) = (Ticks::default(), Ticks::default());
        let title_space = (outer.top, TITLE * outer.height());
        for _ in 0..4 {
            y_ticks = y.upwards(frame.height(), small);
            let titles = wrapped(&y_ticks.titled(&y.title), text, frame.height().max(title_space.1)).len() as f64;
            let labels = widest(&y_ticks, small) + TICK + GAP;
            frame.left = (outer.left + labels + titles * LEADING * text + 0.3 * text).max(left).round();
            x_ticks = across(&x.scale, frame.width(), small);
            // Half of the last label reaches beyond the frame.
            let beyond =
                |(v, label): &(f64, String)| 0.5 * width(label, small) - (1.0 - x.scale.part(*v)) * frame.width();
            let right = x_ticks.major.iter().map(beyond).fold(0.0, f64::max);
            frame.right = (outer.right - right).floor();
            let titles = wrapped(&x_ticks.titled(&x.title), text, frame.width() + 2.0 * small).len() as f64;
            frame.bottom = (outer.bottom - TICK - GAP - LOWER - small - titles * LEADING * text).floor();
        }
        frame.top = frame.top.ceil();
        Self { frame, sizes, x, y, x_ticks, y_ticks, title_space }
    }

    /// A chart with this frame, its labels outside of it.
    pub(super) fn framed(frame: Area, x: Axis, y: Axis, sizes: Sizes) -> Self {
        let (x_ticks, y_ticks) = (across(&x.scale, frame.width(), sizes.small), y.upwards(frame.height(), sizes.small));
        Self { frame, sizes, x, y, x_ticks, y_ticks, title_space: (f64::NEG_INFINITY, 0.0) }
    }

    /// Space that numbers and titles take left of a frame and below it.
    pub(super) fn margins(&self, frame: &Area) -> [f64; 2] {
        let Sizes { text, small } = self.sizes;
        let lines = |title: &str, most: f64| wrapped(title, text, most).len() as f64;
        let left = lines(&self.y_ticks.titled(&self.y.title), frame.height());
        let below = lines(&self.x_ticks.titled(&self.x.title), frame.width() + 2.0 * small);
        [
            widest(&self.y_ticks, small) + TICK + GAP + left * LEADING * text + 0.3 * text,
            TICK + GAP + LOWER + small + below * LEADING * text,
        ]
    }

    /// Width of the widest number below the frame.
    pub(super) fn widest_below(&self) -> f64 {
        widest(&self.x_ticks, self.sizes.small)
    }

    /// Place of a point.
    pub(super) fn at(&self, (x, y): (f64, f64)) -> Place {
        let f = &self.frame;
        (f.left + self.x.scale.part(x) * f.width(), f.bottom - self.y.scale.part(y) * f.height())
    }

    /// Draws faint lines at the ticks.
    pub(super) fn draw_grid(&self, drawing: &mut Drawing) {
        let (f, pen) = (&self.frame, Pen::new(BLACK, 1.0).faint(0.1));
        for (v, _) in &self.x_ticks.major {
            let x = f.left + self.x.scale.part(*v) * f.width();
            drawing.line((x, f.top), (x, f.bottom), &pen);
        }
        for (v, _) in &self.y_ticks.major {
            let y = f.bottom - self.y.scale.part(*v) * f.height();
            drawing.line((f.left, y), (f.right, y), &pen);
        }
    }

    /// Draws the frame and the ticks, and the numbers of those axes, x and y, that have them.
    pub(super) fn draw_ticks(&self, drawing: &mut Drawing, numbers: [bool; 2]) {
        let (f, small) = (&self.frame, self.sizes.small);
        // Around the cells, not over those at the edge.
        let half = 0.5 * EDGE.width;
        drawing.rect(&Area::new(f.left - half, f.top - half, f.right + half, f.bottom + half), None, Some(&EDGE));
        let x_of = |v: f64| f.left + self.x.scale.part(v) * f.width();
        let y_of = |v: f64| f.bottom - self.y.scale.part(v) * f.height();
        for v in &self.x_ticks.minor {
            drawing.line((x_of(*v), f.bottom), (x_of(*v), f.bottom + 0.5 * TICK), &EDGE);
        }
        for v in &self.y_ticks.minor {
            drawing.line((f.left, y_of(*v)), (f.left - 0.5 * TICK, y_of(*v)), &EDGE);
        }
        let base = f.bottom + TICK + GAP + LOWER + CAPITAL * small;
        for (v, label) in &self.x_ticks.major {
            drawing.line((x_of(*v), f.bottom), (x_of(*v), f.bottom + TICK), &EDGE);
            if numbers[0] {
                drawing.text(label, (x_of(*v), base), &Letters::new(small, Anchor::Middle));
            }
        }
        for (v, label) in &self.y_ticks.major {
            let y = y_of(*v);
            drawing.line((f.left, y), (f.left - TICK, y), &EDGE);
            if numbers[1] {
                let place = (f.left - TICK - GAP, y + 0.5 * CAPITAL * small);
                drawing.text(label, place, &Letters::new(small, Anchor::Right));
            }
        }
    }

    /// Draws the frame, ticks, numbers and titles.
    pub(super) fn draw_axes(&self, drawing: &mut Drawing) {
        self.draw_ticks(drawing, [true; 2]);
        self.draw_titles(drawing, &self.frame);
    }

    /// Draws the titles of the axes below and left of a frame and its numbers.
    pub(super) fn draw_titles(&self, drawing: &mut Drawing, f: &Area) {
        let Sizes { text, small } = self.sizes;
        let titles = wrapped(&self.x_ticks.titled(&self.x.title), text, f.width() + 2.0 * small);
        for (line, i) in titles.iter().zip(0..) {
            let y = f.bottom + TICK + GAP + LOWER + small + (1.0 + LEADING * f64::from(i)) * text;
            let half = 0.5 * width(line, text);
            let middle = (0.5 * (f.left + f.right)).max(half + 4.0);
            drawing.text(line, (middle, y), &Letters::new(text, Anchor::Middle));
        }
        let titles = wrapped(&self.y_ticks.titled(&self.y.title), text, f.height().max(self.title_space.1));
        let first = f.left - TICK - GAP - widest(&self.y_ticks, small) - 0.6 * text;
        for (line, i) in titles.iter().rev().zip(0..) {
            let middle = (0.5 * (f.top + f.bottom)).max(self.title_space.0 + 0.5 * width(line, text));
            let at = (first - LEADING * text * f64::from(i), middle);
            // One letter is read as it stands: an I that lies would be a dash.
            let upright = line.chars().count() > 1;
            let at = if upright { at } else { (at.0 - 0.5 * CAPITAL * text, at.1 + 0.5 * CAPITAL * text) };
            drawing.text(line, at, &Letters { upright, ..Letters::new(text, Anchor::Middle) });
        }
    }

    /// Draws lines through points, cut off at the frame; a point that is not finite breaks the line.
    pub(super) fn curve(&self, drawing: &mut Drawing, points: &[(f64, f64)], pens: &[Pen]) {
        let lines: Vec<Vec<Place>> = points
            .split(|p| !(p.0.is_finite() && p.1.is_finite()))
            .map(|run| run.iter().map(|p| self.at(*p)).collect())
            .collect();
        let near =
            Area::new(self.frame.left - 1.0, self.frame.top - 1.0, self.frame.right + 1.0, self.frame.bottom + 1.0);
        let inside = lines.iter().flatten().all(|place| near.has(*place));
        let draw = |drawing: &mut Drawing| {
            pens.iter().for_each(|pen| lines.iter().for_each(|line| drawing.polyline(line, pen)));
        };
        if inside { draw(drawing) } else { drawing.clipped(&self.frame, draw) }
    }

    /// Place of a marker; `None` outside the frame.
    pub(super) fn marker(&self, point: (f64, f64)) -> Option<Place> {
        let f = &self.frame;
        let near = Area::new(f.left - 1.0, f.top - 1.0, f.right + 1.0, f.bottom + 1.0);
        Some(self.at(point)).filter(|place| near.has(*place))
    }
}
