//! A command's report: text for people, one JSON object for programs, and the error that the command
//! ends with.

use super::messages::printable;
use crate::error::Error;
use clap::Args;
use serde_json::Value;
use std::path::Path;

/// The option that asks for JSON.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Format {
    /// Print the report as one JSON object
    #[arg(long)]
    pub json: bool,
}

/// A command's report for stdout, with the error it ends with, if any.
#[derive(Debug)]
pub(super) struct Report {
    /// Text for people.
    pub text: String,
    /// JSON object for programs, with keys in snake case.
    pub json: Value,
    /// Error of a command that fails because of its findings.
    pub error: Option<Error>,
}

impl Report {
    /// Report of a command that succeeded.
    pub(super) fn new(text: impl Into<String>, json: Value) -> Self {
        Self { text: text.into(), json, error: None }
    }

    /// Text that is not a report, such as a manual page: it has no JSON form.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self::new(text, Value::Null)
    }

    /// Returns the report with the error of a command that fails because of its findings.
    pub(super) fn failed(self, error: Error) -> Self {
        Self { error: Some(error), ..self }
    }

    /// Text for stdout: the JSON object or the text, which is empty where the error says everything.
    pub(super) fn printed(&self, json: bool) -> String {
        match (json, self.json.is_null()) {
            (true, _) => format!("{:#}\n", self.json),
            (false, true) => self.text.clone(),
            (false, false) => printable(&self.text),
        }
    }

    /// Adds the path of a drawn picture.
    pub(super) fn drawn(&mut self, picture: &Path) {
        self.text.push_str(&format!("drawn: {}\n", picture.display()));
        self.json["drawn"] = path(picture);
    }
}

/// A path as a JSON string; bytes that are not UTF-8 are replaced.
pub(super) fn path(path: &Path) -> Value {
    path.to_string_lossy().into()
}
