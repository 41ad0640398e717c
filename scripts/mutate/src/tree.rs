//! The mutated tree: a copy of the checkout with every drawn mutant behind a switch.

use crate::sites::{Mutant, ON};
use crate::{rust, wgsl};
use crate::sites::Site;
use anyhow::{Context, Result, ensure};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use syn::spanned::Spanned;
use syn::visit::Visit;

/// The crate `mutant` of the copy, without its tables.
const SWITCH: &str = include_str!("switch.txt");

/// A copy of the checkout.
pub struct Tree {
    /// Its folder.
    pub root: PathBuf,
    /// The Rust and WGSL files that are mutated: path from the root, and original content.
    pub sources: Vec<(String, String)>,
}

/// Where the mutants are in the mutated files: bytes, and the mutant's number.
pub type Places = BTreeMap<String, Vec<(Range<usize>, u32)>>;

/// Whether a file is part of the program: neither of its tests, nor of anything else.
fn is_mutated(file: &str) -> bool {
    let program = file.starts_with("src/") && file.ends_with(".rs");
    (program && !file.contains("_tests.rs") && !file.contains("_tests/"))
        || (file.starts_with("shaders/") && file.ends_with(".wgsl"))
}

impl Tree {
    /// Copies what git knows of `checkout`, and what it does not ignore, to an empty `root`.
    pub fn copy(checkout: &Path, root: &Path) -> Result<Self> {
        if root.exists() {
            std::fs::remove_dir_all(root).with_context(|| format!("cannot empty {}", root.display()))?;
        }
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(checkout)
            .output()
            .context("cannot run git")?;
        ensure!(listed.status.success(), "git ls-files: {}", String::from_utf8_lossy(&listed.stderr));
        let mut sources = Vec::new();
        for file in String::from_utf8(listed.stdout)?.split_terminator('\0') {
            let (from, to) = (checkout.join(file), root.join(file));
            // A file deleted but not yet committed is still listed; the tool itself is not part of what is tested.
            if !from.is_file() || file.starts_with("scripts/mutate/") {
                continue;
            }
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::copy(&from, &to).with_context(|| format!("cannot copy {file}"))?;
            if is_mutated(file) {
                sources.push((file.to_string(), std::fs::read_to_string(&from)?));
            }
        }
        sources.sort();
        let manifest = root.join("Cargo.toml");
        std::fs::write(&manifest, with_switch(&std::fs::read_to_string(&manifest)?))?;
        Ok(Self { root: root.to_path_buf(), sources })
    }

    /// Every site of the sources.
    pub fn sites(&self) -> Result<Vec<Site>> {
        let mut all = Vec::new();
        for (file, source) in &self.sources {
            all.extend(if file.ends_with(".wgsl") { wgsl::sites(file, source) } else { rust::sites(file, source)? });
        }
        Ok(all)
    }

    /// Writes the sources with these mutants in them.
    pub fn write(&self, mutants: &[Mutant]) -> Result<Places> {
        let mut places = Places::new();
        for (file, source) in &self.sources {
            if file.ends_with(".wgsl") {
                continue;
            }
            let mut edits = if source.contains(".wgsl\")") { hooks(source)? } else { Vec::new() };
            for m in mutants.iter().filter(|m| m.site.file == *file) {
                let call = format!("::mutant::on({})", m.number);
                edits.push(Edit { at: m.site.range.clone(), new: m.choice.code.replace(ON, &call), number: m.number });
            }
            let (text, found) = edited(source, edits);
            replace(&self.root.join(file), &text)?;
            places.insert(file.clone(), found);
        }
        let folder = self.root.join("mutant");
        std::fs::create_dir_all(folder.join("src"))?;
        let package = "[package]\nname = \"mutant\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
        replace(&folder.join("Cargo.toml"), package)?;
        replace(&folder.join("src/lib.rs"), &self.switch(mutants)?)?;
        Ok(places)
    }

