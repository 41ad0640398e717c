//! Input voltages V_n(t): steps, pulses, sines, triangles, or a table of times and voltages.

use super::input_table::{table, table_of};
use crate::error::{Error, Result, shown};
use std::f64::consts::TAU;
use std::path::Path;

/// Forms of an input, for messages.
const FORMS: &str = "write step:T,A, pulse:T,WIDTH,A[,PERIOD], sine:OFFSET,A,OMEGA, triangle:OFFSET,A,PERIOD, or the name of a CSV \
    file of t and V_n";

/// Changes of an input within a trajectory at most: an hour of one core.
const MOST_CHANGES: f64 = 1e9;

/// An input voltage V_n as a function of time, in tau_c.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// `level` before `at`, then `level` + `height`.
    Step {
        /// V_n before the step.
        level: f64,
        /// Time of the step.
        at: f64,
        /// Height of the step.
        height: f64,
    },
    /// `level`, and `level` + `height` for `width` from `at` on, and again after each `period`.
    Pulse {
        /// V_n between pulses.
        level: f64,
        /// Time of the first pulse.
        at: f64,
        /// Length of a pulse.
        width: f64,
        /// Height of a pulse.
        height: f64,
        /// Time from one pulse to the next; infinite for one pulse.
        period: f64,
    },
    /// V_n = offset + amplitude sin(omega t).
    Sine {
        /// Mean of V_n.
        offset: f64,
        /// Amplitude.
        amplitude: f64,
        /// Angular frequency, per tau_c.
        omega: f64,
    },
    /// From the offset up to offset + amplitude, down to offset - amplitude and back, linearly, in each period.
    Triangle {
        /// Mean of V_n.
        offset: f64,
        /// Amplitude.
        amplitude: f64,
        /// Period, in tau_c.
        period: f64,
    },
    /// Linear between the points of a table, and constant before and after it.
    Table {
        /// Times, rising.
        t: Vec<f64>,
        /// V_n at each time.
        v_n: Vec<f64>,
    },
}

impl Input {
    /// The input that a text names; `level` is V_n where the text says how much is added to it, if it is set.
    ///
    /// # Errors
    /// [`Error::Request`] if the text has none of the forms, a number is unsuitable, a table's file cannot be read or is no
    /// table, or `level` is set for an input that has its own.
    pub fn parse(text: &str, level: Option<f64>) -> Result<Self> {
        let refused = |why: String| Error::request(format!("`input` {text}: {why}"), FORMS);
        if let Some(points) = text.strip_prefix("table:") {
            let (t, v_n) = table_of(&points.replace(';', "\n"), Path::new(text))?;
            return own_level(text, level).map(|()| Input::Table { t, v_n });
        }
        let Some((kind, rest)) = text.split_once(':').filter(|(kind, _)| KINDS.iter().any(|k| k.0 == *kind)) else {
            let (t, v_n) = table(Path::new(text), FORMS)?;
            return own_level(text, level).map(|()| Input::Table { t, v_n });
        };
        let (_, fewest, most) = KINDS.iter().find(|k| k.0 == kind).copied().unwrap_or(("", 0, 0));
        let numbers = rest.split(',').map(|n| n.trim().parse().ok().filter(|n: &f64| n.is_finite()));
        let numbers: Option<Vec<f64>> = numbers.collect();
        let n = numbers.ok_or_else(|| refused("a value is no finite number".into()))?;
        if n.len() < fewest || n.len() > most {
            let wanted = if fewest == most { fewest.to_string() } else { format!("{fewest} or {most}") };
            return Err(refused(format!("{kind} takes {wanted} numbers, not {}", n.len())));
        }
        let positive = |name: &str, value: f64| match value > 0.0 {
            true => Ok(value),
            false => Err(refused(format!("{name} = {} is not above 0", shown(value)))),
        };
        let not_negative = |value: f64| match value >= 0.0 {
            true => Ok(value),
            false => Err(refused(format!("T = {} is before the start", shown(value)))),
        };
        if matches!(kind, "sine" | "triangle") {
            own_level(text, level)?;
        }
        let level = level.unwrap_or(0.0);
        Ok(match kind {
            "step" => Input::Step { level, at: not_negative(n[0])?, height: n[1] },
            "pulse" => {
                let width = positive("WIDTH", n[1])?;
                let period = n.get(3).copied().unwrap_or(f64::INFINITY);
                if period <= width {
                    return Err(refused(format!("PERIOD = {} is not above WIDTH = {}", shown(period), shown(width))));
                }
                Input::Pulse { level, at: not_negative(n[0])?, width, height: n[2], period }
            }
            "sine" => Input::Sine { offset: n[0], amplitude: n[1], omega: positive("OMEGA", n[2])? },
            _ => Input::Triangle { offset: n[0], amplitude: n[1], period: positive("PERIOD", n[2])? },
        })
    }

