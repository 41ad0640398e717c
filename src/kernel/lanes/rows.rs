//! Lanes side by side: each quantity a row, one entry a lane, so that one instruction serves many.

/// Lanes of a group. Independent vectors hide each other's latencies, and all rows together stay within the first cache.
pub const LANES: usize = 64;

/// One quantity over all lanes.
pub type Row = [f32; LANES];

/// Coefficients of each of the polynomials that stand for dV/dt's conductance terms.
pub const TERMS: usize = 5;

/// What changes with every step.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct Moving {
    pub x: Row,
    pub y: Row,
    pub z: Row,
    pub v: Row,
    /// Rates of change there.
    pub x_rate: Row,
    pub y_rate: Row,
    pub z_rate: Row,
    pub v_rate: Row,
    /// Of the window under way: extrema of V, the lowest since the latest maximum, and the integral since the first.
    pub v_min: Row,
    pub v_max: Row,
    pub low: Row,
    pub area: Row,
}

/// What stays for a window: the coefficients of Eq. 10 about the lane's origin.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub struct Fixed {
    pub omega: Row,
    pub gamma: Row,
    pub relaxation: Row,
    pub base: Row,
    pub z_base: Row,
    /// alpha Gamma times what Z's origin lies above Z_T.
    pub settling: Row,
    /// 1 - Z at the origin.
    pub below: Row,
    pub rate: Row,
    pub slope: Row,
    /// R_n times the lean.
    pub lean: Row,
    pub dt: Row,
    /// 1 once the window has seen a maximum, before that 0.
    pub counting: Row,
    /// Where the polynomials are taken about, from the origin,
    pub centre: Row,
    /// and how far they serve from there.
    pub reach: Row,
    /// R_n times the change of F_00 from the origin, in powers of the distance from the centre in V;
    pub change: [Row; TERMS],
    /// the same of F_01 itself,
    pub cross: [Row; TERMS],
    /// and of half the change of F_11 - F_00.
    pub bend: [Row; TERMS],
}

impl Moving {
    /// A lane's row entries, by index of the quantity.
    fn all(&mut self) -> [&mut Row; 12] {
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
        let x = [0.0; LANES];
        Self { x, y: x, z: x, v: x, x_rate: x, y_rate: x, z_rate: x, v_rate: x, v_min: x, v_max: x, low: x, area: x }
    }
}

impl Fixed {
    fn all(&mut self) -> impl Iterator<Item = &mut Row> {
        let Self {
            omega,
            gamma,
            relaxation,
            base,
            z_base,
            settling,
            below,
            rate,
            slope,
            lean,
            dt,
            counting,
            centre,
            reach,
            change,
            cross,
            bend,
        } = self;
        [omega, gamma, relaxation, base, z_base, settling, below, rate, slope, lean, dt, counting, centre, reach]
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
        let r = [0.0; LANES];
        Self {
            omega: r,
            gamma: r,
            relaxation: r,
            base: r,
            z_base: r,
            settling: r,
            below: r,
            rate: r,
            slope: r,
            lean: r,
            dt: r,
            counting: r,
            centre: r,
            reach: r,
            change: [r; TERMS],
            cross: [r; TERMS],
            bend: [r; TERMS],
        }
    }
}
