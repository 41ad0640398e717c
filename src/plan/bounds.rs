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
        if let Some(axis) = self.axis(p) {
            return axis.extent();
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
        let count = |p| self.axis(p).map_or(1, Axis::len);
        let value = |p, i| self.axis(p).map_or(self.of(p).0, |a| a.value(i));
        let (lengths, tunnels) = (count(Parameter::L), count(Parameter::Lambda));
        if lengths * tunnels > MOST_TABLES {
            return Err(Error::request(
                format!(
                    "a grid over {lengths} values of l and {tunnels} of lambda takes {} tables, over {MOST_TABLES}",
                    lengths * tunnels
                ),
                "ask for fewer values of l and lambda",
            ));
        }
        let largest = |p| self.of(p).1;
        let v_n = self.of(Parameter::VN);
        let start = match start {
            // An equilibrium lies between 0 and V_n, as random states do.
            Start::Rest | Start::Equilibria | Start::Near(_) | Start::Random { .. } => 0.0,
            Start::At(s) => s.v,
        };
        let v = (v_n.0.min(start).min(0.0), v_n.1.max(start).max(0.0));
        let within = ParameterRanges { v, v_n, x_0: self.of(Parameter::X0) };
        let bound = |i: u64| {
            let (l, lambda) = (value(Parameter::L, i / tunnels), value(Parameter::Lambda, i % tunnels));
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
        Ok((0..lengths * tunnels).into_par_iter().map(bound).reduce(|| Rates::NONE, Rates::or))
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
