//! A list of parameter sets, one a cell: its text form, and its values by index.

use super::axis::parse_value;
use super::si_axis::{needs_device, parse_quantity, sets_several};
use super::text_table::{table_lines, table_text, text_of};
use crate::error::{Error, Result};
use crate::model::physical::{QUANTITIES, quantity};
use crate::model::{COUNTERPARTS, Device, Parameter};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;

/// Most numbers of a list, rows times columns: each is kept, and a folder of parts holds them as text.
const MOST_VALUES: usize = 1 << 22;
/// What begins the text of a list that is written out, and not the name of a file.
const WRITTEN: &str = "table:";
const FORM: &str = "name the parameters in the first line, as V_n,R_n,Gamma, and give one point in each line after it";

/// Points that need not lie on a product of axes: one row a cell, one column a parameter, in the order of [`Parameter::ALL`].
///
/// ```
/// use hopfmap::{Parameter, grid::Points};
/// let points = Points::parse("table:R_n,V_n;6,2;8,2.5")?;
/// assert_eq!(points.parameters(), [Parameter::VN, Parameter::RN]);
/// assert_eq!((points.len(), points.row(1)), (2, &[2.5, 8.0][..]));
/// assert_eq!(points.to_string(), "table:V_n,R_n;2,6;2.5,8");
/// # Ok::<(), hopfmap::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Points {
    parameters: Vec<Parameter>,
    /// Row after row.
    values: Arc<[f64]>,
}

impl Points {
    /// The points of these columns, each a parameter and its value at every point.
    ///
    /// # Errors
    /// [`Error::Request`] if there is no column or no point, a parameter occurs twice, the columns are not of one length, a
    /// value is out of range, or there are more than 2^22 values.
    pub fn new(mut columns: Vec<(Parameter, Vec<f64>)>) -> Result<Self> {
        columns.sort_by_key(|c| c.0);
        let rows = columns.first().map_or(0, |c| c.1.len());
        if let Some(two) = columns.windows(2).find(|two| two[0].0 == two[1].0) {
            return Err(twice("`points`".to_string(), two[0].0));
        }
        if let Some((p, values)) = columns.iter().find(|c| c.1.len() != rows) {
            let (q, p) = (columns[0].0.name(), p.name());
            let problem = format!("`points` has {rows} values of {q} and {} of {p}", values.len());
            return Err(Error::request(problem, "give each column a value for every point"));
        }
        for (p, values) in &columns {
            for (i, value) in values.iter().enumerate() {
                p.check(*value).map_err(|e| placed(&format!("`points`, point {i}"), e, ""))?;
            }
        }
        let mut values = Vec::with_capacity(rows * columns.len());
        for i in 0..rows {
            values.extend(columns.iter().map(|c| c.1[i]));
        }
        check_size("`points`", rows, columns.len())?;
        Ok(Self { parameters: columns.into_iter().map(|c| c.0).collect(), values: values.into() })
    }

    /// The points of a CSV file with the parameters' names in its first line, by its name, or of a text that begins with
    /// `table:` and has a semicolon after each line; `-` is the standard input.
    ///
    /// # Errors
    /// [`Error::Request`] if the file cannot be read or is no such table (the message names line, column and value), or as
    /// for [`Points::new`].
    pub fn parse(text: &str) -> Result<Self> {
        Self::parse_for(text, None)
    }

    /// As [`Points::parse`], of a device in SI units: columns may have the quantities that set one parameter of it.
    ///
    /// # Errors
    /// As for [`Points::parse`], and [`Error::Request`] if a quantity has no device, is impossible for it, or sets several
    /// parameters.
    pub fn parse_for(text: &str, device: Option<&Device>) -> Result<Self> {
        if let Some(table) = text.strip_prefix(WRITTEN) {
            return Self::of_table(&table.replace(';', "\n"), "`points`", device);
        }
        let unread = |e: std::io::Error| match e.kind() {
            ErrorKind::InvalidData => {
                Error::request(format!("`points` {text} is not UTF-8 text"), "write the file in UTF-8, or in ASCII")
            }
            _ => Error::request(format!("`points` {text} cannot be read ({e})"), "name a CSV file that is there"),
        };
        let table = match text {
            "-" => text_of(std::io::stdin().lock(), Path::new("the standard input"), unread)?,
            _ => table_text(Path::new(text), unread)?,
        };
        Self::of_table(&table, if text == "-" { "the standard input" } else { text }, device)
    }

