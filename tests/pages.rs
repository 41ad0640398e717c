//! Pictures as pages: their size on paper and in pixels, in PNG, SVG and PDF, and what they say of their origin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::runs::{at_home, done, hopfmap, refused};
use common::{boxes, contents, made};
use hopfmap::figure::{Line, draw_plane};
use hopfmap::model::Parameter;
use hopfmap::results::Outcome;
use hopfmap::store::Output;
use lopdf::{Dictionary, Document, Object};
use std::path::Path;

/// Cells of a side of a map that has more of them than its picture has pixels.
const SIDE: u64 = 1500;

/// Whether a cell of the map is unsettled.
fn is_lost(column: u64, row: u64) -> bool {
    (column * 7 + row * 3) % 101 == 5
}

/// Writes a map of `side` × `side` cells.
fn map(folder: &Path, side: u64) {
    made::map(folder, &[&format!("R_n=0:16:{side}"), &format!("V_n=0:8:{side}")], &[], |i| {
        let outcome = if is_lost(i % side, i / side) { Outcome::Unsettled } else { Outcome::Steady };
        ((i % 97) as f64 * 0.01, outcome)
    });
}

fn plotted(folder: &Path, words: &[&str], name: &str) -> Vec<u8> {
    done(hopfmap(folder, &[&["plot", "made.h5", "-o", name, "--force"], words].concat()));
    std::fs::read(folder.join(name)).unwrap()
}

fn numbers(object: &Object) -> Vec<f64> {
    object.as_array().unwrap().iter().map(|n| f64::from(n.as_float().unwrap())).collect()
}

/// Dictionaries of a PDF's objects and streams.
fn dictionaries(pdf: &Document) -> Vec<&Dictionary> {
    let plain = pdf.objects.values().filter_map(|o| o.as_dict().ok());
    plain.chain(pdf.objects.values().filter_map(|o| o.as_stream().ok()).map(|s| &s.dict)).collect()
}

/// Text of an entry of a PDF's properties.
fn property(pdf: &Document, name: &[u8]) -> String {
    let info = pdf.get_dictionary(pdf.trailer.get(b"Info").unwrap().as_reference().unwrap()).unwrap();
    lopdf::decode_text_string(info.get(name).unwrap()).unwrap()
}

#[test]
fn a_pdf_has_its_size_its_fonts_every_cell_and_its_origin() {
    let home = at_home();
    map(home.path(), SIDE);
    let bytes = plotted(home.path(), &["--size", "86x70mm"], "a.pdf");
    assert_eq!(bytes, plotted(home.path(), &["--size", "86x70mm"], "a.pdf"), "the same command, the same bytes");
    let pdf = Document::load_mem(&bytes).unwrap();
    let page = pdf.get_dictionary(pdf.get_pages()[&1]).unwrap();
    let [left, top, right, bottom] = numbers(page.get(b"MediaBox").unwrap())[..] else { panic!() };
    let mm = |points: f64| points * 25.4 / 72.0;
    assert!((mm(right - left) - 86.0).abs() < 0.01 && (mm(bottom - top) - 70.0).abs() < 0.01, "{right} {bottom}");
    let all = dictionaries(&pdf);
    let described: Vec<_> = all.iter().filter(|d| d.has_type(b"FontDescriptor")).collect();
    let embedded = |d: &Dictionary| [&b"FontFile2"[..], b"FontFile3"].iter().any(|key| d.has(key));
    assert!(!described.is_empty() && described.iter().all(|d| embedded(d)), "{described:?}");
    // Every cell is in the bitmap, in its colour.
    let image = pdf.objects.values().filter_map(|o| o.as_stream().ok()).find(|s| {
        let side = |name: &[u8]| s.dict.get(name).and_then(Object::as_i64).unwrap_or(0) as u64;
        (side(b"Width"), side(b"Height")) == (SIDE, SIDE) && s.dict.get(b"ColorSpace").is_ok()
    });
    let pixels = image.unwrap().decompressed_content().unwrap();
    let wide = pixels.len() / (SIDE * SIDE) as usize;
    let wrong = (0..SIDE * SIDE).filter(|i| {
        let (column, row) = (i % SIDE, SIDE - 1 - i / SIDE);
        let pixel = &pixels[*i as usize * wide..][..wide];
        pixel.iter().all(|c| *c == 255) != is_lost(column, row)
    });
    assert!(wide == 3 && wrong.count() == 0, "{wide}");
    assert_eq!(property(&pdf, b"Creator"), format!("hopfmap {}", env!("CARGO_PKG_VERSION")));
    assert!(property(&pdf, b"Title").contains("span") && property(&pdf, b"Subject").contains("Γ = "));
    let keywords = property(&pdf, b"Keywords");
    for part in ["hopfmap plot made.h5 -o a.pdf --force --size 86x70mm", "made.h5, sha-256 "] {
        assert!(keywords.contains(part), "{keywords}");
    }
}

