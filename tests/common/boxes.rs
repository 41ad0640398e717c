//! Where the texts of a picture lie: by usvg, with the font that hopfmap brings.

use resvg::usvg::{self, Group, Node, Rect, fontdb};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// How far letters may reach into each other's boxes, in pixels: edges of letters are round.
const TOUCHING: f32 = 0.5;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/figure/font/DejaVuSans.ttf");
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(std::fs::read(font).unwrap());
    Arc::new(fonts)
});

/// A picture as usvg reads it.
pub fn tree(svg: &str) -> usvg::Tree {
    let options = usvg::Options { fontdb: FONTS.clone(), ..usvg::Options::default() };
    usvg::Tree::from_str(svg, &options).unwrap()
}

/// Left, top, width and height of the frame of a picture's first chart, within its line.
pub fn frame(svg: &str) -> [f64; 4] {
    let document = roxmltree::Document::parse(svg).unwrap();
    let frame = document.descendants().find(|n| n.has_tag_name("rect") && n.attribute("fill") == Some("none")).unwrap();
    let number = |name: &str| frame.attribute(name).unwrap().parse::<f64>().unwrap();
    let line = number("stroke-width");
    [number("x") + 0.5 * line, number("y") + 0.5 * line, number("width") - line, number("height") - line]
}

/// Words and box of each text.
fn texts(group: &Group, found: &mut Vec<(String, Rect)>) {
    for node in group.children() {
        match node {
            Node::Group(group) => texts(group, found),
            Node::Text(text) => {
                let words: String = text.chunks().iter().map(usvg::TextChunk::text).collect();
                // The outlines of letters know nothing of what moves, scales and rotates their text.
                let local = text.flattened().bounding_box();
                found.push((words, local.transform(text.abs_transform()).unwrap_or(local)));
            }
            _ => {}
        }
    }
}

/// Smallest size of letters that are read on paper, in points, and of subscripts.
const READABLE: [f32; 2] = [5.0, 3.5];
/// Points in a unit of 0.1 mm, in which pictures are laid out.
const POINT: f32 = 72.0 / 254.0;

/// Smallest letters of each text, in points, that are too small.
fn too_small(group: &Group, found: &mut Vec<String>) {
    for node in group.children() {
        match node {
            Node::Group(group) => too_small(group, found),
            Node::Text(text) => {
                let sizes = text.chunks().iter().flat_map(usvg::TextChunk::spans).map(|s| POINT * s.font_size().get());
                let (small, large) = sizes.fold((f32::MAX, 0.0_f32), |(s, l), size| (s.min(size), l.max(size)));
                if large < READABLE[0] || small < READABLE[1] {
                    let words: String = text.chunks().iter().map(usvg::TextChunk::text).collect();
                    found.push(format!("'{words}' has letters of {small} points"));
                }
            }
            _ => {}
        }
    }
}

/// What is wrong with the texts of a picture: beyond the canvas, over each other, or too small to read.
pub fn wrong(svg: &str) -> Vec<String> {
    let tree = tree(svg);
    let mut found = Vec::new();
    texts(tree.root(), &mut found);
    assert!(!found.is_empty(), "a picture without texts");
    let mut wrong = Vec::new();
    too_small(tree.root(), &mut wrong);
    for (i, (words, a)) in found.iter().enumerate() {
        let inside =
            a.left() >= 0.0 && a.top() >= 0.0 && a.right() <= tree.size().width() && a.bottom() <= tree.size().height();
        if !inside {
            wrong.push(format!("'{words}' leaves the canvas: {a:?}"));
        }
        for (others, b) in &found[..i] {
            let wide = a.right().min(b.right()) - a.left().max(b.left());
            let high = a.bottom().min(b.bottom()) - a.top().max(b.top());
            if wide > TOUCHING && high > TOUCHING {
                wrong.push(format!("'{words}' lies over '{others}'"));
            }
        }
    }
    wrong
}
