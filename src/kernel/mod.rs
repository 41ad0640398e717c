//! The kernel on the CPU: twins of the shaders of the same names, generic over f64 and f32.
//!
//! Every public module here stands beside `shaders/<stem>.wgsl` but `constants`, which the prelude is made from, `chebyshev`, which the
//! tables are made with, `lanes`, and `course`, which is one neuron's own; and does the same arithmetic in the same order, so that a
//! difference between the two is rounding and nothing else.

pub mod chebyshev;
pub mod constants;
pub mod piece;
pub mod stepper;
pub mod trapping;

pub mod advance;
pub mod neuron;
pub mod rk4;
pub mod section;
pub mod settle;
pub mod table;
pub mod window;

use num_traits::Float;
use std::fmt::Debug;

/// The number types the kernel runs in.
pub trait Real: Float + Debug + Send + Sync + 'static {
    /// Coefficients of each polynomial of a table,
    const TERMS: usize;
    /// and those of three functions on one piece of it.
    type Piece: Copy + Debug + Default + Send + Sync + AsRef<[[Self; 3]]> + AsMut<[[Self; 3]]>;
    /// Largest interpolation error of F_00, F_01 or F_11 that the table may have by construction.
    const TABLE_ERROR: f64;
    /// `LIMIT_TOLERANCE_F32` or `LIMIT_TOLERANCE_F64`.
    const LIMIT_TOLERANCE: f64;
    /// `RETURN_NOISE_F32` or `RETURN_NOISE_F64`.
    const RETURN_NOISE: f64;

    /// Rounds from f64.
    fn of(value: f64) -> Self;
    /// The exact value in f64.
    fn widen(self) -> f64;
}

macro_rules! real {
    ($type:ty, $terms:expr, $error:expr, $rest:expr, $floor:expr) => {
        impl Real for $type {
            const TERMS: usize = $terms as usize;
            type Piece = [[$type; 3]; $terms as usize];
            const TABLE_ERROR: f64 = $error;
            const LIMIT_TOLERANCE: f64 = $rest;
            const RETURN_NOISE: f64 = $floor;
            fn of(value: f64) -> Self {
                value as $type
            }
            fn widen(self) -> f64 {
                f64::from(self)
            }
        }
    };
}

// 8e-7 leaves room for rounding below the promised 1e-6.
real!(f32, constants::TERMS_SINGLE, 8e-7, constants::LIMIT_TOLERANCE_F32, constants::RETURN_NOISE_F32);
real!(f64, constants::TERMS_DOUBLE, 1e-12, constants::LIMIT_TOLERANCE_F64, constants::RETURN_NOISE_F64);
