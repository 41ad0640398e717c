//! Does each option belong to the commands it should, and mean the same in all of them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

use clap::{Arg, Command, CommandFactory, Parser};
use hopfmap::cli::Cli;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Each option: its value's name (empty for a switch), and the commands that have it.
const TABLE: &[(&str, &str, &str)] = &[
    ("adapter", "ADAPTER", "sweep ramp paper bench"),
    ("along", "RANGE", "cycles"),
    ("at", "NAME=VALUE,…", "plot replay"),
    ("audit", "N|off", "sweep"),
    ("branches", "WHICH", "cycles"),
    ("cell", "I,J,…", "replay"),
    ("cells", "N", "verify"),
    ("cmap", "NAME", "plot"),
    ("curves", "", "sweep plot ramp"),
    ("cycles", "N", "plot curves"),
    ("device", "FILE.toml", "sweep trace ramp statics convert"),
    ("dpi", "DPI", "sweep merge plot trace ramp replay statics curves cycles paper"),
    ("dry-run", "", "sweep"),
    ("dt", "H", "sweep trace ramp"),
    ("each", "NAME[=VALUE,…]", "plot"),
    ("engine", "ENGINE", "sweep ramp paper bench"),
    ("exact", "", "plot replay"),
    ("facet", "NAME[=VALUE,…]", "plot"),
    ("force", "", "sweep merge plot view trace ramp replay statics curves cycles paper man"),
    ("from", "MAP", "sweep trace ramp"),
    ("grid", "AXIS", "sweep ramp"),
    ("hold", "T", "ramp"),
    (
        "json",
        "",
        "sweep merge diff plot view trace ramp replay verify statics curves optimum cycles convert paper bench adapters",
    ),
    ("input", "FORM", "sweep trace"),
    ("largest", "CELLS", "bench"),
    ("means", "", "sweep"),
    ("log-colour", "on|off", "plot"),
    ("model", "MODEL", "trace"),
    ("native", "", "plot"),
    ("noise", "D", "trace"),
    ("of", "QUANTITY", "optimum"),
    ("on-device-loss", "ACTION", "sweep"),
    ("outline-text", "", "sweep merge plot trace ramp replay statics curves cycles paper"),
    ("output", "PATH", "sweep plot view trace ramp replay curves cycles paper man"),
    ("over", "RANGE", "optimum"),
    ("part-cells", "N", "sweep"),
    ("points", "FILE.csv|-", "sweep"),
    ("progress", "DISPLAY", "sweep merge ramp verify curves optimum cycles paper"),
    ("plot", "FILE", "sweep merge trace ramp replay statics curves cycles"),
    ("precision", "TYPE", "sweep ramp"),
    ("quality", "QUALITY", "paper"),
    ("quiet", "", "sweep merge diff plot view trace ramp replay verify curves optimum cycles paper bench"),
    ("regions", "", "plot"),
    ("sbatch", "OPTIONS", "sweep"),
    ("sbatch-merge", "OPTIONS", "sweep"),
    ("seed", "S", "trace verify"),
    ("set", "NAME=VALUE", "sweep trace ramp statics curves optimum cycles convert paper"),
    ("shard", "I/N|slurm", "sweep"),
    ("si", "NAME=VALUE", "convert"),
    ("size", "SIZE", "sweep merge plot trace ramp replay statics curves cycles paper"),
    ("slurm", "N", "sweep"),
    ("spec", "FILE.toml", "sweep ramp"),
    ("start", "START", "sweep plot trace ramp replay optimum"),
    ("start-from", "START", "cycles"),
    ("t-end", "T", "sweep trace"),
    ("t-max", "T", "sweep ramp"),
    ("t-start", "T", "trace"),
    ("table-format", "FORMAT", "sweep ramp"),
    ("threshold", "V", "sweep"),
    ("title", "TEXT", "plot"),
    ("transparent", "", "plot"),
    ("variable", "COLUMN", "plot"),
    ("virtual", "", "merge"),
    ("vmax", "VALUE", "plot"),
    ("vmin", "VALUE", "plot"),
    ("window", "T", "sweep ramp"),
    ("within", "CONDITION", "optimum"),
    ("x", "RANGE", "curves"),
    ("x-axis", "NAME", "sweep plot ramp"),
    ("y", "RANGE", "curves"),
    ("y-axis", "NAME", "sweep plot ramp"),
];

