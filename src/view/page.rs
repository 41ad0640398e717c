//! The page's template, filled: styles, scripts, data, and a policy that allows these alone and no network.

use super::encoded::base64;
use super::{map, ramp, trajectory};
use crate::error::{Error, Result};
use crate::fingerprint::digest;
use crate::model::Parameter;
use crate::store::{Contents, MapFile};
use serde_json::Value;
use std::path::Path;

const TEMPLATE: &str = include_str!("page/page.html");
/// uPlot 1.6.32 by Leon Sorokin, MIT licence in `page/uplot/LICENSE`.
const UPLOT: &str = include_str!("page/uplot/uPlot.iife.min.js");
const UPLOT_LICENCE: &str = include_str!("page/uplot/LICENSE");
const STYLES: [&str; 2] = [include_str!("page/uplot/uPlot.min.css"), include_str!("page/page.css")];
const SCRIPTS: [&str; 22] = [
    include_str!("page/source.js"),
    include_str!("page/table.js"),
    include_str!("page/neuron.js"),
    include_str!("page/rk4.js"),
    include_str!("page/window.js"),
    include_str!("page/motion.js"),
    include_str!("page/spectrum.js"),
    include_str!("page/data.js"),
    include_str!("page/unpack.js"),
    include_str!("page/colour.js"),
    include_str!("page/scale.js"),
    include_str!("page/field.js"),
    include_str!("page/draw.js"),
    include_str!("page/line.js"),
    include_str!("page/legend.js"),
    include_str!("page/phase.js"),
    include_str!("page/pick.js"),
    include_str!("page/trace.js"),
    include_str!("page/recorded.js"),
    include_str!("page/controls.js"),
    include_str!("page/hands.js"),
    include_str!("page/main.js"),
];

/// A page, and how much of the file is in it.
#[derive(Debug)]
pub struct Page {
    /// The HTML.
    pub html: String,
    /// The kind of the file.
    pub contents: Contents,
    /// Number of cells in it, of one start, or of samples of a trajectory.
    pub count: usize,
    /// Whether these are all of the file's.
    pub is_whole: bool,
}

/// The page of a map, a ramp or a trajectory.
///
/// # Errors
/// [`Error::Request`] if the file is none of these, does not exist, or is damaged; [`Error::File`] if it cannot be read, or lacks
/// the table or the step to integrate with.
pub fn page(path: &Path) -> Result<Page> {
    let contents = Contents::of(path)?;
    let (mut data, count, is_whole) = match contents {
        Contents::Map => {
            let (data, kept) = map::of_map(&MapFile::open(path)?)?;
            (data, kept.cells(), kept.is_whole())
        }
        Contents::Ramp => {
            let (data, count) = ramp::of_ramp(path)?;
            (data, count, true)
        }
        Contents::Trajectory => trajectory::of_trajectory(path)?,
        Contents::Curves | Contents::Branches => {
            let problem = format!("is a {}, and a page shows a map, a ramp or a trajectory", contents.name());
            return Err(Error::input(path, problem, "name one of these, or draw this file with hopfmap plot"));
        }
    };
    data["viridis"] = map::colours().into();
    data["file"] = path.file_name().unwrap_or_default().to_string_lossy().into();
    data["symbols"] = Parameter::ALL.iter().map(|p| (p.name().to_string(), Value::from(p.info().symbol))).collect();
    Ok(Page { html: filled_with(&data), contents, count, is_whole })
}

/// The template with these data.
fn filled_with(data: &Value) -> String {
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
    filled(TEMPLATE, &[("POLICY", &policy), ("STYLE", &style), ("DATA", &json), ("UPLOT", &uplot), ("SCRIPT", &script)])
}

/// A text as a policy names it.
fn source(text: &str) -> String {
    format!("'sha256-{}'", base64(&digest(text)))
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
