//! A request made ready: validated, its step chosen, its cells countable one by one.

use super::pace::{Times, pace};
use super::request::{Request, Start};
use crate::columns::COLUMNS;
use crate::engine::{Cell, Precision};
use crate::error::{Error, Result, shown};
use crate::grid::{Axis, Grid};
use crate::model::{Conductance, Parameter, Parameters, Rates, State, Within};
use rayon::prelude::*;

/// Tables of a sweep at most: each takes a thousandth of a second or more to make.
const MOST_TABLES: u64 = 1 << 20;

/// A sweep that can run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The request it was made from.
    pub request: Request,
    /// Its grid.
    pub grid: Grid,
    /// Parameters that are the same in every cell.
    pub fixed: Vec<(Parameter, f64)>,
    /// RK4's step for all cells.
    pub dt: f64,
    /// Bounds on the rates of motion over all cells, from which the step follows.
    pub rates: Rates,
    start: Start,
    times: Times,
}

impl Plan {
    /// Checks a request and chooses what it leaves open.
    ///
    /// # Errors
    /// Whatever in the request breaks a limit: the message has value, limit and remedy.
    pub fn new(request: Request) -> Result<Self> {
        let (grid, fixed) = request.points()?;
        let start: Start = request.start.parse()?;
        let positive = |name: &str, value: Option<f64>| match value {
            Some(v) if !(v > 0.0 && v.is_finite()) => Err(Error::request(
                format!("{name} = {v} is not a positive number"),
                format!("give {name} in units of tau_c, above 0"),
            )),
            _ => Ok(()),
        };
        positive("--dt", request.dt)?;
        positive("--t-max", request.t_max)?;
        positive("--window", request.window)?;
        let times = Times { t_max: request.t_max, window: request.window };
        let mut plan = Self { grid, fixed, dt: 0.0, rates: Rates::NONE, start, times, request };
        if plan.request.precision == Precision::F32 {
            plan.check_fits_single()?;
        }
        plan.rates = plan.bound_rates()?;
        plan.dt = plan.choose_step()?;
        plan.check_pace()?;
        Ok(plan)
    }

    fn extent(&self, p: Parameter) -> (f64, f64) {
        if let Some(axis) = self.grid.axes().iter().find(|a| a.parameter == p) {
            return axis.extent();
        }
        let value = self.fixed.iter().find(|(q, _)| *q == p).map_or(0.0, |(_, v)| *v);
        (value, value)
    }

    fn check_fits_single(&self) -> Result<()> {
        for p in Parameter::ALL {
            let (low, high) = self.extent(p);
            let lost = |v: &f64| !(*v as f32).is_finite() || (*v != 0.0 && *v as f32 == 0.0);
            if let Some(v) = [low, high].into_iter().find(lost) {
                return Err(Error::request(
                    format!("{} = {} does not fit single precision", p.name(), shown(v)),
                    "use --precision f64 --engine cpu, or a more moderate value",
                ));
            }
        }
        if let Start::At(s) = self.start
            && !(s.v as f32).is_finite()
        {
            return Err(Error::request(
                format!("the start V = {} does not fit single precision", shown(s.v)),
                "use --precision f64 --engine cpu, or a more moderate value",
            ));
        }
        Ok(())
    }

    fn axis(&self, p: Parameter) -> Option<&Axis> {
        self.grid.axes().iter().find(|a| a.parameter == p)
    }

