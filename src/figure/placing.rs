//! Which axis of a plane goes along x: the faster one, but V_n of the plane (V_n, R_n), as in the paper's figures.

use super::style::Style;
use crate::error::{Error, Result};
use crate::model::Parameter;

/// Whether the first of two axes, the slower one, goes along x.
///
/// # Errors
/// [`Error::Request`] if the style names a parameter that is none of them.
pub(super) fn first_is_x([first, second]: [Parameter; 2], style: &Style) -> Result<bool> {
    let refused = |option: &str, p: Parameter| {
        Err(Error::request(
            format!("`{option}` {} is none of the axes that are left to draw", p.name()),
            format!("they are {} and {}", first.name(), second.name()),
        ))
    };
    style.check()?;
    let is_one = |p: Parameter| [first, second].contains(&p);
    match (style.x, style.y) {
        (Some(x), _) if !is_one(x) => refused("x_axis", x),
        (_, Some(y)) if !is_one(y) => refused("y_axis", y),
        (Some(x), _) => Ok(x == first),
        (None, Some(y)) => Ok(y == second),
        (None, None) => Ok([first, second] == [Parameter::VN, Parameter::RN]),
    }
}

/// Checks that a style does not place an axis of a line otherwise than along x.
///
/// # Errors
/// [`Error::Request`] if it does.
pub(super) fn check_line(axis: Parameter, up: &str, style: &Style) -> Result<()> {
    style.check()?;
    let name = axis.name();
    if let Some(y) = style.y {
        return Err(Error::request(
            format!("`y_axis` {} is of a plane, and a line has {up} there", y.name()),
            "leave `y_axis` off",
        ));
    }
    match style.x.filter(|x| *x != axis) {
        Some(x) => Err(Error::request(
            format!("`x_axis` is {}, and a line along {name} is drawn", x.name()),
            format!("leave `x_axis` off, or name {name}"),
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Parameter::{Gamma, RN, VN, ZT};

    #[test]
    fn the_papers_way_is_usual_and_a_style_says_otherwise() {
        let style = |x, y| Style { x, y, ..Style::USUAL };
        let first = |axes, x, y| first_is_x(axes, &style(x, y)).ok();
        assert_eq!([[VN, RN], [RN, VN], [Gamma, ZT]].map(|a| first(a, None, None)), [true, false, false].map(Some));
        assert_eq!(first([VN, RN], Some(RN), None), Some(false));
        assert_eq!(first([Gamma, ZT], None, Some(ZT)), Some(true));
        assert_eq!(first([Gamma, ZT], Some(ZT), Some(Gamma)), Some(false));
        for (x, y) in [(Some(VN), None), (None, Some(VN)), (Some(ZT), Some(ZT))] {
            assert_eq!(first([Gamma, ZT], x, y), None, "{x:?} {y:?}");
        }
        let line = |x, y| check_line(Gamma, "V", &style(x, y)).is_ok();
        assert!(line(None, None) && line(Some(Gamma), None) && !line(Some(ZT), None) && !line(None, Some(Gamma)));
    }
}
