//! Files of cycles along one parameter: branches of cycles with their special points, over the lines of equilibria.

use super::Output;
use super::checked::{CheckedFile, Element};
use super::hdf5_file::{dataset, read_all};
use super::netcdf::{attach_groups, coordinates, make_scale, name_flags, number, one, read_number, read_text};
use super::schema::{SCHEMA, Value, long_name};
use super::writer::described;
use crate::error::{Error, Result};
use crate::model::Parameter;
use hdf5::{Dataset, File};
use std::path::Path;

/// Root attributes: the continued parameter, and the ends of its range.
const FOLLOWED: [&str; 3] = ["along", "along_low", "along_high"];
/// Names of the multipliers' parts.
const PARTS: [&str; 2] = ["multiplier_re", "multiplier_im"];
/// Number of multipliers of a cycle.
const MULTIPLIERS: usize = 4;

/// A cycle of a branch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoredCycle {
    /// Number of the branch.
    pub branch: u32,
    /// Value of the continued parameter.
    pub value: f64,
    /// Span, smallest, largest and mean V, period, mean current, mean power.
    pub numbers: [f64; 7],
    /// Number of maxima of V in a period.
    pub maxima: u32,
    /// Floquet multipliers, as real and imaginary parts.
    pub multipliers: [[f64; MULTIPLIERS]; 2],
    /// Whether the cycle is stable.
    pub stable: bool,
}

/// A special point of a branch of cycles, or of a line of equilibria.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoredSpecial {
    /// Number of the branch; of an equilibrium, 0.
    pub branch: u32,
    /// Number of its kind.
    pub kind: u8,
    /// Value of the continued parameter.
    pub value: f64,
    /// Of a cycle: span, largest V, period; of an equilibrium: V, angular frequency, first Lyapunov coefficient.
    pub numbers: [f64; 3],
}

/// An equilibrium of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StoredEquilibrium {
    /// Number of the line.
    pub line: u32,
    /// Value of the continued parameter.
    pub value: f64,
    /// Voltage.
    pub v: f64,
    /// Whether the equilibrium is stable.
    pub stable: bool,
}

/// Cycles and equilibria along one parameter.
#[derive(Debug, Clone, Default)]
pub struct BranchSet {
    /// The continued parameter with its range; `None` only before it is set.
    pub followed: Option<(Parameter, f64, f64)>,
    /// Parameters that are the same everywhere.
    pub fixed: Vec<(Parameter, f64)>,
    /// Cycles, branch after branch, in their order.
    pub cycles: Vec<StoredCycle>,
    /// Special points of the branches.
    pub special: Vec<StoredSpecial>,
    /// Equilibria, line after line, in their order.
    pub equilibria: Vec<StoredEquilibrium>,
    /// Special points of the equilibria.
    pub special_equilibria: Vec<StoredSpecial>,
    /// Names of the kinds of special points of branches and of equilibria, by number.
    pub kinds: [Vec<&'static str>; 2],
    /// Root attributes.
    pub attributes: Vec<(String, Value)>,
}

const NUMBERS: [(&str, &str); 7] = [
    ("span", "oscillation span V_max - V_min"),
    ("v_min", "smallest voltage V of the cycle"),
    ("v_max", "largest voltage V of the cycle"),
    ("v_mean", "mean voltage V of the cycle"),
    ("period", "period of the cycle, in units of tau_c"),
    ("current", "mean current g V through the memristor"),
    ("power", "mean power g V^2 in the memristor"),
];
const SPECIAL: [(&str, &str); 3] = [
    ("special_span", "oscillation span at the special point"),
    ("special_v_max", "largest voltage V at the special point"),
    ("special_period", "period at the special point, in units of tau_c"),
];
const SPECIAL_EQUILIBRIA: [(&str, &str); 3] = [
    ("special_equilibrium_V", "voltage of the special equilibrium"),
    ("special_equilibrium_omega", "angular frequency at a Hopf point, in units of 1/tau_c"),
    (
        "special_equilibrium_lyapunov",
        "first Lyapunov coefficient at a Hopf point: negative where the cycle is born stable",
    ),
];

/// Writes a file of branches atomically.
///
/// # Errors
/// [`Error::File`] if the folder cannot be written to, or the disk is full.
pub fn write_branches(output: Output<'_>, content: &BranchSet) -> Result<()> {
    super::write_whole(output, |file| write(file, content))
}

/// Variables of one dimension, as they are written.
struct Writing<'a> {
    file: &'a mut CheckedFile,
    names: Vec<String>,
}

