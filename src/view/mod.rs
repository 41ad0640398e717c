//! One self-contained HTML page of a map, a ramp or a trajectory: to look at it in a browser, and to integrate a map's cells there.
//!
//! A page is a template with its data: what a file holds, as JSON. Its script `source.js` alone knows where data and motions
//! come from.

mod curves;
mod encoded;
mod equilibria;
mod map;
mod page;
mod ramp;
mod reduced;
mod trajectory;

pub use page::{Page, page};
