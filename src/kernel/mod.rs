//! The kernel on the CPU: twins of the shaders of the same names, generic over f64 and f32.
//!
//! Every public module here stands beside `shaders/<stem>.wgsl` (but `constants`, which the prelude is made from) and does the same arithmetic in the same order, so that a
//! difference between the two is rounding and nothing else.

pub mod basin;
pub mod constants;
pub mod lanes;
pub mod neuron;
pub mod peak;
pub mod rk4;
pub mod section;
pub mod settle;
mod spacing;
pub mod span;
pub mod sweep;
pub mod table;

use num_traits::Float;
use std::fmt::Debug;

/// The number types the kernel runs in.
pub trait Real: Float + Debug + Send + Sync + 'static {
    /// Taylor coefficients of F_00 at one node of the table: as many as this precision deserves.
    type Jet: Copy + Debug + Send + Sync + AsRef<[Self]>;
    /// Largest interpolation error of F_00, F_01 or F_11 that the table may have by construction.
    const TABLE_ERROR: f64;
    /// `REST_SINGLE` or `REST_DOUBLE`.
    const REST: f64;
    /// `FLOOR_SINGLE` or `FLOOR_DOUBLE`.
    const FLOOR: f64;

    /// Rounds from f64.
    fn of(value: f64) -> Self;
    /// The whole part of a number that is not negative; 0 for a NaN.
    fn whole(self) -> usize;
    /// The exact value in f64.
    fn widen(self) -> f64;
    /// A jet from as many leading coefficients as fit, each as `store` leaves it.
    fn jet(coefficients: &[f64; table::EXACT], store: impl Fn(Self) -> Self) -> Self::Jet;
}

macro_rules! real {
    ($type:ty, $coefficients:expr, $error:expr, $rest:expr, $floor:expr) => {
        impl Real for $type {
            type Jet = [$type; $coefficients];
            const TABLE_ERROR: f64 = $error;
            const REST: f64 = $rest;
            const FLOOR: f64 = $floor;
            fn of(value: f64) -> Self {
                value as $type
            }
            fn whole(self) -> usize {
                self as usize
            }
            fn widen(self) -> f64 {
                f64::from(self)
            }
            fn jet(coefficients: &[f64; table::EXACT], store: impl Fn(Self) -> Self) -> Self::Jet {
                std::array::from_fn(|i| store(coefficients[i] as $type))
            }
        }
    };
}

// A cubic is one RGBA texel a node; 8e-7 leaves room for rounding below the promised 1e-6.
real!(f32, 4, 8e-7, constants::REST_SINGLE, constants::FLOOR_SINGLE);
real!(f64, table::EXACT, 1e-12, constants::REST_DOUBLE, constants::FLOOR_DOUBLE);
