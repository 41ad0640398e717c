//! Regions where oscillations exist: one colour for each value of a third parameter, with bifurcation
//! curves on top.

use super::chart::write;
use super::colour::viridis;
use super::cut::Cut;
use super::heatmap::{FRAME, SIZE, Shown, TEXT, area, axes, draw_legend};
use super::picture::{Bitmap, Picture, drawing_failed};
use super::scale::{Scale, number};
use crate::error::{Error, Result};
use crate::figure::{Line, labels, main_column, ordinary_left_out};
use crate::store::{MapFile, Output};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

/// Colour of the region of value `i` of `n`.
fn region_colour(i: usize, n: usize) -> [u8; 3] {
    viridis(0.08 + 0.9 * i as f64 / (n.max(2) - 1) as f64)
}

/// Draws a map of three axes: for each value of the first, the region of the others with spans above 0.
///
/// Values of the first axis come in this `order`; later regions cover earlier ones, so the widest should come first.
///
/// # Errors
/// [`Error::Request`] if the map does not have three axes; [`Error::File`] if a file cannot be read or
/// written; [`Error::Engine`] only if drawing fails (not expected).
pub fn draw_regions(map: &MapFile, order: &[usize], lines: &[Line], output: Output<'_>) -> Result<()> {
    let [third, y, x] = map.axes() else {
        return Err(Error::request(
            format!("regions are drawn of three axes, and the map has {}", map.axes().len()),
            "sweep three axes",
        ));
    };
    let (x_scale, y_scale) = (Scale::around(&x.values), Scale::around(&y.values));
    let (width, height) = area();
    let mut empty = vec![false; third.values.len()];
    let mut rgb = vec![255; (width * height * 3) as usize];
    for &i in order {
        let cut = Cut::plane(map, main_column(map), i);
        let (colour, mut none) = (region_colour(i, third.values.len()), true);
        let shown = Shown::read(&cut, &x_scale, &y_scale, |cell| none &= !(cell.value > 0.0))?;
        empty[i] = none;
        for (pixel, rgb) in rgb.chunks_exact_mut(3).enumerate() {
            if shown.at(pixel % width as usize, pixel / width as usize).value > 0.0 {
                rgb.copy_from_slice(&colour);
            }
        }
    }
    let mut picture = Picture::new(SIZE.0, SIZE.1);
    picture.bitmap(FRAME.0, FRAME.1, &Bitmap { width, height, rgb })?;
    picture.layer(|canvas| {
        axes(canvas, [x.parameter, y.parameter], x_scale, y_scale, lines)?;
        let frame = Rectangle::new([(FRAME.0, FRAME.1), (FRAME.2, FRAME.3)], BLACK.stroke_width(1));
        canvas.draw(&frame).map_err(drawing_failed)?;
        write(canvas, "Where self-oscillations exist", (FRAME.0, 28), TEXT + 6, HPos::Left)?;
        write(canvas, &labels::fixed(&ordinary_left_out(map.fixed())), (FRAME.0, 72), TEXT - 6, HPos::Left)?;
        for (i, value) in third.values.iter().enumerate() {
            // A value without a region gets a white swatch.
            let [r, g, b] = if empty[i] { [255; 3] } else { region_colour(i, third.values.len()) };
            let (left, top) = (FRAME.2 + 25, FRAME.1 + 10 + 48 * i as i32);
            let swatch = [(left, top), (left + 34, top + 30)];
            canvas.draw(&Rectangle::new(swatch, RGBColor(r, g, b).filled())).map_err(drawing_failed)?;
            canvas.draw(&Rectangle::new(swatch, BLACK.stroke_width(1))).map_err(drawing_failed)?;
            let none = if empty[i] { "  (none)" } else { "" };
            let text = format!("{} = {}{none}", third.parameter.info().symbol, number(value));
            write(canvas, &text, (left + 46, top + 2), TEXT - 6, HPos::Left)?;
        }
        Ok(())
    })?;
    draw_legend(&mut picture, &[], lines)?;
    picture.save(output)
}
