//! The part of a request that asks for responses to an input V_n(t).

use super::input::Input;
use super::request::Request;
use crate::error::{Error, Result, short, shown};
use crate::model::Parameter;

/// Most steps of one response: minutes of one core.
const MOST_STEPS: f64 = 1e7;
/// Most points of a table, which the request of a map holds.
const MOST_POINTS: usize = 10_000;

/// An input, and how responses to it are read.
#[derive(Debug, Clone, PartialEq)]
pub struct Driven {
    input: Input,
    /// Time to which responses are followed, in tau_c.
    pub t_end: f64,
    /// Time of the input's first change, in tau_c.
    pub changes: f64,
    /// Least swing of V in a spike; half of a response's largest one if absent.
    pub threshold: Option<f64>,
}

impl Driven {
    /// The request with its input written out, so that it needs no other file, and what it asks for.
    ///
    /// V_n of an input that has its own is its first value: all other columns are of it.
    pub(super) fn of(request: Request) -> Result<(Request, Option<Self>)> {
        let Some(text) = request.input.clone() else {
            for (name, value) in [("t_end", request.t_end), ("threshold", request.threshold)] {
                if let Some(value) = value {
                    return Err(Error::request(
                        format!("`{name}` = {} is of responses, and there is no `input`", shown(value)),
                        format!("give an input, or leave `{name}` out"),
                    ));
                }
            }
            return Ok((request, None));
        };
        let mut request = request;
        let input = Input::parse(&text, None)?;
        if input.has_own_level() {
            let first = input.at(0.0);
            let is_swept = request.swept().contains(&Parameter::VN);
            let is_other = request.set.insert(Parameter::VN, first).is_some_and(|v_n| v_n != first);
            if is_swept || is_other {
                return Err(Error::request(
                    format!("`input` {text} has its own V_n, and V_n is swept or set"),
                    "leave V_n out; step and pulse add to it",
                ));
            }
        }
        if let Input::Table { t, v_n } = &input {
            if t.len() > MOST_POINTS {
                return Err(Error::request(
                    format!("`input` {text} has {} points, and a map keeps up to {MOST_POINTS}", t.len()),
                    "give a table of fewer points",
                ));
            }
            let points: Vec<String> = t.iter().zip(v_n).map(|(t, v_n)| format!("{t},{v_n}")).collect();
            request.input = Some(format!("table:{}", points.join(";")));
        }
        let t_end = request.t_end.filter(|t| *t > 0.0 && t.is_finite()).ok_or_else(|| {
            let problem = request.t_end.map_or("is missing".to_string(), |t| format!("{} is not above 0", shown(t)));
            Error::request(format!("`t_end` {problem}, and responses need it"), "give a time in tau_c")
        })?;
        let changes = input.first_change();
        if changes.is_infinite() {
            return Err(Error::request(
                format!("`input` {text} never changes, and responses are to a change"),
                "give an input that changes",
            ));
        }
        if changes >= t_end {
            return Err(Error::request(
                format!("`input` {text} changes at {}, not before `t_end` {}", shown(changes), shown(t_end)),
                "give a later `t_end`, or an input that changes earlier",
            ));
        }
        if let Some(threshold) = request.threshold.filter(|v| !(*v > 0.0 && v.is_finite())) {
            return Err(Error::request(
                format!("`threshold` {} is not above 0", shown(threshold)),
                "give the least swing of V in a spike",
            ));
        }
        input.check(t_end)?;
        let threshold = request.threshold;
        Ok((request, Some(Self { input, t_end, changes, threshold })))
    }

    /// Checks that a response has not too many steps.
    pub(super) fn check(&self, dt: f64) -> Result<()> {
        if self.t_end / dt <= MOST_STEPS {
            return Ok(());
        }
        Err(Error::request(
            format!("a response of {:.1e} steps of dt = {} is over {MOST_STEPS:.0e}", self.t_end / dt, short(dt)),
            "lower `t_end`, or take smaller values of V_n, R_n, Gamma or Omega",
        ))
    }

    /// The input of a cell with this V_n.
    #[must_use]
    pub fn input(&self, v_n: f64) -> Input {
        self.input.with_level(v_n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;

    fn plan(more: &str) -> Result<Plan> {
        Plan::new(Request::from_toml(&format!("grid = ['Gamma=0.1:0.5:3']\n{more}"))?)
    }

    #[test]
    fn requests_for_responses_are_complete_and_need_no_other_file() {
        let plan_of = |input: &str| plan(&format!("input = '{input}'\nt-end = 30.0\n[set]\nR_n = 6.0\n")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.csv");
        std::fs::write(&path, "0,1.5\n4,1.5\n5,2.25\n").unwrap();
        let table = plan_of(path.to_str().unwrap());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(table.parameters(0).v_n, 1.5);
        // The request in the file makes the same plan again.
        let made = Plan::new(Request::from_toml(&table.request.to_toml().unwrap()).unwrap()).unwrap();
        assert_eq!(made.driven(), table.driven());
        let driven = table.driven().unwrap();
        assert_eq!((driven.changes, driven.input(9.0).at(5.0)), (4.0, 2.25));
        assert_eq!(plan_of("sine:1,2,0.5").driven().map(|d| d.changes), Some(0.0));
    }

    #[test]
    fn unsuitable_requests_for_responses_are_refused() {
        let set = "[set]\nR_n = 6.0\nV_n = 1.0\n";
        let good = "input = 'pulse:5,1,2'\nt-end = 30.0\nthreshold = 0.2\n";
        assert!(plan(&format!("{good}{set}")).is_ok());
        for (more, part) in [
            ("t-end = 30.0\n", "there is no `input`"),
            ("threshold = 0.1\n", "there is no `input`"),
            ("input = 'pulse:5,1,2'\n", "`t_end` is missing"),
            ("input = 'pulse:5,1,2'\nt-end = -1.0\n", "`t_end` -1 is not above 0"),
            ("input = 'pulse:5,1,2'\nt-end = 4.0\n", "changes at 5, not before"),
            ("input = 'pulse:5,1,0'\nt-end = 40.0\n", "never changes"),
            ("input = 'pulse:5,1,2'\nt-end = 1e9\n", "steps of dt"),
            ("input = 'pulse:5,1,2'\nt-end = 9.0\nthreshold = 0.0\n", "`threshold` 0 is not above 0"),
            ("input = 'sine:1.5,2,0.5'\nt-end = 9.0\n", "has its own V_n"),
            ("input = 'sine:1,2'\nt-end = 9.0\n", "takes 3 numbers"),
            ("input = 'nowhere.csv'\nt-end = 9.0\n", "no file that can be read"),
        ] {
            let message = plan(&format!("{more}{set}")).unwrap_err().to_string();
            assert!(message.contains(part), "{more}: {message}");
        }
    }
}
