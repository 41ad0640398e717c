//! A surface in three dimensions with curves on it, seen from a fixed direction: Fig. 2a.

use super::chart::{BLACK, EDGE};
use super::colour::{Rgb, viridis};
use super::drawing::{Anchor, Drawing, Letters, Pen, Place};
use super::legend::{Entry, Legend, Sign};
use super::picture::{MARGIN, Picture, SIZES};
use super::scale::Scale;
use super::size::{NARROW, Space};
use super::target::Target;
use super::text::{CAPITAL, width};
use super::ticks::ticks;
use crate::error::Result;

const WIDTH: f64 = 1560.0;
/// Height of the box with its labels, and of those, in units; width of the labels at its sides.
const HEIGHT: f64 = 940.0;
const LABELS: (f64, f64) = (160.0, 290.0);
/// View direction: rotation about the vertical, then tilt, in radians.
const VIEW: (f64, f64) = (0.62, 0.42);
/// Width and height of the box as it is seen, in units of the box.
const SEEN: (f64, f64) = (1.394, 1.3);
/// Radius of a dot, and width of a curve.
const DOT: f64 = 8.0;
const CURVE: f64 = 4.0;

/// An axis: title, low end, high end.
pub type Axis3d = (String, f64, f64);

/// A curve on the surface, or a dot if it has one point.
#[derive(Debug, Clone)]
pub struct Thread {
    /// Name in the legend.
    pub name: String,
    /// Colour: red, green, blue.
    pub colour: [u8; 3],
    /// Points (x, y, z).
    pub points: Vec<[f64; 3]>,
}

/// A surface as a mesh coloured by height, with curves on it.
#[derive(Debug, Clone)]
pub struct Surface {
    /// Title of the picture.
    pub title: String,
    /// Subtitle with the fixed parameters.
    pub subtitle: String,
    /// Axes: x, y and the vertical one.
    pub edges: [Axis3d; 3],
    /// Points of the mesh, row by row; a quad with a corner outside the axes is left out.
    pub rows: Vec<Vec<[f64; 3]>>,
    /// Curves on the surface.
    pub threads: Vec<Thread>,
}

impl Surface {
    /// Coordinates of a point in the unit box about 0, or `None` outside.
    fn boxed(&self, p: [f64; 3]) -> Option<[f64; 3]> {
        let mut unit = [0.0; 3];
        for (d, (u, (_, low, high))) in unit.iter_mut().zip(&self.edges).enumerate() {
            *u = (p[d] - low) / (high - low) - 0.5;
        }
        unit.iter().all(|u| u.abs() <= 0.5 + 1e-9).then_some(unit)
    }
}

/// Where the box is on the canvas: its centre, and its unit in pixels.
#[derive(Debug, Clone, Copy)]
struct BoxPlace {
    centre: Place,
    unit: f64,
}

impl BoxPlace {
    /// The box in a space below `top`, with its legend at the right, or below in a narrow one.
    fn new(space: &Space, top: f64) -> Self {
        let wide = if space.is_narrow() { unit_across(space.width) } else { 600.0 / WIDTH * space.width };
        let unit = wide.min((space.high - LABELS.0) / SEEN.1);
        let x = if space.is_narrow() { 0.78 * LABELS.1 + 0.5 * SEEN.0 * unit } else { 640.0 / WIDTH * space.width };
        Self { centre: (x, top + 0.5 * SEEN.1 * unit + 0.44 * LABELS.0), unit }
    }

    /// Projection of a point of the box: (position on the canvas, depth), larger depth being farther.
    fn seen(&self, [x, y, z]: [f64; 3]) -> (Place, f64) {
        let (azimuth, tilt) = VIEW;
        let right = x * azimuth.cos() - y * azimuth.sin();
        let back = x * azimuth.sin() + y * azimuth.cos();
        let up = 0.8 * z * tilt.cos() + back * tilt.sin();
        let (cx, cy) = self.centre;
        ((cx + self.unit * right, cy - self.unit * up), back * tilt.cos() - z * tilt.sin())
    }
}

/// Unit of a box that is as wide as a page with its labels.
fn unit_across(width: f64) -> f64 {
    (width - LABELS.1) / SEEN.0
}

/// Draws the surface to `output`.
///
/// # Errors
/// [`crate::Error::File`] if the picture cannot be written; [`crate::Error::Engine`] only if drawing
/// fails (not expected).
pub fn draw_surface<'a>(surface: &Surface, target: impl Into<Target<'a>>) -> Result<()> {
    let target = target.into();
    let width = target.size.width(WIDTH);
    let narrow = (width, SEEN.1 * unit_across(width) + LABELS.0);
    let usual = if width < NARROW { narrow } else { (WIDTH, HEIGHT) };
    target.save(&Picture::fitted(&target.size, usual, |space| laid_out(surface, &space))?)
}

/// The surface in a space.
fn laid_out(surface: &Surface, space: &Space) -> Result<Picture> {
    let (mut picture, top) = Picture::new(space.width, &surface.title, &surface.subtitle);
    let (drawing, place) = (&mut picture.drawing, BoxPlace::new(space, top));
    frame(drawing, place);
    net(drawing, surface, place);
    let mut entries: Vec<Entry> = Vec::new();
    for thread in &surface.threads {
        draw_thread(drawing, surface, thread, place);
        if entries.iter().all(|e| e.name != thread.name) {
            let is_dot = thread.points.len() == 1;
            let sign =
                if is_dot { Sign::Dot(DOT, thread.colour, true) } else { Sign::Line(pens(thread.colour).to_vec()) };
            entries.push(Entry::new(sign, &thread.name));
        }
    }
    labels(drawing, surface, place, space.width - 4.0);
    let bottom = top + space.high;
    if space.is_narrow() {
        let legend = Legend::new(entries, SIZES.small, space.width - 2.0 * MARGIN);
        legend.draw(drawing, (MARGIN, bottom))?;
        picture.end_below(bottom + legend.height, &[]);
    } else {
        let legend = Legend::column(entries, SIZES.small, 0.22 * space.width);
        legend.draw(drawing, (space.width - MARGIN - legend.width, top + SIZES.text))?;
        picture.end_below(bottom.max(top + SIZES.text + legend.height), &[]);
    }
    Ok(picture)
}

