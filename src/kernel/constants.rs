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
    Real RETURN_NOISE_F32: f64 = 1.5e-6, "Noise of returns in f32, from rounding: smaller changes in V and Z count as none";
    Real RETURN_NOISE_F64: f64 = 2e-8, "Noise of returns in f64, from the place of a maximum within its step: smaller changes in V and Z count as none";
    Real AS_GOOD: f64 = 0.3, "A return after more maxima counts as nearer only if its distance is below this fraction of the nearest one's";
    Real RETURNED: f64 = 30.0, "Distance of a return, in multiples of the noise, below which no later one is nearer";
    Real NEAR_RETURN: f64 = 0.25, "Largest distance of a return, as a fraction of the swing, from which Newton's method starts";
    Whole FIRST_PEAKS: u32 = 5, "Maxima of the first window; each later one has a third more";
    Whole MORE_PEAKS: u32 = 3, "Maxima of a window for each one by which the next window is longer";
    Whole FEWEST_MORE_PEAKS: u32 = 4, "Fewest maxima by which the next window is longer";
    Whole MARKED_PEAKS: u32 = 64, "Maxima that are compared with one of them; longer windows are whole multiples, and their last ones count";
    Whole MOST_PEAKS: u32 = 6144, "Maxima of the longest windows";
    Whole FEWEST_REPEATS: u32 = 4, "Times that a period of several maxima fits into the window in which it is found";
    Whole FEWEST_STEPS: u32 = 24, "Fewest steps of a period in Newton's method";
    Real KEPT_STEPS: f64 = 0.03125, "Relative change of a period that leaves its number of steps as it is";
    Whole ITERATIONS: u32 = 16, "Most periods that Newton's method follows its point, tangents aside";
    Real TANGENT_F32: f64 = 0.0009765625, "Displacement along a tangent in f32, 2^-10, as a fraction of the span: curvature and rounding leave the multipliers an error of some 1e-3";
    Real TANGENT_F64: f64 = 2.384185791015625e-7, "Displacement along a tangent in f64, 2^-22, as a fraction of the span";
    Real PERIOD_RANGE: f64 = 2.0, "Largest factor by which Newton's method may leave the first guess of the period";
    Real LARGEST_CHANGE: f64 = 2.0, "Largest change of the point by Newton's method, in multiples of the motion's extent";
    Real ARRIVED_F32: f64 = 3e-6, "Change of the point in f32, relative to 1 + span, below which Newton's method has arrived";
    Real ARRIVED_F64: f64 = 1e-10, "Change of the point in f64, relative to 1 + span, below which Newton's method has arrived";
    Real CONTRACTION_F32: f64 = 0.005, "Least 1 - |mu| in f32: closer to the unit circle rounding decides";
    Real CONTRACTION_F64: f64 = 1e-6, "Least 1 - |mu| in f64: closer to the unit circle the tangents' error decides";
    Real COHERENCE_F32: f64 = 1e-5, "Least |X| + |Y| that a motion in f32 may fall to: below, rounding may keep it from growing again";
    Real COHERENCE_F64: f64 = 0.0, "Least |X| + |Y| that a motion in f64 may fall to";
    Real ROUNDING_F32: f64 = 4e-7, "Error of a return in f32, relative to 1 + span, by rounding";
    Real ROUNDING_F64: f64 = 1e-11, "Error of a return in f64, relative to 1 + span, by rounding";
    Real RETURN_ROUNDING_F32: f64 = 4e-7, "Error of a return at a cycle in f32, relative to 1 + span, by rounding";
    Real RETURN_ROUNDING_F64: f64 = 1e-10, "Error of a return at a cycle in f64, relative to 1 + span: as much as Newton's method leaves";
    Real DAMPING: f64 = 427.28, "(2 pi)^6 / 144: relative change of an amplitude in a period by RK4, in multiples of the fifth power of a step in periods"; // dt^6 ω^6 / 144 a step
    Real SLOWING: f64 = 0.25, "Newton's method takes new tangents where its point moves by more than this fraction of the last change";
    Real FRESH_TANGENTS: f64 = 0.0001, "Largest distance, as a fraction of the span, of a cycle from the point where its tangents were taken";
    Real SMALLEST_CYCLE: f64 = 0.05, "Least span of a cycle as a fraction of the motion's: a smaller one is not the motion's own";
    Real CONTRACTION_SHARE: f64 = 0.5, "Least part of the return map's contraction by which the motion's own returns are nearer to the cycle";
    Real LACK: f64 = 1.0, "Largest difference of each return of the motion from that by the return map, as a fraction of its distance from the cycle";
    Real LINEAR_LACK: f64 = 0.25, "Largest such difference, as a fraction of the return map's contraction, with which a part of a rotation is enough";
    Real PART_OF_ROTATION: f64 = 0.16666666666666666, "That part of a rotation";
    Whole FEWEST_RETURNS: u32 = 3, "Fewest returns with which it is enough";
    Real NEARER: f64 = 0.25, "Largest part of its distance by which the motion may come nearer to the cycle than the return map says: more is no linear return";
    Real SLOW_PAIR: f64 = 0.5, "Least modulus of a multiplier off the positive axis, relative to the largest one, whose rotation counts";
    Real ENOUGH_RETURNS: f64 = 2.0, "Most returns of the motion that are followed, in multiples of 1/(1 - |mu|)";
    Real NEGLIGIBLE: f64 = 1e-4, "Largest entry of a power of the return map that adds nothing to the norm";
    Whole MOST_POWERS: u32 = 1000, "Most powers in which multipliers are followed to a whole rotation";
    Whole DOUBLINGS: u32 = 24, "Most doublings of the sum of the norm";
    Whole BISECTIONS: u32 = 24, "Bisections of the bracket of a real root";
    Real AT_CYCLE: f64 = 0.01, "Largest distance from a cycle, as a fraction of its span, at which a return may lack what rounding takes";
    Real RESOLVED: f64 = 30.0, "Least span of a cycle, in multiples of the change at which Newton's method has arrived";
    Real SAME_MAXIMUM: f64 = 1e-4, "Distance of two maxima, as a fraction of the span, below which an orbit has closed";
    Real SAME_NOISE: f64 = 4.0, "Distance of two maxima, in multiples of their noise, by which it may be larger";
    Real ABOUT: f64 = 0.25, "Largest distance of a swing's middle from an equilibrium, as a fraction of the swing, to count as about it";
    Real DYING: f64 = 0.5, "Swing at the end of a window, as a fraction of that at its beginning, below which Newton's method waits: the motion may come to rest";
    Real NORMAL_FORM_ERROR: f64 = 0.3, "Largest relative difference of a swing's change from the normal form's";
    Real NORMAL_FORM_NOISE: f64 = 20.0, "Least change of a swing, in multiples of the noise, that is compared with the normal form's";
    Real NORMAL_FORM_SPAN: f64 = 0.25, "Largest relative difference of a cycle's span from the normal form's";
    Real INSIDE_UNSTABLE: f64 = 0.25, "Largest square of a swing, relative to that of the unstable cycle, that dies by the normal form";
    Real DRIFT_RATE: f64 = 10.0, "Rate dV/dt that the drift of Z along the slow manifold may cause, in multiples of that of Z";
    Real QUIET: f64 = 1e-4, "Largest |X| + |Y| and |dV/dt| of a motion that follows the slow manifold, beyond what its drift causes";
    Real ORIGIN_STEP: f64 = 0.000244140625, "Step of the origin grid, 2^-12: origins of V and Z are whole multiples of it";
    Real V_INFINITY: f64 = 1e30, "Voltage above every V: the lowest V while there is none, and the open end of an outermost piece";
    Real RECENTRE_LIMIT: f64 = 0.9, "Largest distance of V from the middle of the motion at which its piece is centred there, as a fraction of the reach";
    Real GROWTH_MARGIN: f64 = 0.05, "Fraction of the reach left for a swing to grow after it has left its piece";
    Real LEAD: f64 = 0.5, "Distance, as a fraction of the reach, at which the next piece is centred ahead of a motion that has left its piece";
    Whole MOST_REGIONS: u32 = 4, "Most trapping regions of a cell that the shader tries; more are for the CPU in f64";
    Whole TERMS_SINGLE: u32 = 5, "Coefficients of each polynomial of the table in f32";
    Whole TERMS_DOUBLE: u32 = 9, "Coefficients of each polynomial of the table in f64: enough for about the reach of the table in f32";
    Whole FREE: u32 = 0, "Phase of a slot that has had no run yet";
    Whole RUNNING: u32 = 1, "Phase of a run that has begun and has no result";
    Whole DONE: u32 = 2, "Phase of a run with a result";
    Whole MOTION: u32 = 0, "Pass: the motion itself";
    Whole DRIFT: u32 = 1, "Pass: the motion, from a maximum on to where Newton's method starts";
    Whole PERIOD: u32 = 2, "Pass: one period from Newton's point";
    Whole TANGENT: u32 = 3, "Pass: one period from the point displaced along the first of three directions";
    Whole RETURN: u32 = 6, "Pass: one period of the motion from where it was left, or one more";
    Whole CHANGE_POINT: u32 = 7, "After a pass: Newton's method changes its point";
    Whole JUDGE_CYCLE: u32 = 8, "After a pass: Newton's method has arrived, and its cycle is judged";
    Whole PASS_BY: u32 = 9, "After a pass: the cycle is unstable, and the motion goes on";
    Whole ON_CYCLE: u32 = 10, "After a pass: the motion is on the cycle";
    Whole LEAVE_OPEN: u32 = 11, "After a pass: this precision cannot decide";
    Whole STRIDE: u32 = 64, "Most steps of a stride: windows that have ended are closed between strides";
    Whole SHORT_STRIDE: u32 = 16, "Most steps of a short stride: extrema of V are evaluated after each, and V seldom has two in one";
    Whole WORKGROUP: u32 = 64, "Invocations per workgroup";
}
