//! The cells of a map as coloured rectangles: each of them as it is, or reduced to pixels in which no rare kind is lost.

use super::bitmap::{Bitmap, Pixels};
use super::colour::{Fill, Rgb};
use super::drawing::{Area, Drawing};
use super::scale::Scale;
use super::style::ColourMap;
use crate::error::Result;

/// Kind of a cell that is coloured by its number.
pub(super) const NUMBER: u8 = u8::MAX;
/// Pixels of an axis whose cells have unequal widths.
const UNEQUAL: u32 = 2000;

/// A kind of cells with a fill of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Kind {
    pub fill: Fill,
    /// Whether one such cell is shown in place of all the numbers and names in its pixel.
    pub is_mark: bool,
}

/// Cells between the edges of two axes.
#[derive(Debug)]
pub(super) struct Field {
    /// Kinds and numbers of the cells, row by row from the lower left corner.
    pub cells: Vec<(u8, f32)>,
    /// Kinds, by number.
    pub kinds: Vec<Kind>,
    /// Values with the lowest and the highest colour.
    pub scale: Scale,
    pub colours: ColourMap,
    /// Edges of the cells between 0 and 1, rising.
    x: Vec<f64>,
    y: Vec<f64>,
}

/// Edges of cells centred on `values`, between 0 and 1 and rising.
fn edges(scale: &Scale, values: &[f64]) -> Vec<f64> {
    let mut edges = scale.parts(values);
    if edges.first() > edges.last() {
        edges.reverse();
    }
    edges
}

fn are_equal(edges: &[f64]) -> bool {
    let width = 1.0 / (edges.len() - 1) as f64;
    edges.windows(2).all(|e| (e[1] - e[0] - width).abs() < 1e-3 * width)
}

/// For each pixel, its cells: those with their middles in it, or else the one in its own middle.
fn in_pixels(edges: &[f64], pixels: u32) -> Vec<(usize, usize)> {
    let n = edges.len() - 1;
    let middles: Vec<f64> = edges.windows(2).map(|e| 0.5 * (e[0] + e[1])).collect();
    let part = |pixel: f64| pixel / f64::from(pixels);
    let cells = |i: u32| {
        let from = middles.partition_point(|m| *m < part(f64::from(i)));
        let to = if i + 1 == pixels { n } else { middles.partition_point(|m| *m < part(f64::from(i + 1))) };
        let at = edges.partition_point(|e| *e <= part(f64::from(i) + 0.5)).clamp(1, n) - 1;
        if to > from { (from, to) } else { (at, at + 1) }
    };
    (0..pixels).map(cells).collect()
}

impl Field {
    /// A field of cells centred on the values of two axes, all of kind `NUMBER` and without a number.
    pub(super) fn new(x: (&Scale, &[f64]), y: (&Scale, &[f64])) -> Self {
        let cells = vec![(NUMBER, f32::NAN); x.1.len() * y.1.len()];
        let (scale, colours) = (Scale::linear(0.0, 1.0), ColourMap::Viridis);
        Self { cells, kinds: Vec::new(), scale, colours, x: edges(x.0, x.1), y: edges(y.0, y.1) }
    }

    fn columns(&self) -> usize {
        self.x.len() - 1
    }

    fn part(&self, value: f64) -> f64 {
        self.scale.part(value)
    }