/// Options that may be given several times.
const REPEATED: [&str; 6] = ["at", "grid", "over", "set", "si", "within"];
/// Options that a command cannot do without, and what follows its name.
const REQUIRED: [(&str, &str, &str); 3] =
    [("curves", "x", "y"), ("cycles", "along", "along"), ("paper", "output", "output")];
const POSITIONAL: [(&str, &[&str]); 7] = [
    ("merge", &["m.h5"]),
    ("diff", &["a.h5", "b.h5"]),
    ("plot", &["m.h5"]),
    ("view", &["m.h5"]),
    ("replay", &["m.h5"]),
    ("verify", &["m.h5"]),
    ("completions", &["bash"]),
];
/// Options that exclude each other, whatever else is given.
const EXCLUSIVE: [(&str, &str, &str); 24] = [
    ("plot", "facet", "each"),
    ("plot", "regions", "facet"),
    ("plot", "regions", "each"),
    ("plot", "native", "facet"),
    ("plot", "native", "each"),
    ("plot", "native", "transparent"),
    ("plot", "native", "regions"),
    ("plot", "native", "curves"),
    ("plot", "native", "title"),
    ("plot", "native", "size"),
    ("plot", "native", "dpi"),
    ("plot", "native", "outline-text"),
    ("plot", "regions", "variable"),
    ("plot", "regions", "start"),
    ("plot", "regions", "at"),
    ("plot", "regions", "curves"),
    ("plot", "regions", "cycles"),
    ("sweep", "spec", "from"),
    ("ramp", "spec", "from"),
    ("sweep", "slurm", "plot"),
    ("sweep", "slurm", "shard"),
    ("sweep", "shard", "plot"),
    ("sweep", "points", "grid"),
    ("replay", "cell", "at"),
];
/// Options that need another one, whatever else is given.
const NEEDS: [(&str, &str, &str); 4] = [
    ("sweep", "dry-run", "slurm"),
    ("sweep", "sbatch", "slurm"),
    ("sweep", "sbatch-merge", "slurm"),
    ("replay", "plot", "output"),
];
/// Values that an option takes.
const VALUES: [(&str, &[&str]); 26] = [
    ("log-colour", &["on", "off"]),
    ("size", &["86mm", "86x70mm", "2480x2000"]),
    ("dpi", &["300", "600"]),
    ("cmap", &["grey", "magma"]),
    ("vmin", &["-1", "0.5"]),
    ("vmax", &["1", "2e3"]),
    ("cycles", &["7"]),
    ("model", &["full", "pendulum"]),
    ("branches", &["main", "all"]),
    ("start-from", &["hopf", "rest", "-0.1,0,0,1"]),
    ("output", &["m.h5", "-", "z.png", "folder/m.nc", "Z.SVG", "z.pdf"]),
    ("audit", &["off", "7"]),
    ("cells", &["7"]),
    ("part-cells", &["64"]),
    ("points", &["-", "p.csv"]),
    ("progress", &["auto", "bar", "lines", "off"]),
    ("slurm", &["4"]),
    ("seed", &["3"]),
    ("largest", &["4096"]),
    ("engine", &["auto", "cpu", "gpu"]),
    ("precision", &["f32", "f64"]),
    ("table-format", &["rgba32float", "rgba16float"]),
    ("on-device-loss", &["stop", "cpu"]),
    ("quality", &["draft", "poster"]),
    ("start", &["rest", "-0.1,0,0,1", "upper"]),
    ("sbatch", &["--gres=gpu:1 --time=1"]),
];

