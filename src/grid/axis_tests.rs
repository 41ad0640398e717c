//! Tests of axes.

use super::*;
use proptest::prelude::*;

#[test]
fn bad_axes_are_named() {
    for (text, part) in [
        ("Gamma=0.1:1:0", "count of 0"),
        ("Gamma=0.1:1:1", "two different ends"),
        ("Gamma=0.5:0.5:3", "both its ends"),
        ("Gamma=log:0:1:5", "through 0"),
        ("V_n=log:-1:1:5", "through 0"),
        ("Gamma=nan:1:5", "not a finite"),
        ("Gamma=0:inf:5", "not a finite"),
        ("alpha=0:2.5:5", "out of range"),
        ("beta=0:1:5", "unknown parameter"),
        ("Gamma=0:1:1.5", "whole number"),
        ("Gamma=0:1", "not an axis"),
        ("Gamma=0:1:5:7", "not an axis"),
        ("Gamma=1,3,2", "neither rise nor fall"),
        ("Gamma=1,1", "neither rise nor fall"),
        ("Gamma", "no '='"),
        ("Gamma=", "not a number"),
        ("V_n=-1.7e308:1.7e308:5", "no usable step"),
    ] {
        let message = text.parse::<Axis>().unwrap_err().to_string();
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn values_come_from_the_index_with_exact_ends() {
    let axis: Axis = "Z_T=0:0.3:4".parse().unwrap();
    assert_eq!(axis.values().collect::<Vec<_>>(), [0.0, 0.09999999999999999, 0.19999999999999998, 0.3]);
    let log: Axis = "Gamma=log:0.001:1:4".parse().unwrap();
    assert!((log.value(1) - 0.01).abs() < 1e-15 && log.value(3) == 1.0);
    assert_eq!("alpha=1".parse::<Axis>().unwrap().len(), 1);
}

#[test]
fn positions_undo_values() {
    for text in ["Z_T=0:1:9", "Z_T=1:0:9", "Gamma=log:0.01:1:7", "V_n=-1,0,3,7", "V_n=7,3,0,-1"] {
        let axis: Axis = text.parse().unwrap();
        for i in 0..axis.len() {
            assert!((axis.position(axis.value(i)) - i as f64).abs() < 1e-9, "{text} at {i}");
        }
    }
    assert_eq!("V_n=0,2".parse::<Axis>().unwrap().position(0.5), 0.25);
}

proptest! {
    #[test]
    fn any_text_is_an_axis_or_an_error(text in "\\PC{0,40}") {
        let _ = text.parse::<Axis>();
    }

    #[test]
    fn almost_axes_are_axes_or_errors(text in "(Gamma|V_n|α|Λ|z_t|x_0)=?(log:)?[-+0-9.eEnaif:,]{0,24}") {
        if let Ok(axis) = text.parse::<Axis>() {
            prop_assert_eq!(axis.to_string().parse::<Axis>().unwrap(), axis.clone());
        }
    }

    /// Most texts in the form that users write are axes; a refusal has a reason.
    #[test]
    fn fault_33_axes_of_every_form_read_back_as_written(
        form in 0..3, a in number(), b in number(), count in prop_oneof![1..5_u64, 2..100_000_u64],
        list in prop::collection::vec(number(), 1..6), falls in any::<bool>(),
    ) {
        let mut list = list;
        list.sort_by(f64::total_cmp);
        list.dedup();
        if falls {
            list.reverse();
        }
        let texts: Vec<_> = list.iter().map(f64::to_string).collect();
        let (low, high) = (1.0 + a.abs(), 2.0 + a.abs() + b.abs());
        let text = match form {
            0 => format!("V_n={a}:{b}:{count}"),
            1 => format!("Gamma=log:{low}:{high}:{count}"),
            _ => format!("x_0={}", texts.join(",")),
        };
        match text.parse::<Axis>() {
            Ok(axis) => {
                prop_assert_eq!(axis.to_string().parse::<Axis>().unwrap(), axis.clone(), "{}", text);
                let n = axis.len();
                prop_assert_eq!(n, if form == 2 { list.len() as u64 } else { count });
                // The ends are exact, and every value is between its neighbours.
                let ends = match form { 0 => [a, b], 1 => [low, high], _ => [list[0], list[list.len() - 1]] };
                prop_assert_eq!([axis.value(0), axis.value(n - 1)], ends, "{}", text);
                for i in [1, n / 3, n / 2, n.saturating_sub(2)].into_iter().filter(|i| *i > 0 && i + 1 < n) {
                    let (before, here, after) = (axis.value(i - 1), axis.value(i), axis.value(i + 1));
                    prop_assert!((before < here) == (here < after) && before != here && here != after, "{text} at {i}");
                    prop_assert!((axis.position(here) - i as f64).abs() < 1e-6 * n as f64, "{text} at {i}");
                }
            }
            // A count of 1 needs equal ends, and a larger count needs different ends.
            Err(e) => prop_assert!(form < 2 && (count == 1 || form == 0 && a == b), "{text}: {e}"),
        }
    }
}

/// Numbers as users write them: few digits, any sign.
fn number() -> impl Strategy<Value = f64> {
    (-2000_i32..2000, 0..4_i32).prop_map(|(digits, places)| f64::from(digits) / 10_f64.powi(places))
}
