//! The columns of a result, one table that file, shader and documentation are made from, and a
//! cell's outcome.

/// Class of a cell's motion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// The voltage comes to rest.
    Steady = 0,
    /// The voltage oscillates with a span that no longer changes.
    Oscillating = 1,
    /// Time ran out before the outcome was known, or the cell would take more steps than can be
    /// counted. Without numbers.
    Unsettled = 2,
    /// alpha * Gamma = 0: the end state depends on the start, so there is no single result.
    StartDependent = 3,
    /// The integration left the finite numbers.
    Diverged = 4,
    /// The cell lacks the equilibrium to start near (only with starts near equilibria).
    Absent = 5,
    /// The motion never repeats, and neighbours leave it exponentially: its largest Lyapunov exponent is positive.
    Chaotic = 6,
    /// The motion is modulated and stays so, and neighbours do not leave it exponentially: a torus, or a train of pulses.
    Quasiperiodic = 7,
}

impl Outcome {
    /// All outcomes, in the order of their numbers.
    pub const ALL: [Outcome; 8] = [
        Outcome::Steady,
        Outcome::Oscillating,
        Outcome::Unsettled,
        Outcome::StartDependent,
        Outcome::Diverged,
        Outcome::Absent,
        Outcome::Chaotic,
        Outcome::Quasiperiodic,
    ];

    /// Name of the outcome in files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Steady => "steady",
            Outcome::Oscillating => "oscillating",
            Outcome::Unsettled => "unsettled",
            Outcome::StartDependent => "start_dependent",
            Outcome::Diverged => "diverged",
            Outcome::Absent => "absent",
            Outcome::Chaotic => "chaotic",
            Outcome::Quasiperiodic => "quasiperiodic",
        }
    }

    /// The outcome with this number, as stored in files and written by the shader.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|o| *o as u32 == number)
    }

    /// The outcome with this number, from a numeric column of any type; `None` if there is none.
    #[must_use]
    pub fn from_f64(number: f64) -> Option<Self> {
        Self::ALL.get(number as usize).copied().filter(|o| f64::from(*o as u32) == number)
    }

    /// Whether the cell's numbers are those of its settled motion.
    #[must_use]
    pub fn is_settled(self) -> bool {
        self == Outcome::Steady || self.moves()
    }

    /// Whether the settled motion moves: on a cycle, a torus, or a chaotic attractor.
    #[must_use]
    pub fn moves(self) -> bool {
        self == Outcome::Oscillating || self.is_aperiodic()
    }

    /// Whether the settled motion moves and never closes.
    #[must_use]
    pub fn is_aperiodic(self) -> bool {
        matches!(self, Outcome::Chaotic | Outcome::Quasiperiodic)
    }
}

/// How the outcome of a cell is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Certificate {
    /// It is not: the cell is unsettled, or has diverged.
    None = 0,
    /// Steady: the motion is in an ellipsoid that nothing leaves.
    Ellipsoid = 1,
    /// The swing changes as the normal form of the Hopf point says, towards the outcome.
    NormalForm = 2,
    /// Steady: the motion is at rest but for Z, which relaxes to Z_T along stable equilibria.
    SlowManifold = 3,
    /// Oscillating: Newton's method has found a stable cycle, and the motion's own return is nearer to it as
    /// its return map says.
    Newton = 4,
    /// Chaotic or quasiperiodic: by the largest Lyapunov exponent, in f64 on the CPU.
    Lyapunov = 5,
}

impl Certificate {
    /// All certificates, in the order of their numbers.
    pub const ALL: [Certificate; 6] = [
        Certificate::None,
        Certificate::Ellipsoid,
        Certificate::NormalForm,
        Certificate::SlowManifold,
        Certificate::Newton,
        Certificate::Lyapunov,
    ];

