//! All curves of bifurcations of cycles in a plane of two parameters: begun on lines of the plane and at points of codimension 2
//! of other curves, then followed.

use super::family::Surface;
use super::flow::System;
use super::plane_curve::{Crossing, lowest};
use super::plane_point::{CycleCurve, CycleCurveKind};
use super::plane_seeds::{Seed, next_to, seeds, with};
use super::watch::Watch;
use crate::bifurcation::{Side, SpecialPoint, no_hopf};
use crate::cancel::CancelToken;
use crate::error::Result;
use crate::model::{Parameter, Parameters};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Share of the work that the search on lines is, and that each round of curves is of the rest.
const LINES: f64 = 0.9;

/// The curves of bifurcations of cycles in a plane.
#[derive(Debug, Clone, PartialEq)]
pub struct CycleCurves {
    /// The plane's two parameters, along x and along y.
    pub plane: [Parameter; 2],
    /// Lines along each side on which points were looked for.
    pub lines: usize,
    /// Curves: first folds of cycles, then period doublings, then Neimark–Sacker points.
    pub curves: Vec<CycleCurve>,
    /// What was not followed, in words.
    pub notes: Vec<String>,
}

/// The number of this index in van der Corput's sequence 1/2, 1/4, 3/4, 1/8, 5/8 and so on: lines at these places of a side
/// stay when there are more.
fn van_der_corput(index: usize) -> f64 {
    index.reverse_bits() as f64 / 2.0_f64.powi(usize::BITS as i32)
}

/// All curves of bifurcations of cycles in the plane of two parameters; `base` holds the other parameters, and `lines` is
/// the number of lines along each side on which points are looked for; more lines pass next to the generalised Hopf and
/// zero-Hopf points among `special`, where curves of cycles begin. Curves of other kinds are then begun at the points of
/// codimension 2 of those found. `done` hears what share of the work is done.
///
/// # Errors
/// [`crate::Error::Interrupted`] if cancelled.
pub fn cycle_curves(
    sides: [Side; 2],
    base: &Parameters<f64>,
    special: &[SpecialPoint],
    lines: usize,
    stop: &CancelToken,
    done: &(dyn Fn(f64) + Sync),
) -> Result<CycleCurves> {
    let plane = sides.map(|s| s.parameter);
    let highest = sides.iter().fold(*base, |p, s| with(&p, s.parameter, s.high));
    if let Some(why) = no_hopf(&highest) {
        return Ok(CycleCurves {
            plane,
            lines: 0,
            curves: Vec::new(),
            notes: vec![format!("no curves of cycles: {why}")],
        });
    }
    let jobs: Vec<(usize, f64)> = [0, 1]
        .into_iter()
        .flat_map(|axis| {
            let across = sides[1 - axis];
            (1..=lines).map(move |n| (axis, across.at(van_der_corput(n)).max(lowest(&across))))
        })
        .chain(special.iter().flat_map(|s| next_to(s, &sides)))
        .collect();
    let finished = AtomicUsize::new(0);
    let watch = Watch::with(stop);
    let found: Vec<_> = jobs
        .par_iter()
        .map(|(axis, other)| {
            stop.check()?;
            let found = seeds(base, &sides, *axis, *other, &watch);
            stop.check()?;
            done(LINES * (finished.fetch_add(1, Ordering::Relaxed) + 1) as f64 / jobs.len() as f64);
            Ok(found)
        })
        .collect::<Result<_>>()?;
    let mut notes: Vec<String> = found.iter().flat_map(|(_, notes)| notes.clone()).collect();
    let mut waiting: Vec<Seed> = found.into_iter().flat_map(|(seeds, _)| seeds).collect();
    // Curves begun on lines, then those that pass at points of codimension 2 of the curves found, until there is no new one.
    let mut known: [Vec<Followed>; CycleCurveKind::ALL.len()] = Default::default();
    let mut before = LINES;
    while !waiting.is_empty() {
        let finished = AtomicUsize::new(0);
        let found: Vec<_> = CycleCurveKind::ALL
            .into_par_iter()
            .map(|kind| {
                // Each kind has its own profiles of F_00, which depend on the last point.
                let system = System::new(*base, plane);
                let surface = Surface { system: &system, sides, kind };
                let of_kind = waiting.iter().filter(|s| s.kind == kind);
                let heard = || {
                    let share = (finished.fetch_add(1, Ordering::Relaxed) + 1) as f64 / waiting.len() as f64;
                    done(before + LINES * (1.0 - before) * share);
                };
                follow(&surface, &known[kind as usize], of_kind, stop, &heard)
            })
            .collect::<Result<_>>()?;
        before += LINES * (1.0 - before);
        waiting = found.iter().flat_map(|(curves, _)| curves).flat_map(Followed::others).collect();
        for (known, (curves, more)) in known.iter_mut().zip(found) {
            known.extend(curves);
            notes.extend(more);
        }
    }
    let curves = known.into_iter().flatten().map(|f| f.curve).collect();
    Ok(CycleCurves { plane, lines, curves, notes })
}

/// A curve with what the search for others needs.
#[derive(Debug)]
struct Followed {
    curve: CycleCurve,
    /// How many times its cycles are gone around.
    multiple: usize,
    crossings: Vec<Crossing>,
}

impl Followed {
    /// Where curves of other kinds pass.
    fn others(&self) -> impl Iterator<Item = Seed> {
        self.crossings.iter().filter_map(|c| Seed::of_crossing(c, self.curve.kind, self.multiple))
    }
}

/// Curves of one kind that are not known yet, from where they are begun, and what could not be begun.
fn follow<'s>(
    surface: &Surface<'_>,
    known: &[Followed],
    seeds: impl Iterator<Item = &'s Seed>,
    stop: &CancelToken,
    done: &dyn Fn(),
) -> Result<(Vec<Followed>, Vec<String>)> {
    let (mut found, mut notes): (Vec<Followed>, Vec<String>) = (Vec::new(), Vec::new());
    for seed in seeds {
        stop.check()?;
        if !known.iter().chain(&found).any(|f| seed.is_on(surface, &f.curve, f.multiple)) {
            if let Some(node) = seed.node(surface) {
                let (curve, crossings) = surface.curve(&node, seed.multiple, stop)?;
                found.push(Followed { curve, multiple: seed.multiple, crossings });
            } else {
                notes.push(format!(
                    "no curve could be begun at the {} point {}",
                    surface.kind.name(),
                    seed.place(surface)
                ));
            }
        }
        done();
    }
    Ok((found, notes))
}