#[test]
fn a_png_has_its_pixels_per_inch_and_its_origin() {
    let home = at_home();
    map(home.path(), 30);
    let read = |words: &[&str]| {
        let bytes = plotted(home.path(), words, "a.png");
        png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap().info().clone()
    };
    let per_metre = |info: &png::Info<'_>| info.pixel_dims.map(|d| (d.xppu, d.yppu, d.unit));
    let info = read(&["--size", "86x70mm", "--dpi", "300", "--title", "none"]);
    // 86 mm are 1015.7 pixels, and 70 mm are 826.8.
    assert_eq!((info.width, info.height), (1016, 827));
    assert_eq!(per_metre(&info), Some((11_811, 11_811, png::Unit::Meter)));
    let software = info.uncompressed_latin1_text.iter().find(|t| t.keyword == "Software").unwrap();
    assert_eq!(software.text, format!("hopfmap {}", env!("CARGO_PKG_VERSION")));
    let text = |name: &str| info.utf8_text.iter().find(|t| t.keyword == name).unwrap().get_text().unwrap();
    assert!(text("Command").starts_with("hopfmap plot made.h5 -o a.png --force --size 86x70mm --dpi 300"));
    assert!(text("Title").contains("span") && text("Description").contains("Γ = "), "also where none is drawn");
    assert!(text("Data").starts_with("made.h5, sha-256 "), "{}", text("Data"));
    let pixels = |info: png::Info<'_>| (info.width, info.height);
    assert_eq!(pixels(read(&["--size", "1240x1000"])), (1240, 1000));
    assert_eq!(pixels(read(&["--size", "1240x1000", "--dpi", "200"])), (1240, 1000));
    assert_eq!(read(&["--dpi", "508"]).width, 2 * read(&[]).width);
    assert_eq!(per_metre(&read(&[])), Some((10_000, 10_000, png::Unit::Meter)));
}

#[test]
fn an_svg_has_its_size_its_origin_and_on_request_no_font() {
    let home = at_home();
    map(home.path(), 30);
    let read = |words: &[&str]| String::from_utf8(plotted(home.path(), words, "a.svg")).unwrap();
    let svg = read(&["--size", "3.4in"]);
    let document = roxmltree::Document::parse(&svg).unwrap();
    assert_eq!(document.root_element().attribute("width"), Some("86.36mm"));
    let texts = |name: &str| -> Vec<String> {
        let named = document.descendants().filter(|n| n.tag_name().name() == name);
        named.filter_map(|n| n.text().map(str::to_string)).collect()
    };
    let told = |name: &str, words: &str| texts(name).iter().any(|text| text.contains(words));
    assert!(told("title", "span") && told("creator", "hopfmap "));
    assert!(told("source", "Command: hopfmap plot made.h5 -o a.svg"), "{svg}");
    assert!(told("source", "Data: made.h5, sha-256 "), "{svg}");
    let outlined = read(&["--size", "3.4in", "--outline-text"]);
    assert!(svg.contains("<text") && !outlined.contains("<text") && outlined.contains("<path"));
    // Both are the same picture: the darkest part of each letter is where it was.
    let shot = |svg: &str| {
        let tree = boxes::tree(svg);
        let mut pixels = resvg::tiny_skia::Pixmap::new(326, 300).unwrap();
        resvg::render(&tree, resvg::tiny_skia::Transform::identity(), &mut pixels.as_mut());
        pixels
    };
    let [a, b] = [shot(&svg), shot(&outlined)];
    let far = a.data().iter().zip(b.data()).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(far < 1, "{far}");
    // Negative control: without its texts the picture is another one.
    let bare: String = svg.lines().filter(|l| !l.starts_with("<text")).map(|l| format!("{l}\n")).collect();
    assert!(a.data().iter().zip(shot(&bare).data()).any(|(a, b)| a.abs_diff(*b) > 100));
    assert_eq!(
        contents::drawing(&svg).matches("<image").count(),
        contents::drawing(&outlined).matches("<image").count()
    );
}

#[test]
fn native_pixels_are_the_cells() {
    let home = at_home();
    map(home.path(), 60);
    let bytes = plotted(home.path(), &["--native", "--cmap", "grey"], "a.png");
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    assert_eq!((reader.info().width, reader.info().height, pixels.len()), (60, 60, 60 * 60 * 3));
    // Cells from the lower left corner: each number has a colour of its own, and each unsettled cell that of its strokes.
    let cells: Vec<&[u8]> = pixels.chunks(180).rev().flat_map(|row| row.chunks(3)).collect();
    let lost = |i: usize| is_lost(i as u64 % 60, i as u64 / 60);
    for i in 0..cells.len() - 97 {
        assert_eq!(cells[i] == [90; 3], lost(i), "{i}");
        assert!(cells[i] == cells[i + 97] || lost(i) || lost(i + 97), "{i}");
    }
    let colours: std::collections::BTreeSet<_> = cells[..97].iter().collect();
    assert!(colours.len() > 90 && (0..cells.len()).any(lost), "{}", colours.len());
    let text = reader.info().utf8_text.iter().find(|t| t.keyword == "Description").unwrap().get_text().unwrap();
    assert!(text.contains("R_n from 0 to 16") && text.contains("colours grey from 0 to 0.96"), "{text}");
}