    /// V_n at a time; at a jump, the value after it.
    #[must_use]
    pub fn at(&self, time: f64) -> f64 {
        self.within(time, time)
    }

    /// V_n at a time of a stretch without corners about `middle`.
    ///
    /// Which side of a jump is meant is told by the middle.
    pub(crate) fn within(&self, time: f64, middle: f64) -> f64 {
        match self {
            Input::Step { level, at, height } => level + if middle >= *at { *height } else { 0.0 },
            Input::Pulse { level, at, width, height, period } => {
                let since = middle - at;
                let phase = if period.is_finite() { since.rem_euclid(*period) } else { since };
                level + if since >= 0.0 && phase < *width { *height } else { 0.0 }
            }
            Input::Sine { offset, amplitude, omega } => offset + amplitude * (omega * time).sin(),
            Input::Triangle { offset, amplitude, period } => {
                // The quarter of the period that the middle is in.
                let whole = (middle / period).floor();
                let (phase, at) = (middle / period - whole, time / period - whole);
                let height = match phase {
                    p if p < 0.25 => 4.0 * at,
                    p if p < 0.75 => 2.0 - 4.0 * at,
                    _ => 4.0 * at - 4.0,
                };
                offset + amplitude * height
            }
            Input::Table { t, v_n } => {
                let after = t.partition_point(|t| *t <= middle);
                if after == 0 || after == t.len() {
                    return v_n[after.saturating_sub(1)];
                }
                let (a, b) = (after - 1, after);
                v_n[a] + (v_n[b] - v_n[a]) * (time - t[a]) / (t[b] - t[a])
            }
        }
    }

    /// The first corner or jump of V_n after a time; infinite if there is none.
    pub(crate) fn next_corner(&self, time: f64) -> f64 {
        let after = |corner: f64| if corner > time { corner } else { f64::INFINITY };
        match self {
            Input::Step { at, .. } => after(*at),
            Input::Pulse { at, width, period, .. } if period.is_infinite() => after(*at).min(after(at + width)),
            Input::Pulse { at, width, period, .. } => {
                let number = ((time - at) / period).floor().max(0.0);
                // Rounding may place a corner a period away.
                let near = [number - 1.0, number, number + 1.0].map(|n| at + n.max(0.0) * period);
                near.iter().flat_map(|start| [after(*start), after(start + width)]).fold(f64::INFINITY, f64::min)
            }
            Input::Sine { .. } => f64::INFINITY,
            Input::Triangle { period, .. } => {
                let whole = (time / period).floor();
                let near = [-0.25, 0.25, 0.75, 1.25].map(|n| after((whole + n) * period));
                near.into_iter().fold(f64::INFINITY, f64::min)
            }
            Input::Table { t, .. } => t.get(t.partition_point(|t| *t <= time)).copied().unwrap_or(f64::INFINITY),
        }
    }

