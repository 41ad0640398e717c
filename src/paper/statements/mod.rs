//! Statements of the paper's text, each with a command that shows what there is, what was found, and a verdict.

mod dynamics;
mod slips;
mod statics;

use crate::error::{Error, Result};
use crate::paper::{PaperRun, Quality};
use crate::store::write_file;
use serde::Serialize;
use std::fmt::Write;

/// What has become of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// It holds for what was computed.
    #[serde(rename = "agrees")]
    Agrees,
    /// It holds with a restriction that the paper does not make; what was found says which.
    #[serde(rename = "in part")]
    InPart,
    /// A slip of the print, which the rest of the text or the equations give away.
    #[serde(rename = "slip of the print")]
    Slip,
    /// It was not reproduced.
    #[serde(rename = "not reproduced")]
    NotReproduced,
}

impl Verdict {
    /// Name in the table.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Agrees => "agrees",
            Verdict::InPart => "in part",
            Verdict::Slip => "slip of the print",
            Verdict::NotReproduced => "not reproduced",
        }
    }
}

/// A statement of the paper and what was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statement {
    /// Place in the paper.
    pub place: &'static str,
    /// The statement, shortened.
    pub statement: &'static str,
    /// A command that shows what there is; empty for a slip that needs none.
    pub command: &'static str,
    /// What was found.
    pub found: String,
    /// What has become of it.
    pub verdict: Verdict,
}

/// A statement that agrees if what was computed says so, and else is not reproduced.
fn judged(
    place: &'static str,
    statement: &'static str,
    command: &'static str,
    holds: bool,
    found: String,
) -> Statement {
    let verdict = if holds { Verdict::Agrees } else { Verdict::NotReproduced };
    Statement { place, statement, command, found, verdict }
}

/// A statement with a verdict that agreement alone does not give, if what was computed says so; and else not reproduced.
fn with_verdict(verdict: Verdict, of: Statement) -> Statement {
    match of.verdict {
        Verdict::Agrees => Statement { verdict, ..of },
        _ => of,
    }
}

/// All statements, in the paper's order.
///
/// # Errors
/// [`Error::Request`] if a trajectory or a cycle cannot be integrated (not expected).
pub fn statements() -> Result<Vec<Statement>> {
    let mut all = slips::slips();
    all.extend(statics::statements());
    all.extend(dynamics::statements()?);
    Ok(all)
}

pub(super) fn cells(_: Quality) -> u64 {
    0
}

pub(super) fn make(run: &mut PaperRun<'_>) -> Result<()> {
    let all = statements()?;
    let json = run.path("statements", "json");
    let text = serde_json::to_string_pretty(&all).map_err(|e| Error::file_because(&json, "has no JSON form", e))?;
    write_file(run.output(&json), (text + "\n").as_bytes())?;
    write_file(run.output(&run.path("statements", "md")), table(&all).as_bytes())
}

/// Formats the statements as a table in Markdown.
#[must_use]
pub(super) fn table(all: &[Statement]) -> String {
    let mut out = String::from("| place | statement | command | found | verdict |\n| --- | --- | --- | --- | --- |\n");
    for s in all {
        let command = if s.command.is_empty() { String::new() } else { format!("`{}`", s.command) };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "| {} | {} | {command} | {} | {} |", s.place, s.statement, s.found, s.verdict.name());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_is_judged_and_a_wrong_one_would_not_agree() {
        let all = statements().unwrap();
        let of = |verdict| all.iter().filter(|s| s.verdict == verdict).count();
        println!("{}", table(&all));
        assert!(all.len() >= 30, "{}", all.len());
        assert_eq!((of(Verdict::NotReproduced), of(Verdict::InPart)), (2, 3), "{}", table(&all));
        assert!(all.iter().all(|s| !s.found.is_empty() && !s.found.contains("NaN") && !s.found.contains('|')));
        assert_eq!(judged("", "", "", false, String::new()).verdict, Verdict::NotReproduced);
        let failed = judged("", "", "", false, String::new());
        assert_eq!(with_verdict(Verdict::InPart, failed).verdict, Verdict::NotReproduced);
    }
}