impl Writing<'_> {
    /// Begins a dimension with the index of its entries.
    fn dimension<'a>(
        file: &'a mut CheckedFile,
        name: &str,
        long_name: &str,
        count: usize,
    ) -> hdf5::Result<Writing<'a>> {
        let root = (**file.file()).clone();
        let index: Vec<u32> = (0_u32..).take(count).collect();
        make_scale(&described(file.list(&root, name, &index)?, long_name)?, name)?;
        Ok(Writing { file, names: Vec::new() })
    }

    fn list<T: Element>(&mut self, name: &str, long_name: &str, values: &[T]) -> hdf5::Result<Dataset> {
        let root = (**self.file.file()).clone();
        self.names.push(name.to_string());
        described(self.file.list(&root, name, values)?, long_name)
    }

    fn flags(&mut self, name: &str, long_name: &str, values: &[u8], meanings: &[&str]) -> hdf5::Result<()> {
        let numbers: Vec<u8> = (0_u8..).take(meanings.len()).collect();
        name_flags(&self.list(name, long_name, values)?, &numbers, meanings)
    }
}

fn write(file: &mut CheckedFile, content: &BranchSet) -> hdf5::Result<()> {
    let root = (**file.file()).clone();
    number(&root, "hopfmap_branches_schema", SCHEMA)?;
    file.attributes(&content.attributes)?;
    let Some((parameter, low, high)) = content.followed else { return Err("no parameter is continued".into()) };
    file.attribute(FOLLOWED[0], &Value::Text(parameter.name().to_string()))?;
    file.attribute(FOLLOWED[1], &Value::Number(low))?;
    file.attribute(FOLLOWED[2], &Value::Number(high))?;
    for (p, value) in &content.fixed {
        described(file.scalar(&root, p.name(), *value)?, &long_name(*p))?;
    }
    let name = parameter.name();
    let stability = ["unstable", "stable"];

    let cycles = &content.cycles;
    let mut point = Writing::dimension(file, "point", "index of the cycle", cycles.len())?;
    point.list(name, &long_name(parameter), &cycles.iter().map(|c| c.value).collect::<Vec<_>>())?;
    for (i, (name, long_name)) in NUMBERS.iter().enumerate() {
        point.list(name, long_name, &cycles.iter().map(|c| c.numbers[i]).collect::<Vec<_>>())?;
    }
    let maxima: Vec<u32> = cycles.iter().map(|c| c.maxima).collect();
    point.list("maxima", "number of maxima of V in a period", &maxima)?;
    point.list("branch", "number of the branch", &cycles.iter().map(|c| c.branch).collect::<Vec<_>>())?;
    let stable: Vec<u8> = cycles.iter().map(|c| u8::from(c.stable)).collect();
    point.flags("stable", "whether the cycle is stable", &stable, &stability)?;
    let point = point.names;
    let multiplier: Vec<u32> = (0_u32..).take(MULTIPLIERS).collect();
    let scale =
        described(file.list(&root, "multiplier", &multiplier)?, "index of the multiplier: the trivial one first")?;
    make_scale(&scale, "multiplier")?;
    for (part, (name, words)) in PARTS.iter().zip(["real", "imaginary"]).enumerate() {
        let values: Vec<f64> = cycles.iter().flat_map(|c| c.multipliers[part]).collect();
        let array = file.array(&root, name, &[cycles.len(), MULTIPLIERS], &values)?;
        described(array, &format!("{words} part of the Floquet multiplier"))?;
    }

    let special = &content.special;
    let mut writing = Writing::dimension(file, "special", "index of the special point", special.len())?;
    writing.list(
        &format!("special_{name}"),
        &long_name(parameter),
        &special.iter().map(|s| s.value).collect::<Vec<_>>(),
    )?;
    for (i, (name, long_name)) in SPECIAL.iter().enumerate() {
        writing.list(name, long_name, &special.iter().map(|s| s.numbers[i]).collect::<Vec<_>>())?;
    }
    let kinds: Vec<u8> = special.iter().map(|s| s.kind).collect();
    writing.flags("special_kind", "kind of the special point", &kinds, &content.kinds[0])?;
    let branches: Vec<u32> = special.iter().map(|s| s.branch).collect();
    writing.list("special_branch", "number of the branch of the special point", &branches)?;
    let special = writing.names;

    let all = &content.equilibria;
    let mut writing = Writing::dimension(file, "equilibrium", "index of the equilibrium", all.len())?;
    let values: Vec<f64> = all.iter().map(|e| e.value).collect();
    writing.list(&format!("equilibrium_{name}"), &long_name(parameter), &values)?;
    writing.list("equilibrium_V", "voltage of the equilibrium", &all.iter().map(|e| e.v).collect::<Vec<_>>())?;
    writing.list("equilibrium_line", "number of the line", &all.iter().map(|e| e.line).collect::<Vec<_>>())?;
    let stable: Vec<u8> = all.iter().map(|e| u8::from(e.stable)).collect();
    writing.flags("equilibrium_stable", "whether the equilibrium is stable", &stable, &stability)?;
    let equilibria = writing.names;

    let all = &content.special_equilibria;
    let mut writing = Writing::dimension(file, "special_equilibrium", "index of the special equilibrium", all.len())?;
    let values: Vec<f64> = all.iter().map(|s| s.value).collect();
    writing.list(&format!("special_equilibrium_{name}"), &long_name(parameter), &values)?;
    for (i, (name, long_name)) in SPECIAL_EQUILIBRIA.iter().enumerate() {
        writing.list(name, long_name, &all.iter().map(|s| s.numbers[i]).collect::<Vec<_>>())?;
    }
    let kinds: Vec<u8> = all.iter().map(|s| s.kind).collect();
    let meanings: Vec<String> = content.kinds[1].iter().map(|k| k.replace(' ', "_")).collect();
    let meanings: Vec<&str> = meanings.iter().map(String::as_str).collect();
    writing.flags("special_equilibrium_kind", "kind of the special equilibrium", &kinds, &meanings)?;
    let special_equilibria = writing.names;

    let fixed: Vec<_> = content.fixed.iter().map(|(p, _)| p.name()).collect();
    for name in point.iter().chain(&special).chain(&equilibria).chain(&special_equilibria) {
        coordinates(&root.dataset(name)?, &fixed)?;
    }
    let axis = |name: &str| vec![name.to_string()];
    attach_groups(
        &root,
        &[
            (&axis("point"), &point),
            (&["point".to_string(), "multiplier".to_string()], &PARTS.map(str::to_string)),
            (&axis("special"), &special),
            (&axis("equilibrium"), &equilibria),
            (&axis("special_equilibrium"), &special_equilibria),
        ],
    )
}

