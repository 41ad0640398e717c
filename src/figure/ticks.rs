//! Ticks of an axis at round numbers, with labels of equal decimals.

use super::scale::{Scale, number};

/// Decimals of a label at most; longer ones are written with a power of ten or from an origin.
const MOST_DECIMALS: i32 = 5;
/// Magnitudes that are written out.
const PLAIN: (f64, f64) = (1e-3, 1e5);
/// Number of decades that are shown with ticks between them.
const MINOR_DECADES: f64 = 10.0;

/// Ticks of an axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Ticks {
    /// Values with labels.
    pub major: Vec<(f64, String)>,
    /// Values without.
    pub minor: Vec<f64>,
    /// What the labels leave out: a factor, an origin, both or nothing.
    pub note: String,
}

impl Ticks {
    /// Title of the axis: `title`, with what the labels leave out.
    pub(super) fn titled(&self, title: &str) -> String {
        if self.note.is_empty() { title.to_string() } else { format!("{title}   {}", self.note) }
    }
}

/// About `most` ticks across an axis.
pub(super) fn ticks(scale: &Scale, most: usize) -> Ticks {
    let most = most.max(2);
    if !scale.log {
        return linear(scale, most);
    }
    let decades = (scale.high / scale.low).log10();
    let (first, last) = (scale.low.log10().floor() as i32, scale.high.log10().ceil() as i32);
    let inside = |v: &f64| (scale.low * (1.0 - 1e-9)..=scale.high * (1.0 + 1e-9)).contains(v);
    let at = |steps: &'static [f64]| {
        let all = (first..=last).flat_map(move |d| steps.iter().map(move |s| s * 10_f64.powi(d)));
        all.filter(inside).collect::<Vec<f64>>()
    };
    let tens = at(&[1.0]);
    let every = (decades / most as f64).ceil().max(1.0) as i32;
    let minor = || if decades <= MINOR_DECADES { at(&[2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]) } else { tens.clone() };
    if tens.len() >= 3 || decades > 2.5 {
        let power = |v: &f64| v.log10().round() as i32;
        let kept = tens.iter().filter(|v| power(v).rem_euclid(every) == 0);
        let label = |v: &f64| format!("10^{}", power(v)).replace('-', "−");
        return Ticks { major: kept.map(|v| (*v, label(v))).collect(), minor: minor(), note: String::new() };
    }
    let (all, few) = (at(&[1.0, 2.0, 5.0]), at(&[1.0, 3.0]));
    let shown = if all.len() > 2 * most && few.len() > 1 { few } else { all };
    if shown.len() < 2 {
        return Ticks { minor: minor(), ..linear(scale, most) };
    }
    let major = shown.iter().map(|v| (*v, number(v))).collect();
    Ticks { major, minor: minor().into_iter().filter(|v| !shown.contains(v)).collect(), note: String::new() }
}

/// Ticks at equal distances of 1, 2 or 5 times a power of ten.
fn linear(scale: &Scale, most: usize) -> Ticks {
    let (low, high) = (scale.low, scale.high);
    let rough = (high - low) / most as f64;
    let power = rough.log10().floor();
    // Of 1, 2, 5 and 10, with what 10 times a power is called.
    let steps = [(1.0, 0), (2.0, 0), (5.0, 0), (1.0, 1)].map(|(s, p)| (s, power as i32 + p));
    let Some((size, power)) = steps.into_iter().find(|(s, p)| s * 10_f64.powi(*p) >= rough * (1.0 - 1e-9)) else {
        return Ticks::default();
    };
    // Divided by a whole power of ten where there are decimals, a tick is the number nearest to its label.
    let value = |i: f64| if power < 0 { i * size / 10_f64.powi(-power) } else { i * size * 10_f64.powi(power) };
    let step = value(1.0);
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    let mut values: Vec<f64> =
        (0..=(last - first).clamp(0.0, 1e3) as u32).map(|i| value(first + f64::from(i)) + 0.0).collect();
    values.dedup();
    let largest = values.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    // A narrow range far from 0 is counted from its first tick.
    let origin = if largest > 0.0 && step / largest < 2e-5 { values.first().copied().unwrap_or(0.0) } else { 0.0 };
    let largest = values.iter().fold(0.0, |m: f64, v| m.max((v - origin).abs()));
    let is_plain = largest == 0.0 || (PLAIN.0..=PLAIN.1).contains(&largest) && -power <= MOST_DECIMALS;
    let factor = if is_plain { 0 } else { largest.log10().floor() as i32 };
    let decimals = (factor - power).max(0) as usize;
    let label = |v: &f64| {
        let text = format!("{:.decimals$}", (v - origin) / 10_f64.powi(factor) + 0.0);
        let is_zero = text.bytes().all(|b| b"-0.".contains(&b));
        if is_zero { text.trim_start_matches('-').to_string() } else { text.replace('-', "−") }
    };
    let from = if origin == 0.0 { String::new() } else { format!("from {}", full(origin, -power)) };
    let times = if factor == 0 { String::new() } else { format!("in 10^{factor}").replace('-', "−") };
    let note = [times, from].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ");
    Ticks { major: values.iter().map(|v| (*v, label(v))).collect(), minor: Vec::new(), note }
}

