//! Mutation sites: where the source can be changed, into what, and which of them a seed draws.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::ops::Range;
use std::path::Path;

/// Stands in [`Choice::code`] for the call that asks whether the mutant is switched on.
pub const ON: &str = "\u{1}ON\u{1}";

/// One way to change a site.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The kind of change, in a word or two.
    pub kind: &'static str,
    /// The original text, shortened for a table.
    pub original: String,
    /// The text after the change, shortened for a table.
    pub mutated: String,
    /// What replaces the site: Rust with [`ON`] as the condition, or plain WGSL.
    pub code: String,
}

/// A range of one file and the ways to change it.
#[derive(Debug, Clone)]
pub struct Site {
    /// Path from the root of the tree.
    pub file: String,
    /// Bytes of the file that the change replaces; empty for an insertion.
    pub range: Range<usize>,
    /// Line number, from 1.
    pub line: usize,
    /// That line, trimmed.
    pub text: String,
    /// At least one.
    pub choices: Vec<Choice>,
}

impl Site {
    /// A site of `file`, whose content is `source`.
    pub fn new(file: &str, source: &str, range: Range<usize>, choices: Vec<Choice>) -> Self {
        let line = source[..range.start].matches('\n').count() + 1;
        let text = source.lines().nth(line - 1).unwrap_or_default().trim().to_string();
        Self { file: file.to_string(), range, line, text, choices }
    }

    /// Whether it is in a shader.
    pub fn is_shader(&self) -> bool {
        self.file.ends_with(".wgsl")
    }
}

/// A drawn site with its change.
#[derive(Debug, Clone)]
pub struct Mutant {
    /// Its number in the build, from 1.
    pub number: u32,
    /// Where.
    pub site: Site,
    /// Into what.
    pub choice: Choice,
    /// Why it changes nothing that can be seen, if it is on the list of those.
    pub equivalent: Option<String>,
    /// The name of the rule that asks for it, if one does.
    pub rule: Option<String>,
}

/// An entry of `mutants.equivalent`: a mutant known to change nothing that can be seen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalent {
    /// A file, or a folder that ends in `/`.
    file: String,
    /// The line's text, trimmed (line numbers change too often); or, in `containing`, a part of it.
    line: Option<String>,
    containing: Option<String>,
    /// The kind of change, where others of the same line are not equivalent.
    kind: Option<String>,
    /// Without it, whatever is changed.
    original: Option<String>,
    /// Without it, every change of this original.
    mutated: Option<String>,
    reason: String,
}

impl Equivalent {
    fn is(&self, site: &Site, choice: &Choice) -> bool {
        let same = |wanted: &Option<String>, text: &str| wanted.as_ref().is_none_or(|wanted| wanted == text);
        let here = self.file == site.file || self.file.ends_with('/') && site.file.starts_with(&self.file);
        here && same(&self.line, &site.text)
            && self.containing.as_ref().is_none_or(|part| site.text.contains(part))
            && same(&self.kind, choice.kind)
            && same(&self.original, &choice.original)
            && same(&self.mutated, &choice.mutated)
    }
}

#[derive(Deserialize)]
struct Equivalents {
    #[serde(default)]
    equivalent: Vec<Equivalent>,
}

/// An entry of `mutants.rules`: a change written by hand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    name: String,
    file: String,
    /// An expression in Rust, any text in WGSL; it is in the file once.
    old: String,
    new: String,
}

#[derive(Deserialize)]
struct Rules {
    #[serde(default)]
    rule: Vec<Rule>,
}

/// Reads the list of known equivalent mutants.
pub fn read_equivalents(path: &Path) -> Result<Vec<Equivalent>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(toml::from_str::<Equivalents>(&text).with_context(|| format!("{} is not valid", path.display()))?.equivalent)
}

/// Reads the rules as mutants of the sources.
pub fn read_rules(path: &Path, sources: &[(String, String)]) -> Result<Vec<Mutant>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let rules = toml::from_str::<Rules>(&text).with_context(|| format!("{} is not valid", path.display()))?.rule;
    rules.into_iter().enumerate().map(|(i, rule)| rule.mutant(i as u32 + 1, sources)).collect()
}

impl Rule {
    fn mutant(self, number: u32, sources: &[(String, String)]) -> Result<Mutant> {
        let found = sources.iter().find(|(file, _)| *file == self.file);
        let (file, source) = found.with_context(|| format!("rule {}: there is no {}", self.name, self.file))?;
        let places: Vec<_> = source.match_indices(&self.old).map(|(at, _)| at).collect();
        anyhow::ensure!(
            places.len() == 1,
            "rule {}: {file} holds its text {} times, not once: change `old` in scripts/mutants.rules",
            self.name,
            places.len()
        );
        let code = if file.ends_with(".wgsl") {
            self.new.clone()
        } else {
            format!("(if {ON} {{ {} }} else {{ {} }})", self.new, self.old)
        };
        let choice = Choice { kind: "rule", original: short(&self.old), mutated: short(&self.new), code };
        let range = places[0]..places[0] + self.old.len();
        let site = Site::new(file, source, range, vec![choice.clone()]);
        Ok(Mutant { number, site, choice, equivalent: None, rule: Some(self.name) })
    }
}