    /// Name of the certificate in files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Certificate::None => "none",
            Certificate::Ellipsoid => "ellipsoid",
            Certificate::NormalForm => "normal_form",
            Certificate::SlowManifold => "slow_manifold",
            Certificate::Newton => "newton",
            Certificate::Lyapunov => "lyapunov",
        }
    }

    /// The certificate with this number, as stored in files and written by the shader.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|c| *c as u32 == number)
    }
}

/// Number type of a stored column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// Stored as f32, or as f64 if the sweep ran with `--precision f64`.
    Computed,
    /// Stored as f32 always: an estimate with no more digits.
    Estimate,
}

/// One numeric column of a result; the outcome is a column of its own.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Name in the file and in WGSL.
    pub name: &'static str,
    /// Number type in the file.
    pub kind: Storage,
    /// Description in one phrase, for titles and for the file.
    ///
    /// Every number is dimensionless; a time is in units of tau_c, and the phrase says so.
    pub long_name: &'static str,
}

macro_rules! columns {
    ($($field:ident $kind:ident $long_name:literal;)*) => {
        /// The numeric columns, in the order used everywhere.
        pub const COLUMNS: &[Column] = &[$(Column {
            name: stringify!($field), kind: Storage::$kind, long_name: $long_name,
        }),*];

        /// The result for one cell. Numbers that a cell does not have are NaN.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct CellResult {
            $(#[doc = $long_name] pub $field: f64,)*
            /// Outcome of the cell.
            pub outcome: Outcome,
            /// How the outcome is known; `None` where the cell was not integrated.
            pub certificate: Option<Certificate>,
            /// Steps taken for the cell, Newton's method included; not stored in files.
            pub steps: u64,
            /// Final state (X, Y, Z, V); NaN where the cell was not integrated. It is not stored in
            /// files.
            pub end: [f64; 4],
        }

        impl CellResult {
            /// The numbers in column order.
            #[must_use]
            pub fn numbers(&self) -> [f64; COLUMNS.len()] { [$(self.$field),*] }

            /// The result from numbers in column order; its final state is NaN.
            #[must_use]
            pub fn new([$($field),*]: [f64; COLUMNS.len()], outcome: Outcome) -> Self {
                Self { $($field,)* outcome, certificate: None, steps: 0, end: [f64::NAN; 4] }
            }
        }
    };
}

columns! {
    span           Computed "oscillation span V_max - V_min";
    v_min          Computed "smallest voltage V of the settled motion";
    v_max          Computed "largest voltage V of the settled motion";
    v_mean         Computed "mean voltage V of the settled motion";
    period         Computed "period of the settled oscillation in units of tau_c";
    span_error     Estimate "estimated error of the span, by RK4, rounding and Newton's method";
    settle_time    Estimate "time after which the motion counted as settled, in units of tau_c";
    multiplier     Estimate "largest modulus of a Floquet multiplier of the cycle, the trivial one aside";
    maxima         Estimate "number of maxima of V in a period";
    lyapunov       Estimate "largest Lyapunov exponent of a motion that never closes, per tau_c";
    lyapunov_error Estimate "error of the largest Lyapunov exponent, per tau_c";
}

/// The attractors of one cell, from its results for all starts: stored where a sweep has several
/// starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attractors {
    /// Number of distinct attractors found; `None` if no start settled.
    pub count: Option<u8>,
    /// Whether a motion that goes on, such as a cycle or chaos, and a quiet state coexist; `None` if unknown.
    ///
    /// It is unknown if no start settled, or if a start that could show the other kind did not
    /// settle.
    pub coexist: Option<bool>,
    /// Largest span over the starts that settled, NaN if none did: above 0 wherever an oscillation
    /// was found.
    pub largest_span: f64,
}

/// Name of the derived column with the largest span over the starts.
pub const LARGEST_SPAN: &str = "largest_span";

/// The derived columns, as name and long name, in the order of [`Attractors`].
pub const DERIVED: [(&str, &str); 3] = [
    ("attractors", "number of distinct attractors found over the starts"),
    ("coexistence", "whether a motion that goes on and a quiet state coexist (1) or not (0)"),
    (LARGEST_SPAN, "largest oscillation span over the starts"),
];