    /// Draws every cell, and hatches those that are hatched.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if the bitmap cannot be packed (not expected).
    pub(super) fn draw(&self, drawing: &mut Drawing, area: &Area) -> Result<()> {
        let slots = |edges: &[f64]| match are_equal(edges) {
            true => (0..edges.len() - 1).map(|i| (i, i + 1)).collect(),
            false => in_pixels(edges, UNEQUAL),
        };
        let (columns, rows) = (slots(&self.x), slots(&self.y));
        let (width, height) = (columns.len() as u32, rows.len() as u32);
        // What is left of 256 colours is for numbers.
        let levels = 256 - self.kinds.len().min(128);
        let listed = |(kind, value): (u8, f32)| match kind {
            NUMBER => (self.part(f64::from(value)).clamp(0.0, 1.0) * (levels - 1) as f64).round() as u8,
            kind => (levels + usize::from(kind)) as u8,
        };
        let pixels: Vec<u8> = (rows.iter().rev())
            .flat_map(|row| columns.iter().map(|column| listed(self.cells[row.0 * self.columns() + column.0])))
            .collect();
        let numbers = (0..levels).map(|i| self.colours.at(i as f64 / (levels - 1) as f64));
        let ground = |kind: &Kind| match kind.fill {
            Fill::Plain(colour) | Fill::Hatched(colour, _) => colour,
        };
        let colours: Vec<Rgb> = numbers.chain(self.kinds.iter().map(ground)).collect();
        let mut masks = Vec::new();
        for (i, kind) in self.kinds.iter().enumerate() {
            let Fill::Hatched(_, strokes) = kind.fill else { continue };
            let there: Vec<u8> = pixels.iter().map(|p| u8::from(usize::from(*p) == levels + i)).collect();
            if there.contains(&1) {
                let pixels = Pixels::Listed(vec![[0; 3], [255; 3]], there);
                masks.push((strokes, Bitmap { width, height, pixels }));
            }
        }
        drawing.image(area, &Bitmap { width, height, pixels: Pixels::Listed(colours, pixels) })?;
        masks.iter().try_for_each(|(strokes, mask)| drawing.hatch(area, *strokes, Some(mask)))
    }

    /// Draws the cells with as many pixels as the area has at `scale` pixels for each unit of the drawing.
    ///
    /// # Errors
    /// [`crate::Error::Engine`] if the bitmap cannot be packed (not expected).
    pub(super) fn draw_pixels(&self, drawing: &mut Drawing, area: &Area, scale: f64) -> Result<()> {
        let [left, top, right, bottom] =
            [area.left, area.top, area.right, area.bottom].map(|side| (side * scale).round());
        let (width, height) = (((right - left) as u32).max(1), ((bottom - top) as u32).max(1));
        let bitmap = Bitmap { width, height, pixels: Pixels::Free(self.rgb(width, height)) };
        drawing.image(&Area::new(left / scale, top / scale, right / scale, bottom / scale), &bitmap)
    }

    /// The bitmap with one pixel for each cell, a hatched one in the colour of its strokes.
    pub(super) fn bare(&self) -> Bitmap {
        let (width, height) = (self.columns(), self.y.len() - 1);
        let colour = |(kind, value): &(u8, f32)| match self.kinds.get(usize::from(*kind)).map(|k| k.fill) {
            Some(Fill::Plain(colour) | Fill::Hatched(_, colour)) => colour,
            None => self.colours.at(self.part(f64::from(*value))),
        };
        let rows = self.cells.chunks(width.max(1)).rev();
        let pixels = rows.flatten().flat_map(colour).collect();
        Bitmap { width: width as u32, height: height as u32, pixels: Pixels::Free(pixels) }
    }