/// A value with all of its decimals.
fn full(value: f64, decimals: i32) -> String {
    let text =
        if (0..17).contains(&decimals) { format!("{value:.*}", decimals as usize) } else { format!("{value:e}") };
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, most: usize) -> Vec<String> {
        ticks(&Scale::linear(low, high), most).major.into_iter().map(|t| t.1).collect()
    }

    #[test]
    fn ticks_are_round_and_inside_and_of_equal_decimals() {
        assert_eq!(labels(0.0, 1.0, 5), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(0.0, 0.1, 5), ["0.00", "0.02", "0.04", "0.06", "0.08", "0.10"]);
        assert_eq!(labels(-0.01, 0.011, 4), ["−0.01", "0.00", "0.01"]);
        assert_eq!(labels(0.0, 16.0, 4), ["0", "5", "10", "15"]);
        assert_eq!(labels(3.0, 3.0, 3).len(), 3);
        assert_eq!(ticks(&Scale::linear(0.0, 0.3), 3).major[1].0, 0.1);
    }

    #[test]
    fn small_large_and_narrow_ranges_leave_out_what_is_common() {
        let small = ticks(&Scale::linear(0.0, 3e-7), 3);
        assert_eq!((small.titled("s"), &*small.major[1].1), ("s   in 10^−7".to_string(), "1"));
        let large = ticks(&Scale::linear(0.0, 3e7), 3);
        assert_eq!((&*large.note, &*large.major[3].1), ("in 10^7", "3"));
        let narrow = ticks(&Scale::linear(2.000_001, 2.000_003), 4);
        assert_eq!(narrow.note, "in 10^−6 from 2.0000010");
        assert_eq!(narrow.major[2].1, "1.0");
        assert!(ticks(&Scale::linear(1.0, 1.0 + 4.0 * f64::EPSILON), 7).major.len() < 20);
    }

    #[test]
    fn logarithmic_axes_have_minor_ticks() {
        let two = ticks(&Scale::decades(0.01, 1.0), 5);
        assert_eq!(two.major.iter().map(|t| &*t.1).collect::<Vec<_>>(), ["10^−2", "10^−1", "10^0"]);
        assert_eq!(two.minor.len(), 16);
        let one = ticks(&Scale::decades(0.02, 0.32), 5);
        assert_eq!(one.major.iter().map(|t| &*t.1).collect::<Vec<_>>(), ["0.02", "0.05", "0.1", "0.2"]);
        assert!(one.minor.iter().all(|v| one.major.iter().all(|m| m.0 != *v)) && !one.minor.is_empty());
        let few = ticks(&Scale::decades(0.02, 1.0), 2);
        assert_eq!(few.major.iter().map(|t| &*t.1).collect::<Vec<_>>(), ["0.03", "0.1", "0.3", "1"]);
        // Too narrow for any of those.
        assert!(ticks(&Scale::decades(2.1, 2.9), 5).major.len() >= 3);
        let many = ticks(&Scale::decades(1e-14, 1.0), 5);
        assert!(many.major.len() <= 6 && many.minor.len() == 15, "{many:?}");
    }
}
