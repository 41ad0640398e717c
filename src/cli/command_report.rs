//! A command's report: text for people, one JSON object for programs, and the error that the command ends with.

use super::messages::printable;
use crate::error::Error;
use clap::Args;
use serde_json::Value;
use std::path::Path;

/// The option that asks for JSON.
#[derive(Debug, Clone, Copy, Args)]
pub struct Format {
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// What a command has to say on stdout, and whether it failed for what it found.
#[derive(Debug)]
pub struct Report {
    /// For people.
    pub text: String,
    /// For programs: an object with keys in snake case.
    pub json: Value,
    /// Why the command fails although it has a report.
    pub error: Option<Error>,
}

impl Report {
    /// The report of a command that succeeded.
    pub fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, error: None }
    }

    /// Text that is not a report, such as a manual page: it has no JSON form.
    pub fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Value::Null)
    }

    /// The same report of a command that fails for what it found.
    pub fn failed(self, error: Error) -> Self {
        Self { error: Some(error), ..self }
    }

    /// What goes to stdout. Where a failure's error says it all, its text is empty.
    pub fn printed(&self, json: bool) -> String {
        match (json, self.json.is_null()) {
            (true, _) => format!("{:#}\n", self.json),
            (false, true) => self.text.clone(),
            (false, false) => printable(&self.text),
        }
    }

    /// Adds where a picture was drawn.
    pub fn drawn(&mut self, picture: &Path) {
        self.text.push_str(&format!("drawn: {}\n", picture.display()));
        self.json["drawn"] = path(picture);
    }
}

/// A path as JSON has it: bytes that are not text are replaced.
pub fn path(path: &Path) -> Value {
    path.to_string_lossy().into()
}
