//! Bounds over all cells of a sweep: each parameter's extent, and the rates of motion.

use crate::error::{Error, Result, shown};
use crate::grid::{Axis, Grid};
use crate::model::{Conductance, Parameter, ParameterRanges, Parameters, Rates, Start};
use rayon::prelude::*;

/// Largest number of tables in a sweep; each takes a millisecond or more to build.
const MOST_TABLES: u64 = 1 << 20;

/// The parameters' extents over the cells of a grid.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extents<'a> {
    /// The axes.
    pub(super) grid: &'a Grid,
    /// Parameters that are the same in every cell.
    pub(super) fixed: &'a [(Parameter, f64)],
}

impl Extents<'_> {
    /// The (smallest, largest) value of a parameter over all cells.
    pub(super) fn of(&self, p: Parameter) -> (f64, f64) {
        if let Some(extent) = self.grid.extent(p) {
            return extent;
        }
        let value = self.fixed.iter().find(|(q, _)| *q == p).map_or(0.0, |(_, v)| *v);
        (value, value)
    }

    fn axis(&self, p: Parameter) -> Option<&Axis> {
        self.grid.axes().iter().find(|a| a.parameter == p)
    }

    /// Checks that single precision holds every value of the cells and their start.
    ///
    /// # Errors
    /// [`Error::Request`] if a value overflows, or vanishes without being 0.
    pub(super) fn check_fits_single(&self, start: Start) -> Result<()> {
        for p in Parameter::ALL {
            let (low, high) = self.of(p);
            let lost = |v: &f64| !(*v as f32).is_finite() || (*v != 0.0 && *v as f32 == 0.0);
            if let Some(v) = [low, high].into_iter().find(lost) {
                return Err(Error::request(
                    format!("{} = {} does not fit single precision", p.name(), shown(v)),
                    "use `precision` f64 `engine` cpu, or a more moderate value",
                ));
            }
        }
        if let Start::At(s) = start
            && !(s.v as f32).is_finite()
        {
            return Err(Error::request(
                format!("the start V = {} does not fit single precision", shown(s.v)),
                "use `precision` f64 `engine` cpu, or a more moderate value",
            ));
        }
        Ok(())
    }

    /// Bounds on the rates over all cells: for each (l, lambda), with the largest of every other
    /// parameter and the widest ranges of V, V_n and x_0.
    ///
    /// # Errors
    /// [`Error::Request`] if the grid has more geometries than tables are made.
    pub(super) fn rates(&self, start: Start) -> Result<Rates> {
        let geometries = self.geometries()?;
        let largest = |p| self.of(p).1;
        let v_n = self.of(Parameter::VN);
        let start = match start {
            // An equilibrium lies between 0 and V_n, as random states do.
            Start::Rest | Start::Equilibria | Start::Near(_) | Start::Random { .. } => 0.0,
            Start::At(s) => s.v,
        };
        let v = (v_n.0.min(start).min(0.0), v_n.1.max(start).max(0.0));
        let within = ParameterRanges { v, v_n, x_0: self.of(Parameter::X0) };
        let bound = |&(l, lambda): &(f64, f64)| {
            let p = Parameters {
                v_n: v_n.1,
                r_n: largest(Parameter::RN),
                gamma: largest(Parameter::Gamma),
                alpha: largest(Parameter::Alpha),
                z_t: largest(Parameter::ZT),
                omega: largest(Parameter::Omega),
                x_0: within.x_0.1,
                l,
                lambda,
            };
            Rates::bound(&p, &within, &Conductance::new(l, lambda))
        };
        Ok(geometries.par_iter().map(bound).reduce(|| Rates::NONE, Rates::or))
    }

    /// The (l, lambda) of the cells: all pairs of the axes' values, or those of the points.
    fn geometries(&self) -> Result<Vec<(f64, f64)>> {
        let (l, lambda) = (Parameter::L, Parameter::Lambda);
        if let Some(points) = self.grid.points() {
            let values = |p| match points.extent(p) {
                Some(_) => points.column(p).collect(),
                None => vec![self.of(p).0; points.len()],
            };
            let mut pairs: Vec<_> = values(l).into_iter().zip(values(lambda)).collect();
            pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            pairs.dedup();
            return check_tables(pairs.len() as u64, || format!("points of {} geometries", pairs.len()))
                .map(|()| pairs);
        }
        let values = |p| self.axis(p).map_or_else(|| vec![self.of(p).0], |a| a.values().collect());
        let count = |p| self.axis(p).map_or(1, Axis::len);
        let what = || format!("a grid over {} values of l and {} of lambda", count(l), count(lambda));
        check_tables(count(l).saturating_mul(count(lambda)), what)?;
        let (lengths, tunnels) = (values(l), values(lambda));
        Ok(lengths.iter().flat_map(|l| tunnels.iter().map(|lambda| (*l, *lambda))).collect())
    }

    /// The slowest rates that any cell can have.
    pub(super) fn slowest(&self) -> Rates {
        let least = |p| self.of(p).0;
        let v_n = self.of(Parameter::VN);
        Rates {
            rotation: least(Parameter::Omega).hypot(least(Parameter::Gamma)),
            stiff: 1.0 + least(Parameter::Gamma),
            drive: 2.0 * v_n.0.max(-v_n.1).max(0.0),
        }
    }
}

/// Checks that the tables of a sweep are not too many to make.
fn check_tables(count: u64, what: impl Fn() -> String) -> Result<()> {
    if count <= MOST_TABLES {
        return Ok(());
    }
    Err(Error::request(
        format!("{} takes {count} tables, over {MOST_TABLES}", what()),
        "ask for fewer values of l and lambda",
    ))
}
