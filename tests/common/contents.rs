//! What is in a picture or a data file, as lines of text: names and colours to the letter, numbers to within rounding.

use hdf5::types::{FixedAscii, FixedUnicode};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Attributes of an element that say where it lies; the others say what it is.
const GEOMETRY: [&str; 13] =
    ["x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "points", "width", "height", "href", "transform"];
/// Attributes that are other in every run,
const OF_THE_RUN: [&str; 1] = ["history"];
/// or with every version and machine.
const OF_THE_VERSION: [&str; 8] =
    ["source", "hopfmap_version", "shader_sha256", "plan_sha256", "adapter", "pci_bus_id", "driver", "backend"];
/// Attributes with checksums of files, whose chunks another version of zlib, or another processor, packs otherwise.
const OF_FILES: [&str; 1] = ["virtual_parts"];
/// How far places of data in a picture may lie apart, in pixels, and numbers of data, in parts of the larger one or altogether: what
/// another mathematical library does to the last digits. Words and boxes lie where the layout has them.
const PIXELS: f64 = 1.0;
const PART: f64 = 1e-4;
const TINY: f64 = 1e-6;
const LAYOUT: [&str; 3] = ["text ", "rect ", "svg "];

/// Bytes of a text at most.
const LONGEST: usize = 16384;

/// Numbers of one kind: how many, where they begin and end, and their mean size.
#[derive(Default)]
struct Numbers(Vec<f64>);

impl Numbers {
    fn shown(&self) -> String {
        let finite: Vec<f64> = self.0.iter().copied().filter(|v| v.is_finite()).collect();
        let (low, high) = finite.iter().fold((f64::INFINITY, -f64::INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        let mean = finite.iter().map(|v| v.abs()).sum::<f64>() / finite.len().max(1) as f64;
        if finite.is_empty() { "0".into() } else { format!("{} {low:.5e} {high:.5e} {mean:.5e}", finite.len()) }
    }
}

/// The text of a picture after what it says of its origin: the command is another where the drawing is the same.
pub fn drawing(svg: &str) -> &str {
    svg.split_once("</metadata>").unwrap().1
}

/// A picture: its elements by kind, colour and words, and where they lie.
pub fn svg(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let mut kinds: BTreeMap<String, [Numbers; 2]> = BTreeMap::new();
    // What is said of the origin is another for each data file.
    let is_origin = |node: &roxmltree::Node<'_, '_>| node.ancestors().any(|a| a.tag_name().name() == "metadata");
    for node in document.descendants().filter(|n| n.is_element() && !is_origin(n)) {
        let tag = node.tag_name().name();
        // The patches of a surface are each of a colour of its own.
        let told = |name: &str| !(GEOMETRY.contains(&name) || tag == "polygon" && name == "fill");
        let attributes = node.attributes().filter(|a| told(a.name()));
        let mut kind = attributes.fold(tag.to_string(), |kind, a| format!("{kind} {}={}", a.name(), a.value()));
        if tag == "text" {
            let words = node.descendants().filter_map(|n| n.text().filter(|_| n.is_text()));
            kind = format!("{kind} '{}'", words.collect::<String>());
        }
        let [x, y] = kinds.entry(kind).or_default();
        for a in node.attributes() {
            let number = || a.value().parse::<f64>().ok();
            match a.name() {
                "x" | "x1" | "x2" | "cx" | "width" => x.0.extend(number()),
                "y" | "y1" | "y2" | "cy" | "height" => y.0.extend(number()),
                "points" => {
                    for point in a.value().split_whitespace() {
                        let (a, b) = point.split_once(',').unwrap();
                        x.0.push(a.parse().unwrap());
                        y.0.push(b.parse().unwrap());
                    }
                }
                _ => {}
            }
        }
    }
    lines(kinds.into_iter().map(|(kind, [x, y])| (kind, format!("{} {}", x.shown(), y.shown()))))
}

/// A data file: its datasets and attributes by name, type and shape, and their numbers.
pub fn hdf5(path: &Path) -> String {
    let file = hdf5::File::open(path).unwrap();
    let mut found = Vec::new();
    let mut rest = vec![file.as_group().unwrap()];
    while let Some(group) = rest.pop() {
        rest.extend(group.groups().unwrap());
        found.extend(attributes(&group));
        for dataset in group.datasets().unwrap() {
            let kind = dataset.dtype().unwrap().to_descriptor().map_or("?".to_string(), |d| d.to_string());
            let numbers = Numbers(dataset.read_raw::<f64>().unwrap_or_default());
            found.push((format!("{} {kind} {:?}", dataset.name(), dataset.shape()), numbers.shown()));
            found.extend(attributes(&dataset));
        }
    }
    found.sort();
    lines(found.into_iter())
}

/// The attributes of a group or dataset, those with numbers by their numbers.
fn attributes(of: &hdf5::Location) -> Vec<(String, String)> {
    let mut names = of.attr_names().unwrap();
    names.retain(|name| !OF_THE_RUN.contains(&name.as_str()));
    let line = |name: &String| {
        let attribute = of.attr(name).unwrap();
        let numbers = attribute.read_raw::<f64>().map(|v| Numbers(v).shown()).unwrap_or_default();
        let ascii = attribute.read_scalar::<FixedAscii<LONGEST>>().map(|t| t.to_string());
        let text = ascii.or_else(|_| attribute.read_scalar::<FixedUnicode<LONGEST>>().map(|t| t.to_string()));
        let text = text.ok().filter(|_| !OF_THE_VERSION.contains(&name.as_str()));
        let text = text.map(|t| if OF_FILES.contains(&name.as_str()) { without_checksums(&t) } else { t });
        (format!("{} @{name} {}", of.name(), text.map(|t| format!("{t:?}")).unwrap_or_default()), numbers)
    };
    names.iter().map(line).collect()
}

/// The words of each line that are no checksum.
fn without_checksums(text: &str) -> String {
    let is_checksum = |word: &&str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let line = |line: &str| line.split(' ').filter(|word| !is_checksum(word)).collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn lines(all: impl Iterator<Item = (String, String)>) -> String {
    all.fold(String::new(), |mut text, (head, numbers)| {
        writeln!(text, "{head} | {numbers}").unwrap();
        text
    })
}

/// What a text is compared as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What a program prints: words to the letter, numbers within rounding.
    Words,
    /// [`svg`].
    Picture,
    /// [`hdf5`].
    Data,
}

/// Lines in which two contents differ by more than rounding.
pub fn differences(expected: &str, found: &str, kind: Kind) -> Vec<String> {
    let alike = |a: &str, b: &str| if kind == Kind::Words { same_words(a, b) } else { same_numbers(a, b, kind) };
    let (mut expected, mut found) = (expected.lines(), found.lines());
    let mut apart = Vec::new();
    loop {
        match (expected.next(), found.next()) {
            (None, None) => return apart,
            (a, b) if a.zip(b).is_some_and(|(a, b)| alike(a, b)) => {}
            (a, b) => apart.push(format!("- {}\n+ {}", a.unwrap_or_default(), b.unwrap_or_default())),
        }
    }
}

fn near(a: f64, b: f64, more: f64) -> bool {
    (a - b).abs() <= PART * a.abs().max(b.abs()) + more || a == b || a.is_nan() && b.is_nan()
}

/// Words and numbers of a line that was printed.
fn same_words(a: &str, b: &str) -> bool {
    let tokens = |text: &str| {
        text.split(|c: char| c.is_whitespace() || ",;()[]{}\"=%".contains(c)).map(str::to_string).collect()
    };
    let (a, b): (Vec<String>, Vec<String>) = (tokens(a), tokens(b));
    let alike = |(a, b): (&String, &String)| match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(x), Ok(y)) => near(x, y, TINY),
        _ => a == b,
    };
    a.len() == b.len() && a.iter().zip(&b).all(alike)
}

/// What stands left of the bar to the letter, the numbers right of it within bounds.
fn same_numbers(a: &str, b: &str, kind: Kind) -> bool {
    let (Some((head_a, a)), Some((head_b, b))) = (a.rsplit_once(" | "), b.rsplit_once(" | ")) else { return false };
    let numbers = |text: &str| text.split(' ').map(|t| t.parse().unwrap_or(f64::NAN)).collect::<Vec<f64>>();
    let (a, b) = (numbers(a), numbers(b));
    let layout = LAYOUT.iter().any(|tag| head_a.starts_with(tag));
    let more = if kind == Kind::Data || layout { TINY } else { PIXELS };
    head_a == head_b && a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| near(*a, *b, more))
}
