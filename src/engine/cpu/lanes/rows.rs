//! Lanes side by side: each quantity a row, one entry a lane, so that one instruction serves many.

use crate::kernel::Real;

/// One quantity over all lanes.
pub type Row<T, const LANES: usize> = [T; LANES];

/// What changes with every step.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct LaneState<T, const LANES: usize> {
    pub x: Row<T, LANES>,
    pub y: Row<T, LANES>,
    pub z: Row<T, LANES>,
    pub v: Row<T, LANES>,
    /// Rates of change there.
    pub x_rate: Row<T, LANES>,
    pub y_rate: Row<T, LANES>,
    pub z_rate: Row<T, LANES>,
    pub v_rate: Row<T, LANES>,
    /// Of the window under way: extrema of V, the lowest since the latest maximum, and the integral since the first.
    pub v_min: Row<T, LANES>,
    pub v_max: Row<T, LANES>,
    pub low: Row<T, LANES>,
    pub area: Row<T, LANES>,
}

/// What stays for a window: the coefficients of Eq. 10 about the lane's origin.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct LaneCoefficients<T, const LANES: usize, const TERMS: usize> {
    pub omega: Row<T, LANES>,
    pub gamma: Row<T, LANES>,
    pub relaxation: Row<T, LANES>,
    pub v_0: Row<T, LANES>,
    pub z_0: Row<T, LANES>,
    /// alpha Gamma times what Z's origin lies above Z_T.
    pub z_drift: Row<T, LANES>,
    /// 1 - Z at the origin.
    pub one_minus_z_0: Row<T, LANES>,
    pub v_dot_0: Row<T, LANES>,
    pub leak: Row<T, LANES>,
    /// R_n times the lean.
    pub r_dg_dz: Row<T, LANES>,
    pub dt: Row<T, LANES>,
    /// 1 once the window has seen a maximum, before that 0.
    pub counting: Row<T, LANES>,
    /// Where the polynomials are taken about, from the origin,
    pub centre: Row<T, LANES>,
    /// and how far they serve from there.
    pub reach: Row<T, LANES>,
    /// R_n times the change of F_00 from the origin, in powers of the distance from the centre in V;
    pub f_00: [Row<T, LANES>; TERMS],
    /// the same of F_01 itself,
    pub f_01: [Row<T, LANES>; TERMS],
    /// and of half the change of F_11 - F_00.
    pub half_f_11: [Row<T, LANES>; TERMS],
}

impl<T: Real, const LANES: usize> LaneState<T, LANES> {
    /// A lane's row entries, by index of the quantity.
    fn all(&mut self) -> [&mut Row<T, LANES>; 12] {
        let Self { x, y, z, v, x_rate, y_rate, z_rate, v_rate, v_min, v_max, low, area } = self;
        [x, y, z, v, x_rate, y_rate, z_rate, v_rate, v_min, v_max, low, area]
    }

    /// Moves a lane's entries into another's place.
    pub fn carry(&mut self, from: usize, to: usize) {
        self.all().into_iter().for_each(|row| row[to] = row[from]);
    }

    /// All 0.
    #[must_use]
    pub fn empty() -> Self {
        let x = [T::zero(); LANES];
        Self { x, y: x, z: x, v: x, x_rate: x, y_rate: x, z_rate: x, v_rate: x, v_min: x, v_max: x, low: x, area: x }
    }
}

impl<T: Real, const LANES: usize, const TERMS: usize> LaneCoefficients<T, LANES, TERMS> {
    fn all(&mut self) -> impl Iterator<Item = &mut Row<T, LANES>> {
        let Self {
            omega,
            gamma,
            relaxation,
            v_0,
            z_0,
            z_drift,
            one_minus_z_0: below,
            v_dot_0: rate,
            leak: slope,
            r_dg_dz,
            dt,
            counting,
            centre,
            reach,
            f_00: change,
            f_01: cross,
            half_f_11: bend,
        } = self;
        [omega, gamma, relaxation, v_0, z_0, z_drift, below, rate, slope, r_dg_dz, dt, counting, centre, reach]
            .into_iter()
            .chain(change)
            .chain(cross)
            .chain(bend)
    }

    /// Moves a lane's entries into another's place.
    pub fn carry(&mut self, from: usize, to: usize) {
        self.all().for_each(|row| row[to] = row[from]);
    }

    /// All 0: nothing moves.
    #[must_use]
    pub fn empty() -> Self {
        let r = [T::zero(); LANES];
        Self {
            omega: r,
            gamma: r,
            relaxation: r,
            v_0: r,
            z_0: r,
            z_drift: r,
            one_minus_z_0: r,
            v_dot_0: r,
            leak: r,
            r_dg_dz: r,
            dt: r,
            counting: r,
            centre: r,
            reach: r,
            f_00: [r; TERMS],
            f_01: [r; TERMS],
            half_f_11: [r; TERMS],
        }
    }
}
