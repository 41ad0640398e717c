//! The paper in one command: each figure as data and pictures, and the table of its numbers with ours.
//!
//! Potter, Zagoskin, Savel'ev, Balanov, "Hysteresis and Self-Oscillations in an Artificial Memristive
//! Quantum Neuron". A figure's module reads like its caption: the sweep, ramp, trajectory or curve,
//! and what is drawn over it.

mod context;
mod fig2a;
mod fig2b;
mod fig2c;
mod fig3;
mod fig4a;
mod fig4b;
mod fig5a;
mod fig5b;
mod fig6a;
mod fig6b;
mod fig7;
mod fit;
mod numbers;
mod optimum;
mod statements;

pub use context::{PaperRun, Quality};
pub use numbers::{Agreement, Number, markdown};
pub use statements::{Statement, Verdict, statements};

use crate::error::{Error, Result};
use crate::model::Parameter::{self, Alpha, Gamma, L, Lambda, Omega, RN, X0, ZT};
use std::collections::BTreeMap;

/// A figure or a table that can be made.
#[derive(Clone, Copy)]
pub struct Item {
    /// Name on the command line and of the files.
    pub name: &'static str,
    /// Content in one phrase.
    pub caption: &'static str,
    /// Number of cells that are integrated for the item.
    cells: fn(Quality) -> u64,
    make: fn(&mut PaperRun<'_>) -> Result<()>,
    /// Parameters that it takes own values of.
    pub takes: &'static [Parameter],
    /// Why it takes no others.
    reason: &'static str,
    /// Endings of the item's files.
    pub files: &'static [&'static str],
}

impl std::fmt::Debug for Item {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.name)
    }
}

const PICTURE: &[&str] = &["h5", "png", "svg", "pdf"];
/// Parameters of an item that takes no own values.
const NONE: &[Parameter] = &[];

/// Why a figure takes no other values.
const OWN: &str = "it compares with the paper at the paper's own parameters";

macro_rules! items {
    ($($name:ident $files:expr, takes $takes:expr, $reason:expr, $caption:literal;)*) => {
        /// All items, in the paper's order.
        pub const ITEMS: &[Item] = &[$(Item {
            name: stringify!($name), caption: $caption, cells: $name::cells, make: $name::make, files: $files,
            takes: $takes, reason: $reason,
        }),*];
    };
}

items! {
    fig2a PICTURE, takes &[RN, Gamma, Alpha, ZT, Omega, X0, L, Lambda], "V_n is an axis of it",
        "surface of equilibria V*(R_n, V_n) with its folds, the cusp, and a ramp of V_n";
    fig2b PICTURE, takes &[RN, ZT, X0, L, Lambda], "its load lines have the V_n of the folds, and nothing else enters a static current",
        "current I(V) and the load lines that touch it at the folds";
    fig2c PICTURE, takes NONE, OWN,
        "hysteresis at R_n = 10 for three positions of the well";
    fig3 PICTURE, takes NONE, OWN,
        "self-oscillations: voltage, Bloch vector, power spectrum";
    fig4a PICTURE, takes NONE, OWN,
        "span of the oscillations along V_n, with both fits";
    fig4b PICTURE, takes NONE, OWN,
        "voltage along V_n, both ways: a cycle and a quiet state coexist";
    fig5a PICTURE, takes &[Gamma, Alpha, Omega, X0, L, Lambda], "V_n, R_n and Z_T are its axes",
        "regions in (V_n, R_n) where self-oscillations exist, for several Z_T";
    fig5b PICTURE, takes NONE, OWN,
        "span along Z_T for three alpha, with the paper's fits";
    fig6a PICTURE, takes NONE, OWN,
        "span over Z_T and Gamma";
    fig6b PICTURE, takes NONE, OWN,
        "span over alpha and Gamma";
    fig7 PICTURE, takes &[L, Lambda], "F_ij(x_V) depends on l and lambda alone",
        "the conductance functions F_ij(x_V)";
    optimum PICTURE, takes NONE, OWN,
        "beyond the paper: the largest span over Gamma and alpha, which Sec. IV leaves open";
    numbers &["json", "md"], takes NONE, OWN,
        "every number of the paper's text against ours";
    statements &["json", "md"], takes NONE, OWN,
        "what the paper's text says, with a command for each and what was found";
}

