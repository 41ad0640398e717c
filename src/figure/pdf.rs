//! A picture as a PDF of one page, with its fonts embedded.
//!
//! By krilla and krilla-svg, from the same SVG as all pictures: they are maintained (svg2pdf, by the same author, refers to
//! them), embed the letters that are used as a font, so that texts can be searched and edited, and keep bitmaps as they are.
//! krilla-svg and resvg have to have one usvg in common, so resvg is of the version that krilla-svg uses.

use super::about::{About, SOFTWARE};
use super::bitmap::drawing_failed;
use super::size::POINT;
use crate::error::Result;
use krilla::Document;
use krilla::geom::Size;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla_svg::{SurfaceExt, SvgSettings};
use resvg::usvg::Tree;

/// A PDF of a tree that is as large as its picture in units.
///
/// # Errors
/// [`crate::Error::Engine`] if it cannot be drawn (not expected).
pub(super) fn pdf(tree: &Tree, about: &About, (title, subtitle): (&str, &str)) -> Result<Vec<u8>> {
    let side = |units: f32| (f64::from(units) * POINT) as f32;
    let page = Size::from_wh(side(tree.size().width()), side(tree.size().height()));
    let page = page.ok_or_else(|| drawing_failed("it has no size"))?;
    let mut document = Document::new();
    let metadata = Metadata::new()
        .title(title.to_string())
        .description(subtitle.to_string())
        .creator(SOFTWARE.to_string())
        .producer(format!("{SOFTWARE} with krilla"))
        .keywords(about.keywords());
    document.set_metadata(metadata);
    let mut one = document.start_page_with(PageSettings::new(page));
    let mut surface = one.surface();
    let drawn = surface.draw_svg(tree, page, SvgSettings::default());
    surface.finish();
    one.finish();
    drawn.ok_or_else(|| drawing_failed("the page stayed empty"))?;
    document.finish().map_err(|e| drawing_failed(format!("{e:?}")))
}