    /// Pixels from the upper left corner. A pixel with several cells has the mean of their numbers, unless one is marked; of
    /// several marks, or of several names, it has the rarest.
    fn rgb(&self, width: u32, height: u32) -> Vec<u8> {
        let mut count = vec![0_usize; 256];
        self.cells.iter().for_each(|(kind, _)| count[usize::from(*kind)] += 1);
        let is_mark = |kind: u8| self.kinds.get(usize::from(kind)).is_some_and(|k| k.is_mark);
        let rank = |kind: u8| (is_mark(kind), kind != NUMBER, std::cmp::Reverse(count[usize::from(kind)]));
        let (columns, rows) = (in_pixels(&self.x, width), in_pixels(&self.y, height));
        let mut rgb = Vec::with_capacity(3 * width as usize * height as usize);
        for (row, py) in rows.iter().rev().zip(0..) {
            for (column, px) in columns.iter().zip(0..) {
                let block =
                    (row.0..row.1).flat_map(|r| &self.cells[r * self.columns() + column.0..][..column.1 - column.0]);
                let (mut kind, mut sum, mut numbers) = (NUMBER, 0.0, 0.0);
                for cell in block {
                    if cell.0 == NUMBER {
                        (sum, numbers) = (sum + f64::from(cell.1), numbers + 1.0);
                    } else if cell.0 != kind && (kind == NUMBER || rank(cell.0) > rank(kind)) {
                        kind = cell.0;
                    }
                }
                let is_number = numbers > 0.0 && !is_mark(kind);
                let fill = self.kinds.get(usize::from(kind)).filter(|_| !is_number).map(|k| k.fill);
                let mean = || self.colours.at(self.part(sum / numbers));
                // A part of a hatching, among numbers, may be as dark as they are.
                let fill = if numbers > 0.0 { fill.map(|fill| fill.on(mean())) } else { fill };
                rgb.extend(fill.unwrap_or_else(|| Fill::Plain(mean())).at(px, py));
            }
        }
        rgb
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_have_the_cells_in_them() {
        let thirds: Vec<f64> = (0..=3).map(|i| f64::from(i) / 3.0).collect();
        assert_eq!(in_pixels(&thirds, 6), [(0, 1), (0, 1), (1, 2), (1, 2), (2, 3), (2, 3)]);
        assert_eq!(in_pixels(&[0.0, 0.1, 0.2, 0.3, 1.0], 2), [(0, 3), (3, 4)]);
        let many: Vec<f64> = (0..=1000).map(|i| f64::from(i) / 1000.0).collect();
        let pixels = in_pixels(&many, 7);
        assert!(pixels[0].0 == 0 && pixels[6].1 == 1000 && pixels.windows(2).all(|p| p[0].1 == p[1].0), "{pixels:?}");
    }

    #[test]
    fn no_mark_is_lost_however_few_pixels_there_are() {
        let values: Vec<f64> = (0..300).map(f64::from).collect();
        let scale = Scale::around(&values);
        let mut field = Field::new((&scale, &values), (&scale, &values));
        let red = [214, 39, 40];
        field.kinds =
            vec![Kind { fill: Fill::Plain(red), is_mark: true }, Kind { fill: Fill::Plain([9; 3]), is_mark: true }];
        field.cells.fill((NUMBER, 0.5));
        let reds = |field: &Field| field.rgb(20, 20).chunks(3).filter(|p| *p == red).count();
        assert_eq!(reds(&field), 0);
        // One hatched cell among numbers, wherever its strokes would lie, has the colour that differs more.
        let hatched = Fill::Hatched([255; 3], [90; 3]);
        for (value, seen) in [(1.0, [90; 3]), (0.0, [255; 3])] {
            let mut field = Field::new((&scale, &values), (&scale, &values));
            field.kinds = vec![Kind { fill: hatched, is_mark: true }];
            field.cells.fill((NUMBER, value));
            (0..300).step_by(31).for_each(|i| field.cells[i * 300 + i].0 = 0);
            assert_eq!(field.rgb(20, 20).chunks(3).filter(|p| *p == seen).count(), 10, "{value}");
        }
        // Every 20th cell of a diagonal is marked, and all the cells around it are of a mark that is not rare.
        for i in (0..300).step_by(20) {
            field.cells[i * 300 + i].0 = 0;
        }
        assert_eq!(reds(&field), 15);
        field.cells.iter_mut().filter(|c| c.0 == NUMBER).for_each(|c| c.0 = 1);
        assert_eq!(reds(&field), 15);
        assert_eq!(field.rgb(300, 300).chunks(3).filter(|p| *p == red).count(), 15);
    }
}
