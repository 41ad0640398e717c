//! Initial states of a neuron: at rest, near one of its equilibria, or explicit.

use super::stability::{Equilibrium, equilibria};
use crate::error::{Error, Result, shown};
use crate::model::{Branch, Parameters, Start, State, near_equilibrium, random_state};

/// Index of a branch among equilibria in order of V; `None` if there is no such equilibrium.
#[must_use]
pub fn branch_index(branch: Branch, equilibria: &[Equilibrium]) -> Option<usize> {
    let growth = |i: &usize| equilibria[*i].eigenvalues.iter().fold(f64::NEG_INFINITY, |m, e| m.max(e.re));
    let last = equilibria.len().checked_sub(1);
    match branch {
        Branch::Lower => last.map(|_| 0),
        Branch::Middle => (1..last?).max_by(|a, b| growth(a).total_cmp(&growth(b))),
        Branch::Upper => last.filter(|l| *l > 0),
    }
}

/// State of start `number` for a neuron with these equilibria; `None` if it has no such
/// equilibrium.
#[must_use]
pub fn start_state(start: Start, number: usize, p: &Parameters<f64>, equilibria: &[Equilibrium]) -> Option<State<f64>> {
    let near = |branch| branch_index(branch, equilibria).map(|i| near_equilibrium(equilibria[i].v, p.z_t));
    match start {
        Start::Rest => Some(State::rest(p.z_t)),
        Start::At(state) => Some(state),
        Start::Near(branch) => near(branch),
        Start::Equilibria => near(*Branch::ALL.get(number)?),
        Start::Random { seed, .. } => Some(random_state(seed, number, p.v_n)),
    }
}

/// The single initial state of one neuron.
///
/// # Errors
/// [`Error::Request`] if `start` is several starts, or an equilibrium that this neuron does not
/// have; the message lists those that it has.
pub fn only_start_state(start: Start, p: &Parameters<f64>) -> Result<State<f64>> {
    if start.count() > 1 {
        return only_start_state(Start::one(&start.to_string())?, p);
    }
    if !start.is_near_equilibria() {
        return Ok(start_state(start, 0, p, &[]).unwrap_or(State::rest(p.z_t)));
    }
    let equilibria = equilibria(p);
    start_state(start, 0, p, &equilibria).ok_or_else(|| {
        let there =
            Branch::ALL.into_iter().filter_map(|b| Some((b.name(), equilibria.get(branch_index(b, &equilibria)?)?.v)));
        let there: Vec<_> = there.map(|(name, v)| format!("{name} (at V = {})", shown(v))).collect();
        let remedy = match there.is_empty() {
            true => "give `start` rest, or X,Y,Z,V".to_string(),
            false => format!("give `start` {}", there.join(" or ")),
        };
        Error::request(format!("there is no equilibrium '{start}' at these parameters"), remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fault_25_a_missing_equilibrium_names_those_that_exist() {
        let p = Parameters::at(2.0, 6.0, 0.1);
        // There is one equilibrium at these parameters, and it is the lower one.
        assert!(only_start_state(Start::Near(Branch::Lower), &p).is_ok());
        let message = only_start_state(Start::Near(Branch::Upper), &p).unwrap_err().to_string();
        assert!(message.contains("no equilibrium 'upper'") && message.contains("`start` lower (at V = "), "{message}");
        assert!(!message.contains("middle"), "{message}");
    }
}
