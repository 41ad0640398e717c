//! The cells that an audit recomputes: drawn at random, without repetition, by a seeded generator.

use crate::grid::GridBox;
use crate::plan::Plan;
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng, SeedableRng};
use std::collections::BTreeSet;

/// Fraction of a map's cells that are audited by default.
const PART: f64 = 1e-3;
/// Smallest number of cells audited by default.
const FEWEST: u64 = 64;
/// Largest number of cells audited by default: without a miss they bound its rate to 7e-4 with 95 %
/// confidence.
const MOST: f64 = 4096.0;
/// Most cells of a sample that are searched for further attractors.
const SEARCHED: u64 = 64;
/// Seed of the draw for the audit of a sweep; `verify` uses others.
const SEED: u64 = 0x00f1_6a6b;
/// The cells to audit, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSample {
    cells: Vec<u64>,
    /// Those that are searched for further attractors.
    searched: BTreeSet<u64>,
    seed: u64,
}

impl AuditSample {
    /// The sample for a plan's sweep: as many cells as the request says, which may be none.
    ///
    /// By default it is a thousandth, at least 64 and at most 4096.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let cells = plan.grid.cells();
        let count = plan.request.audit.unwrap_or_else(|| FEWEST.max((PART * cells as f64).ceil().min(MOST) as u64));
        Self::draw(cells, count, SEED)
    }

    /// A sample of `count` of a map's `cells`, without repetition.
    #[must_use]
    pub fn draw(cells: u64, count: u64, seed: u64) -> Self {
        let drawn: Vec<u64> = Self::places(cells, count, seed).into_iter().collect();
        let searched = Self::places(drawn.len() as u64, SEARCHED, seed.wrapping_add(1));
        let searched = searched.into_iter().map(|place| drawn[place as usize]).collect();
        Self { cells: drawn, searched, seed }
    }

    /// `count` of the numbers below `cells`, without repetition (Floyd's algorithm).
    fn places(cells: u64, count: u64, seed: u64) -> BTreeSet<u64> {
        let mut generator = Pcg64::seed_from_u64(seed);
        let mut drawn = BTreeSet::new();
        for last in cells - count.min(cells)..cells {
            let at = ((u128::from(generator.next_u64()) * u128::from(last + 1)) >> 64) as u64;
            if !drawn.insert(at) {
                drawn.insert(last);
            }
        }
        drawn
    }

    /// Seed of the draw.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Whether the sample has no cells.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Indices of the cells, in order.
    #[must_use]
    pub fn cells(&self) -> &[u64] {
        &self.cells
    }

    /// Whether a cell is one of the sample's, at most 64, that are searched for further attractors.
    #[must_use]
    pub fn is_searched(&self, index: u64) -> bool {
        self.searched.contains(&index)
    }

    /// Indices of the sample's cells in a box.
    pub fn within(&self, place: &GridBox) -> impl Iterator<Item = u64> {
        let from = self.cells.partition_point(|i| *i < place.first);
        let to = self.cells.partition_point(|i| *i < place.first + place.cells);
        self.cells[from..to].iter().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_distinct_in_order_and_repeatable() {
        let sample = AuditSample::draw(1000, 100, 7);
        assert_eq!(sample.cells.len(), 100);
        assert!(sample.cells.windows(2).all(|w| w[0] < w[1]) && *sample.cells.last().unwrap() < 1000);
        assert_eq!(sample, AuditSample::draw(1000, 100, 7));
        assert_ne!(sample.cells, AuditSample::draw(1000, 100, 8).cells);
        assert_eq!(AuditSample::draw(10, 64, 7).cells, (0..10).collect::<Vec<_>>());
        assert!(AuditSample::draw(10, 0, 7).is_empty());
        // Every tenth of the map is sampled: 100 of 1000 miss one with a probability of 2e-5.
        assert_eq!(sample.cells.iter().map(|i| i / 100).collect::<BTreeSet<_>>().len(), 10);
    }

    #[test]
    fn a_thousandth_is_audited_within_bounds() {
        let count = |cells: &str, more: &str| {
            let toml = format!("grid = ['Gamma=0.1:1:{cells}', 'Z_T=0:1:1000']\n{more}\n[set]\nV_n = 2.0\nR_n = 6.0\n");
            let plan = Plan::new(crate::plan::Request::from_toml(&toml).unwrap()).unwrap();
            AuditSample::of(&plan).cells().len()
        };
        assert_eq!([count("10", ""), count("200", ""), count("10000", "")], [64, 200, 4096]);
        assert_eq!([count("10", "audit = 7"), count("10", "audit = 0")], [7, 0]);
    }

    #[test]
    fn at_most_64_cells_are_searched() {
        for (count, searched) in [(7, 7), (64, 64), (65, 64), (640, 64), (5000, 64)] {
            let sample = AuditSample::draw(5000, count, 3);
            let all: Vec<u64> = (0..5000).filter(|i| sample.is_searched(*i)).collect();
            assert_eq!(all.len(), searched, "{count}");
            // They are spread over a map of 50 columns.
            let columns: BTreeSet<u64> = all.iter().map(|i| i % 50).collect();
            assert!(columns.len() > searched / 2, "{columns:?}");
        }
    }

    #[test]
    fn boxes_share_a_sample_out() {
        let sample = AuditSample { cells: vec![0, 3, 9, 10, 19, 20], searched: BTreeSet::new(), seed: 1 };
        let within = |first: u64| {
            let place = GridBox { first, cells: 10, start: vec![first], count: vec![10] };
            sample.within(&place).collect::<Vec<_>>()
        };
        assert_eq!([within(0), within(10), within(20), within(30)], [vec![0, 3, 9], vec![10, 19], vec![20], vec![]]);
    }

    #[test]
    fn every_cell_is_drawn_as_often_as_any_other() {
        let mut counts = [0_u32; 10];
        for seed in 0..4000 {
            for i in AuditSample::draw(10, 3, seed).cells {
                counts[i as usize] += 1;
            }
        }
        // 1200 each, give or take six standard deviations of 29.
        assert!(counts.iter().all(|n| n.abs_diff(1200) < 174), "{counts:?}");
    }
}
