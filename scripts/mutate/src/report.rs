//! The table of fates, and how many were caught, by module.

use crate::run::Fate;
use crate::sites::Mutant;
use std::collections::BTreeMap;

/// Of the mutants that are not equivalent, this share has to be caught.
const WANTED: f64 = 0.95;

/// One line of the table.
pub fn line(m: &Mutant, fate: &Fate) -> String {
    let name = m.rule.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
    let change = format!("{} → {}", m.choice.original, m.choice.mutated);
    let fate = match fate {
        Fate::Caught(test) => format!("caught by {test}"),
        Fate::Hung(test) => format!("hung in {test}"),
        Fate::Equivalent(reason) => format!("equivalent: {reason}"),
        Fate::Survived(0) => "SURVIVED: no test runs it".to_string(),
        Fate::Survived(n) => format!("SURVIVED: {n} tests run it, none notices"),
    };
    format!("{:>4}{name}  {}:{}  {}: {change}\n      {fate}", m.number, m.site.file, m.site.line, m.choice.kind)
}

/// The counts, and whether enough were caught.
pub fn summary(all: &[(Mutant, Fate)]) -> (String, bool) {
    // Caught, hung, survived, equivalent.
    let mut modules: BTreeMap<String, [usize; 4]> = BTreeMap::new();
    for (m, fate) in all {
        let mut parts = m.site.file.trim_start_matches("src/").split('/');
        let module = parts.next().unwrap_or_default().trim_end_matches(".rs").to_string();
        let column = match fate {
            Fate::Caught(_) => 0,
            Fate::Hung(_) => 1,
            Fate::Survived(_) => 2,
            Fate::Equivalent(_) => 3,
        };
        modules.entry(module).or_default()[column] += 1;
    }
    let mut text = format!("{:<12}{:>8}{:>8}{:>10}{:>12}\n", "module", "caught", "hung", "survived", "equivalent");
    let mut sum = [0; 4];
    for (module, counts) in &modules {
        text += &row(module, counts);
        sum.iter_mut().zip(counts).for_each(|(s, c)| *s += c);
    }
    text += &row("all", &sum);
    let (noticed, counted) = (sum[0] + sum[1], sum[0] + sum[1] + sum[2]);
    let share = noticed as f64 / counted.max(1) as f64;
    text += &format!("{noticed} of {counted} that are not equivalent were noticed: {:.1} %", 100.0 * share);
    (text, counted > 0 && share >= WANTED)
}

fn row(name: &str, [caught, hung, survived, equivalent]: &[usize; 4]) -> String {
    format!("{name:<12}{caught:>8}{hung:>8}{survived:>10}{equivalent:>12}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sites::{Choice, Site};

    #[test]
    fn more_than_five_percent_of_survivors_are_too_many() {
        let mutant = |number| {
            let choice = Choice { kind: "test", original: "a".into(), mutated: "b".into(), code: "b".into() };
            let site = Site::new("src/grid/mod.rs", "a", 0..1, vec![choice.clone()]);
            Mutant { number, site, choice, equivalent: None, rule: None }
        };
        let outcome = |caught: u32, survived: u32| {
            let fates = (0..caught).map(|_| Fate::Caught("t".into())).chain((0..survived).map(|_| Fate::Survived(3)));
            let equivalent = std::iter::repeat_with(|| Fate::Equivalent("same".into())).take(50);
            summary(&fates.chain(equivalent).map(|f| (mutant(1), f)).collect::<Vec<_>>())
        };
        assert!(outcome(95, 5).1 && !outcome(94, 6).1 && !outcome(0, 0).1);
        let text = outcome(19, 1).0;
        assert!(text.contains("19 of 20") && text.contains("grid"), "{text}");
    }
}
