//! A drawing of a few kinds of SVG elements, with places in decimals of a pixel.

use super::bitmap::Bitmap;
use super::colour::Rgb;
use super::text::{FONT_FAMILY, marked_up};
use crate::error::Result;
use std::fmt::Write;

/// A place: x to the right, y down, in pixels.
pub(super) type Place = (f64, f64);

/// Decimals of a place.
const DECIMALS: f64 = 100.0;
/// Places farther out than this are drawn here: no clipped line shows the difference.
const FARTHEST: f64 = 1e5;

/// A rectangle, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Area {
    pub(super) fn new(left: f64, top: f64, right: f64, bottom: f64) -> Self {
        Self { left, top, right, bottom }
    }

    pub(super) fn width(&self) -> f64 {
        self.right - self.left
    }

    pub(super) fn height(&self) -> f64 {
        self.bottom - self.top
    }

    pub(super) fn has(&self, (x, y): Place) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pen {
    pub colour: Rgb,
    pub width: f64,
    /// From 0 (not seen) to 1.
    pub opacity: f64,
    /// Lengths of dashes and of the gaps between them.
    pub dash: Option<(f64, f64)>,
}

impl Pen {
    pub(super) const fn new(colour: Rgb, width: f64) -> Self {
        Self { colour, width, opacity: 1.0, dash: None }
    }

    pub(super) const fn faint(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }

    pub(super) const fn dashed(self, dash: f64, gap: f64) -> Self {
        Self { dash: Some((dash, gap)), ..self }
    }
}

/// Which point of a text lies at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Left,
    Middle,
    Right,
}

/// How a text is written; its place is on the baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Letters {
    pub size: f64,
    pub anchor: Anchor,
    pub colour: Rgb,
    /// Whether it has a white edge, readable on every colour.
    pub edged: bool,
    /// Whether it runs upwards.
    pub upright: bool,
}

impl Letters {
    pub(super) const fn new(size: f64, anchor: Anchor) -> Self {
        Self { size, anchor, colour: [0; 3], edged: false, upright: false }
    }
}

/// Elements drawn so far.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    body: String,
    /// Number of clips so far, which names the next.
    clips: usize,
}

/// A number of pixels as text, as short as possible.
pub(super) fn px(value: f64) -> String {
    let rounded = (value.clamp(-FARTHEST, FARTHEST) * DECIMALS).round() / DECIMALS;
    // No −0.
    format!("{}", rounded + 0.0)
}

fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn stroke(pen: &Pen) -> String {
    let mut text = format!("stroke=\"{}\" stroke-width=\"{}\"", hex(pen.colour), px(pen.width));
    if pen.opacity < 1.0 {
        text += &format!(" stroke-opacity=\"{}\"", px(pen.opacity));
    }
    if let Some((dash, gap)) = pen.dash {
        text += &format!(" stroke-dasharray=\"{} {}\"", px(dash), px(gap));
    }
    text
}

fn list(points: &[Place]) -> String {
    let mut text = String::with_capacity(16 * points.len());
    for (i, (x, y)) in points.iter().enumerate() {
        text += &format!("{}{},{}", if i > 0 { " " } else { "" }, px(*x), px(*y));
    }
    text
}

impl Drawing {
    /// All elements, as SVG.
    pub(super) fn elements(&self) -> &str {
        &self.body
    }