    /// Whether V_n is part of the input, and not a level that it adds to.
    #[must_use]
    pub fn has_own_level(&self) -> bool {
        !matches!(self, Input::Step { .. } | Input::Pulse { .. })
    }

    /// The input with another V_n to add to, if it adds to one.
    #[must_use]
    pub fn with_level(&self, v_n: f64) -> Self {
        let mut input = self.clone();
        if let Input::Step { level, .. } | Input::Pulse { level, .. } = &mut input {
            *level = v_n;
        }
        input
    }

    /// Time from which on V_n is no longer what it is at 0; infinite if it stays.
    #[must_use]
    pub fn first_change(&self) -> f64 {
        let from = |at: f64, height: f64| if height == 0.0 { f64::INFINITY } else { at };
        match self {
            Input::Step { at, height, .. } | Input::Pulse { at, height, .. } => from(*at, *height),
            Input::Sine { amplitude, .. } | Input::Triangle { amplitude, .. } => from(0.0, *amplitude),
            Input::Table { t, v_n } => {
                let first = self.at(0.0);
                let other = t.iter().zip(v_n).position(|(t, v_n)| *t > 0.0 && *v_n != first);
                other.map_or(f64::INFINITY, |i| t[i.saturating_sub(1)].max(0.0))
            }
        }
    }

    /// Largest |V_n|.
    #[must_use]
    pub fn largest(&self) -> f64 {
        match self {
            Input::Step { level, height, .. } | Input::Pulse { level, height, .. } => {
                level.abs().max((level + height).abs())
            }
            Input::Sine { offset, amplitude, .. } | Input::Triangle { offset, amplitude, .. } => {
                offset.abs() + amplitude.abs()
            }
            Input::Table { v_n, .. } => v_n.iter().fold(0.0, |most, v| v.abs().max(most)),
        }
    }

    /// Checks that the input does not change too often up to a time.
    ///
    /// # Errors
    /// [`Error::Request`] if it does.
    pub(crate) fn check(&self, t_end: f64) -> Result<()> {
        let period = match self {
            Input::Pulse { period, .. } | Input::Triangle { period, .. } => *period,
            Input::Sine { omega, .. } => TAU / omega,
            Input::Step { .. } | Input::Table { .. } => f64::INFINITY,
        };
        let changes = t_end / period;
        if changes <= MOST_CHANGES {
            return Ok(());
        }
        Err(Error::request(
            format!("the input repeats {changes:.1e} times up to t = {}, more than {MOST_CHANGES:.0e}", shown(t_end)),
            "give a longer period or a lower frequency, or lower `t_end`",
        ))
    }

    /// Shortest time over which V_n changes smoothly, in tau_c; infinite where it has corners only.
    pub(crate) fn fastest(&self) -> f64 {
        match self {
            Input::Sine { omega, .. } => TAU / omega,
            _ => f64::INFINITY,
        }
    }
}

/// Kinds of input with the least and largest numbers of values.
const KINDS: [(&str, usize, usize); 4] = [("step", 2, 2), ("pulse", 3, 4), ("sine", 3, 3), ("triangle", 3, 3)];

