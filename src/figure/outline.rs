//! Texts of an SVG as outlines of their letters, for programs without the font.

use super::bitmap::drawing_failed;
use super::text::options;
use crate::error::Result;
use resvg::usvg::{Tree, WriteOptions};

/// Replaces each `<text>`, which is a line of the document of its own, by the outlines of its letters.
///
/// # Errors
/// [`crate::Error::Engine`] if a text cannot be read (not expected).
pub(super) fn outlined(svg: &str) -> Result<String> {
    let line = |line: &str| if line.starts_with("<text ") { outlines(line) } else { Ok(line.to_string()) };
    let lines = svg.lines().map(line).collect::<Result<Vec<_>>>()?;
    Ok(lines.join("\n") + "\n")
}

fn outlines(text: &str) -> Result<String> {
    // Large enough that nothing is cut off: what lies outside is not drawn.
    let page = format!("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"30000\" height=\"30000\">{text}</svg>");
    let tree = Tree::from_str(&page, &options()).map_err(drawing_failed)?;
    let settings = WriteOptions { coordinates_precision: 5, ..WriteOptions::default() };
    let written = tree.to_string(&settings);
    // What is between the tags of the page.
    let inner = written.find('>').zip(written.rfind("</svg>")).filter(|(from, to)| from < to);
    Ok(inner.map_or("", |(from, to)| &written[from + 1..to]).lines().map(str::trim).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_paths_and_all_else_stays() {
        let rect = "<rect x=\"1\" y=\"2\" width=\"3\" height=\"4\"/>";
        let svg = format!(
            "<svg>\n{rect}\n<text x=\"10\" y=\"40\" font-family=\"DejaVu Sans\" font-size=\"20\">V</text>\n</svg>\n"
        );
        let out = outlined(&svg).unwrap();
        assert!(out.contains(rect) && out.contains("<path") && !out.contains("<text"), "{out}");
        assert!(out.starts_with("<svg>\n") && out.ends_with("</svg>\n") && out.matches("</svg>").count() == 1, "{out}");
    }
}