/// Items with the given names, in the paper's order; `all` or no name selects all items.
///
/// # Errors
/// [`Error::Request`] if a name is unknown; the message lists the known ones.
pub fn items(names: &[String]) -> Result<Vec<Item>> {
    let known: Vec<_> = ITEMS.iter().map(|i| i.name).collect();
    for name in names {
        if name != "all" && !known.contains(&name.as_str()) {
            return Err(Error::request(
                format!("the paper has no '{name}'"),
                format!("name some of: all, {}", known.join(", ")),
            ));
        }
    }
    let all = names.is_empty() || names.iter().any(|n| n == "all");
    Ok(ITEMS.iter().filter(|i| all || names.iter().any(|n| n == i.name)).copied().collect())
}

impl Item {
    /// Number of cells that are integrated for the item.
    #[must_use]
    pub fn cells(&self, quality: Quality) -> u64 {
        (self.cells)(quality)
    }

    /// Checks that the item takes own values of these parameters.
    ///
    /// # Errors
    /// [`Error::Request`] if it does not take one; the message says why.
    pub fn check_set(&self, set: &BTreeMap<Parameter, f64>) -> Result<()> {
        let refused = set.keys().find(|p| !self.takes.contains(p));
        refused.map_or(Ok(()), |p| {
            let takes: Vec<_> = self.takes.iter().map(|p| p.name()).collect();
            let others: Vec<_> = ITEMS.iter().filter(|i| i.takes.contains(p)).map(|i| i.name).collect();
            let remedy = match (takes.is_empty(), others.is_empty()) {
                (false, _) => format!("it takes {}", takes.join(", ")),
                (true, false) => format!("those that take {} are {}", p.name(), others.join(", ")),
                (true, true) => "leave `set` off".to_string(),
            };
            Err(Error::request(format!("{} takes no own {}: {}", self.name, p.name(), self.reason), remedy))
        })
    }

    /// Makes the item and writes its files.
    ///
    /// # Errors
    /// [`Error::Request`] if an output exists; [`Error::File`] if one cannot be written;
    /// [`Error::Busy`] if another process makes the same map; [`Error::Engine`] or
    /// [`Error::DeviceLost`] if the engine fails; [`Error::Interrupted`] or [`Error::Unfinished`] if
    /// cancelled.
    pub fn make(&self, run: &mut PaperRun<'_>) -> Result<()> {
        (self.make)(run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_item_does_not_take_is_refused_with_the_reason() {
        let check = |name: &str, p: Parameter| {
            let [item] = items(&[name.to_string()]).unwrap()[..] else { panic!("{name}") };
            item.check_set(&BTreeMap::from([(p, 0.5)])).map_err(|e| e.to_string())
        };
        assert!(check("fig2a", RN).is_ok() && check("fig5a", Gamma).is_ok() && check("fig7", L).is_ok());
        for (name, p, parts) in [
            ("fig2a", Parameter::VN, ["V_n is an axis of it", "it takes R_n"]),
            ("fig2b", Gamma, ["takes no own Gamma", "it takes R_n, Z_T"]),
            ("fig5a", ZT, ["are its axes", "it takes Gamma"]),
            ("fig3", L, ["the paper's own parameters", "are fig2a, fig2b, fig5a, fig7"]),
        ] {
            let message = check(name, p).unwrap_err();
            assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        }
    }

    #[test]
    fn figures_are_as_fine_as_their_quality_says() {
        let cells = |quality| ITEMS.iter().map(|i| i.cells(quality)).collect::<Vec<_>>();
        assert_eq!(cells(Quality::Draft), [322, 0, 966, 0, 351, 250, 73728, 303, 16384, 16384, 0, 20480, 5392, 0]);
        assert_eq!(cells(Quality::Paper), [802, 0, 2406, 0, 701, 500, 663552, 603, 262144, 262144, 0, 266240, 6042, 0]);
        assert_eq!(
            cells(Quality::Poster),
            [1602, 0, 9606, 0, 3501, 2000, 18874368, 3003, 16777216, 16777216, 0, 16781312, 11242, 0]
        );
    }
}
