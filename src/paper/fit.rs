//! Square-root fits of spans, as in the paper.

/// Points (x, y).
pub(super) type Points = [(f64, f64)];

/// Factor a of y = a √|x - at|, fitted by least squares to the points with x between `from` and `to`.
///
/// a = Σ y r / Σ r², r = √|x - at|.
pub(super) fn root(points: &Points, (from, to): (f64, f64), at: f64) -> f64 {
    let inside = points.iter().filter(|(x, _)| (from..=to).contains(x));
    let (top, bottom) = inside.fold((0.0, 0.0), |(t, b), (x, y)| (t + y * (x - at).abs().sqrt(), b + (x - at).abs()));
    top / bottom
}

/// Points of the curve y = a √|x - at| from `from` to `to`, for a picture.
pub(super) fn curve(a: f64, (from, to): (f64, f64), at: f64) -> Vec<(f64, f64)> {
    const POINTS: u32 = 200;
    (0..=POINTS)
        .map(|i| from + (to - from) * f64::from(i) / f64::from(POINTS))
        .map(|x| (x, a * (x - at).abs().sqrt()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_comes_back() {
        let points: Vec<_> = curve(0.06, (0.23, 0.9), 0.23);
        assert!((root(&points, (0.3, 0.6), 0.23) - 0.06).abs() < 1e-12);
        // The negative control: another threshold does not fit as well.
        assert!((root(&points, (0.3, 0.6), 0.1) - 0.06).abs() > 1e-3);
        assert!(root(&points, (5.0, 6.0), 0.23).is_nan());
    }
}
