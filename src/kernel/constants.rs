//! The kernel's constants, each defined once: named in Rust, and listed for the WGSL prelude and the
//! attributes of files.

/// One constant of the kernel.
#[derive(Debug, Clone, Copy)]
pub struct Constant {
    /// Name in Rust and WGSL.
    pub name: &'static str,
    /// Value and type.
    pub value: Value,
    /// Meaning: the constant's doc comment in Rust and its comment in WGSL.
    pub meaning: &'static str,
}

/// Value of a constant.
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
        /// All constants of the kernel.
        pub const CONSTANTS: &[Constant] = &[$(Constant {
            name: stringify!($name), value: Value::$kind($name), meaning: $meaning,
        }),*];
    };
}

constants! {
    Real LIMIT_TOLERANCE_F32: f64 = 4e-6, "Tolerance in f32: a cycle settles once successive limits of its returns agree to this in V and Z";
    Real LIMIT_TOLERANCE_F64: f64 = 3e-7, "Tolerance in f64: a cycle settles once successive limits of its returns agree to this in V and Z";
    Real RETURN_NOISE_F32: f64 = 1.5e-6, "Noise of returns in f32, from rounding: smaller changes in V and Z count as none";
    Real RETURN_NOISE_F64: f64 = 2e-8, "Noise of returns in f64, from the place of a maximum within its step: smaller changes in V and Z count as none";
    Real PEAK_ERRORS: f64 = 3.0, "Least tolerance of limits in multiples of peak_error, which counts where steps are coarse";
    Real LIMIT_TOLERANCE_RELATIVE: f64 = 0.02, "Tolerance relative to the span: limits of returns have to agree to this fraction of it as well";
    Real NEAR_LIMIT: f64 = 0.05, "Largest distance, as a fraction of the span, of a cycle's latest return from its limit and of a window's maxima from its largest V";
    Real EXTRAPOLATION_ERROR: f64 = 0.02, "Least error of a limit, as a fraction of what it adds to the latest return";
    Real SINGLE_MODE_ANGLE: f64 = 1e-3, "Relative determinant, in the plane of span and Z, up to which successive changes of returns count as one mode";
    Real SMALL_CYCLE: f64 = 2e-3, "Span below which a motion about a stable equilibrium counts as decaying: no cycle around one is so small";
    Real DECAY_SHARE: f64 = 0.5, "Fraction of the linear decay rate: a motion about a stable equilibrium that shrinks faster than this counts as decaying";
    Real ORIGIN_STEP: f64 = 0.000244140625, "Step of the origin grid, 2^-12: origins of V and Z are whole multiples of it";
    Real V_INFINITY: f64 = 1e30, "Voltage above every V: the lowest V while there is none, and the open end of an outermost piece";
    Real RECENTRE_LIMIT: f64 = 0.9, "Largest distance of V from the middle of the motion at which its piece is centred there, as a fraction of the reach";
    Real GROWTH_MARGIN: f64 = 0.05, "Fraction of the reach left for a swing to grow after it has left its piece";
    Real LEAD: f64 = 0.5, "Distance, as a fraction of the reach, at which the next piece is centred ahead of a motion that has left its piece";
    Whole TERMS_SINGLE: u32 = 5, "Coefficients of each polynomial of the table in f32";
    Whole TERMS_DOUBLE: u32 = 9, "Coefficients of each polynomial of the table in f64: enough for about the reach of the table in f32";
    Whole FRESH: u32 = 0, "Phase of a run that has not begun";
    Whole RUNNING: u32 = 1, "Phase of a run that has begun and has no result";
    Whole DONE: u32 = 2, "Phase of a run with a result";
    Whole STRIDE: u32 = 128, "Most steps of a stride: windows that have ended are closed between strides";
    Whole SHORT_STRIDE: u32 = 16, "Most steps of a short stride: extrema of V are evaluated after each, and V seldom has two in one";
    Whole WORKGROUP: u32 = 64, "Invocations per workgroup";
}