/// `count` mutants drawn by `seed` from these sites, none within another.
pub fn draw(sites: &[Site], count: usize, seed: u64, equivalents: &[Equivalent]) -> Vec<Mutant> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut order: Vec<usize> = (0..sites.len()).collect();
    random.shuffle(&mut order);
    let mut drawn: Vec<Mutant> = Vec::new();
    for index in order {
        let site = &sites[index];
        let choice = &site.choices[random.usize(..site.choices.len())];
        if drawn.len() == count {
            break;
        }
        if drawn.iter().any(|m| m.site.file == site.file && overlap(&m.site.range, &site.range)) {
            continue;
        }
        let equivalent = equivalents.iter().find(|e| e.is(site, choice)).map(|e| e.reason.clone());
        let number = drawn.len() as u32 + 1;
        drawn.push(Mutant { number, site: site.clone(), choice: choice.clone(), equivalent, rule: None });
    }
    drawn
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a == b || (a.start < b.end && b.start < a.end)
}

/// Text on one line, shortened for a table.
pub fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 72 {
        return line;
    }
    let (head, tail) = (line.chars().take(40), line.chars().rev().take(28).collect::<Vec<_>>());
    head.chain(" … ".chars()).chain(tail.into_iter().rev()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sites() -> Vec<Site> {
        let source = "aa bb\ncc dd\n";
        let choice =
            |c: &str| Choice { kind: "test", original: c.into(), mutated: c.to_uppercase(), code: c.to_uppercase() };
        (0..4).map(|i| Site::new("a.rs", source, 3 * i..3 * i + 2, vec![choice("a"), choice("b")])).collect()
    }

    #[test]
    fn a_seed_repeats_its_draw_and_sites_do_not_overlap() {
        let numbers = |seed| draw(&sites(), 4, seed, &[]).iter().map(|m| m.site.range.start).collect::<Vec<_>>();
        assert_eq!(numbers(1), numbers(1));
        assert!((2..20).any(|seed| numbers(seed) != numbers(1)));
        let mut nested = sites();
        nested.push(Site::new("a.rs", "aa bb\ncc dd\n", 0..11, nested[0].choices.clone()));
        for seed in 0..50 {
            let drawn = draw(&nested, 5, seed, &[]);
            let whole = drawn.iter().any(|m| m.site.range == (0..11));
            assert_eq!(drawn.len(), if whole { 1 } else { 4 });
        }
    }

    #[test]
    fn equivalents_are_matched_by_their_text() {
        let known = |line: &str, mutated: Option<&str>| Equivalent {
            file: "a.rs".into(),
            line: Some(line.into()),
            containing: None,
            kind: None,
            original: Some("a".into()),
            mutated: mutated.map(str::to_string),
            reason: "no".into(),
        };
        let count = |e: Equivalent| {
            let list = [e];
            (0..50).flat_map(|seed| draw(&sites(), 4, seed, &list)).filter(|m| m.equivalent.is_some()).count()
        };
        assert!(count(known("aa bb", None)) > 10 && count(known("aa bb", Some("A"))) > 10);
        assert_eq!(count(known("aa bb", Some("C"))) + count(known("aa", None)), 0);
        let partly = |part: &str, kind: &str| Equivalent {
            line: None,
            containing: Some(part.into()),
            kind: Some(kind.into()),
            ..known("", None)
        };
        assert!(count(partly("a b", "test")) > 10);
        assert_eq!(count(partly("a c", "test")) + count(partly("a b", "other")), 0);
        let folder = |file: &str| Equivalent { file: file.into(), ..known("aa bb", None) };
        assert_eq!(count(folder("a")) + count(folder("b/")), 0);
    }

    #[test]
    fn rules_name_a_text_that_is_there_once() {
        let rule = |old: &str| Rule { name: "r".into(), file: "a.rs".into(), old: old.into(), new: "n".into() };
        let sources = [("a.rs".to_string(), "x + y; x + z".to_string())];
        assert!(rule("x + y").mutant(1, &sources).is_ok_and(|m| m.site.range == (0..5)));
        assert!(rule("x").mutant(1, &sources).is_err() && rule("w").mutant(1, &sources).is_err());
    }
}
