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
    Real REST_SINGLE: f64 = 8e-6, "in f32 a cycle is settled once V and Z are extrapolated to lie no farther than this from their limit";
    Real REST_DOUBLE: f64 = 3e-7, "the same in f64";
    Real FLOOR_SINGLE: f64 = 1.5e-6, "in f32 smaller changes between windows are rounding";
    Real FLOOR_DOUBLE: f64 = 2e-8, "in f64 they are those of peaks that fall elsewhere in a step";
    Real REST_RELATIVE: f64 = 0.05, "no cycle is settled farther from its limit than this part of its span";
    Real SMALL_CYCLE: f64 = 2e-3, "a smaller cycle does not surround a stable equilibrium: it is dying";
    Real DYING: f64 = 0.5, "a motion about a stable equilibrium that shrinks faster than this part of the linear rate is dying";
    Real GRAIN: f64 = 0.015625, "origins of V are whole multiples of this";
    Whole FEWEST_PEAKS: u32 = 3, "maxima that a window of an oscillating cell holds at least";
    Whole FRESH: u32 = 0, "a run that has not begun";
    Whole RUNNING: u32 = 1, "a run under way";
    Whole DONE: u32 = 2, "a run with an answer";
    Whole WORKGROUP: u32 = 64, "invocations a workgroup";
}
