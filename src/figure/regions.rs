//! Regions where oscillations exist: one colour for each value of a third parameter, with bifurcation
//! curves on top.

use super::colour::{Fill, viridis};
use super::cut::Cut;
use super::field::{Field, Kind};
use super::heatmap::{Page, Right, read};
use super::legend::{Entry, Sign};
use super::scale::{Scale, number};
use super::style::Style;
use super::target::Target;
use crate::error::{Error, Result};
use crate::figure::{Line, labels, main_column, ordinary_left_out, saved, sides, without_colours};
use crate::store::MapFile;

/// Number of regions at most, whose colours still differ.
const MOST: usize = 100;

/// Colour of the region of value `i`: the smallest value has the darkest, in whatever order they come.
fn region_colour(i: usize, values: &[f64]) -> [u8; 3] {
    let place = values.iter().filter(|v| **v < values[i]).count();
    viridis(0.08 + 0.9 * place as f64 / (values.len().max(2) - 1) as f64)
}

/// Draws a map of three axes: for each value of the first, the region of the others with spans above 0.
///
/// Values of the first axis come in this `order`; later regions cover earlier ones, so the widest should come first.
///
/// # Errors
/// [`Error::Request`] if the map does not have three axes, or too many values of the first, or the style does not go with it;
/// [`Error::File`] if a file cannot be read or written; [`Error::Engine`] only if drawing fails (not expected).
pub fn draw_regions<'a>(
    map: &MapFile,
    order: &[usize],
    lines: &[Line],
    style: &Style,
    target: impl Into<Target<'a>>,
) -> Result<()> {
    let target = target.into();
    let [third, y, x] = map.axes() else {
        return Err(Error::request(
            format!("regions are drawn of three axes, and the map has {}", map.axes().len()),
            "sweep three axes",
        ));
    };
    if third.values.len() > MOST {
        return Err(Error::request(
            format!("regions of {} values cannot be drawn, {MOST} at most", third.values.len()),
            "sweep fewer values of the first axis",
        ));
    }
    without_colours(style, "a picture of regions")?;
    let [x, y] = sides([y, x], style)?;
    let (x_scale, y_scale) = (Scale::around(&x.values), Scale::around(&y.values));
    // A later region is drawn over those before it; a cell in none of them is white.
    let mut field = Field::new((&x_scale, &x.values), (&y_scale, &y.values));
    let fills = (0..third.values.len()).map(|i| region_colour(i, &third.values));
    field.kinds = fills.chain([[255; 3]]).map(|c| Kind { fill: Fill::Plain(c), is_mark: false }).collect();
    let none = third.values.len() as u8;
    field.cells.fill((none, f32::NAN));
    let mut entries = Vec::new();
    for &i in order {
        let value = &third.values[i];
        let cut = Cut::plane(map, main_column(map), i, style)?;
        let mut layer = Field::new((&x_scale, &x.values), (&y_scale, &y.values));
        read(&cut, &mut layer, |cell| (if cell.value > 0.0 { i as u8 } else { none }, f32::NAN))?;
        let region = layer.cells.iter().zip(&mut field.cells).filter(|(new, _)| new.0 != none);
        // A value without a region gets a white swatch.
        let empty = region.map(|(new, cell)| *cell = *new).count() == 0;
        let colour = if empty { [255; 3] } else { region_colour(i, &third.values) };
        let text =
            format!("{} = {}{}", third.parameter.info().symbol, number(value), if empty { " (none)" } else { "" });
        entries.push(Entry::new(Sign::Fill(Fill::Plain(colour)), text));
    }
    let subtitle = labels::fixed(&ordinary_left_out(map.fixed()));
    let (title, right) = ("Where self-oscillations exist", Right::Names(entries));
    let page = Page { title, subtitle: &subtitle, below: Vec::new(), right, heading: &style.title };
    let picture = page.draw(Some(field), [x.parameter, y.parameter], [x_scale, y_scale], lines, &target.size)?;
    saved(picture, style, &target)
}
