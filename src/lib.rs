//! hopfmap
pub mod cli;
pub mod columns;
pub mod engine;
pub mod error;
pub mod figure;
pub mod grid;
pub mod kernel;
pub mod model;
pub mod store;
pub mod sweep;
pub use error::{Error, Result};
