//! Tests of axes read from a file.

use super::*;

#[test]
fn a_value_may_lie_a_step_beyond_an_axis_and_no_farther() {
    for values in [vec![1.0, 2.0, 3.0, 4.0], vec![4.0, 3.0, 2.0, 1.0]] {
        let axis = StoredAxis { parameter: Parameter::RN, values: values.clone() };
        let of = |value: f64| axis.nearest_within(value).ok().map(|i| values[i]);
        assert_eq!([0.1, 1.0, 2.4, 4.9].map(of), [Some(1.0), Some(1.0), Some(2.0), Some(4.0)]);
        assert_eq!([-0.1, 5.1].map(of), [None, None]);
    }
    // A single value matches itself, up to rounding.
    let axis = StoredAxis { parameter: Parameter::RN, values: vec![6.0] };
    assert_eq!(axis.nearest_within(6.0 * (1.0 + 1e-13)).ok(), Some(0));
    let message = axis.nearest_within(6.1).unwrap_err().to_string();
    assert!(message.contains("R_n = 6.1 lies beyond the map, which holds 6 to 6"), "{message}");
}