/// The columns of margins of a 2-D map, as name and long name: over the axes alone, from all starts.
pub const MARGINS: [(&str, &str); 2] = [
    ("margin", "distance to the end of stable cycles or of the grid, in cells"),
    ("margin_relative", "distance to the end of stable cycles or of the grid, relative"),
];

/// Columns of means of the settled motion, as name and long name: for each start, where they are asked for, in f64.
pub const MEANS: [(&str, &str); 5] = [
    ("z_mean", "mean of Z of the settled motion"),
    ("coherence", "mean of the coherence (X^2 + Y^2)^1/2 of the settled motion"),
    ("i_mean", "mean of the current I = G V of the settled motion"),
    ("power", "mean of the power I V in the memristor of the settled motion"),
    (
        "interval",
        "mean interval between bursts of a motion that never closes or has several maxima a period, in units of tau_c",
    ),
];

/// Columns of the response to an input V_n(t), as name and long name: for each start, where they are asked for, in f64.
pub const RESPONSE: [(&str, &str); 3] = [
    ("latency", "time from the first change of the input to the first spike, in units of tau_c"),
    ("spikes", "number of spikes after the first change of the input"),
    ("response_v_max", "largest voltage V after the first change of the input"),
];

/// All columns that a map has where they are asked for.
pub fn optional_columns() -> impl Iterator<Item = (&'static str, &'static str)> {
    MEANS.into_iter().chain(RESPONSE)
}

/// Largest difference of the mean voltages, or spans, of one attractor reached from two starts,
/// relative to 1 + |V|.
///
/// It is a few times what single precision and the settling rule leave. Attractors are thousands of
/// times as far apart, except near a fold.
const SAME: f64 = 2e-4;
/// Such a difference for motions that never close, relative to their span: extremes are rare there.
const SAME_APERIODIC: f64 = 0.15;
/// Largest difference of the multipliers of one cycle: single precision leaves 0.02.
const SAME_MULTIPLIER: f64 = 0.05;

impl Attractors {
    /// The attractors of one cell, from the results of its starts.
    #[must_use]
    pub fn of(starts: &[CellResult]) -> Self {
        let mut distinct: Vec<&CellResult> = Vec::new();
        for a in starts.iter().filter(|a| a.outcome.is_settled()) {
            if !distinct.iter().any(|b| a.is_on_same_attractor(b)) {
                distinct.push(a);
            }
        }
        let there = |o: Outcome| starts.iter().any(|a| a.outcome == o);
        let both = there(Outcome::Steady) && starts.iter().any(|a| a.outcome.moves());
        let known = starts.iter().all(|a| a.outcome.is_settled() || a.outcome == Outcome::Absent);
        Self {
            count: (!distinct.is_empty()).then_some(distinct.len() as u8),
            coexist: (both || known && !distinct.is_empty()).then_some(both),
            largest_span: distinct.iter().fold(f64::NAN, |m, a| m.max(a.span)),
        }
    }

    /// The attractors of many cells, from their results by start.
    #[must_use]
    pub fn of_cells(by_start: &[Vec<CellResult>]) -> Vec<Self> {
        let cells = by_start.first().map_or(0, Vec::len);
        let starts = |i: usize| by_start.iter().filter_map(|results| results.get(i).copied()).collect::<Vec<_>>();
        (0..cells).map(|i| Self::of(&starts(i))).collect()
    }
}

