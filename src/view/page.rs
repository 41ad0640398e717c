//! The page's template, filled: styles, scripts, data, and a policy that allows these alone and no network.

use super::data;
use crate::error::Result;
use crate::store::MapFile;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

const TEMPLATE: &str = include_str!("page/page.html");
/// uPlot 1.6.32 by Leon Sorokin, MIT licence in `page/uplot/LICENSE`.
const UPLOT: &str = include_str!("page/uplot/uPlot.iife.min.js");
const UPLOT_LICENCE: &str = include_str!("page/uplot/LICENSE");
const STYLES: [&str; 2] = [include_str!("page/uplot/uPlot.min.css"), include_str!("page/page.css")];
const SCRIPTS: [&str; 18] = [
    include_str!("page/table.js"),
    include_str!("page/neuron.js"),
    include_str!("page/rk4.js"),
    include_str!("page/window.js"),
    include_str!("page/motion.js"),
    include_str!("page/spectrum.js"),
    include_str!("page/data.js"),
    include_str!("page/colour.js"),
    include_str!("page/scale.js"),
    include_str!("page/field.js"),
    include_str!("page/draw.js"),
    include_str!("page/legend.js"),
    include_str!("page/phase.js"),
    include_str!("page/pick.js"),
    include_str!("page/trace.js"),
    include_str!("page/controls.js"),
    include_str!("page/hands.js"),
    include_str!("page/main.js"),
];

/// A page, and how much of the map is in it.
#[derive(Debug)]
pub struct Page {
    /// The HTML.
    pub html: String,
    /// Number of cells in it, of one start.
    pub cells: usize,
    /// Whether these are all of the map's cells.
    pub is_whole: bool,
}

/// The page of a map.
///
/// # Errors
/// [`crate::Error::File`] if the map cannot be read, or has no table or step to integrate with.
pub fn page(map: &MapFile) -> Result<Page> {
    let (data, kept) = data::of_map(map)?;
    let style = STYLES.join("\n");
    let uplot = format!("/*\n{UPLOT_LICENCE}*/\n{UPLOT}");
    let script = format!("'use strict';\n(() => {{\n{}\n}})();\n", SCRIPTS.join("\n"));
    let policy = format!(
        "default-src 'none'; script-src {} {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        source(&uplot),
        source(&script),
        source(&style)
    );
    // No text of the file ends the element that the data are in.
    let json = data.to_string().replace('<', "\\u003c");
    let parts = [("POLICY", &policy), ("STYLE", &style), ("DATA", &json), ("UPLOT", &uplot), ("SCRIPT", &script)];
    Ok(Page { html: filled(TEMPLATE, &parts), cells: kept.cells(), is_whole: kept.is_whole() })
}

/// A text as a policy names it.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// The template with its places, in order, filled; what is put in is not looked at again.
fn filled(template: &str, parts: &[(&str, &String)]) -> String {
    let mut out = String::new();
    let mut rest = template;
    for (name, text) in parts {
        let place = format!("{{{{{name}}}}}");
        if let Some((before, after)) = rest.split_once(&place) {
            out.push_str(before);
            out.push_str(text);
            rest = after;
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_not_looked_at_again() {
        let (a, b) = ("{{B}}".to_string(), "b".to_string());
        assert_eq!(filled("<{{A}}|{{B}}>", &[("A", &a), ("B", &b)]), "<{{B}}|b>");
        // Every place of the page is filled.
        let empty = String::new();
        let names = ["POLICY", "STYLE", "DATA", "UPLOT", "SCRIPT"].map(|name| (name, &empty));
        assert!(!filled(TEMPLATE, &names).contains("{{"));
    }
}
