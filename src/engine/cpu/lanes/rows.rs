//! Rows of lanes: each quantity is an array with one entry per lane, so that one instruction serves many lanes.

use crate::kernel::Real;

/// One quantity over all lanes.
pub(super) type Row<T, const LANES: usize> = [T; LANES];

/// States and window records of lanes: quantities that change with every step.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct LaneState<T, const LANES: usize> {
    pub x: Row<T, LANES>,
    pub y: Row<T, LANES>,
    pub z: Row<T, LANES>,
    pub v: Row<T, LANES>,
    /// Rate of change of X, per tau_c.
    pub x_rate: Row<T, LANES>,
    pub y_rate: Row<T, LANES>,
    pub z_rate: Row<T, LANES>,
    pub v_rate: Row<T, LANES>,
    /// Smallest V of the window.
    pub v_min: Row<T, LANES>,
    /// Largest V of the window.
    pub v_max: Row<T, LANES>,
    /// Lowest V since the latest maximum.
    pub low: Row<T, LANES>,
    /// Integral of V since the window's start, with time in steps.
    pub area: Row<T, LANES>,
}

/// Coefficients of Eq. 10 about the lanes' origins: quantities that only events and new windows change.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(super) struct LaneCoefficients<T, const LANES: usize, const TERMS: usize> {
    pub omega: Row<T, LANES>,
    pub gamma: Row<T, LANES>,
    pub relaxation: Row<T, LANES>,
    pub v_0: Row<T, LANES>,
    pub z_0: Row<T, LANES>,
    /// Relaxation of Z at its origin, alpha Gamma (Z_0 - Z_T).
    pub z_drift: Row<T, LANES>,
    /// 1 - Z at the origin.
    pub one_minus_z_0: Row<T, LANES>,
    pub v_dot_0: Row<T, LANES>,
    pub leak: Row<T, LANES>,
    /// R_n ½ (F_00 - F_11) at the origin.
    pub r_dg_dz: Row<T, LANES>,
    pub dt: Row<T, LANES>,
    /// Centre of the polynomials in V, counted from the origin.
    pub centre: Row<T, LANES>,
    /// Reach of the polynomials in V.
    pub reach: Row<T, LANES>,
    /// R_n times the change of F_00 from the origin, in powers of V - centre.
    pub f_00: [Row<T, LANES>; TERMS],
    /// R_n F_01, in powers of V - centre.
    pub f_01: [Row<T, LANES>; TERMS],
    /// R_n times the change of ½ (F_11 - F_00) from the origin, in powers of V - centre.
    pub half_f_11: [Row<T, LANES>; TERMS],
}

impl<T: Real, const LANES: usize> LaneState<T, LANES> {
    /// All rows.
    fn all(&mut self) -> [&mut Row<T, LANES>; 12] {
        let Self { x, y, z, v, x_rate, y_rate, z_rate, v_rate, v_min, v_max, low, area } = self;
        [x, y, z, v, x_rate, y_rate, z_rate, v_rate, v_min, v_max, low, area]
    }

    /// Copies the entries of lane `from` to lane `to`.
    pub(super) fn carry(&mut self, from: usize, to: usize) {
        self.all().into_iter().for_each(|row| row[to] = row[from]);
    }

    /// Rows of zeros.
    #[must_use]
    pub(super) fn empty() -> Self {
        let x = [T::zero(); LANES];
        Self { x, y: x, z: x, v: x, x_rate: x, y_rate: x, z_rate: x, v_rate: x, v_min: x, v_max: x, low: x, area: x }
    }
}

impl<T: Real, const LANES: usize, const TERMS: usize> LaneCoefficients<T, LANES, TERMS> {
    /// All rows.
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
            centre,
            reach,
            f_00: change,
            f_01: cross,
            half_f_11: bend,
        } = self;
        [omega, gamma, relaxation, v_0, z_0, z_drift, below, rate, slope, r_dg_dz, dt, centre, reach]
            .into_iter()
            .chain(change)
            .chain(cross)
            .chain(bend)
    }

    /// Copies the entries of lane `from` to lane `to`.
    pub(super) fn carry(&mut self, from: usize, to: usize) {
        self.all().for_each(|row| row[to] = row[from]);
    }

    /// Rows of zeros, with which no state changes.
    #[must_use]
    pub(super) fn empty() -> Self {
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
            centre: r,
            reach: r,
            f_00: [r; TERMS],
            f_01: [r; TERMS],
            half_f_11: [r; TERMS],
        }
    }
}
