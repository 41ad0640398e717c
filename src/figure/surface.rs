//! A surface in three dimensions with curves on it, seen from a fixed direction: Fig. 2a.

use super::chart::write;
use super::colour::viridis;
use super::picture::{Canvas, Picture, drawing_failed};
use super::scale::{Scale, number};
use crate::error::Result;
use crate::store::Output;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

const SIZE: (u32, u32) = (1560, 1040);
const TEXT: i32 = 30;
/// View direction: rotation about the vertical, then tilt, in radians.
const VIEW: (f64, f64) = (0.62, 0.42);
/// Centre of the box on the canvas, and pixels per unit of the box.
const PLACE: ((f64, f64), f64) = ((640.0, 570.0), 600.0);

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

/// Projection of a point of the box: (position on the canvas, depth), larger depth being farther.
fn seen([x, y, z]: [f64; 3]) -> ((i32, i32), f64) {
    let (azimuth, tilt) = VIEW;
    let right = x * azimuth.cos() - y * azimuth.sin();
    let back = x * azimuth.sin() + y * azimuth.cos();
    let up = 0.8 * z * tilt.cos() + back * tilt.sin();
    let ((cx, cy), unit) = PLACE;
    (((cx + unit * right).round() as i32, (cy - unit * up).round() as i32), back * tilt.cos() - z * tilt.sin())
}

/// Draws the surface to `output`.
///
/// # Errors
/// [`crate::Error::File`] if the picture cannot be written; [`crate::Error::Engine`] only if drawing
/// fails (not expected).
pub fn draw_surface(surface: &Surface, output: Output<'_>) -> Result<()> {
    let mut picture = Picture::new(SIZE.0, SIZE.1);
    picture.layer(|canvas| {
        write(canvas, &surface.title, (90, 24), TEXT + 6, HPos::Left)?;
        write(canvas, &surface.subtitle, (90, 68), TEXT - 6, HPos::Left)?;
        frame(canvas)?;
        net(canvas, surface)?;
        threads(canvas, surface)?;
        labels(canvas, surface)
    })?;
    picture.save(output)
}

/// Draws the floor of the box and its two back walls.
fn frame(canvas: &Canvas<'_>) -> Result<()> {
    let h = 0.5;
    let corners = |list: &[[f64; 3]]| list.iter().map(|p| seen(*p).0).collect::<Vec<_>>();
    for line in [
        corners(&[[-h, -h, -h], [h, -h, -h], [h, h, -h], [-h, h, -h], [-h, -h, -h]]),
        corners(&[[-h, h, -h], [-h, h, h], [h, h, h], [h, h, -h]]),
        corners(&[[h, h, h], [h, -h, h], [h, -h, -h]]),
    ] {
        canvas.draw(&PathElement::new(line, BLACK.mix(0.35).stroke_width(1))).map_err(drawing_failed)?;
    }
    Ok(())
}

/// Label layout of an axis.
///
/// Edge of the box, pixels from a tick to its number and from the middle of the edge to the title, and
/// the alignment of the numbers.
struct AxisSide {
    edge: [f64; 3],
    number: (i32, i32),
    title: (i32, i32),
    side: HPos,
}

/// Draws ticks, numbers and titles along the three edges that nothing hides.
fn labels(canvas: &Canvas<'_>, surface: &Surface) -> Result<()> {
    use plotters::coord::ranged1d::{BoldPoints, Ranged};
    let h = 0.5;
    let sides = [
        AxisSide { edge: [0.0, -h, -h], number: (8, 12), title: (40, 70), side: HPos::Left },
        AxisSide { edge: [-h, 0.0, -h], number: (-12, 8), title: (-70, 58), side: HPos::Right },
        AxisSide { edge: [-h, h, 0.0], number: (-16, -14), title: (-80, -14), side: HPos::Right },
    ];
    for (d, (a, (title, low, high))) in sides.into_iter().zip(&surface.edges).enumerate() {
        let on = |u: f64| {
            let mut p = a.edge;
            p[d] = u;
            seen(p).0
        };
        canvas.draw(&PathElement::new([on(-h), on(h)], BLACK.stroke_width(2))).map_err(drawing_failed)?;
        for tick in Scale::linear(*low, *high).key_points(BoldPoints(5)) {
            let (x, y) = on((tick - low) / (high - low) - h);
            canvas.draw(&Circle::new((x, y), 4, BLACK.filled())).map_err(drawing_failed)?;
            write(canvas, &number(&tick), (x + a.number.0, y + a.number.1), TEXT - 6, a.side)?;
        }
        let (x, y) = on(0.0);
        write(canvas, title, (x + a.title.0, y + a.title.1), TEXT + 2, HPos::Center)?;
    }
    Ok(())
}

/// Draws the quads of the mesh, the farthest first.
fn net(canvas: &Canvas<'_>, surface: &Surface) -> Result<()> {
    let mut quads = Vec::new();
    for pair in surface.rows.windows(2) {
        for (a, b) in pair[0].windows(2).zip(pair[1].windows(2)) {
            let corners: Option<Vec<[f64; 3]>> =
                [a[0], a[1], b[1], b[0]].map(|p| surface.boxed(p)).into_iter().collect();
            if let Some(corners) = corners {
                let (depth, height) = corners.iter().fold((0.0, 0.0), |(d, h), c| (d + seen(*c).1, h + c[2]));
                quads.push((depth, height / 4.0 + 0.5, corners));
            }
        }
    }
    quads.sort_by(|a, b| b.0.total_cmp(&a.0));
    for (_, height, corners) in quads {
        let [r, g, b] = viridis(height);
        let outline: Vec<(i32, i32)> = corners.iter().map(|c| seen(*c).0).collect();
        canvas.draw(&Polygon::new(outline.clone(), RGBColor(r, g, b).mix(0.92).filled())).map_err(drawing_failed)?;
        let closed: Vec<_> = outline.iter().chain(outline.first()).copied().collect();
        canvas.draw(&PathElement::new(closed, WHITE.mix(0.25).stroke_width(1))).map_err(drawing_failed)?;
    }
    Ok(())
}

/// Draws the curves, with a dark casing that keeps them readable on every colour, and the legend.
fn threads(canvas: &Canvas<'_>, surface: &Surface) -> Result<()> {
    let mut y = 200;
    let mut listed: Vec<&str> = Vec::new();
    for thread in &surface.threads {
        let [r, g, b] = thread.colour;
        let colour = RGBColor(r, g, b);
        let points: Vec<(i32, i32)> =
            thread.points.iter().filter_map(|p| surface.boxed(*p)).map(|p| seen(p).0).collect();
        let draw = |points: &[(i32, i32)]| -> Result<()> {
            if let [dot] = points {
                canvas.draw(&Circle::new(*dot, 10, BLACK.filled())).map_err(drawing_failed)?;
                return canvas.draw(&Circle::new(*dot, 8, colour.filled())).map_err(drawing_failed);
            }
            canvas.draw(&PathElement::new(points.to_vec(), BLACK.stroke_width(6))).map_err(drawing_failed)?;
            canvas.draw(&PathElement::new(points.to_vec(), colour.stroke_width(4))).map_err(drawing_failed)
        };
        draw(&points)?;
        if !listed.contains(&thread.name.as_str()) {
            listed.push(&thread.name);
            let x = 1190;
            draw(&if thread.points.len() == 1 { vec![(x + 22, y)] } else { vec![(x, y), (x + 44, y)] })?;
            write(canvas, &thread.name, (x + 58, y - 13), TEXT - 6, HPos::Left)?;
            y += 46;
        }
    }
    Ok(())
}
