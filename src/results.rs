//! The columns of a result, one table from which file, shader and documentation take them, and a cell's outcome.

/// What became of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Outcome {
    /// The voltage came to rest.
    Steady = 0,
    /// The voltage oscillates with a span that no longer changes.
    Oscillating = 1,
    /// Time ran out before the span had stopped changing: no answer yet. Or, without numbers, more steps were needed than are counted.
    Unsettled = 2,
    /// alpha * Gamma = 0: the end state keeps the memory of the start, so there is no one answer.
    StartDependent = 3,
    /// The integration left the finite numbers.
    Diverged = 4,
    /// The cell has no such equilibrium to start beside (`--start equilibria` alone).
    Absent = 5,
}

impl Outcome {
    /// All of them, in the order of their numbers.
    pub const ALL: [Outcome; 6] = [
        Outcome::Steady,
        Outcome::Oscillating,
        Outcome::Unsettled,
        Outcome::StartDependent,
        Outcome::Diverged,
        Outcome::Absent,
    ];

    /// The word that stands for it in files and reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Steady => "steady",
            Outcome::Oscillating => "oscillating",
            Outcome::Unsettled => "unsettled",
            Outcome::StartDependent => "start_dependent",
            Outcome::Diverged => "diverged",
            Outcome::Absent => "absent",
        }
    }

    /// From its number, as stored in files and written by the shader.
    #[must_use]
    pub fn from_number(number: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|o| *o as u32 == number)
    }

    /// From a column of numbers of any type: whole ones that are an outcome's.
    #[must_use]
    pub fn from_f64(number: f64) -> Option<Self> {
        Self::ALL.into_iter().find(|o| f64::from(*o as u32) == number)
    }

    /// Whether the cell's numbers are those of its settled motion.
    #[must_use]
    pub fn is_settled(self) -> bool {
        matches!(self, Outcome::Steady | Outcome::Oscillating)
    }
}

/// How a column is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// f32, or f64 where the sweep ran with `--precision f64`.
    Computed,
    /// f32 always: an estimate that carries no more digits.
    Estimate,
}

/// One column of numbers; `outcome` stands beside them.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Name in the file and in WGSL.
    pub name: &'static str,
    /// How it is stored.
    pub kind: Storage,
    /// One phrase for titles and for the file. Every number is dimensionless; a time is in units of tau_c, and the phrase says so.
    pub long_name: &'static str,
}

macro_rules! columns {
    ($($field:ident $kind:ident $long_name:literal;)*) => {
        /// The columns of numbers, in the order they have everywhere.
        pub const COLUMNS: &[Column] = &[$(Column {
            name: stringify!($field), kind: Storage::$kind, long_name: $long_name,
        }),*];

        /// The answer for one cell. Numbers a cell does not have are NaN.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct CellResult {
            $(#[doc = $long_name] pub $field: f64,)*
            /// What became of it.
            pub outcome: Outcome,
            /// The state (X, Y, Z, V) it ended in; NaN where it was not integrated. It is carried on, not stored.
            pub end: [f64; 4],
        }

        impl CellResult {
            /// The numbers in column order.
            #[must_use]
            pub fn numbers(&self) -> [f64; COLUMNS.len()] { [$(self.$field),*] }

            /// From numbers in column order.
            #[must_use]
            pub fn new([$($field),*]: [f64; COLUMNS.len()], outcome: Outcome) -> Self {
                Self { $($field,)* outcome, end: [f64::NAN; 4] }
            }
        }
    };
}

columns! {
    span         Computed "oscillation span V_max - V_min";
    v_min        Computed "smallest voltage V of the settled motion";
    v_max        Computed "largest voltage V of the settled motion";
    v_mean       Computed "mean voltage V of the settled motion";
    period       Computed "period of the settled oscillation in units of tau_c";
    span_error   Estimate "estimated distance of the span from its limit";
    settle_time  Estimate "time after which the motion counted as settled, in units of tau_c";
}

/// What the starts of a cell, taken together, say of it: one number a cell where a sweep has several starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Attractors {
    /// Distinct attractors that were found; `None` where no start settled.
    pub count: Option<u8>,
    /// Whether a cycle and a quiet state coexist; `None` where that is not known, because a start that could tell did not settle.
    pub coexist: Option<bool>,
    /// The largest span over the starts that settled, NaN where none did: above 0 wherever an oscillation was found.
    pub largest_span: f64,
}

