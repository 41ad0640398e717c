//! A request made ready: validated, its step chosen, its cells countable one by one.

use super::pace::{Times, pace};
use super::request::{Request, Start};
use crate::columns::COLUMNS;
use crate::engine::{Cell, Precision};
use crate::error::{Error, Result, shown};
use crate::grid::Grid;
use crate::model::{Conductance, Parameter, Parameters, Rates, State};
use rayon::prelude::*;

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
        let mut plan = Self { grid, fixed, dt: 0.0, rates: Rates { turn: 0.0, stiff: 0.0 }, start, times, request };
        if plan.request.precision == Precision::F32 {
            plan.check_fits_single()?;
        }
        plan.rates = plan.bound_rates();
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
            if let Some(v) = [low, high].into_iter().find(|v| !(*v as f32).is_finite()) {
                return Err(Error::request(
                    format!("{} = {} does not fit single precision", p.name(), shown(v)),
                    "use --precision f64 --engine cpu, or a smaller value",
                ));
            }
        }
        Ok(())
    }

    /// Every geometry (x_0, l, lambda) of the grid.
    fn geometries(&self) -> Vec<[f64; 3]> {
        let values = |p: Parameter| match self.grid.axes().iter().find(|a| a.parameter == p) {
            Some(axis) => axis.values().collect(),
            None => vec![self.extent(p).0],
        };
        let mut all = Vec::new();
        let lambdas = values(Parameter::Lambda);
        let lengths = values(Parameter::L);
        for x_0 in values(Parameter::X0) {
            for &l in &lengths {
                all.extend(lambdas.iter().map(|&lambda| [x_0, l, lambda]));
            }
        }
        all
    }

    /// Bounds over all cells: each geometry with the largest of every other parameter and the widest range of V.
    fn bound_rates(&self) -> Rates {
        let largest = |p| self.extent(p).1;
        let (low, high) = self.extent(Parameter::VN);
        let start = match self.start {
            Start::Rest => 0.0,
            Start::At(s) => s.v,
        };
        let v_range = (low.min(start).min(0.0), high.max(start).max(0.0));
        let bound = |[x_0, l, lambda]: [f64; 3]| {
            let p = Parameters {
                v_n: high,
                r_n: largest(Parameter::RN),
                gamma: largest(Parameter::Gamma),
                alpha: largest(Parameter::Alpha),
                z_t: largest(Parameter::ZT),
                omega: largest(Parameter::Omega),
                x_0,
                l,
                lambda,
            };
            Rates::bound(&p, v_range, &Conductance::new(l, lambda))
        };
        let none = Rates { turn: 0.0, stiff: 0.0 };
        self.geometries().into_par_iter().map(bound).reduce(|| none, Rates::or)
    }

    fn choose_step(&self) -> Result<f64> {
        let longest = self.rates.longest_stable_step();
        let dt = self.request.dt.unwrap_or_else(|| self.rates.step());
        if dt > longest {
            return Err(Error::request(
                format!(
                    "--dt {dt} is beyond RK4's stability: the stiffest cell (rate {:.4}) allows {longest:.4}",
                    self.rates.stiff.max(self.rates.turn)
                ),
                format!("give --dt {:.4} or less, or leave it off", self.rates.step()),
            ));
        }
        if !(dt.is_normal() && (dt as f32).is_normal()) {
            return Err(Error::request(
                format!("the stiffest cell needs the step dt = {dt}, too short to be counted"),
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
        self.grid.cells().saturating_mul((COLUMNS.len() * each + 1) as u64)
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
