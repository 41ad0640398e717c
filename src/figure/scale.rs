//! One axis of a picture: linear or logarithmic.

/// A linear or logarithmic axis from `low` to `high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    pub low: f64,
    pub high: f64,
    pub log: bool,
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

    /// Axis from the first to the last of rising or falling `values`, for lines that end where they end.
    pub(super) fn over(values: &[f64]) -> Self {
        let ends = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        Self { log: equal_ratios(values) && ends.1 > ends.0, ..Self::linear(ends.0, ends.1) }
    }

    /// Place of a value between the low end, 0, and the high end, 1.
    pub(super) fn part(&self, value: f64) -> f64 {
        let (low, high) = (self.forth(self.low), self.forth(self.high));
        (self.forth(value) - low) / (high - low)
    }

    /// The value half way between two on the axis.
    pub(super) fn middle(&self, a: f64, b: f64) -> f64 {
        self.back(0.5 * (self.forth(a) + self.forth(b)))
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

    /// Edges of the cells in parts of the axis.
    pub(super) fn parts(&self, values: &[f64]) -> Vec<f64> {
        let (low, high) = (self.forth(self.low), self.forth(self.high));
        self.edges(values).iter().map(|u| (u - low) / (high - low)).collect()
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

/// Text of a value: as short as possible, in exponent form where it would be long.
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
    fn cells_end_half_way_to_their_neighbours() {
        assert_eq!(Scale::around(&[0.0, 1.0, 4.0]).parts(&[0.0, 1.0, 4.0]), [0.0, 1.0 / 6.0, 0.5, 1.0]);
        assert_eq!(Scale::around(&[2.0, 1.0]).parts(&[2.0, 1.0]), [1.0, 0.5, 0.0]);
        assert_eq!(Scale::around(&[3.0]).edges(&[3.0]), [2.5, 3.5]);
    }

    #[test]
    fn equal_ratios_make_a_logarithmic_axis() {
        assert!(Scale::around(&[0.01, 0.1, 1.0]).log);
        assert!(!Scale::around(&[1.0, 2.0, 3.0]).log);
        assert!(!Scale::around(&[-1.0, 0.0, 1.0]).log);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([number(&0.1), number(&-2.0), number(&0.0), number(&1e-5)], ["0.1", "−2", "0", "1e−5"]);
    }

    #[test]
    fn lines_end_where_the_data_end() {
        assert_eq!(Scale::over(&[1.0, 0.5, 0.0]), Scale { low: 0.0, high: 1.0, log: false });
        assert_eq!(Scale::over(&[0.01, 0.1, 1.0]), Scale { low: 0.01, high: 1.0, log: true });
        assert!(Scale::over(&[2.0]).low < 2.0);
        assert!((Scale::over(&[0.01, 0.1, 1.0]).part(0.1) - 0.5).abs() < 1e-12);
    }
}