impl CellResult {
    /// Whether two settled results are of one attractor, as far as outcome, span, mean and multiplier tell.
    #[must_use]
    pub fn is_on_same_attractor(&self, other: &Self) -> bool {
        let near = |a: f64, b: f64, within: f64| (a - b).abs() <= within;
        let (spans, means) = match self.outcome.is_aperiodic() {
            true => (SAME_APERIODIC * self.span, SAME_APERIODIC * self.span),
            false => (SAME * (1.0 + self.v_mean.abs()), SAME * (1.0 + self.v_mean.abs())),
        };
        // Missing multipliers do not tell.
        let multipliers = !((self.multiplier - other.multiplier).abs() > SAME_MULTIPLIER);
        let same = near(self.span, other.span, spans) && near(self.v_mean, other.v_mean, means);
        self.outcome == other.outcome && same && multipliers
    }
}

/// The column of outcomes, as name and long name.
pub const OUTCOME: (&str, &str) = ("outcome", "outcome of the cell");

impl CellResult {
    /// Whether the cell is unsettled because it would take more steps than can be counted, so was
    /// never integrated.
    #[must_use]
    pub fn is_beyond_step_limit(&self) -> bool {
        self.outcome == Outcome::Unsettled && self.certificate.is_none() && self.span.is_nan()
    }

    /// A result without numbers.
    #[must_use]
    pub fn without_numbers(outcome: Outcome) -> Self {
        Self::new([f64::NAN; COLUMNS.len()], outcome)
    }
}

/// Name and long name of the column of certificates.
pub const CERTIFICATE: (&str, &str) = ("certificate", "how the outcome of the cell is known");

/// The layout of files in which a column first appeared.
#[must_use]
pub fn first_layout(column: &str) -> u32 {
    match column {
        "multiplier" | "maxima" => 3,
        "lyapunov" => 4,
        "lyapunov_error" => 5,
        name if MARGINS.into_iter().chain(optional_columns()).any(|m| m.0 == name) => 6,
        name if name == CERTIFICATE.0 => 3,
        _ => 1,
    }
}

/// The numeric column of this name.
#[must_use]
pub fn column(name: &str) -> Option<&'static Column> {
    COLUMNS.iter().find(|c| c.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_come_back_from_their_numbers() {
        for o in Outcome::ALL {
            assert_eq!(Outcome::from_number(o as u32), Some(o));
        }
        assert_eq!(Outcome::from_number(8), None);
    }

    #[test]
    fn attractors_are_told_apart_and_counted_once() {
        let result = |outcome, span, v_mean| CellResult { span, v_mean, ..CellResult::without_numbers(outcome) };
        let cycle = result(Outcome::Oscillating, 0.0349, 0.9);
        let quiet = result(Outcome::Steady, 0.0, 7.0);
        let lost = CellResult::without_numbers(Outcome::Unsettled);
        let absent = CellResult::without_numbers(Outcome::Absent);
        let same_cycle = CellResult { v_mean: 0.900_01, span: 0.034_91, ..cycle };
        let all = Attractors::of(&[cycle, same_cycle, quiet]);
        assert_eq!((all.count, all.coexist, all.largest_span), (Some(2), Some(true), 0.0349));
        let one = Attractors::of(&[cycle, absent, absent]);
        assert_eq!((one.count, one.coexist), (Some(1), Some(false)));
        // An unsettled start hides its attractor, unless the others have shown both kinds already.
        assert_eq!(Attractors::of(&[cycle, lost, absent]).coexist, None);
        assert_eq!(Attractors::of(&[cycle, lost, quiet]).coexist, Some(true));
        assert_eq!(Attractors::of(&[lost, absent, absent]).count, None);
        assert!(Attractors::of(&[lost, absent, absent]).largest_span.is_nan());
        let other = CellResult { v_mean: 1.0, ..cycle };
        assert_eq!(Attractors::of(&[cycle, other, quiet]).count, Some(3));
    }

    #[test]
    fn numbers_keep_their_columns() {
        let a = CellResult::new([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0], Outcome::Steady);
        assert_eq!((a.span, a.settle_time, a.numbers()[3]), (1.0, 7.0, 4.0));
        assert_eq!(column("period").map(|c| c.long_name.ends_with("in units of tau_c")), Some(true));
    }
}
