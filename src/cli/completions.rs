//! `hopfmap completions`: a shell script that completes hopfmap's commands and options.

use super::command_report::Report;
use clap::Args;
use clap_complete::{Shell, generate};

/// Arguments of `hopfmap completions`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  hopfmap completions bash\n\nInto the place where the shell looks for them, \
     e.g. ~/.local/share/bash-completion/completions/hopfmap")]
pub(super) struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Returns the completion script for stdout.
pub(super) fn run(arguments: &Arguments, mut command: clap::Command) -> Report {
    let mut script = Vec::new();
    generate(arguments.shell, &mut command, "hopfmap", &mut script);
    Report::plain(String::from_utf8_lossy(&script))
}
