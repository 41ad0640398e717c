//! The options `--facet` and `--each`: several values of an axis, as panels of one picture or as pictures.

use super::axis_values::{AtArgs, Fixed};
use super::outputs::{Input, check_distinct, check_picture};
use crate::error::{Error, Result};
use crate::grid::{parse_value, split_assignment};
use crate::model::Parameter;
use crate::store::StoredAxis;
use clap::Args;
use std::path::{Path, PathBuf};

/// Number of pictures of `--each` at most.
const MOST_PICTURES: usize = 10_000;
/// What stands for a picture's number in a name.
const NUMBER: &str = "{}";

/// Options that draw several values of an axis.
#[derive(Debug, Args)]
pub(super) struct PanelArgs {
    /// Draw a panel for each value of an axis, 25 at most, or for those nearest to VALUE,…; all have one scale of colours
    #[arg(long, value_name = "NAME[=VALUE,…]")]
    pub facet: Option<String>,
    /// Draw a picture for each value of an axis, or for those nearest to VALUE,…; all have one scale of colours, and -o names
    /// them: frame-{}.png, with their numbers in place of {}
    #[arg(long, value_name = "NAME[=VALUE,…]")]
    pub each: Option<String>,
}

impl PanelArgs {
    /// Whether values are named.
    pub(super) fn names_values(&self) -> bool {
        self.facet.iter().chain(&self.each).any(|text| text.contains('='))
    }
}

/// Values of an axis, in the order in which they are drawn.
pub(super) fn values(text: &str, option: &str, axes: &[StoredAxis], at: &AtArgs) -> Result<Vec<Fixed>> {
    let (p, list) = match text.contains('=') {
        true => split_assignment(text, "write NAME, or NAME=VALUE,VALUE,…")?,
        false => (Parameter::parse(text)?, ""),
    };
    let name = p.name();
    let Some(axis) = axes.iter().position(|a| a.parameter == p) else {
        let names: Vec<_> = axes.iter().map(|a| a.parameter.name()).collect();
        let problem = format!("{option} {name} is not an axis of the file");
        return Err(Error::request(problem, format!("its axes are {}", names.join(", "))));
    };
    if at.values()?.iter().any(|(q, _)| *q == p) {
        return Err(Error::request(format!("{option} {name} is fixed by --at"), "leave one of the two off"));
    }
    let of = &axes[axis];
    if !text.contains('=') {
        let all = (0..).zip(&of.values);
        return Ok(all.map(|(index, v)| Fixed { axis, parameter: p, wanted: *v, index, value: *v }).collect());
    }
    let mut found: Vec<Fixed> = Vec::new();
    for word in list.split(',') {
        let one = at.nearest(of, axis, parse_value(p, word)?)?;
        if let Some(other) = found.iter().find(|f| f.index == one.index) {
            return Err(Error::request(
                format!(
                    "{option} {name} = {} and {} are the same value of the axis, {}",
                    other.wanted, one.wanted, one.value
                ),
                "name each value once",
            ));
        }
        found.push(one);
    }
    Ok(found)
}

/// Paths of `many` pictures: `{}` in the name is their number, from 0, with leading zeros.
///
/// # Errors
/// [`Error::Request`] if the name has no `{}` or several, there are too many, or one of them cannot be written; the message
/// names it.
pub(super) fn paths(output: Option<&Path>, many: usize, inputs: &[Input<'_>], force: bool) -> Result<Vec<PathBuf>> {
    let shown = output.map_or("none is".to_string(), |o| format!("{} is", o.display()));
    let name = output.and_then(Path::file_name).and_then(|n| n.to_str()).unwrap_or_default();
    let (Some(output), 1) = (output, name.matches(NUMBER).count()) else {
        let problem =
            format!("--each draws {many} pictures, and {shown} named, without one {NUMBER} for their numbers");
        return Err(Error::request(problem, "name them with -o frame-{}.png"));
    };
    if many > MOST_PICTURES {
        return Err(Error::request(
            format!("--each would draw {many} pictures, {MOST_PICTURES} at most"),
            "name some values: --each NAME=VALUE,…",
        ));
    }
    let digits = many.saturating_sub(1).to_string().len();
    let path = |i: usize| output.with_file_name(name.replace(NUMBER, &format!("{i:0digits$}")));
    let paths: Vec<PathBuf> = (0..many).map(path).collect();
    for path in &paths {
        check_distinct(inputs, ("a picture", path))?;
        check_picture(path, force)?;
    }
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_numbered_with_equal_digits() {
        let folder = tempfile::tempdir().unwrap();
        let name = |text: &str, many| paths(Some(&folder.path().join(text)), many, &[], false);
        let names: Vec<_> = name("f-{}.png", 11).unwrap();
        assert!(names[0].ends_with("f-00.png") && names[10].ends_with("f-10.png"));
        for (text, many, part) in [
            ("f.png", 3, "without one {}"),
            ("{}-{}.png", 3, "without one {}"),
            ("f-{}.txt", 3, "does not end in"),
            ("f-{}.png", 10_001, "10000 at most"),
        ] {
            let message = name(text, many).unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
        assert!(paths(None, 3, &[], false).is_err());
    }
}
