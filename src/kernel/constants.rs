//! The kernel's constants, each typed once: Rust uses them by name, the WGSL prelude and the files are made from the list.

/// One constant of the kernel.
#[derive(Debug, Clone, Copy)]
pub struct Constant {
    /// Name in Rust and WGSL.
    pub name: &'static str,
    /// Its value.
    pub value: Value,
    /// What it decides.
    pub meaning: &'static str,
}

/// A number, or a count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// A real number; f32 in WGSL.
    Real(f64),
    /// A whole number; u32 in WGSL.
    Whole(u32),
}

macro_rules! constants {
    ($($kind:ident $name:ident: $type:ty = $value:expr, $meaning:literal;)*) => {
        $(#[doc = $meaning] pub const $name: $type = $value;)*
        /// All of them.
        pub const CONSTANTS: &[Constant] = &[$(Constant {
            name: stringify!($name), value: Value::$kind($name), meaning: $meaning,
        }),*];
    };
}

constants! {
    Real LIMIT_TOLERANCE_F32: f64 = 4e-6, "in f32 a cycle is settled once the limits that its returns lead to agree to this, in V and Z";
    Real LIMIT_TOLERANCE_F64: f64 = 3e-7, "the same in f64";
    Real RETURN_NOISE_F32: f64 = 1.5e-6, "in f32 smaller changes between returns are rounding";
    Real RETURN_NOISE_F64: f64 = 2e-8, "in f64 they are those of peaks that fall elsewhere in a step";
    Real PEAK_ERRORS: f64 = 3.0, "where steps are coarse, so many times the peak_error of a maximum takes the place of either";
    Real LIMIT_TOLERANCE_RELATIVE: f64 = 0.02, "limits have to agree to this part of the span as well";
    Real NEAR_LIMIT: f64 = 0.05, "and the latest return, and all maxima of its window, lie this near the limit, as a part of the span";
    Real EXTRAPOLATION_ERROR: f64 = 0.02, "of what a limit adds to the latest return, this part at least counts as error";
    Real SINGLE_MODE_ANGLE: f64 = 1e-3, "changes whose directions in the plane of span and Z differ by less than this are of one mode";
    Real SMALL_CYCLE: f64 = 2e-3, "a smaller cycle does not surround a stable equilibrium: it is dying";
    Real DECAY_SHARE: f64 = 0.5, "a motion about a stable equilibrium that shrinks faster than this part of the linear rate is dying";
    Real ORIGIN_STEP: f64 = 0.000244140625, "origins of V and Z are whole multiples of this";
    Real V_INFINITY: f64 = 1e30, "above every V: the lowest V of none";
    Real RECENTRE_LIMIT: f64 = 0.9, "where a window's motion was, its middle is the next one's piece if it lies this near, as a part of a piece's reach";
    Real GROWTH_MARGIN: f64 = 0.05, "a swing that grows has this part of the reach to do so";
    Real LEAD: f64 = 0.5, "a motion that has left its piece gets one this part of the reach ahead of it";
    Whole TERMS_SINGLE: u32 = 5, "in f32 the coefficients of each polynomial of the table";
    Whole TERMS_DOUBLE: u32 = 9, "the same in f64: as many as reach as far";
    Whole FRESH: u32 = 0, "a run that has not begun";
    Whole RUNNING: u32 = 1, "a run under way";
    Whole DONE: u32 = 2, "a run with an answer";
    Whole STRIDE: u32 = 128, "steps before a window that has ended is closed at the latest";
    Whole SHORT_STRIDE: u32 = 16, "steps before an extremum of V is looked at, at the latest: V has seldom two in so many";
    Whole WORKGROUP: u32 = 64, "invocations a workgroup";
}