    /// Bounds over all cells: each (l, lambda) with the largest of every other parameter and the widest ranges.
    fn bound_rates(&self) -> Result<Rates> {
        let count = |p| self.axis(p).map_or(1, Axis::len);
        let value = |p, i| self.axis(p).map_or(self.extent(p).0, |a| a.value(i));
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
        let largest = |p| self.extent(p).1;
        let v_n = self.extent(Parameter::VN);
        let start = match self.start {
            Start::Rest => 0.0,
            Start::At(s) => s.v,
        };
        let v = (v_n.0.min(start).min(0.0), v_n.1.max(start).max(0.0));
        let within = Within { v, v_n, x_0: self.extent(Parameter::X0) };
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

    fn choose_step(&self) -> Result<f64> {
        let longest = self.rates.longest_stable_step();
        let dt = self.request.dt.unwrap_or_else(|| self.rates.step());
        if dt > longest {
            return Err(Error::request(
                format!(
                    "--dt {dt} is beyond RK4's stability: the stiffest cell allows {} (its rates are {:.4e}, {:.4e} and {:.4e})",
                    shown(longest),
                    self.rates.turn,
                    self.rates.stiff,
                    self.rates.drive
                ),
                format!("give --dt {} or less, or leave it off", shown(self.rates.step())),
            ));
        }
        if !(dt.is_normal() && (dt as f32).is_normal()) {
            return Err(Error::request(
                format!("the stiffest cell needs the step dt = {}, too short to be counted", shown(dt)),
                "sweep smaller values of R_n, Gamma or Omega",
            ));
        }
        Ok(dt)
    }

    /// The pace is monotonic in every parameter, so the grid's corners show whether any cell's breaks a limit.
    fn check_pace(&self) -> Result<()> {
        let shape = self.grid.shape();
        for corner in 0..1_u64 << shape.len() {
            let far = |d: usize| corner >> d & 1 == 1;
            let index = (0..shape.len()).fold(0, |i, d| i * shape[d] + if far(d) { shape[d] - 1 } else { 0 });
            self.cell(index)?;
        }
        Ok(())
    }

    /// The parameters of cell `index`.
    #[must_use]
    pub fn parameters(&self, index: u64) -> Parameters<f64> {
        let mut values = [0.0; crate::model::COUNT];
        for (p, value) in &self.fixed {
            values[*p as usize] = *value;
        }
        for (axis, value) in self.grid.axes().iter().zip(self.grid.point(index)) {
            values[axis.parameter as usize] = value;
        }
        Parameters::from_array(values)
    }

    /// Cell `index`, or `None` where alpha Gamma = 0: nothing pulls Z to Z_T there, so the end depends on the start.
    ///
    /// # Errors
    /// A cell whose pace breaks a limit (the plan has checked the grid's corners already).
    pub fn cell(&self, index: u64) -> Result<Option<Cell>> {
        let parameters = self.parameters(index);
        if parameters.alpha * parameters.gamma == 0.0 {
            return Ok(None);
        }
        let (window_steps, max_windows) = pace(&parameters, self.dt, &self.times)?;
        let start = match self.start {
            Start::Rest => State::rest(parameters.z_t),
            Start::At(state) => state,
        };
        Ok(Some(Cell { parameters, start, window_steps, max_windows, table: 0 }))
    }

    /// Largest size the columns can take on disk.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let each: usize = if self.request.precision == Precision::F64 { 8 } else { 4 };
        let axes: u64 = self.grid.axes().iter().map(|a| 8 * a.len()).sum();
        self.grid.cells().saturating_mul((COLUMNS.len() * each + 1) as u64).saturating_add(axes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(toml: &str) -> Result<Plan> {
        Plan::new(
            Request::from_toml(&format!("grid = ['Gamma=0:1:5', 'Z_T=0:1:3']\n{toml}\n[set]\nV_n = 2.0\nR_n = 6.0\n"))
                .unwrap(),
        )
    }

    #[test]
    fn step_follows_the_rule_and_yields_to_the_request() {
        assert!((plan("").unwrap().dt - 0.14 / 7.0_f64.hypot(1.0)).abs() < 1e-12);
        assert_eq!(plan("dt = 0.01").unwrap().dt, 0.01);
        assert!(plan("dt = 1.0").unwrap_err().to_string().contains("stability"));
        for bad in ["dt = 0.0", "dt = -1.0", "dt = nan", "t_max = 0.0", "window = inf"] {
            assert!(plan(bad).is_err(), "{bad}");
        }
        assert!(plan("t_max = 10.0\nwindow = 5.0").unwrap_err().to_string().contains("windows"));
        assert!(plan("t_max = 1e12").unwrap_err().to_string().contains("steps"));
    }

    #[test]
    fn without_relaxation_there_is_no_cell() {
        let plan = plan("").unwrap();
        assert!(plan.cell(0).unwrap().is_none());
        let cell = plan.cell(14).unwrap().unwrap();
        assert_eq!((cell.parameters.gamma, cell.parameters.z_t, cell.start.z), (1.0, 1.0, 1.0));
    }
}