#[test]
fn wrong_pages_are_refused_with_value_limit_and_remedy() {
    let home = at_home();
    map(home.path(), 30);
    for (words, parts) in [
        (&["-o", "a.png", "--size", "0"][..], ["0 pixels", "1 to 20000"]),
        (&["-o", "a.png", "--size", "20001"], ["20001 pixels", "1 to 20000"]),
        (&["-o", "a.pdf", "--size", "86x0mm"], ["0 pixels", "1 to 20000"]),
        (&["-o", "a.png", "--size", "86yd"], ["'86yd'", "86mm"]),
        (&["-o", "a.png", "--size", "86x20mm"], ["20 mm high", "or more"]),
        (&["-o", "a.png", "--size", "20mm"], ["20 mm wide", "60 mm"]),
        (&["-o", "a.png", "--dpi", "0"], ["--dpi is 0", "10 to 2400"]),
        (&["-o", "a.png", "--dpi", "4800"], ["--dpi is 4800", "10 to 2400"]),
        (&["-o", "a.png", "--size", "1000mm", "--dpi", "1200"], ["47245 pixels", "another --dpi"]),
        (&["-o", "a.png", "--outline-text"], ["a.png", "FILE.svg"]),
        (&["-o", "a.svg", "--native"], ["a.svg", "FILE.png"]),
        (&["-o", "a.png", "--native", "--at", "V_n=0"], ["needs a plane", "one axis less"]),
        (&["-o", "a.jpg"], ["does not end in .png, .svg or .pdf", "FILE.pdf"]),
    ] {
        let (code, message) = refused(hopfmap(home.path(), &[&["plot", "made.h5"], words].concat()));
        assert!(code == 2 && parts.iter().all(|part| message.contains(part)), "{words:?}: {message}");
    }
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1, "only the map");
}

#[test]
fn the_picture_of_a_result_has_its_size_and_is_drawn_higher_rather_than_not_at_all() {
    let home = at_home();
    let side = |name: &str, which: &str| {
        let svg = std::fs::read_to_string(home.path().join(name)).unwrap();
        let document = roxmltree::Document::parse(&svg).unwrap();
        document.root_element().attribute(which).unwrap().trim_end_matches("mm").parse::<f64>().unwrap()
    };
    let statics = ["statics", "--set", "R_n=5", "--force", "--plot", "a.svg", "--size"];
    let report = done(hopfmap(home.path(), &[&statics[..], &["90x80mm"]].concat()));
    assert!(
        (side("a.svg", "width"), side("a.svg", "height")) == (90.0, 80.0) && !report.contains("higher"),
        "{report}"
    );
    // The result is there, and so is the picture: 20 mm are too few for it.
    let report = done(hopfmap(home.path(), &[&statics[..], &["90x20mm"]].concat()));
    assert!(side("a.svg", "height") > 40.0 && report.contains("20 mm high leaves no room"), "{report}");
    let ramp = ["ramp", "--grid", "V_n=0:8:9", "--set", "R_n=8", "--set", "Gamma=1", "--engine", "cpu", "-o", "r.h5"];
    done(hopfmap(home.path(), &[&ramp[..], &["--plot", "r.svg", "--size", "70mm"]].concat()));
    assert_eq!(side("r.svg", "width"), 70.0);
}

#[test]
fn no_label_is_left_off_in_silence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.svg");
    let drawn = |n: usize| {
        let dot = |i: usize| Line {
            label: Some("generalised"),
            ..Line::new("point", [0; 3], vec![(0.5 + 0.008 * i as f64, 0.5)])
        };
        let lines: Vec<Line> = (0..n).map(dot).collect();
        let sides = [(Parameter::VN, 0.0, 1.0), (Parameter::RN, 0.0, 1.0)];
        draw_plane(sides, &[], &lines, &hopfmap::figure::Style::USUAL, Output::with(&path, true)).unwrap();
        let svg = std::fs::read_to_string(&path).unwrap();
        assert!(boxes::wrong(&svg).is_empty(), "{:?}", boxes::wrong(&svg));
        svg.matches("generalised").count()
    };
    // Every one has its label, or is named below the plane; the legend names all of them once more.
    assert_eq!([drawn(1), drawn(8), drawn(60)], [1 + 1, 8 + 1, 60 + 1]);
}