/// Strokes of a curve: a dark casing keeps it readable on every colour.
fn pens(colour: Rgb) -> [Pen; 2] {
    [Pen::new(BLACK, CURVE + 2.0), Pen::new(colour, CURVE)]
}

/// Draws the floor of the box and its two back walls.
fn frame(drawing: &mut Drawing, place: BoxPlace) {
    let h = 0.5;
    let corners = |list: &[[f64; 3]]| list.iter().map(|p| place.seen(*p).0).collect::<Vec<_>>();
    for line in [
        corners(&[[-h, -h, -h], [h, -h, -h], [h, h, -h], [-h, h, -h], [-h, -h, -h]]),
        corners(&[[-h, h, -h], [-h, h, h], [h, h, h], [h, h, -h]]),
        corners(&[[h, h, h], [h, -h, h], [h, -h, -h]]),
    ] {
        drawing.polyline(&line, &Pen::new(BLACK, 1.0).faint(0.35));
    }
}

/// Label layout of an axis: its edge of the box, from a tick to its number, from there to the title, and the alignment of the
/// numbers.
struct AxisSide {
    edge: [f64; 3],
    number: Place,
    title: Place,
    anchor: Anchor,
}

/// Draws ticks, numbers and titles of the three edges that nothing hides, none of them beyond the right edge.
fn labels(drawing: &mut Drawing, surface: &Surface, place: BoxPlace, right_edge: f64) {
    let (h, size) = (0.5, SIZES.small);
    let sides = [
        AxisSide { edge: [0.0, -h, -h], number: (10.0, 12.0), title: (0.2, 1.0), anchor: Anchor::Left },
        AxisSide { edge: [-h, 0.0, -h], number: (-12.0, 10.0), title: (-0.9, 0.8), anchor: Anchor::Right },
        AxisSide {
            edge: [-h, h, 0.0],
            number: (-16.0, -0.5 * CAPITAL * size),
            title: (-1.0, 0.0),
            anchor: Anchor::Right,
        },
    ];
    for (d, (a, (title, low, high))) in sides.into_iter().zip(&surface.edges).enumerate() {
        let on = |u: f64| {
            let mut p = a.edge;
            p[d] = u;
            place.seen(p).0
        };
        drawing.line(on(-h), on(h), &Pen { width: 2.0, ..EDGE });
        let all = ticks(&Scale::linear(*low, *high), 5);
        let (mut wide, mut high_end) = (0.0_f64, 0.0_f64);
        for (tick, label) in &all.major {
            let (x, y) = on((tick - low) / (high - low) - h);
            drawing.circle((x, y), 4.0, BLACK);
            let beyond = if a.anchor == Anchor::Left { x + a.number.0 + width(label, size) - right_edge } else { 0.0 };
            let at = (x + a.number.0 - beyond.max(0.0), y + a.number.1 + CAPITAL * size);
            drawing.text(label, at, &Letters::new(size, a.anchor));
            wide = wide.max(width(label, size) + a.number.0.abs());
            high_end = high_end.max(size + a.number.1);
        }
        let ((x, y), title) = (on(0.0), all.titled(title));
        let half = 0.5 * width(&title, SIZES.text);
        let right = a.title.0 * (wide + half + 16.0) + if a.title.0 > 0.0 { half } else { 0.0 };
        let down = a.title.1 * (high_end + SIZES.text) + 0.5 * CAPITAL * SIZES.text;
        // Not beyond the left edge.
        let at = ((x + right).max(MARGIN + half), y + down);
        drawing.text(&title, at, &Letters::new(SIZES.text, Anchor::Middle));
    }
}

/// Draws the quads of the mesh, the farthest first.
fn net(drawing: &mut Drawing, surface: &Surface, place: BoxPlace) {
    let mut quads = Vec::new();
    for pair in surface.rows.windows(2) {
        for (a, b) in pair[0].windows(2).zip(pair[1].windows(2)) {
            let corners: Option<Vec<[f64; 3]>> =
                [a[0], a[1], b[1], b[0]].map(|p| surface.boxed(p)).into_iter().collect();
            if let Some(corners) = corners {
                let (depth, height) = corners.iter().fold((0.0, 0.0), |(d, h), c| (d + place.seen(*c).1, h + c[2]));
                quads.push((depth, height / 4.0 + 0.5, corners));
            }
        }
    }
    quads.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, height, corners) in quads {
        let outline: Vec<Place> = corners.iter().map(|c| place.seen(*c).0).collect();
        drawing.polygon(&outline, viridis(height), 0.92, &Pen::new([255; 3], 1.0).faint(0.25));
    }
}

/// Draws a curve or a dot.
fn draw_thread(drawing: &mut Drawing, surface: &Surface, thread: &Thread, place: BoxPlace) {
    let inside = thread.points.iter().filter_map(|p| surface.boxed(*p));
    let points: Vec<Place> = inside.map(|p| place.seen(p).0).collect();
    if let [dot] = points[..] {
        drawing.circle(dot, DOT + 2.0, BLACK);
        drawing.circle(dot, DOT, thread.colour);
    }
    pens(thread.colour).iter().for_each(|pen| drawing.polyline(&points, pen));
}
