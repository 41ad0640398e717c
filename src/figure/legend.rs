//! Legends: signs with names, in rows that fit the page.

use super::chart::{BLACK, EDGE};
use super::colour::{Fill, Rgb};
use super::drawing::{Anchor, Area, Drawing, Letters, Pen};
use super::text::{CAPITAL, LEADING, width, wrapped};
use crate::error::Result;

/// The sign of an entry, as it is drawn in the picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Sign {
    Fill(Fill),
    /// A line in several strokes, the lowest first.
    Line(Vec<Pen>),
    /// A dot: its radius, colour, and whether it has a dark edge.
    Dot(f64, Rgb, bool),
    Cross(f64, Pen),
}

/// An entry of a legend.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub sign: Sign,
    pub name: String,
}

impl Entry {
    pub(super) fn new(sign: Sign, name: impl Into<String>) -> Self {
        Self { sign, name: name.into() }
    }
}

/// A legend with the place of each entry, from its own upper left corner.
#[derive(Debug, Default)]
pub(super) struct Legend {
    size: f64,
    /// Lines of each name, the place of its sign, and the sign.
    entries: Vec<(Vec<String>, (f64, f64), Sign)>,
    pub width: f64,
    pub height: f64,
}

/// Width of a sign, distance from it to its name, and between entries, in parts of the text's size.
const SIGN: f64 = 1.5;
const GAP: f64 = 0.45;
const APART: f64 = 1.3;
/// Height of a row, in parts of the text's size.
const ROW: f64 = 1.55;

impl Legend {
    /// A legend as wide as `most` at most: from left to right, in as many rows as it needs.
    pub(super) fn new(entries: Vec<Entry>, size: f64, most: f64) -> Self {
        let (sign, mut x, mut y, mut deepest) = ((SIGN + GAP) * size, 0.0, 0.0, 0.0_f64);
        let mut widest = 0.0_f64;
        let mut placed = Vec::new();
        for Entry { sign: drawn, name } in entries {
            let lines = wrapped(&name, size, most - sign);
            let wide = sign + lines.iter().map(|l| width(l, size)).fold(0.0, f64::max);
            if x > 0.0 && x + wide > most {
                (x, y) = (0.0, deepest);
            }
            let high = (ROW + LEADING * (lines.len().max(1) - 1) as f64) * size;
            placed.push((lines, (x, y), drawn));
            widest = widest.max(x + wide);
            x += wide + APART * size;
            deepest = deepest.max(y + high);
        }
        Self { size, entries: placed, width: widest, height: deepest }
    }

    /// A legend of one column, as wide as `most` at most.
    pub(super) fn column(entries: Vec<Entry>, size: f64, most: f64) -> Self {
        let mut column = Self { size, ..Self::default() };
        for entry in entries {
            let mut one = Self::new(vec![entry], size, most);
            one.entries.iter_mut().for_each(|(_, (_, y), _)| *y += column.height);
            column.entries.append(&mut one.entries);
            column.width = column.width.max(one.width);
            column.height += one.height;
        }
        column
    }

    /// Draws the legend with its upper left corner at `corner`.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if a hatching cannot be drawn (not expected).
    pub(super) fn draw(&self, drawing: &mut Drawing, corner: (f64, f64)) -> Result<()> {
        let size = self.size;
        for (lines, (x, y), sign) in &self.entries {
            let (x, y) = (corner.0 + x, corner.1 + y);
            let (middle, end) = (y + 0.5 * ROW * size, x + SIGN * size);
            match sign {
                Sign::Fill(fill) => {
                    let half = 0.5 * size;
                    let square = Area::new(x + 0.25 * size, middle - half, x + 1.25 * size, middle + half);
                    let ground = match fill {
                        Fill::Plain(colour) | Fill::Hatched(colour, _) => *colour,
                    };
                    drawing.rect(&square, Some(ground), None);
                    if let Fill::Hatched(_, strokes) = fill {
                        drawing.hatch(&square, *strokes, None)?;
                    }
                    drawing.rect(&square, None, Some(&EDGE));
                }
                Sign::Line(pens) => pens.iter().for_each(|pen| drawing.polyline(&[(x, middle), (end, middle)], pen)),
                Sign::Dot(r, colour, edged) => {
                    let centre = (0.5 * (x + end), middle);
                    if *edged {
                        drawing.circle(centre, r + 2.0, BLACK);
                    }
                    drawing.circle(centre, *r, *colour);
                }
                Sign::Cross(r, pen) => drawing.cross((0.5 * (x + end), middle), *r, pen),
            }
            for (line, i) in lines.iter().zip(0..) {
                let place = (end + GAP * size, middle + (0.5 * CAPITAL + LEADING * f64::from(i)) * size);
                drawing.text(line, place, &Letters::new(size, Anchor::Left));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_do_not_fit_go_to_the_next_row() {
        let entries = |n: usize| vec![Entry::new(Sign::Dot(3.0, BLACK, false), "V_n = 1.25, R_n = 6"); n];
        let (one, six) = (Legend::new(entries(1), 20.0, 1000.0), Legend::new(entries(6), 20.0, 1000.0));
        assert!(six.height > one.height && six.height < 6.0 * one.height);
        assert_eq!(Legend::new(entries(6), 20.0, 300.0).height, 6.0 * one.height);
        // A name that is wider than the legend takes two lines.
        assert!(Legend::new(entries(1), 20.0, 150.0).height > one.height);
        assert_eq!(Legend::new(Vec::new(), 20.0, 150.0).height, 0.0);
    }
}