    /// Adds an element. Writing to a String cannot fail.
    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.body, "{element}");
    }

    pub(super) fn line(&mut self, a: Place, b: Place, pen: &Pen) {
        let [x1, y1, x2, y2] = [a.0, a.1, b.0, b.1].map(px);
        self.add(format_args!("<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" {}/>", stroke(pen)));
    }

    /// A line through points; a single point is not seen.
    pub(super) fn polyline(&mut self, points: &[Place], pen: &Pen) {
        if points.len() > 1 {
            self.add(format_args!(
                "<polyline points=\"{}\" fill=\"none\" stroke-linejoin=\"round\" {}/>",
                list(points),
                stroke(pen)
            ));
        }
    }

    pub(super) fn polygon(&mut self, points: &[Place], fill: Rgb, opacity: f64, pen: &Pen) {
        let (points, fill, opacity) = (list(points), hex(fill), px(opacity));
        self.add(format_args!(
            "<polygon points=\"{points}\" fill=\"{fill}\" fill-opacity=\"{opacity}\" stroke-linejoin=\"round\" {}/>",
            stroke(pen)
        ));
    }

    /// A rectangle: its fill is a colour, or the name of a pattern.
    pub(super) fn rect(&mut self, area: &Area, fill: Option<Rgb>, pen: Option<&Pen>) {
        let fill = fill.map_or("none".to_string(), hex);
        self.rect_with(area, &fill, pen.map(stroke).as_deref().unwrap_or_default());
    }

    fn rect_with(&mut self, area: &Area, fill: &str, more: &str) {
        let [x, y, w, h] = [area.left, area.top, area.width(), area.height()].map(px);
        let more = if more.is_empty() { String::new() } else { format!(" {more}") };
        self.add(format_args!("<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{fill}\"{more}/>"));
    }

    pub(super) fn circle(&mut self, (x, y): Place, r: f64, fill: Rgb) {
        let [x, y, r] = [x, y, r].map(px);
        self.add(format_args!("<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\" fill=\"{}\"/>", hex(fill)));
    }

    /// A diagonal cross.
    pub(super) fn cross(&mut self, (x, y): Place, r: f64, pen: &Pen) {
        self.line((x - r, y - r), (x + r, y + r), pen);
        self.line((x - r, y + r), (x + r, y - r), pen);
    }

    /// A text of one line, its signs `_` and `^` set as the paper sets them.
    pub(super) fn text(&mut self, text: &str, (x, y): Place, letters: &Letters) {
        if text.is_empty() {
            return;
        }
        let anchor = match letters.anchor {
            Anchor::Left => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::Right => " text-anchor=\"end\"",
        };
        let edge = match letters.edged {
            true => " stroke=\"#ffffff\" stroke-width=\"4\" stroke-linejoin=\"round\" paint-order=\"stroke\"",
            false => "",
        };
        let ([x, y, size], fill) = ([x, y, letters.size].map(px), hex(letters.colour));
        let upright = if letters.upright { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
        self.add(format_args!(
            "<text x=\"{x}\" y=\"{y}\" font-family=\"{FONT_FAMILY}\" font-size=\"{size}\" fill=\"{fill}\"{anchor}{edge}{upright}>{}</text>",
            marked_up(text, letters.size)
        ));
    }

    /// A bitmap over an area, each pixel of it one colour up to its edges.
    pub(super) fn image(&mut self, area: &Area, bitmap: &Bitmap) -> Result<()> {
        let link = bitmap.link()?;
        let [x, y, w, h] = [area.left, area.top, area.width(), area.height()].map(px);
        self.add(format_args!(
            "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\" preserveAspectRatio=\"none\" href=\"{link}\"/>"
        ));
        Ok(())
    }

    /// Diagonal strokes over an area, or over those pixels of a mask that are not black.
    pub(super) fn hatch(&mut self, area: &Area, colour: Rgb, mask: Option<&Bitmap>) -> Result<()> {
        self.clips += 1;
        let name = format!("hatch{}", self.clips);
        self.add(format_args!(
            "<pattern id=\"{name}\" patternUnits=\"userSpaceOnUse\" width=\"8\" height=\"8\"><path d=\"M-2,2 L2,-2 M-2,10 L10,-2 M6,10 L10,6\" stroke=\"{}\" stroke-width=\"2.2\"/></pattern>",
            hex(colour)
        ));
        let mut more = String::new();
        if let Some(mask) = mask {
            self.add(format_args!("<mask id=\"of-{name}\">"));
            self.image(area, mask)?;
            self.add(format_args!("</mask>"));
            more = format!("mask=\"url(#of-{name})\"");
        }
        self.rect_with(area, &format!("url(#{name})"), &more);
        Ok(())
    }

    /// What `draw` draws, cut off at the edges of an area.
    pub(super) fn clipped(&mut self, area: &Area, draw: impl FnOnce(&mut Self)) {
        self.clips += 1;
        let name = format!("clip{}", self.clips);
        self.add(format_args!("<clipPath id=\"{name}\">"));
        self.rect_with(area, "#000000", "");
        self.add(format_args!("</clipPath>\n<g clip-path=\"url(#{name})\">"));
        draw(self);
        self.add(format_args!("</g>"));
    }
}
