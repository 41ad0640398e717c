//! Wording: names are plain, each comment of an item stands alone, and messages of the library name fields.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests say what they expect by panicking")]

mod common;

use common::sources::{code, module, sources};
use std::path::Path;

/// The identifiers of a source, without those in comments and texts.
fn identifiers(text: &str) -> Vec<String> {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(['"', '/', '\'']) {
        code.push_str(&rest[..at]);
        rest = &rest[at..];
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(text) = rest.strip_prefix('"') {
            let mut escaped = false;
            let is_end = |(_, c): &(usize, char)| {
                let ends = *c == '"' && !escaped;
                escaped = *c == '\\' && !escaped;
                ends
            };
            text.char_indices().find(is_end).map_or(rest.len(), |(i, _)| i + 2)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            1
        };
        code.push(' ');
        rest = &rest[skipped..];
    }
    code.push_str(rest);
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    code.split(|c| !is_part(c)).filter(|w| !w.is_empty()).map(str::to_string).collect()
}

/// Words of no fixed meaning, or of several: each has a plain one in its place.
const PRIVATE_WORDS: [&str; 20] = [
    "aim",
    "course",
    "pace",
    "again",
    "supply",
    "conveyor",
    "workshop",
    "studio",
    "sheet",
    "march",
    "tester",
    "along",
    "asked",
    "given",
    "landscape",
    "said",
    "heads",
    "house",
    "room",
    "turn",
];

/// Whether an identifier, or for a type one of its words, is a private word, or its plural.
fn is_private(identifier: &str) -> bool {
    let mut words = vec![identifier.to_lowercase()];
    if identifier.starts_with(char::is_uppercase) && identifier.contains(char::is_lowercase) {
        let mut word = String::new();
        for c in identifier.chars() {
            if c.is_uppercase() && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            word.extend(c.to_lowercase());
        }
        words.push(word);
    }
    words.iter().any(|w| PRIVATE_WORDS.iter().any(|p| w == p || w.strip_suffix('s') == Some(p)))
}

#[test]
fn names_are_plain() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = sources();
    for folder in ["shaders", "tests", "tests/common", "benches", "examples"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "rs" || e == "wgsl") && !path.ends_with("architecture.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    for (path, text) in &files {
        let stem = path.file_stem().unwrap().to_string_lossy().to_string();
        found.extend(identifiers(text).into_iter().chain([stem]).filter(|i| is_private(i)).map(|i| (path.clone(), i)));
    }
    assert_eq!(found, Vec::new());
    // The negative controls.
    for private in ["again", "Workshop", "TableShelfAgain", "turns", "AIM"] {
        assert!(is_private(private), "{private}");
    }
    for plain in ["return_1", "rotation", "Restart", "sampled", "hopf_points_along_v_n", "Heading"] {
        assert!(!is_private(plain), "{plain}");
    }
    let code = "let a = f(\"again \\\"\n again\", '\"', b); // again\nc";
    assert_eq!(identifiers(code), ["let", "a", "f", "b", "c"]);
}

/// First lines of documentation that do not stand alone.
fn dangling(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut before = "";
    for line in text.lines() {
        let line = line.trim_start();
        let doc = line.strip_prefix("/// ").or(line.strip_prefix("//! "));
        let is_first = !(before.starts_with("///") || before.starts_with("//!"));
        let opens_badly = |d: &str| {
            // A symbol may stand first; it is no word of letters alone, or one of these.
            let first = d.split_whitespace().next().unwrap_or_default().trim_end_matches([',', ':', '.']);
            let is_word = first.len() > 1 && first.bytes().all(|b| b.is_ascii_lowercase());
            ["The same", "And ", "Of these", "Likewise"].iter().any(|b| d.starts_with(b))
                || is_word && !["alpha", "lambda", "hopfmap"].contains(&first)
        };
        found.extend(doc.filter(|d| is_first && opens_badly(d)).map(str::to_string));
        before = line;
    }
    found
}

#[test]
fn each_comment_of_an_item_stands_alone() {
    for (path, text) in sources() {
        let name = path.display().to_string();
        // What stands on options of the command line is its help, in that line's own style.
        let found = dangling(&text);
        assert!(found.is_empty(), "{name}: {found:?}");
    }
    assert_eq!(
        dangling("/// and the rest.\nfn a() {}\n/// The same in f64.\nfn b() {}\n/// Fine,\n/// and more.").len(),
        2
    );
}

/// Texts in which a file outside the command line names one of its options.
fn options_in_messages(text: &str) -> Vec<String> {
    let code = code(text);
    let names_option = |l: &&str| {
        l.match_indices("--")
            .any(|(at, _)| l[at + 2..].starts_with(|c: char| c.is_ascii_lowercase()) && !l[..at].contains("'hopfmap "))
    };
    code.lines().filter(names_option).map(str::to_string).collect()
}

#[test]
fn messages_of_the_library_name_fields() {
    for (path, text) in sources() {
        // Slurm's script, sbatch's arguments, and what shows the paper's statements are commands.
        let commands = path.ends_with("sweep/cluster/slurm.rs") || path.iter().any(|part| part == "statements");
        if module(&path) == "cli" || commands {
            continue;
        }
        let found = options_in_messages(&text);
        assert!(found.is_empty(), "{} names options, not fields such as `t_max`: {found:?}", path.display());
    }
    assert_eq!(options_in_messages("f(\"raise --t-max\");\n// --t-max\nf(\"see 'hopfmap plot --at'\")").len(), 1);
}