/// Refuses a V_n that is set for an input that has its own.
fn own_level(text: &str, level: Option<f64>) -> Result<()> {
    match level {
        None => Ok(()),
        Some(level) => Err(Error::request(
            format!("`input` {text} has its own V_n, and V_n = {} is set", shown(level)),
            "leave V_n out; step and pulse add to it",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Input {
        Input::parse(text, None).unwrap()
    }

    #[test]
    fn inputs_have_their_values_and_corners() {
        let step = Input::parse("step:5,2", Some(1.0)).unwrap();
        assert_eq!([4.9, 5.0, 9.0].map(|t| step.at(t)), [1.0, 3.0, 3.0]);
        assert_eq!((step.next_corner(0.0), step.next_corner(5.0)), (5.0, f64::INFINITY));
        let pulse = parsed("pulse:1,0.5,2,3");
        assert_eq!([0.9, 1.0, 1.4, 1.6, 4.2, 4.9].map(|t| pulse.at(t)), [0.0, 2.0, 2.0, 0.0, 2.0, 0.0]);
        let mut corners = Vec::new();
        let mut t = 0.0;
        while corners.len() < 5 {
            t = pulse.next_corner(t);
            corners.push(t);
        }
        assert_eq!(corners, [1.0, 1.5, 4.0, 4.5, 7.0]);
        let triangle = parsed("triangle:1,2,4");
        assert_eq!([0.0, 1.0, 2.0, 3.0, 4.0].map(|t| triangle.at(t)), [1.0, 3.0, 1.0, -1.0, 1.0]);
        assert_eq!([0.0, 1.0, 3.0].map(|t| triangle.next_corner(t)), [1.0, 3.0, 5.0]);
        let sine = parsed("sine:1,2,0.5");
        assert!((sine.at(std::f64::consts::PI) - 3.0).abs() < 1e-12 && sine.next_corner(3.0).is_infinite());
        assert_eq!([&step, &pulse, &triangle, &sine].map(Input::largest), [3.0, 2.0, 3.0, 3.0]);
    }

    #[test]
    fn one_side_of_a_jump_is_told_by_the_middle() {
        let step = parsed("step:5,2");
        assert_eq!((step.within(5.0, 4.9), step.within(5.0, 5.1)), (0.0, 2.0));
        let triangle = parsed("triangle:0,1,4");
        assert_eq!((triangle.within(1.0, 0.9), triangle.within(1.0, 1.1)), (1.0, 1.0));
    }

    #[test]
    fn tables_are_linear_between_their_points_and_refused_with_line_and_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.csv");
        let read = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Input::parse(path.to_str().unwrap(), None)
        };
        let table = read("t,V_n\n# a comment\n0,1\n2,3\n\n4,-1\n").unwrap();
        assert_eq!([-1.0, 0.0, 1.0, 2.0, 3.0, 9.0].map(|t| table.at(t)), [1.0, 1.0, 2.0, 3.0, 1.0, -1.0]);
        assert_eq!([-1.0, 0.0, 2.0, 4.0].map(|t| table.next_corner(t)), [0.0, 2.0, 4.0, f64::INFINITY]);
        for (text, part) in [
            ("0,1\n2,3\n1,4\n", "line 3: its time is not above the one before"),
            ("0,1\n2,nan\n", "line 2: a number is not finite"),
            ("0,1\n2\n", "line 2: not two numbers"),
            ("0,1\nx,2\n", "line 2: not two numbers"),
            ("0,1\n", "has 1 points"),
            ("", "has 0 points"),
        ] {
            let message = read(text).unwrap_err().to_string();
            assert!(message.contains(part), "{text:?}: {message}");
        }
    }

    #[test]
    fn inputs_that_change_too_often_are_refused() {
        assert!(parsed("pulse:0,1e-9,1,2e-9").check(100.0).is_err());
        assert!(parsed("sine:0,1,1e12").check(100.0).is_err());
        assert!(parsed("triangle:0,1,1e-300").check(100.0).is_err());
        assert!(["pulse:0,1,1", "step:0,1", "sine:0,1,7"].iter().all(|text| parsed(text).check(1e6).is_ok()));
    }

    #[test]
    fn unsuitable_inputs_are_refused() {
        for (text, level) in [
            ("step:1", None),
            ("step:-1,2", None),
            ("step:1,inf", None),
            ("step:a,2", None),
            ("pulse:1,0,2", None),
            ("pulse:1,2,2,1", None),
            ("pulse:1,2,2,3,4", None),
            ("sine:1,2,0", None),
            ("sine:1,2,3", Some(1.0)),
            ("triangle:1,2,-3", None),
            ("square:1,2", None),
            ("", None),
        ] {
            assert!(Input::parse(text, level).is_err(), "{text}");
        }
    }
}
