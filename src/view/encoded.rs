//! Numbers in a page: u8, f32 or f64, little-endian, packed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Value, json};
use std::io::Write;

/// Bytes in base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Numbers of this many bytes each as a page has them: byte planes, all first bytes before all second ones, as a zlib stream
/// in base64.
fn packed(bytes: &[u8], width: usize) -> String {
    let planes: Vec<u8> = (0..width).flat_map(|plane| bytes.iter().copied().skip(plane).step_by(width)).collect();
    let mut stream = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let _ = stream.write_all(&planes);
    base64(&stream.finish().unwrap_or_default())
}

/// A list in double precision.
pub(super) fn doubles(values: &[f64]) -> String {
    packed(&values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>(), 8)
}

/// A column: its numbers as they are, or as u8 where they stand for names; none where there are none.
pub(super) fn column(name: &str, about: &str, values: &[f64], stands_for_names: bool, type_of: &'static str) -> Value {
    let (kind, data) = match (stands_for_names, type_of) {
        // Numbers of outcomes and certificates are below 256.
        (true, _) => ("u8", Some(packed(&values.iter().map(|v| *v as u8).collect::<Vec<_>>(), 1))),
        _ if values.iter().all(|v| v.is_nan()) => ("f32", None),
        (_, "f64") => ("f64", Some(doubles(values))),
        _ => ("f32", Some(packed(&values.iter().flat_map(|v| (*v as f32).to_le_bytes()).collect::<Vec<_>>(), 4))),
    };
    json!({ "name": name, "about": about, "type": kind, "count": values.len(), "data": data })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn columns_keep_their_numbers() {
        let of = |values: &[f64], names, kind| column("a", "b", values, names, kind);
        let planes = |value: &Value| {
            let mut out = Vec::new();
            let stream = STANDARD.decode(value["data"].as_str().unwrap()).unwrap();
            flate2::read::ZlibDecoder::new(&stream[..]).read_to_end(&mut out).unwrap();
            out
        };
        assert_eq!(planes(&of(&[1.0, 255.0], true, "f32")), [1, 255]);
        // 1 and -2 as f32 are 00 00 80 3f and 00 00 00 c0.
        assert_eq!(planes(&of(&[1.0, -2.0], false, "f32")), [0, 0, 0, 0, 0x80, 0, 0x3f, 0xc0]);
        assert_eq!(planes(&of(&[0.1], false, "f64")), 0.1_f64.to_le_bytes());
        let none = of(&[f64::NAN, f64::NAN], false, "f32");
        assert!(none["data"].is_null() && none["count"] == 2, "{none}");
        assert!(!of(&[f64::NAN, 1.0], false, "f32")["data"].is_null());
    }
}
