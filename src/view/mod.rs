//! One self-contained HTML page of a map: to look at it in a browser, and to integrate its cells there.

mod curves;
mod data;
mod page;
mod reduced;

pub use page::{Page, page};