impl BranchSet {
    /// Opens a file written by `hopfmap cycles`; names of kinds and attributes are not read.
    ///
    /// # Errors
    /// [`Error::Request`] if the file does not exist, is damaged, or holds no branches; [`Error::File`] if it cannot be
    /// read.
    pub fn open(path: &Path) -> Result<Self> {
        read(&super::reader::open(path)?).map_err(|e| {
            Error::input(path, format!("is no file of branches ({e})"), "name a file that hopfmap cycles has written")
        })
    }
}

/// Checks that columns are of one length and finite.
fn check(columns: &[&Vec<f64>], count: usize) -> hdf5::Result<()> {
    if columns.iter().any(|c| c.len() != count || c.iter().any(|v| !v.is_finite())) {
        return Err("its variables are not of one length, or not finite".into());
    }
    Ok(())
}

fn read(file: &File) -> hdf5::Result<BranchSet> {
    let parameter = Parameter::parse(&read_text(file, FOLLOWED[0])?).map_err(|e| hdf5::Error::from(e.to_string()))?;
    let (low, high) = (read_number::<f64>(file, FOLLOWED[1])?, read_number::<f64>(file, FOLLOWED[2])?);
    if !(low.is_finite() && high.is_finite() && low < high) {
        return Err(format!("{} from {low} to {high} is no range", parameter.name()).into());
    }
    let (name, values) = (parameter.name(), |name: &str| read_all::<f64>(&dataset(file, name)?));
    let numbers = |name: &str| read_all::<u32>(&dataset(file, name)?);
    let flags = |name: &str| read_all::<u8>(&dataset(file, name)?);
    let mut found = BranchSet { followed: Some((parameter, low, high)), ..BranchSet::default() };
    for p in Parameter::ALL.into_iter().filter(|p| *p != parameter) {
        found.fixed.push((p, one(&*dataset(file, p.name())?)?));
    }

    let (value, branch, maxima, stable) = (values(name)?, numbers("branch")?, numbers("maxima")?, flags("stable")?);
    let columns = NUMBERS.iter().map(|(name, _)| values(name)).collect::<hdf5::Result<Vec<_>>>()?;
    let parts = PARTS.iter().map(|name| values(name)).collect::<hdf5::Result<Vec<_>>>()?;
    let count = value.len();
    check(&columns.iter().chain([&value]).collect::<Vec<_>>(), count)?;
    check(&parts.iter().collect::<Vec<_>>(), MULTIPLIERS * count)?;
    if [branch.len(), maxima.len(), stable.len()] != [count; 3] {
        return Err("its variables are not of one length".into());
    }
    found.cycles = (0..count)
        .map(|i| StoredCycle {
            branch: branch[i],
            value: value[i],
            numbers: std::array::from_fn(|k| columns[k][i]),
            maxima: maxima[i],
            multipliers: std::array::from_fn(|k| std::array::from_fn(|m| parts[k][MULTIPLIERS * i + m])),
            stable: stable[i] == 1,
        })
        .collect();

    found.special = special(
        &values(&format!("special_{name}"))?,
        &flags("special_kind")?,
        &numbers("special_branch")?,
        &SPECIAL.iter().map(|(name, _)| values(name)).collect::<hdf5::Result<Vec<_>>>()?,
    )?;
    let kinds = flags("special_equilibrium_kind")?;
    found.special_equilibria = special(
        &values(&format!("special_equilibrium_{name}"))?,
        &kinds,
        &vec![0; kinds.len()],
        &SPECIAL_EQUILIBRIA.iter().map(|(name, _)| values(name)).collect::<hdf5::Result<Vec<_>>>()?,
    )?;

    let (value, v) = (values(&format!("equilibrium_{name}"))?, values("equilibrium_V")?);
    let (line, stable) = (numbers("equilibrium_line")?, flags("equilibrium_stable")?);
    check(&[&value, &v], value.len())?;
    if [line.len(), stable.len()] != [value.len(); 2] {
        return Err("its variables are not of one length".into());
    }
    found.equilibria = (0..value.len())
        .map(|i| StoredEquilibrium { line: line[i], value: value[i], v: v[i], stable: stable[i] == 1 })
        .collect();
    Ok(found)
}

fn special(value: &[f64], kind: &[u8], branch: &[u32], columns: &[Vec<f64>]) -> hdf5::Result<Vec<StoredSpecial>> {
    let count = value.len();
    let fits = kind.len() == count && branch.len() == count && columns.iter().all(|c| c.len() == count);
    if !fits || value.iter().any(|v| !v.is_finite()) {
        return Err("its special points are not of one length, or not finite".into());
    }
    let point = |i: usize| StoredSpecial {
        branch: branch[i],
        kind: kind[i],
        value: value[i],
        numbers: std::array::from_fn(|k| columns[k][i]),
    };
    Ok((0..count).map(point).collect())
}