/// The sentence of an option's help, without the default, which may differ.
fn sentence(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    help.split("[default").next().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn value_name(arg: &Arg) -> String {
    if !arg.get_action().takes_values() {
        return String::new();
    }
    arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn commands() -> Vec<Command> {
    let mut top = Cli::command();
    top.build();
    top.get_subcommands().filter(|c| c.get_name() != "help").cloned().collect()
}

/// An option as the command line has it: by name its uses, each a command, the value's name, the help, and the short form.
type Uses = BTreeMap<String, Vec<(String, String, String, Option<char>)>>;

fn uses(commands: &[Command]) -> Uses {
    let mut found = Uses::new();
    for command in commands {
        for arg in command.get_arguments().filter(|a| a.get_id() != "help") {
            if let Some(long) = arg.get_long() {
                let one = (command.get_name().to_string(), value_name(arg), sentence(arg), arg.get_short());
                found.entry(long.to_string()).or_default().push(one);
            }
        }
    }
    found
}

/// What differs from the table.
fn departures(found: &Uses, table: &[(&str, &str, &str)]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (option, value, commands) in table {
        let Some(uses) = found.get(*option) else {
            wrong.push(format!("no command has --{option}"));
            continue;
        };
        let have: BTreeSet<&str> = uses.iter().map(|u| u.0.as_str()).collect();
        let should: BTreeSet<&str> = commands.split(' ').collect();
        if have != should {
            wrong.push(format!("--{option} belongs to {should:?}, and these have it: {have:?}"));
        }
        wrong.extend(uses.iter().filter(|u| u.1 != *value).map(|u| format!("--{option} of {} takes <{}>", u.0, u.1)));
        wrong.extend(uses.iter().filter(|u| u.2 != uses[0].2).map(|u| format!("--{option} of {} says: {}", u.0, u.2)));
        wrong.extend(uses.iter().filter(|u| u.3 != uses[0].3).map(|u| format!("--{option} of {} is -{:?}", u.0, u.3)));
    }
    let known: BTreeSet<&str> = table.iter().map(|t| t.0).collect();
    wrong.extend(found.keys().filter(|o| !known.contains(o.as_str())).map(|o| format!("--{o} is not in the table")));
    wrong
}

#[test]
fn fault_25_an_option_is_the_same_in_every_command_that_has_it() {
    let found = uses(&commands());
    assert_eq!(departures(&found, TABLE), Vec::<String>::new());
    // The negative controls: an option too many, one that is missing, another value and another sentence are seen.
    let without = |option: &str| TABLE.iter().copied().filter(|t| t.0 != option).collect::<Vec<_>>();
    assert_eq!(departures(&found, &without("json")).len(), 1);
    assert_eq!(departures(&found, &[&without("json")[..], &[("json", "", "sweep")]].concat()).len(), 1);
    let mut changed = found.clone();
    changed.get_mut("force").unwrap()[1].2.push('!');
    changed.get_mut("output").unwrap()[1].1 = "FILE".to_string();
    assert_eq!(departures(&changed, TABLE).len(), 2);
}

#[test]
fn every_option_says_what_it_is() {
    for (option, uses) in uses(&commands()) {
        assert!(uses.iter().all(|u| u.2.len() > 10), "--{option} has no help");
    }
}

/// An option with one of its values, in one word.
fn word(option: &str, choice: usize) -> String {
    let value = TABLE.iter().find(|t| t.0 == option).unwrap().1;
    let values = VALUES.iter().find(|v| v.0 == option).map_or(&["0.5"][..], |v| v.1);
    if value.is_empty() { format!("--{option}") } else { format!("--{option}={}", values[choice % values.len()]) }
}

/// A command line that was made up: the command, and its options in one word each.
#[derive(Debug, Clone)]
struct Line {
    command: String,
    options: Vec<(String, String)>,
}

impl Line {
    fn has(&self, option: &str) -> bool {
        self.options.iter().any(|o| o.0 == option)
    }

    fn words(&self) -> Vec<String> {
        let positional = POSITIONAL.iter().find(|p| p.0 == self.command).map_or(&[][..], |p| p.1);
        let options = self.options.iter().map(|o| o.1.clone());
        ["hopfmap".to_string(), self.command.clone()]
            .into_iter()
            .chain(options)
            .chain(positional.iter().map(ToString::to_string))
            .collect()
    }

    /// Whether the table says that it can be read.
    fn is_read(&self) -> bool {
        let belongs = |option: &str| TABLE.iter().any(|t| t.0 == option && t.2.split(' ').any(|c| c == self.command));
        let times = |option: &str| self.options.iter().filter(|o| o.0 == option).count();
        self.options.iter().all(|(o, _)| belongs(o) && (times(o) == 1 || REPEATED.contains(&o.as_str())))
            && REQUIRED.iter().all(|(c, a, b)| *c != self.command || (self.has(a) && self.has(b)))
    }

    /// Whether its options go together.
    fn is_allowed(&self) -> bool {
        let here = |rule: &(&str, &str, &str)| rule.0 == self.command;
        let picture =
            |o: &(String, String)| o.0 == "output" && ["=-", ".png", ".SVG", ".pdf"].iter().any(|e| o.1.ends_with(e));
        // A picture, a page, a folder and the pages of a manual may have any name here; what they are is looked at later.
        let data = !["plot", "view", "paper", "man"].contains(&self.command.as_str());
        let present = |word: &str| self.options.iter().any(|o| o.1 == word);
        let excluded = EXCLUSIVE.iter().any(|r| here(r) && self.has(r.1) && self.has(r.2));
        let lacking = NEEDS.iter().any(|r| here(r) && self.has(r.1) && !self.has(r.2));
        let no_cell = self.command == "replay" && !self.has("cell") && !self.has("at");
        let no_adapter = self.command == "bench" && self.has("adapter") && present("--engine=cpu");
        let no_si = self.command == "convert" && !self.has("si") && !self.has("device");
        let no_data = data && self.options.iter().any(picture);
        !(excluded || lacking || no_cell || no_adapter || no_si || no_data)
    }
}

fn lines() -> impl Strategy<Value = Line> {
    let names: Vec<String> = commands().iter().map(|c| c.get_name().to_string()).collect();
    // Most options are the command's own, or hardly a line could be read.
    let options = prop::collection::vec((0..100_u32, any::<prop::sample::Index>(), 0..9_usize), 0..7);
    (prop::sample::select(names), options).prop_map(|(command, options)| {
        let own: Vec<&str> = TABLE.iter().filter(|t| t.2.split(' ').any(|c| c == command)).map(|t| t.0).collect();
        let option = |(luck, index, choice): (u32, prop::sample::Index, usize)| {
            let name = if luck < 4 || own.is_empty() {
                TABLE[index.index(TABLE.len())].0
            } else {
                own[index.index(own.len())]
            };
            (name.to_string(), word(name, choice))
        };
        let mut options: Vec<_> = options.into_iter().map(option).collect();
        for (_, a, b) in REQUIRED.iter().filter(|r| r.0 == command) {
            options.extend(
                [a, b]
                    .iter()
                    .filter(|_| options.len() % 5 != 4)
                    .map(|o| (o.to_string(), word(o, 0)))
                    .collect::<BTreeSet<_>>(),
            );
        }
        Line { command, options }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whether a line is read, and whether its options go together, is what the tables above say: no rule is switched off by
    /// another option. Neither depends on the order.
    #[test]
    fn fault_4_a_line_is_read_and_allowed_as_the_tables_say(line in lines(), shift in 0..7_usize) {
        let mut turned = line.clone();
        turned.options.rotate_left(shift.min(line.options.len()));
        for line in [line, turned] {
            let read = Cli::try_parse_from(line.words());
            prop_assert_eq!(read.is_ok(), line.is_read(), "{:?}: {:?}", line.words(), read.err().map(|e| e.to_string()));
            match read {
                Ok(cli) => match cli.check() {
                    Ok(()) => prop_assert!(line.is_allowed(), "{:?} is allowed", line.words()),
                    Err(e) => {
                        prop_assert!(!line.is_allowed(), "{:?} is refused: {}", line.words(), e);
                        prop_assert!(e.exit_code() == 2 && e.to_string().contains("; "), "{e}");
                    }
                },
                Err(e) => prop_assert!(e.exit_code() == 2 && !e.to_string().is_empty()),
            }
        }
    }

    /// No bytes make the parser panic.
    #[test]
    fn any_words_are_read_or_refused(words in prop::collection::vec("(--?)?[a-zA-Z=.,:0-9\\-]{0,12}|\\PC{0,8}", 0..6)) {
        let line = std::iter::once("hopfmap".to_string()).chain(words);
        if let Ok(cli) = Cli::try_parse_from(line) {
            let _ = cli.check();
        }
    }
}

/// The made-up lines are worth their name: many are read, many are not, and each rule is met.
#[test]
fn made_up_lines_are_of_all_kinds() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let made: Vec<Line> = (0..6000).map(|_| lines().new_tree(&mut runner).unwrap().current()).collect();
    let read = made.iter().filter(|l| l.is_read()).count();
    let refused = made.iter().filter(|l| l.is_read() && !l.is_allowed()).count();
    assert!(read > 2000 && read < 5600 && refused > 200, "{read} read, {refused} of them refused");
    for rule in EXCLUSIVE {
        assert!(made.iter().any(|l| l.is_read() && l.command == rule.0 && l.has(rule.1) && l.has(rule.2)), "{rule:?}");
    }
    for rule in NEEDS {
        assert!(made.iter().any(|l| l.is_read() && l.command == rule.0 && l.has(rule.1) && !l.has(rule.2)), "{rule:?}");
    }
}
