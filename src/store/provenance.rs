//! Attributes that every data file has: conventions, title, source, history, version.

use super::schema::Value;

/// Attributes that say what a file is, and by which program, version and commands it was made.
#[must_use]
pub fn provenance(title: &str, history: String) -> Vec<(String, Value)> {
    let version = env!("CARGO_PKG_VERSION");
    [
        ("Conventions", "CF-1.11".to_string()),
        ("title", title.to_string()),
        ("source", format!("hopfmap {version}")),
        ("history", history),
        ("hopfmap_version", version.to_string()),
    ]
    .map(|(name, text)| (name.to_string(), Value::Text(text)))
    .to_vec()
}
