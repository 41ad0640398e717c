//! One axis of a picture: linear or logarithmic, with ticks at round numbers.

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};
use std::ops::Range;

/// A linear or logarithmic axis from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    log: bool,
}

impl Scale {
    /// Linear axis; a range of no width is widened slightly, so that it can be drawn.
    pub(super) fn linear(low: f64, high: f64) -> Self {
        let pad = if high > low { 0.0 } else { 0.05 * low.abs().max(1e-3) };
        Self { low: low - pad, high: high + pad, log: false }
    }

    /// Logarithmic axis between two positive values.
    pub(super) fn decades(low: f64, high: f64) -> Self {
        Self { low, high, log: true }
    }

    /// Axis for cells centred on rising or falling `values`, between the outer edges of the end cells.
    ///
    /// It is logarithmic where the values have equal ratios and not equal differences.
    pub(super) fn around(values: &[f64]) -> Self {
        let log = equal_ratios(values);
        let mut scale = Self { low: 0.0, high: 1.0, log };
        let edges = scale.edges(values);
        let (a, b) = (scale.back(edges[0]), scale.back(edges[edges.len() - 1]));
        (scale.low, scale.high) = (a.min(b), a.max(b));
        scale
    }

    fn forth(&self, value: f64) -> f64 {
        if self.log { value.abs().ln() } else { value }
    }

    fn back(&self, u: f64) -> f64 {
        if self.log { u.exp() } else { u }
    }

    /// Edges of the cells in axis units (logarithms on a logarithmic axis).
    fn edges(&self, values: &[f64]) -> Vec<f64> {
        let u: Vec<f64> = values.iter().map(|v| self.forth(*v)).collect();
        let n = u.len();
        let mut edges: Vec<f64> = u.windows(2).map(|w| 0.5 * (w[0] + w[1])).collect();
        let (first, last) = match n {
            1 => (u[0] - 0.5, u[0] + 0.5),
            _ => (u[0] - 0.5 * (u[1] - u[0]), u[n - 1] + 0.5 * (u[n - 1] - u[n - 2])),
        };
        edges.insert(0, first);
        edges.push(last);
        edges
    }

    /// Index of the cell at each of `pixels` pixels along the axis, from low to high.
    pub(super) fn cells(&self, values: &[f64], pixels: u32) -> Vec<usize> {
        let mut edges = self.edges(values);
        let falls = edges[0] > edges[edges.len() - 1];
        if falls {
            edges.reverse();
        }
        let (low, high) = (edges[0], edges[edges.len() - 1]);
        let cell = |pixel: u32| {
            let u = low + (high - low) * (f64::from(pixel) + 0.5) / f64::from(pixels);
            let at = edges.partition_point(|e| *e <= u).saturating_sub(1).min(values.len() - 1);
            if falls { values.len() - 1 - at } else { at }
        };
        (0..pixels).map(cell).collect()
    }

    /// About `most` round numbers across the range.
    fn ticks(&self, most: usize) -> Vec<f64> {
        if self.log {
            let decades = (self.high / self.low).log10();
            let steps: &[f64] = if decades > 2.5 { &[1.0] } else { &[1.0, 2.0, 5.0] };
            let every = (decades / most.max(2) as f64).ceil().max(1.0) as i32;
            let (first, last) = (self.low.log10().floor() as i32, self.high.log10().ceil() as i32);
            let all = (first..=last)
                .filter(|d| d.rem_euclid(every) == 0)
                .flat_map(|d| steps.iter().map(move |s| s * 10_f64.powi(d)));
            return all.filter(|t| (self.low..=self.high).contains(t)).collect();
        }
        let rough = (self.high - self.low) / most.max(2) as f64;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|s| s * power).into_iter().find(|s| *s >= rough).unwrap_or(rough);
        let (first, last) = ((self.low / step).ceil(), (self.high / step + 1e-9).floor());
        (0..=(last - first).clamp(0.0, 1e3) as usize).map(|i| (first + i as f64) * step).collect()
    }
}

fn equal_ratios(values: &[f64]) -> bool {
    if values.len() < 3 || values.iter().any(|v| *v <= 0.0) {
        return false;
    }
    let even = |f: fn(f64, f64) -> f64| {
        let first = f(values[0], values[1]);
        values.windows(2).all(|w| (f(w[0], w[1]) / first - 1.0).abs() < 1e-6)
    };
    even(|a, b| (b / a).ln()) && !even(|a, b| b - a)
}

impl Ranged for Scale {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let (low, high) = (self.forth(self.low), self.forth(self.high));
        let part = (self.forth(*value) - low) / (high - low);
        limit.0 + (part * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // Plotters asks for bold points and for light ones between; there is one kind here.
        if hint.weight().allow_light_points() { Vec::new() } else { self.ticks(hint.bold_points()) }
    }

    fn range(&self) -> Range<f64> {
        self.low..self.high
    }
}

/// Text of a tick's value: as short as possible, in exponent form where it would be long.
pub(super) fn number(value: &f64) -> String {
    let v = if value.abs() < 1e-30 { 0.0 } else { *value };
    if v != 0.0 && !(1e-4..1e6).contains(&v.abs()) {
        // Two decimals at most, without trailing zeros.
        let text = format!("{v:.2e}");
        let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        return format!("{digits}e{power}").replace('-', "−");
    }
    let text = format!("{v:.6}");
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_fall_into_the_nearest_cell() {
        let values = [0.0, 1.0, 2.0];
        assert_eq!(Scale::around(&values).cells(&values, 6), [0, 0, 1, 1, 2, 2]);
        let falling = [2.0, 1.0, 0.0];
        assert_eq!(Scale::around(&falling).cells(&falling, 6), [2, 2, 1, 1, 0, 0]);
        let uneven = [0.0, 1.0, 4.0];
        assert_eq!(Scale::around(&uneven).cells(&uneven, 12), [0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
        assert_eq!(Scale::around(&[3.0]).cells(&[3.0], 3), [0, 0, 0]);
        assert_eq!(Scale::around(&[3.0]).edges(&[3.0]), [2.5, 3.5]);
    }

    #[test]
    fn equal_ratios_make_a_logarithmic_axis() {
        assert!(Scale::around(&[0.01, 0.1, 1.0]).log);
        assert!(!Scale::around(&[1.0, 2.0, 3.0]).log);
        assert!(!Scale::around(&[-1.0, 0.0, 1.0]).log);
        assert_eq!(Scale::around(&[0.01, 0.1, 1.0]).ticks(5), [0.01, 0.1, 1.0]);
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(Scale::linear(0.0, 1.0).ticks(5).len(), 6);
        assert_eq!(Scale::linear(-0.01, 0.011).ticks(4), [-0.01, 0.0, 0.01]);
        assert_eq!(Scale::linear(3.0, 3.0).ticks(3).len(), 3);
        assert_eq!([number(&0.1), number(&-2.0), number(&0.0), number(&1e-5)], ["0.1", "−2", "0", "1e−5"]);
    }
}
