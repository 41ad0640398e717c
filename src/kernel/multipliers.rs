//! Multipliers of a cycle: the roots of a cubic, and when they have turned back. Twin of
//! `shaders/multipliers.wgsl`.

use super::Real;
use super::constants::{BISECTIONS, MOST_POWERS, SLOW_PAIR};

/// Largest modulus of the roots of mu³ + c_2 mu² + c_1 mu + c_0, and the number of powers after which the roots
/// have turned back: 1 for positive ones.
///
/// A real root comes by bisection from a bound on all roots; the other two are those of a quadratic.
pub(super) fn roots<T: Real>([c_0, c_1, c_2]: [T; 3]) -> [T; 2] {
    let (zero, one, half) = (T::zero(), T::one(), T::of(0.5));
    let value = |x: T| ((x + c_2) * x + c_1) * x + c_0;
    let bound = one + c_0.abs().max(c_1.abs()).max(c_2.abs());
    let (mut low, mut high) = (-bound, bound);
    for _ in 0..BISECTIONS {
        let middle = half * (low + high);
        if value(middle) < zero {
            low = middle;
        } else {
            high = middle;
        }
    }
    // Two steps of Newton's method, kept within the bracket.
    let mut root = half * (low + high);
    for _ in 0..2 {
        let slope = (T::of(3.0) * root + T::of(2.0) * c_2) * root + c_1;
        let next = root - value(root) / slope;
        if (next - root).abs() <= high - low {
            root = next;
        }
    }
    // mu² + b mu + c.
    let b = c_2 + root;
    let c = c_1 + b * root;
    let discriminant = half * half * b * b - c;
    // The negative root of largest modulus turns in two powers.
    let mut lowest = root;
    let (mut others, mut rotation) = (zero, one);
    if discriminant < zero {
        others = c.sqrt();
        if others >= T::of(SLOW_PAIR) * root.abs() {
            rotation = powers_of_a_rotation(-half * b / others);
        }
    } else {
        let reach = discriminant.sqrt();
        others = others.max((-half * b + reach).abs()).max((-half * b - reach).abs());
        lowest = lowest.min(-half * b - reach);
    }
    let largest = root.abs().max(others);
    if rotation == one && lowest <= -T::of(SLOW_PAIR) * largest {
        rotation = T::of(2.0);
    }
    [largest, rotation]
}

/// Number of rotations by an angle, given its cosine, that make a whole rotation or a little more.
fn powers_of_a_rotation<T: Real>(cosine: T) -> T {
    let (zero, one) = (T::zero(), T::one());
    let sine = (one - cosine * cosine).max(zero).sqrt();
    let (mut x, mut y, mut powers) = (one, zero, zero);
    for _ in 0..MOST_POWERS {
        let before = y;
        (x, y) = (cosine * x - sine * y, sine * x + cosine * y);
        powers = powers + one;
        if before < zero && y >= zero {
            break;
        }
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    proptest! {
        #[test]
        fn the_largest_root_is_that_of_the_factors(
            a in -2.0..2.0f64, b in -2.0..2.0f64, c in -2.0..2.0f64, angle in 0.0..3.1f64, kind in 0..2,
        ) {
            let (largest, sum, product) = if kind == 0 {
                (a.abs().max(b.abs()).max(c.abs()), b + c, b * c)
            } else {
                (a.abs().max(b.abs()), 2.0 * b * angle.cos(), b * b)
            };
            // (mu - a)(mu² - sum mu + product).
            let [found, rotation] = roots([-a * product, product + a * sum, -(a + sum)]);
            if kind == 1 && b.abs() > a.abs() && angle > 0.1 {
                let own = if b < 0.0 { std::f64::consts::PI - angle } else { angle };
                let whole = rotation * own / TAU;
                prop_assert!(whole > 1.0 - 1e-6 && whole < 1.0 + own / 6.0, "{rotation} {own}");
            }
            prop_assert!((found - largest).abs() < 1e-6, "{found} {largest}");
        }
    }
}
