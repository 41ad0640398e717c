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
    Real AGREE_ABSOLUTE: f64 = 1e-6, "two successive windows agree when their spans differ by no more than this";
    Real AGREE_RELATIVE: f64 = 1e-4, "or by no more than this part of the span";
    Whole AGREEMENTS: u32 = 2, "successive agreements that settle a cell";
    Real REST_ABSOLUTE: f64 = 2e-6, "a settled span is extrapolated to lie no farther than this from its limit";
    Real REST_RELATIVE: f64 = 2e-5, "plus this part of itself";
    Real STEADY_SPAN: f64 = 1e-5, "a settled cell with a smaller span is steady";
    Whole FEWEST_PEAKS: u32 = 3, "maxima that a window of an oscillating cell holds at least";
    Real NOISE: f64 = 16.0, "changes below this many units of rounding of V are noise";
    Whole FRESH: u32 = 0, "a run that has not begun";
    Whole RUNNING: u32 = 1, "a run under way";
    Whole DONE: u32 = 2, "a run with an answer";
    Whole WORKGROUP: u32 = 64, "invocations a workgroup";
}