    fn switch(&self, mutants: &[Mutant]) -> Result<String> {
        let most = mutants.iter().map(|m| m.number).max().unwrap_or(0);
        let mut text =
            format!("{SWITCH}\nconst COUNT: usize = {};\nconst SHADERS: &[(u32, &str, &str)] = &[\n", most + 1);
        for m in mutants.iter().filter(|m| m.site.is_shader()) {
            let (_, source) = self.sources.iter().find(|(f, _)| *f == m.site.file).context("a shader is missing")?;
            let mut new = source.clone();
            new.replace_range(m.site.range.clone(), &m.choice.code);
            writeln!(text, "    ({}, {source:?}, {new:?}),", m.number)?;
        }
        Ok(text + "];\n")
    }
}

/// The manifest with the crate `mutant`, a workspace of its own, and no lints: mutants may have unused parts.
fn with_switch(manifest: &str) -> String {
    let mut kept = String::new();
    let mut lints = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            lints = line.starts_with("[lints");
        }
        if !lints {
            kept += line;
            kept.push('\n');
        }
    }
    let workspace = if kept.contains("[workspace") { "" } else { "\n[workspace]\n" };
    format!("{kept}\n[dependencies.mutant]\npath = \"mutant\"\n{workspace}")
}

struct Edit {
    at: Range<usize>,
    new: String,
    number: u32,
}

/// The text with its edits, and where those of mutants are in it.
fn edited(source: &str, mut edits: Vec<Edit>) -> (String, Vec<(Range<usize>, u32)>) {
    // Hooks come first where a mutant is put at the same place.
    edits.sort_by_key(|e| (e.at.start, e.at.end, e.number));
    let (mut text, mut found, mut done) = (String::new(), Vec::new(), 0);
    for e in edits {
        text += &source[done..e.at.start];
        if e.number > 0 {
            found.push((text.len()..text.len() + e.new.len(), e.number));
        }
        text += &e.new;
        done = e.at.end;
    }
    (text + &source[done..], found)
}

/// Passes the text that each function of this file returns through the crate `mutant`, which changes shaders.
fn hooks(source: &str) -> Result<Vec<Edit>> {
    struct Finder(Vec<Edit>);
    impl<'ast> Visit<'ast> for Finder {
        fn visit_item_fn(&mut self, f: &'ast syn::ItemFn) {
            let syn::ReturnType::Type(_, output) = &f.sig.output else { return };
            let text = matches!(output.as_ref(), syn::Type::Path(p) if p.path.is_ident("String"));
            if text && f.sig.constness.is_none() {
                let block = f.block.span().byte_range();
                let edit = |at: usize, new: &str| Edit { at: at..at, new: new.into(), number: 0 };
                self.0.push(edit(block.start + 1, " ::mutant::shader({"));
                self.0.push(edit(block.end - 1, "}) "));
            }
        }
    }
    let mut finder = Finder(Vec::new());
    finder.visit_file(&syn::parse_file(source)?);
    Ok(finder.0)
}

/// Writes a file unless it is the same already, so that cargo builds only what has changed.
fn replace(path: &Path, text: &str) -> Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_not_mutated() {
        let files =
            ["src/a/b.rs", "src/a/b_tests.rs", "src/a_tests/mod.rs", "shaders/a.wgsl", "tests/a.rs", "src/a.md"];
        assert_eq!(files.map(is_mutated), [true, false, false, true, false, false]);
    }

    #[test]
    fn edits_are_made_and_found_again() {
        let edit = |at: Range<usize>, new: &str, number| Edit { at, new: new.into(), number };
        let (text, found) = edited("a + b; c", vec![edit(7..8, "<d>", 2), edit(0..5, "(x)", 1), edit(0..0, "!", 0)]);
        assert_eq!(text, "!(x); <d>");
        assert_eq!(found, [(1..4, 1), (6..9, 2)]);
    }

    #[test]
    fn functions_that_return_a_shaders_text_are_hooked() {
        let source = "fn a() -> String { f() }\nfn b() -> usize { 1 }\n";
        let (text, _) = edited(source, hooks(source).unwrap());
        assert_eq!(text, "fn a() -> String { ::mutant::shader({ f() }) }\nfn b() -> usize { 1 }\n");
    }

    #[test]
    fn the_manifest_loses_its_lints() {
        let text = with_switch("[package]\nname = 'x'\n[lints.rust]\na = 'deny'\n[profile.release]\ndebug = 1\n");
        assert!(!text.contains("deny") && text.contains("debug = 1") && text.contains("[workspace]"));
    }
}
