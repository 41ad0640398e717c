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

/// Words and box of each text.
fn texts(group: &Group, found: &mut Vec<(String, Rect)>) {
    for node in group.children() {
        match node {
            Node::Group(group) => texts(group, found),
            Node::Text(text) => {
                let words: String = text.chunks().iter().map(usvg::TextChunk::text).collect();
                found.push((words, text.flattened().abs_bounding_box()));
            }
            _ => {}
        }
    }
}

/// What is wrong with the texts of a picture: beyond the canvas, or over each other.
pub fn wrong(svg: &str) -> Vec<String> {
    let tree = tree(svg);
    let mut found = Vec::new();
    texts(tree.root(), &mut found);
    assert!(!found.is_empty(), "a picture without texts");
    let mut wrong = Vec::new();
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
