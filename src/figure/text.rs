//! Texts of a picture: subscripts and superscripts, their width in the bundled font, and lines that fit.

use super::size::POINT;
use resvg::usvg::{self, fontdb};
use std::sync::{Arc, OnceLock};

const FONT: &[u8] = include_bytes!("font/DejaVuSans.ttf");
/// Name of the bundled font, which an SVG refers to.
pub(super) const FONT_FAMILY: &str = "DejaVu Sans";
/// Size of subscripts and superscripts, and how far they lie below or above the line, in parts of the text's size.
const SMALL: f64 = 0.72;
const LOWER: f64 = 0.2;
const HIGHER: f64 = -0.36;
/// Height of capital letters, in parts of the size.
pub(super) const CAPITAL: f64 = 0.73;
/// Part of a line that it fills at least, where cuts after commas are to be kept.
const SHORT: f64 = 0.4;
/// Size of the smallest letters that are read on paper, in units of the layout: 5 points.
const READABLE: f64 = 5.0 / POINT;
/// Distance of two lines, in parts of the size.
pub(super) const LEADING: f64 = 1.3;

/// Settings with the bundled font alone: a picture looks the same on a machine without fonts.
pub(super) fn options() -> usvg::Options<'static> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(FONT.to_vec());
        Arc::new(fonts)
    });
    usvg::Options { font_family: FONT_FAMILY.to_string(), fontdb: fonts.clone(), ..usvg::Options::default() }
}

/// Piece of a text: its letters, and how far below the line they are set.
fn pieces(text: &str) -> Vec<(&str, f64)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['_', '^']) {
        let (before, from) = rest.split_at(at);
        let shift = if from.starts_with('_') { LOWER } else { HIGHER };
        let raised = &from[1..];
        let end = raised.find(|c: char| !(c.is_alphanumeric() || c == '−')).unwrap_or(raised.len());
        found.extend([(before, 0.0), (&raised[..end], shift)]);
        rest = &raised[end..];
    }
    found.push((rest, 0.0));
    found.retain(|(letters, _)| !letters.is_empty());
    found
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A text of this size as the content of an SVG element: `_x` is a subscript, `^x` a superscript.
pub(super) fn marked_up(text: &str, size: f64) -> String {
    let mut out = String::new();
    let mut level = 0.0;
    for (letters, shift) in pieces(text) {
        let dy = (shift - level) * size;
        level = shift;
        let small = if shift == 0.0 { String::new() } else { format!(" font-size=\"{:.1}\"", SMALL * size) };
        match dy == 0.0 {
            true => out += &escaped(letters),
            false => out += &format!("<tspan dy=\"{dy:.2}\"{small}>{}</tspan>", escaped(letters)),
        }
    }
    out
}

/// Width of a text, in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    if text.trim().is_empty() {
        return 0.0;
    }
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\" height=\"9\"><text font-family=\"{FONT_FAMILY}\" font-size=\"{size}\">{}</text></svg>",
        marked_up(text, size)
    );
    let tree = usvg::Tree::from_str(&svg, &options());
    let measured = tree.map(|tree| f64::from(tree.root().layer_bounding_box().right().max(0.0)));
    // Letters are narrower than this, should the font not be read.
    measured.unwrap_or(0.8 * size * text.chars().count() as f64)
}

/// Lines of a text that are as wide as `most` at most: cut after commas if possible, or else between words.
pub(super) fn wrapped(text: &str, size: f64, most: f64) -> Vec<String> {
    let commas: Vec<&str> = text.split_inclusive(", ").collect();
    let parts = commas.iter().flat_map(|part| match width(part, size) > most {
        true => part.split_inclusive(' ').collect(),
        false => vec![*part],
    });
    let lines = filled(parts, size, most);
    let is_short = |line: &String| width(line, size) < SHORT * most;
    let is_ragged = lines.len() > 1 && lines[..lines.len() - 1].iter().any(is_short);
    if is_ragged { filled(text.split_inclusive(' '), size, most) } else { lines }
}

/// Lines filled with words, one after the other.
fn filled<'a>(words: impl Iterator<Item = &'a str>, size: f64, most: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && width(&format!("{line}{}", word.trim_end()), size) > most {
            lines.push(word.to_string());
        } else {
            line.push_str(word);
        }
    }
    lines.iter().map(|line| line.trim_end().to_string()).filter(|line| !line.is_empty()).collect()
}

/// Size at which a text is not wider than `most`, at most `size` and not too small to read.
pub(super) fn fitting(text: &str, size: f64, most: f64) -> f64 {
    (size * most / width(text, size).max(1.0)).clamp(READABLE.min(size), size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subscripts_and_superscripts_are_set() {
        let svg = marked_up("V_max − V_min < 10^−3", 10.0);
        assert!(
            svg.starts_with("V<tspan dy=\"2.00\" font-size=\"7.2\">max</tspan><tspan dy=\"-2.00\"> − V</tspan>"),
            "{svg}"
        );
        assert!(svg.contains("&lt; 10</tspan><tspan dy=\"-3.60\" font-size=\"7.2\">−3</tspan>"), "{svg}");
        assert_eq!(marked_up("Γ", 10.0), "Γ");
    }

    #[test]
    fn texts_are_measured_and_cut_into_lines() {
        let (one, two) = (width("Gamma", 20.0), width("GammaGamma", 20.0));
        assert!((two / one - 2.0).abs() < 0.05 && (60.0..80.0).contains(&one), "{one} {two}");
        assert!((width("Gamma", 40.0) / one - 2.0).abs() < 0.02 && width("V_max", 20.0) < width("Vmax", 20.0));
        let text = "V_n = 2, R_n = 6, Gamma = 0.1, alpha = 1";
        let lines = wrapped(text, 20.0, 200.0);
        assert!(lines.len() > 1 && lines.iter().all(|l| width(l, 20.0) <= 200.0), "{lines:?}");
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrapped(text, 20.0, 2000.0), [text]);
        assert!(wrapped("", 20.0, 10.0).is_empty());
        // No line of one short word.
        assert_eq!(wrapped("Gamma, GammaGamma Gamma", 20.0, 260.0), ["Gamma, GammaGamma", "Gamma"]);
    }

    #[test]
    fn every_sign_of_the_labels_is_in_the_font() {
        let options = options();
        let face = options.fontdb.faces().next().expect("one face");
        assert_eq!(face.families[0].0, FONT_FAMILY);
    }
}
