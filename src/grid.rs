//! Axes and the n-D grid they span: texts to values, and index to point.

use crate::error::{Error, Result};
use crate::model::Parameter;
use std::fmt;

/// Values that an axis runs through.
#[derive(Debug, Clone, PartialEq)]
pub enum Spacing {
    /// `START:STOP:COUNT`, both ends included.
    Linear {
        /// First value.
        start: f64,
        /// Last value.
        stop: f64,
        /// Number of values.
        count: u64,
    },
    /// `log:START:STOP:COUNT`, both ends included, equal ratios.
    Log {
        /// First value.
        start: f64,
        /// Last value.
        stop: f64,
        /// Number of values.
        count: u64,
    },
    /// `a,b,c`: the values themselves.
    List(Vec<f64>),
}

/// One swept parameter and the values it takes.
///
/// ```
/// use hopfmap::grid::Axis;
/// let axis: Axis = "Γ=0.02:1:50".parse()?;
/// assert_eq!((axis.parameter.name(), axis.len(), axis.value(0), axis.value(49)), ("Gamma", 50, 0.02, 1.0));
/// assert_eq!(axis.to_string(), "Gamma=0.02:1:50");
/// # Ok::<(), hopfmap::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Which parameter.
    pub parameter: Parameter,
    /// Its values.
    pub spacing: Spacing,
}

/// Longest axis: more values than any file holds, few enough that products stay in u64.
const LONGEST: u64 = 1 << 40;
const FORMS: &str = "write NAME=START:STOP:COUNT, NAME=log:START:STOP:COUNT or NAME=a,b,c";

/// Splits `NAME=VALUE` and finds the parameter.
///
/// # Errors
/// No `=`, or an unknown name.
pub fn split_assignment<'a>(text: &'a str, form: &str) -> Result<(Parameter, &'a str)> {
    let (name, value) =
        text.split_once('=').ok_or_else(|| Error::request(format!("'{text}' has no '='"), form.to_string()))?;
    Ok((Parameter::parse(name)?, value.trim()))
}

/// Reads a number that parameter `p` may take.
///
/// # Errors
/// Not a number, not finite, or outside the parameter's range.
pub fn parse_value(p: Parameter, text: &str) -> Result<f64> {
    let value = text.trim().parse::<f64>().map_err(|_| {
        Error::request(
            format!("{} = '{}' is not a number", p.name(), text.trim()),
            format!("give {} as {}", p.name(), p.info().range),
        )
    })?;
    p.check(value)
}

impl std::str::FromStr for Axis {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (parameter, values) = split_assignment(text, FORMS)?;
        let (log, rest) = match values.strip_prefix("log:") {
            Some(rest) => (true, rest),
            None => (false, values),
        };
        let spacing = match (log, rest.split(':').collect::<Vec<_>>().as_slice()) {
            (_, [start, stop, count]) => {
                let (start, stop) = (parse_value(parameter, start)?, parse_value(parameter, stop)?);
                let count = parse_count(parameter, count.trim())?;
                if log { Spacing::Log { start, stop, count } } else { Spacing::Linear { start, stop, count } }
            }
            (false, [list]) => {
                Spacing::List(list.split(',').map(|v| parse_value(parameter, v)).collect::<Result<_>>()?)
            }
            _ => return Err(Error::request(format!("'{text}' is not an axis"), FORMS)),
        };
        let axis = Self { parameter, spacing };
        axis.check()?;
        Ok(axis)
    }
}

fn parse_count(p: Parameter, text: &str) -> Result<u64> {
    let name = p.name();
    match text.parse::<u64>() {
        Ok(0) => Err(Error::request(format!("axis {name} has a count of 0"), "give a count of 1 or more")),
        Ok(count) if count <= LONGEST => Ok(count),
        Ok(count) => {
            Err(Error::request(format!("axis {name} has a count of {count}, over {LONGEST}"), "give a smaller count"))
        }
        Err(_) => Err(Error::request(format!("axis {name} has the count '{text}', not a whole number"), FORMS)),
    }
}

impl Axis {
    fn check(&self) -> Result<()> {
        let name = self.parameter.name();
        match &self.spacing {
            Spacing::Linear { start, stop, count } | Spacing::Log { start, stop, count } => {
                if *count == 1 && start != stop {
                    return Err(Error::request(
                        format!("axis {name} has a count of 1 and two different ends, {start} and {stop}"),
                        format!("write {name}={start}, or a count of 2 or more"),
                    ));
                }
                if *count > 1 && start == stop {
                    return Err(Error::request(
                        format!("axis {name} has {count} values and both its ends at {start}"),
                        format!("write {name}={start}, or two different ends"),
                    ));
                }
                if matches!(self.spacing, Spacing::Log { .. })
                    && (*start == 0.0 || *stop == 0.0 || (*start < 0.0) != (*stop < 0.0))
                {
                    return Err(Error::request(
                        format!("axis {name} is logarithmic and runs through 0, from {start} to {stop}"),
                        "give both ends the same sign, neither of them 0, or leave out 'log:'",
                    ));
                }
                // Ends within range do not make their difference finite, nor neighbours distinct.
                if *count > 1 && !(self.value(1) - self.value(0)).is_normal() {
                    return Err(Error::request(
                        format!("axis {name} from {start} to {stop} in {count} values has no usable step"),
                        "bring the ends closer together, or ask for fewer values",
                    ));
                }
            }
            Spacing::List(values) => {
                let rises = values.windows(2).all(|w| w[0] < w[1]);
                let falls = values.windows(2).all(|w| w[0] > w[1]);
                if !rises && !falls {
                    return Err(Error::request(
                        format!("axis {name} lists values that neither rise nor fall throughout"),
                        "list every value once, in order",
                    ));
                }
            }
        }
        Ok(())
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        match &self.spacing {
            Spacing::Linear { count, .. } | Spacing::Log { count, .. } => *count,
            Spacing::List(values) => values.len() as u64,
        }
    }

