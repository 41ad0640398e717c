//! The kernel on the CPU, generic over f64 and f32: twins of the shaders of the same names.
//!
//! Each module is the twin of `shaders/<stem>.wgsl`, except `constants` (the source of the shaders'
//! prelude), `chebyshev` (makes the tables) and `stepper` (steps one neuron along a trajectory). Twins do
//! the same arithmetic in the same order, so they differ by rounding alone.

pub mod chebyshev;
pub mod constants;
pub mod piece;
pub mod stepper;
pub mod trapping;

pub mod advance;
pub mod multipliers;
pub mod neuron;
pub mod newton;
pub mod passes;
pub mod rk4;
pub mod run;
pub mod settle;
pub mod table;
pub mod window;

use num_traits::Float;
use std::fmt::Debug;

/// A number type of the kernel: f32 or f64.
pub trait Real: Float + Debug + Send + Sync + 'static {
    /// Number of coefficients of each polynomial of a table.
    const TERMS: usize;
    /// Coefficients of three functions on one piece of a table, by power.
    type Piece: Copy + Debug + Default + Send + Sync + AsRef<[[Self; 3]]> + AsMut<[[Self; 3]]>;
    /// Largest interpolation error of F_00, F_01 and F_11 allowed in a table.
    const TABLE_ERROR: f64;
    /// [`constants::RETURN_NOISE_F32`] or [`constants::RETURN_NOISE_F64`].
    const RETURN_NOISE: f64;
    /// [`constants::TANGENT_F32`] or [`constants::TANGENT_F64`].
    const TANGENT: f64;
    /// [`constants::ARRIVED_F32`] or [`constants::ARRIVED_F64`].
    const ARRIVED: f64;
    /// [`constants::CONTRACTION_F32`] or [`constants::CONTRACTION_F64`].
    const CONTRACTION: f64;
    /// [`constants::COHERENCE_F32`] or [`constants::COHERENCE_F64`].
    const COHERENCE: f64;
    /// [`constants::ROUNDING_F32`] or [`constants::ROUNDING_F64`].
    const ROUNDING: f64;
    /// [`constants::RETURN_ROUNDING_F32`] or [`constants::RETURN_ROUNDING_F64`].
    const RETURN_ROUNDING: f64;

    /// Rounds an f64 to this type.
    fn of(value: f64) -> Self;
    /// Exact value in f64.
    fn widen(self) -> f64;
}

macro_rules! real {
    ($type:ty, $terms:expr, $error:expr, [$($name:ident = $value:ident),*]) => {
        impl Real for $type {
            const TERMS: usize = $terms as usize;
            type Piece = [[$type; 3]; $terms as usize];
            const TABLE_ERROR: f64 = $error;
            $(const $name: f64 = constants::$value;)*
            fn of(value: f64) -> Self {
                value as $type
            }
            fn widen(self) -> f64 {
                f64::from(self)
            }
        }
    };
}

// 8e-7 leaves a margin for rounding below the promised 1e-6.
real!(
    f32,
    constants::TERMS_SINGLE,
    8e-7,
    [
        RETURN_NOISE = RETURN_NOISE_F32,
        TANGENT = TANGENT_F32,
        ARRIVED = ARRIVED_F32,
        CONTRACTION = CONTRACTION_F32,
        COHERENCE = COHERENCE_F32,
        ROUNDING = ROUNDING_F32,
        RETURN_ROUNDING = RETURN_ROUNDING_F32
    ]
);
real!(
    f64,
    constants::TERMS_DOUBLE,
    1e-12,
    [
        RETURN_NOISE = RETURN_NOISE_F64,
        TANGENT = TANGENT_F64,
        ARRIVED = ARRIVED_F64,
        CONTRACTION = CONTRACTION_F64,
        COHERENCE = COHERENCE_F64,
        ROUNDING = ROUNDING_F64,
        RETURN_ROUNDING = RETURN_ROUNDING_F64
    ]
);
