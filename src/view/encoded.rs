//! Numbers in a page: base64 of little-endian f32, u8 or f64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Bytes in base64.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A list in double precision.
pub(super) fn doubles(values: &[f64]) -> String {
    base64(&values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>())
}

/// A column: its numbers as they are, or as u8 where they stand for names; none where there are none.
pub(super) fn column(name: &str, about: &str, values: &[f64], stands_for_names: bool, type_of: &'static str) -> Value {
    let (kind, data) = match (stands_for_names, type_of) {
        // Numbers of outcomes and certificates are below 256.
        (true, _) => ("u8", Some(base64(&values.iter().map(|v| *v as u8).collect::<Vec<_>>()))),
        _ if values.iter().all(|v| v.is_nan()) => ("f32", None),
        (_, "f64") => ("f64", Some(doubles(values))),
        _ => ("f32", Some(base64(&values.iter().flat_map(|v| (*v as f32).to_le_bytes()).collect::<Vec<_>>()))),
    };
    json!({ "name": name, "about": about, "type": kind, "count": values.len(), "data": data })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_numbers() {
        let of = |values: &[f64], names, kind| column("a", "b", values, names, kind);
        assert_eq!(of(&[1.0, 255.0], true, "f32")["data"], base64(&[1, 255]));
        assert_eq!(of(&[1.0], false, "f32")["data"], base64(&1_f32.to_le_bytes()));
        assert_eq!(of(&[0.1], false, "f64")["data"], base64(&0.1_f64.to_le_bytes()));
        let none = of(&[f64::NAN, f64::NAN], false, "f32");
        assert!(none["data"].is_null() && none["count"] == 2, "{none}");
        assert!(!of(&[f64::NAN, 1.0], false, "f32")["data"].is_null());
    }
}