    /// Never: an axis has at least one value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `index`, computed from the index alone; both ends are exact.
    #[must_use]
    pub fn value(&self, index: u64) -> f64 {
        match &self.spacing {
            Spacing::List(values) => values[index as usize],
            Spacing::Linear { start, stop, count } | Spacing::Log { start, stop, count } => {
                if index == 0 {
                    return *start;
                }
                if index + 1 == *count {
                    return *stop;
                }
                let part = index as f64 / (*count - 1) as f64;
                match self.spacing {
                    Spacing::Log { .. } => start * (stop / start).powf(part),
                    _ => start + (stop - start) * part,
                }
            }
        }
    }

    /// All values in order.
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        (0..self.len()).map(|i| self.value(i))
    }

    /// (smallest, largest) value.
    #[must_use]
    pub fn extent(&self) -> (f64, f64) {
        let (a, b) = (self.value(0), self.value(self.len() - 1));
        (a.min(b), a.max(b))
    }
}

impl fmt::Display for Axis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.parameter.name())?;
        match &self.spacing {
            Spacing::Linear { start, stop, count } => write!(f, "{start}:{stop}:{count}"),
            Spacing::Log { start, stop, count } => write!(f, "log:{start}:{stop}:{count}"),
            Spacing::List(values) => {
                let texts: Vec<_> = values.iter().map(f64::to_string).collect();
                write!(f, "{}", texts.join(","))
            }
        }
    }
}

/// The grid: the axes' product in row-major order, the first axis slowest.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    axes: Vec<Axis>,
    cells: u64,
}

impl Grid {
    /// Of these axes.
    ///
    /// # Errors
    /// No axis, a parameter twice, or more cells than can be counted.
    pub fn new(axes: Vec<Axis>) -> Result<Self> {
        if axes.is_empty() {
            return Err(Error::request("no axis to sweep", "give at least one --grid NAME=START:STOP:COUNT"));
        }
        for (i, axis) in axes.iter().enumerate() {
            if axes[..i].iter().any(|a| a.parameter == axis.parameter) {
                return Err(Error::request(
                    format!("{} is swept twice", axis.parameter.name()),
                    "give each parameter one --grid",
                ));
            }
        }
        let cells =
            axes.iter().try_fold(1_u64, |n, a| n.checked_mul(a.len())).filter(|n| *n <= LONGEST).ok_or_else(|| {
                let counts: Vec<_> = axes.iter().map(|a| a.len().to_string()).collect();
                Error::request(
                    format!("a grid of {} cells is over {LONGEST}", counts.join(" x ")),
                    "ask for fewer values",
                )
            })?;
        Ok(Self { axes, cells })
    }

    /// The axes, slowest first.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// Number of values along each axis.
    #[must_use]
    pub fn shape(&self) -> Vec<u64> {
        self.axes.iter().map(Axis::len).collect()
    }

    /// Number of cells.
    #[must_use]
    pub fn cells(&self) -> u64 {
        self.cells
    }

    /// The axes' values at cell `index`, in the axes' order.
    #[must_use]
    pub fn point(&self, index: u64) -> Vec<f64> {
        let mut rest = index;
        let mut point = vec![0.0; self.axes.len()];
        for (slot, axis) in point.iter_mut().zip(&self.axes).rev() {
            *slot = axis.value(rest % axis.len());
            rest /= axis.len();
        }
        point
    }

    /// The grid cut into boxes of at most `most` cells, each a hyperslab and a run of consecutive indices.
    #[must_use]
    pub fn boxes(&self, most: u64) -> Vec<GridBox> {
        let shape = self.shape();
        let (split, thickness) = cut(&shape, most);
        let inner: u64 = shape[split + 1..].iter().product();
        let outer: u64 = shape[..split].iter().product();
        let mut boxes = Vec::new();
        for o in 0..outer {
            let mut start = vec![0; shape.len()];
            let mut rest = o;
            for d in (0..split).rev() {
                start[d] = rest % shape[d];
                rest /= shape[d];
            }
            let mut at = 0;
            while at < shape[split] {
                let n = thickness.min(shape[split] - at);
                start[split] = at;
                let mut count = vec![1; shape.len()];
                count[split] = n;
                count[split + 1..].copy_from_slice(&shape[split + 1..]);
                boxes.push(GridBox {
                    first: (o * shape[split] + at) * inner,
                    cells: n * inner,
                    start: start.clone(),
                    count,
                });
                at += n;
            }
        }
        boxes
    }