    /// The points of a table, which messages call by this name.
    fn of_table(text: &str, name: &str, device: Option<&Device>) -> Result<Self> {
        let mut lines = table_lines(text);
        let Some((number, _, names)) = lines.next() else {
            return Err(Error::request(format!("{name} is empty"), FORM));
        };
        let mut kinds: Vec<ColumnKind> = Vec::new();
        for (i, column) in names.iter().enumerate() {
            let place = format!("{name}, line {number}, column {}", i + 1);
            let kind = ColumnKind::parse(column, device).map_err(|e| placed(&place, e, FORM))?;
            if kinds.iter().any(|k| k.parameter == kind.parameter) {
                return Err(twice(place, kind.parameter));
            }
            kinds.push(kind);
        }
        for kind in &kinds {
            let is_taken = |p| kinds.iter().any(|k| k.parameter == p);
            kind.check(is_taken).map_err(|e| placed(&format!("{name}, line {number}"), e, ""))?;
        }
        let mut columns: Vec<(Parameter, Vec<f64>)> = kinds.iter().map(|k| (k.parameter, Vec::new())).collect();
        let count = columns.len();
        for (number, line, values) in lines {
            if values.len() != count {
                let n = values.len();
                let problem = format!("{name}, line {number} has {n} values and there are {count} columns: `{line}`");
                return Err(Error::request(problem, "give a value for each column"));
            }
            for ((kind, (_, column)), value) in kinds.iter().zip(&mut columns).zip(values) {
                let place = || format!("{name}, line {number}, column {}", kind.name());
                column.push(kind.value(value).map_err(|e| placed(&place(), e, ""))?);
            }
            check_size(name, columns[0].1.len(), count)?;
        }
        if columns[0].1.is_empty() {
            return Err(Error::request(format!("{name} has no points"), FORM));
        }
        Self::new(columns)
    }

    /// The parameters, in the order of the columns.
    #[must_use]
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Number of points.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a list has a point")]
    pub fn len(&self) -> usize {
        self.values.len() / self.parameters.len()
    }

    /// The values at one point, in the order of the columns.
    #[must_use]
    pub fn row(&self, index: usize) -> &[f64] {
        let columns = self.parameters.len();
        &self.values[index * columns..(index + 1) * columns]
    }

    /// The values of a parameter at all points; none if it is no column.
    pub fn column(&self, p: Parameter) -> impl Iterator<Item = f64> + '_ {
        let at = self.parameters.iter().position(|q| *q == p);
        let (first, count) = (at.unwrap_or(0), at.map_or(0, |_| self.len()));
        self.values.iter().skip(first).step_by(self.parameters.len()).take(count).copied()
    }

    /// The (smallest, largest) value of a parameter; `None` if it is no column.
    #[must_use]
    pub fn extent(&self, p: Parameter) -> Option<(f64, f64)> {
        self.column(p).map(|v| (v, v)).reduce(|(low, high), (v, _)| (low.min(v), high.max(v)))
    }
}

/// What a column of a table has.
struct ColumnKind<'a> {
    parameter: Parameter,
    /// The quantity in SI units that sets the parameter, by its index, and the device.
    quantity: Option<(usize, &'a Device)>,
}

impl<'a> ColumnKind<'a> {
    fn parse(name: &str, device: Option<&'a Device>) -> Result<Self> {
        // Of a device, L is the length, which the parameter's name is taken for elsewhere.
        let is_length = device.is_some() && name.trim() == "L";
        let unknown = match Parameter::parse(name).map(|parameter| (parameter, is_length)) {
            Ok((_, true)) => return Err(sets_several("L")),
            Ok((parameter, false)) => return Ok(Self { parameter, quantity: None }),
            Err(unknown) => unknown,
        };
        let Some(index) = quantity(name) else { return Err(unknown) };
        let device = device.ok_or_else(|| needs_device(name))?;
        let own = COUNTERPARTS.into_iter().find(|c| c.1 == name);
        let (parameter, _) = own.ok_or_else(|| sets_several(name))?;
        Ok(Self { parameter, quantity: Some((index, device)) })
    }

    fn name(&self) -> &'static str {
        self.quantity.map_or(self.parameter.name(), |(index, _)| QUANTITIES[index].0)
    }

    /// Checks that a quantity sets its parameter alone.
    fn check(&self, is_taken: impl Fn(Parameter) -> bool) -> Result<()> {
        self.quantity.map_or(Ok(()), |(_, device)| device.check_axis(self.name(), is_taken))
    }

    /// The parameter's value of a text.
    fn value(&self, text: &str) -> Result<f64> {
        let Some((index, device)) = self.quantity else { return parse_value(self.parameter, text) };
        Ok(device.with(index, parse_quantity(index, text)?)?.dimensionless().get(self.parameter))
    }
}

/// Checks that the numbers of a list are not too many, nor none.
fn check_size(name: &str, rows: usize, columns: usize) -> Result<()> {
    match rows.saturating_mul(columns) {
        0 => Err(Error::request(format!("{name} has no points"), FORM)),
        1..=MOST_VALUES => Ok(()),
        _ => Err(Error::request(
            format!("{name} has {rows} points or more of {columns} values each, over {MOST_VALUES} values in all"),
            format!("give {} points at most, and several lists", MOST_VALUES / columns),
        )),
    }
}

fn twice(place: String, p: Parameter) -> Error {
    Error::request(format!("{place}: {} has a column already", p.name()), "give each parameter one column")
}

/// An error with its place in front; `more` is added to the remedy.
fn placed(place: &str, e: Error, more: &str) -> Error {
    match e {
        Error::Request { problem, remedy } => {
            let remedy = if more.is_empty() { remedy } else { format!("{remedy}; {more}") };
            Error::request(format!("{place}: {problem}"), remedy)
        }
        other => other,
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parameters.iter().map(|p| p.name()).collect();
        write!(f, "{WRITTEN}{}", names.join(","))?;
        for row in self.values.chunks(self.parameters.len()) {
            for (i, value) in row.iter().enumerate() {
                write!(f, "{}{}", if i == 0 { ';' } else { ',' }, crate::error::shown(*value))?;
            }
        }
        Ok(())
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}