/// The derived columns: name and long name, in the order of [`Attractors`].
pub const DERIVED: [(&str, &str); 3] = [
    ("attractors", "number of distinct attractors found over the starts"),
    ("coexistence", "whether a cycle and a quiet state coexist (1) or not (0)"),
    ("largest_span", "largest oscillation span over the starts"),
];

/// Mean voltages, or spans, of one attractor reached from two starts lie within this of each other, relative to 1 + |V|: a few times
/// what single precision and the settling rule leave. Attractors lie thousands of times as far apart, but beside a fold.
const SAME: f64 = 2e-4;

impl Attractors {
    /// Of one cell, from the answers of its starts.
    #[must_use]
    pub fn of(starts: &[CellResult]) -> Self {
        let mut distinct: Vec<&CellResult> = Vec::new();
        for a in starts.iter().filter(|a| a.outcome.is_settled()) {
            let within = SAME * (1.0 + a.v_mean.abs());
            let same = |b: &&CellResult| {
                a.outcome == b.outcome && (a.v_mean - b.v_mean).abs() <= within && (a.span - b.span).abs() <= within
            };
            if !distinct.iter().any(same) {
                distinct.push(a);
            }
        }
        let there = |o: Outcome| starts.iter().any(|a| a.outcome == o);
        let both = there(Outcome::Steady) && there(Outcome::Oscillating);
        let known = starts.iter().all(|a| a.outcome.is_settled() || a.outcome == Outcome::Absent);
        Self {
            count: (!distinct.is_empty()).then_some(distinct.len() as u8),
            coexist: (both || known && !distinct.is_empty()).then_some(both),
            largest_span: distinct.iter().fold(f64::NAN, |m, a| m.max(a.span)),
        }
    }

    /// Of many cells, from their answers by start.
    #[must_use]
    pub fn of_cells(by_start: &[Vec<CellResult>]) -> Vec<Self> {
        let cells = by_start.first().map_or(0, Vec::len);
        let starts = |i: usize| by_start.iter().filter_map(|answers| answers.get(i).copied()).collect::<Vec<_>>();
        (0..cells).map(|i| Self::of(&starts(i))).collect()
    }
}

/// The column of outcomes: name and long name.
pub const OUTCOME: (&str, &str) = ("outcome", "what became of the cell");

impl CellResult {
    /// Whether it is an unsettled cell that was never integrated: it would take more steps than are counted.
    #[must_use]
    pub fn is_beyond_step_limit(&self) -> bool {
        self.outcome == Outcome::Unsettled && self.span.is_nan()
    }

    /// A cell without numbers.
    #[must_use]
    pub fn without_numbers(outcome: Outcome) -> Self {
        Self::new([f64::NAN; COLUMNS.len()], outcome)
    }
}

/// Finds a column of numbers by name.
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
        assert_eq!(Outcome::from_number(6), None);
    }

    #[test]
    fn attractors_are_told_apart_and_counted_once() {
        let answer = |outcome, span, v_mean| CellResult { span, v_mean, ..CellResult::without_numbers(outcome) };
        let cycle = answer(Outcome::Oscillating, 0.0349, 0.9);
        let quiet = answer(Outcome::Steady, 0.0, 7.0);
        let lost = CellResult::without_numbers(Outcome::Unsettled);
        let absent = CellResult::without_numbers(Outcome::Absent);
        let same_cycle = CellResult { v_mean: 0.900_01, span: 0.034_91, ..cycle };
        let all = Attractors::of(&[cycle, same_cycle, quiet]);
        assert_eq!((all.count, all.coexist, all.largest_span), (Some(2), Some(true), 0.0349));
        let one = Attractors::of(&[cycle, absent, absent]);
        assert_eq!((one.count, one.coexist), (Some(1), Some(false)));
        // What a start that did not settle hides is not known, unless the others have shown both kinds already.
        assert_eq!(Attractors::of(&[cycle, lost, absent]).coexist, None);
        assert_eq!(Attractors::of(&[cycle, lost, quiet]).coexist, Some(true));
        assert_eq!(Attractors::of(&[lost, absent, absent]).count, None);
        assert!(Attractors::of(&[lost, absent, absent]).largest_span.is_nan());
        let other = CellResult { v_mean: 1.0, ..cycle };
        assert_eq!(Attractors::of(&[cycle, other, quiet]).count, Some(3));
    }

    #[test]
    fn numbers_keep_their_columns() {
        let a = CellResult::new([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0], Outcome::Steady);
        assert_eq!((a.span, a.settle_time, a.numbers()[3]), (1.0, 7.0, 4.0));
        assert_eq!(column("period").map(|c| c.long_name.ends_with("in units of tau_c")), Some(true));
    }
}