    /// A shape for chunks on disk: the grid cut the same way, so that a box covers whole chunks.
    #[must_use]
    pub fn chunk(&self, most: u64) -> Vec<u64> {
        let shape = self.shape();
        let (split, thickness) = cut(&shape, most);
        let mut chunk = vec![1; shape.len()];
        chunk[split] = thickness;
        chunk[split + 1..].copy_from_slice(&shape[split + 1..]);
        chunk
    }
}

/// The axis along which to cut, and how many of its values make up at most `most` cells (a power of two where cut).
fn cut(shape: &[u64], most: u64) -> (usize, u64) {
    let mut inner = 1;
    for d in (0..shape.len()).rev() {
        if inner * shape[d] > most {
            let fits = (most / inner).max(1);
            // Powers of two nest, so a box of a smaller size never straddles one of a larger.
            return (d, 1 << fits.ilog2());
        }
        inner *= shape[d];
    }
    (0, shape[0])
}

/// A box of cells: consecutive in index, and a hyperslab of the n-D grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridBox {
    /// Index of its first cell.
    pub first: u64,
    /// Number of its cells.
    pub cells: u64,
    /// Its corner along each axis.
    pub start: Vec<u64>,
    /// Its extent along each axis.
    pub count: Vec<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bad_axes_are_named() {
        for (text, part) in [
            ("Gamma=0.1:1:0", "count of 0"),
            ("Gamma=0.1:1:1", "two different ends"),
            ("Gamma=0.5:0.5:3", "both its ends"),
            ("Gamma=log:0:1:5", "through 0"),
            ("V_n=log:-1:1:5", "through 0"),
            ("Gamma=nan:1:5", "not a finite"),
            ("Gamma=0:inf:5", "not a finite"),
            ("alpha=0:2.5:5", "out of range"),
            ("beta=0:1:5", "unknown parameter"),
            ("Gamma=0:1:1.5", "whole number"),
            ("Gamma=0:1", "not an axis"),
            ("Gamma=0:1:5:7", "not an axis"),
            ("Gamma=1,3,2", "neither rise nor fall"),
            ("Gamma=1,1", "neither rise nor fall"),
            ("Gamma", "no '='"),
            ("Gamma=", "not a number"),
            ("V_n=-1.7e308:1.7e308:5", "no usable step"),
        ] {
            let message = text.parse::<Axis>().unwrap_err().to_string();
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn values_come_from_the_index_with_exact_ends() {
        let axis: Axis = "Z_T=0:0.3:4".parse().unwrap();
        assert_eq!(axis.values().collect::<Vec<_>>(), [0.0, 0.09999999999999999, 0.19999999999999998, 0.3]);
        let log: Axis = "Gamma=log:0.001:1:4".parse().unwrap();
        assert!((log.value(1) - 0.01).abs() < 1e-15 && log.value(3) == 1.0);
        assert_eq!("alpha=1".parse::<Axis>().unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn any_text_is_an_axis_or_an_error(text in "\\PC{0,40}") {
            let _ = text.parse::<Axis>();
        }

        #[test]
        fn almost_axes_are_axes_or_errors(text in "(Gamma|V_n|α|Λ|z_t|x_0)=?(log:)?[-+0-9.eEnaif:,]{0,24}") {
            if let Ok(axis) = text.parse::<Axis>() {
                prop_assert_eq!(axis.to_string().parse::<Axis>().unwrap(), axis.clone());
                prop_assert!(axis.value(0).is_finite() && axis.value(axis.len() - 1).is_finite());
            }
        }

        #[test]
        fn boxes_cover_every_cell_once_in_order(shape in prop::collection::vec(1_u64..9, 1..5), most in 1_u64..200) {
            let names = ["V_n", "R_n", "Gamma", "alpha"];
            let axes = shape.iter().zip(names).map(|(n, name)| {
                let list: Vec<_> = (0..*n).map(|i| (0.1 * (i + 1) as f64).to_string()).collect();
                format!("{name}={}", list.join(",")).parse().unwrap()
            });
            let grid = Grid::new(axes.collect()).unwrap();
            let mut next = 0;
            for b in grid.boxes(most) {
                prop_assert_eq!(b.first, next);
                prop_assert!(b.cells <= most.max(1) && b.cells == b.count.iter().product::<u64>());
                // Its first and last cell lie at the box's corners.
                let corner: Vec<_> = b.start.iter().zip(grid.axes()).map(|(i, a)| a.value(*i)).collect();
                prop_assert_eq!(grid.point(b.first), corner);
                let far: Vec<_> = b.start.iter().zip(&b.count).zip(grid.axes()).map(|((i, n), a)| a.value(i + n - 1)).collect();
                prop_assert_eq!(grid.point(b.first + b.cells - 1), far);
                next += b.cells;
            }
            prop_assert_eq!(next, grid.cells());
        }
    }
}
