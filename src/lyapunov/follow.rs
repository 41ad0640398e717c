//! Many motions followed on all cores, each as long as its owner wants.

use super::lanes::{LANES, Lanes};
use super::path::Path;
use crate::cancel::CancelToken;
use crate::error::Result;
use crate::model::F00Jets;
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// A motion that is followed stretch by stretch.
pub trait Followed<'a>: Send {
    /// Its path.
    fn path(&mut self) -> &mut Path<'a>;
    /// Whether it is followed for another stretch. Asked before the first one, too.
    fn goes_on(&mut self) -> bool;
}

/// Follows motions until none goes on. A path depends on nothing but its motion.
///
/// # Errors
/// [`Error::Interrupted`](crate::Error::Interrupted) if cancelled.
pub fn follow<'a>(all: &mut [impl Followed<'a>], stop: &CancelToken) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let workers = rayon::current_num_threads().min(all.len());
    let lanes = all.len().div_ceil(workers).min(LANES);
    let waiting = Mutex::new(all.iter_mut());
    let next = || loop {
        let one = waiting.lock().unwrap_or_else(PoisonError::into_inner).next()?;
        if one.goes_on() {
            return Some(one);
        }
    };
    (0..workers).into_par_iter().try_for_each(|_| work(lanes, next, stop))
}

/// Follows the motions that `next` gives, some at a time.
fn work<'a, 'b, F: Followed<'a> + 'b>(
    count: usize,
    next: impl Fn() -> Option<&'b mut F>,
    stop: &CancelToken,
) -> Result<()> {
    let mut lanes = Lanes::new();
    let mut under_way: [Option<&mut F>; LANES] = [const { None }; LANES];
    let mut profiles: [Option<&F00Jets>; LANES] = [None; LANES];
    loop {
        for i in 0..count {
            if under_way[i].is_none()
                && let Some(one) = next()
            {
                let path = one.path();
                lanes.put(i, path);
                profiles[i] = Some(path.profile);
                under_way[i] = Some(one);
            }
        }
        stop.check()?;
        // The shortest stretch ends first.
        let mut lengths: Vec<(u32, usize)> = Vec::with_capacity(count);
        for (i, one) in under_way.iter_mut().enumerate() {
            if let Some(one) = one {
                let path = one.path();
                lanes.begin(i, path.dt);
                lengths.push((path.length, i));
            }
        }
        if lengths.is_empty() {
            return Ok(());
        }
        lengths.sort_unstable();
        let mut taken = 0;
        for (length, i) in lengths {
            if length > taken {
                lanes.run(length - taken, &profiles);
                taken = length;
            }
            lanes.rest(i);
        }
        for (i, slot) in under_way.iter_mut().enumerate() {
            let Some(one) = slot else { continue };
            let path = one.path();
            lanes.end(i, path);
            if !(path.is_finite() && one.goes_on()) {
                *slot = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Parameters, State};

    struct Fixed<'a>(Path<'a>, usize);

    impl<'a> Followed<'a> for Fixed<'a> {
        fn path(&mut self) -> &mut Path<'a> {
            &mut self.0
        }
        fn goes_on(&mut self) -> bool {
            self.0.stretches.len() < self.1
        }
    }

    fn neuron() -> Parameters<f64> {
        let p = Parameters { alpha: 1.69, z_t: 0.78, omega: 4.36, ..Parameters::at(12.8, 47.0, 0.114) };
        Parameters { x_0: 1.39, l: 0.345, lambda: 0.0301, ..p }
    }

    const START: State<f64> = State { x: 0.1, y: -0.2, z: 0.4, v: 0.8 };
    const TANGENT: State<f64> = State { x: 0.5, y: -0.5, z: 0.5, v: 0.5 };

    #[test]
    fn tangents_are_differences_of_motions_nearby() {
        let p = neuron();
        let profile = F00Jets::new(p.l, p.lambda);
        let followed = |by: f64| {
            let start = State { x: START.x + by, y: START.y - by, z: START.z + by, v: START.v + by };
            let mut one = [Fixed(Path::new(&p, &profile, start, TANGENT, 0.005), 1)];
            follow(&mut one, &CancelToken::default()).unwrap();
            one[0].0.clone()
        };
        let (a, b, by) = (followed(5e-7).at[0], followed(-5e-7).at[0], 1e-6);
        let Path { at, stretches, .. } = followed(0.0);
        let seen = stretches[0];
        let grown = seen.growth.exp();
        let off = [a.x - b.x, a.y - b.y, a.z - b.z, a.v - b.v].map(|d| d / by);
        for (d, t) in off.iter().zip([at[1].x, at[1].y, at[1].z, at[1].v]) {
            assert!((d * 0.5 - grown * t).abs() < 1e-5 * grown, "{off:?} {at:?} {grown}");
        }
        assert!(seen.low < seen.mean && seen.mean < seen.high && seen.growth.abs() > 0.01, "{seen:?}");
    }

    #[test]
    fn no_path_depends_on_those_beside_it() {
        let profiles: Vec<F00Jets> = [0.0301, 0.05].map(|lambda| F00Jets::new(0.345, lambda)).into();
        let many = |count: usize| -> Vec<Fixed<'_>> {
            let one = |n: usize| {
                let lambda = [0.0301, 0.05][n % 2];
                let p = Parameters { lambda, gamma: 0.1 + 0.001 * n as f64, omega: 4.0 + 0.01 * n as f64, ..neuron() };
                Fixed(Path::new(&p, &profiles[n % 2], START, TANGENT, 0.01), 3 + n % 5)
            };
            (0..count).map(one).collect()
        };
        let mut together = many(70);
        follow(&mut together, &CancelToken::default()).unwrap();
        for (n, one) in together.iter().enumerate() {
            assert_eq!(one.0.stretches.len(), 3 + n % 5);
        }
        let alone: Vec<_> = many(70)
            .into_iter()
            .step_by(7)
            .map(|one| {
                let mut one = [one];
                follow(&mut one, &CancelToken::default()).unwrap();
                one[0].0.stretches.clone()
            })
            .collect();
        for (a, b) in alone.iter().zip(together.iter().step_by(7)) {
            assert_eq!(*a, b.0.stretches);
        }
    }

    #[test]
    fn a_cancelled_motion_ends() {
        let p = neuron();
        let profile = F00Jets::new(p.l, p.lambda);
        let stop = CancelToken::default();
        stop.cancel(2);
        let mut one = [Fixed(Path::new(&p, &profile, START, TANGENT, 0.005), 1)];
        assert!(follow(&mut one, &stop).is_err() && one[0].0.stretches.is_empty());
    }
}
