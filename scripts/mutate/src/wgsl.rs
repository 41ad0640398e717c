//! Mutation sites of a WGSL file, from its tokens: everything inside functions but types, attributes and comments.

use crate::sites::{Choice, Site, short};
use std::ops::Range;

/// Built-in functions that are swapped, each pair both ways.
const BUILTINS: [(&str, &str); 4] = [("min", "max"), ("floor", "ceil"), ("any", "all"), ("sin", "cos")];
/// Names that a type's arguments in `<…>` follow.
const GENERIC: [&str; 9] = ["vec2", "vec3", "vec4", "array", "bitcast", "ptr", "atomic", "mat2x2", "var"];
/// Words that no removable statement starts with.
const WORDS: [&str; 14] = [
    "let", "var", "const", "return", "if", "else", "for", "while", "loop", "switch", "case", "default", "break",
    "continue",
];

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name,
    Number,
    Sign,
    /// `<` or `>` around a type's arguments.
    Bracket,
}

/// The sites of one file.
pub fn sites(file: &str, source: &str) -> Vec<Site> {
    let tokens = tokens(source);
    let text = |i: usize| tokens.get(i).map_or("", |t: &(Token, Range<usize>)| &source[t.1.clone()]);
    let mut sites = Vec::new();
    let mut add = |range: Range<usize>, choices: Vec<(&'static str, String)>| {
        let original = &source[range.clone()];
        let choice = |(kind, code): (&'static str, String)| {
            let mutated = if code.is_empty() { "(removed)".into() } else { short(&code) };
            Choice { kind, original: short(original), mutated, code }
        };
        if !choices.is_empty() {
            sites.push(Site::new(file, source, range, choices.into_iter().map(choice).collect()));
        }
    };
    let close = |open: usize| {
        let mut depth = 0_i32;
        (open..tokens.len()).find(|i| {
            depth += match text(*i) {
                "(" | "[" | "{" => 1,
                ")" | "]" | "}" => -1,
                _ => 0,
            };
            depth == 0
        })
    };
    let mut i = 0;
    while i < tokens.len() {
        // Only the bodies of functions.
        if text(i) != "fn" {
            i += 1;
            continue;
        }
        let Some(open) = (i..tokens.len()).find(|i| text(*i) == "{") else { break };
        let end = close(open).unwrap_or(tokens.len());
        for j in open + 1..end {
            let range = tokens[j].1.clone();
            let (here, before) = (text(j), text(j - 1));
            let ends_value = matches!(tokens[j - 1].0, Token::Name | Token::Number) && before != "return"
                || matches!(before, ")" | "]");
            match tokens[j].0 {
                Token::Number => add(range, numbers(here)),
                Token::Sign if here == "!" => add(range, vec![("sign", " ".into())]),
                Token::Sign if here == "-" && !ends_value => add(range, vec![("sign", " ".into())]),
                Token::Sign => add(range, operators(here)),
                Token::Name if text(j + 1) == "(" => {
                    let other = BUILTINS.iter().find_map(|(a, b)| match here {
                        _ if here == *a => Some(*b),
                        _ if here == *b => Some(*a),
                        _ => None,
                    });
                    add(range.clone(), other.map(|o| ("builtin", o.to_string())).into_iter().collect());
                    if here == "select"
                        && let Some(last) = close(j + 1)
                    {
                        let inside = tokens[j + 1].1.end..tokens[last].1.start;
                        if let [a, b, c] = arguments(&source[inside.clone()])[..] {
                            add(inside, vec![("select", format!("{}, {}, {c}", b.trim(), a.trim()))]);
                        }
                    }
                }
                Token::Name if here == "true" => add(range, vec![("boolean", "false".into())]),
                Token::Name if here == "false" => add(range, vec![("boolean", "true".into())]),
                _ => {}
            }
            // A condition.
            if here == "if"
                && let Some(brace) = (j..end).find(|k| text(*k) == "{")
            {
                let range = tokens[j + 1].1.start..tokens[brace - 1].1.end;
                let cond = &source[range.clone()];
                let news = [format!("!({cond})"), "false".into(), "true".into()];
                add(range, news.into_iter().map(|n| ("condition", n)).collect());
            }
            // A statement that can be removed: it starts behind `;`, `{` or `}` and ends with `;` before any brace.
            if matches!(before, ";" | "{" | "}") && tokens[j].0 == Token::Name && !WORDS.contains(&here) {
                let last = (j..end).find(|k| matches!(text(*k), ";" | "{" | "}"));
                // The head of a `for` has semicolons too.
                let depth: i32 = (open..j).map(|m| i32::from(text(m) == "(") - i32::from(text(m) == ")")).sum();
                if let Some(k) = last.filter(|k| text(*k) == ";" && depth == 0) {
                    add(tokens[j].1.start..tokens[k].1.end, vec![("statement", String::new())]);
                }
            }
        }
        i = end + 1;
    }
    sites
}

fn numbers(text: &str) -> Vec<(&'static str, String)> {
    if text.starts_with("0x") {
        return Vec::new();
    }
    let digits = text.trim_end_matches(['u', 'i', 'f', 'h']);
    let suffix = &text[digits.len()..];
    if let Ok(n) = digits.parse::<u64>()
        && !matches!(suffix, "f" | "h")
    {
        let less = n.checked_sub(1).map(|v| ("integer", format!("{v}{suffix}")));
        return less.into_iter().chain([("integer", format!("{}{suffix}", n + 1))]).collect();
    }
    let Ok(x) = digits.parse::<f64>() else { return Vec::new() };
    let news = if x == 0.0 { vec![1.0] } else { vec![2.0 * x, 0.5 * x, 1.1 * x] };
    news.into_iter().map(|v| ("float", format!("{v:?}{suffix}"))).collect()
}

fn operators(text: &str) -> Vec<(&'static str, String)> {
    let (kind, news): (_, &[&str]) = match text {
        "+" => ("arithmetic", &["-"]),
        "-" => ("arithmetic", &["+"]),
        "*" => ("arithmetic", &["/", "+"]),
        "/" => ("arithmetic", &["*"]),
        "%" => ("arithmetic", &["/"]),
        "+=" => ("arithmetic", &["-="]),
        "-=" => ("arithmetic", &["+="]),
        "*=" => ("arithmetic", &["/="]),
        "/=" => ("arithmetic", &["*="]),
        "&&" => ("logic", &["||"]),
        "||" => ("logic", &["&&"]),
        "&" => ("bits", &["|"]),
        "|" => ("bits", &["&"]),
        "<" => ("comparison", &["<=", ">="]),
        "<=" => ("comparison", &["<", ">"]),
        ">" => ("comparison", &[">=", "<="]),
        ">=" => ("comparison", &[">", "<"]),
        "==" => ("comparison", &["!="]),
        "!=" => ("comparison", &["=="]),
        _ => ("", &[]),
    };
    news.iter().map(|n| (kind, n.to_string())).collect()
}

/// The arguments of a call, cut at the commas outside of brackets.
fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut found) = (0, 0, Vec::new());
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                // A comma between `<` and `>` does not occur in arguments here: types take one parameter.
                found.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found
}

fn tokens(source: &str) -> Vec<(Token, Range<usize>)> {
    let bytes = source.as_bytes();
    let run = |from: usize, inside: fn(u8) -> bool| {
        from + bytes[from..].iter().position(|b| !inside(*b)).unwrap_or(bytes.len() - from)
    };
    let word: fn(u8) -> bool = |b| b.is_ascii_alphanumeric() || b == b'_';
    let mut tokens: Vec<(Token, Range<usize>)> = Vec::new();
    let (mut i, mut generic) = (0, 0);
    while i < bytes.len() {
        let rest = &source[i..];
        let next = if bytes[i].is_ascii_whitespace() {
            i += 1;
            continue;
        } else if rest.starts_with("//") {
            i = run(i, |b| b != b'\n');
            continue;
        } else if bytes[i] == b'@' {
            i = run(i + 1, word);
            if bytes.get(i) == Some(&b'(') {
                i = run(i, |b| b != b')') + 1;
            }
            continue;
        } else if bytes[i].is_ascii_alphabetic() || bytes[i] == b'_' {
            (Token::Name, run(i, word))
        } else if bytes[i].is_ascii_digit() {
            let mut end = run(i, |b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
            // An exponent with a sign.
            if bytes[end - 1] == b'e' && !rest.starts_with("0x") && matches!(bytes.get(end), Some(b'-' | b'+')) {
                end = run(end + 1, word);
            }
            (Token::Number, end)
        } else {
            let after_type = tokens.last().is_some_and(|t| GENERIC.contains(&&source[t.1.clone()]));
            if rest.starts_with('<') && after_type {
                generic += 1;
                (Token::Bracket, i + 1)
            } else if rest.starts_with('>') && generic > 0 {
                generic -= 1;
                (Token::Bracket, i + 1)
            } else {
                let long = ["->", "&&", "||", "<=", ">=", "==", "!=", "+=", "-=", "*=", "/=", "%=", "<<", ">>"];
                let length = if long.iter().any(|l| rest.starts_with(l)) { 2 } else { 1 };
                (Token::Sign, i + length)
            }
        };
        tokens.push((next.0, i..next.1));
        i = next.1;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHADER: &str = "
// a + b in a comment
struct S { x: vec2<f32>, }
@compute @workgroup_size(64)
fn f(a: f32) -> f32 {
    var w = vec2<f32>(a, -1.5e-3);
    w.x += a * 2.0;
    for (var i = 0u; i < 4u; i += 1u) { g(w); }
    if !(w.x < a) && a >= 0.0 { return select(w.x, min(w.y, a), a > 1.0); }
    return -a - w.x;
}
";

    #[test]
    fn sites_are_those_of_functions() {
        let found: Vec<_> = sites("s.wgsl", SHADER).into_iter().flat_map(|s| s.choices).collect();
        let has = |kind, original, mutated| {
            found.iter().any(|c| (c.kind, c.original.as_str(), c.mutated.as_str()) == (kind, original, mutated))
        };
        for (kind, original, mutated) in [
            ("arithmetic", "*", "/"),
            ("arithmetic", "-", "+"),
            ("arithmetic", "+=", "-="),
            ("sign", "-", ""),
            ("float", "1.5e-3", "0.003"),
            ("integer", "4u", "5u"),
            ("comparison", "<", "<="),
            ("logic", "&&", "||"),
            ("builtin", "min", "max"),
            ("select", "w.x, min(w.y, a), a > 1.0", "min(w.y, a), w.x, a > 1.0"),
            ("condition", "!(w.x < a) && a >= 0.0", "false"),
            ("statement", "w.x += a * 2.0;", "(removed)"),
            ("statement", "g(w);", "(removed)"),
        ] {
            assert!(has(kind, original, mutated), "{kind}: {original} to {mutated} in {found:#?}");
        }
        // Types, comments and attributes are left alone: a `<` in each of them would be one more.
        assert_eq!(found.iter().filter(|c| c.original == "<").count(), 4);
        assert!(!found.iter().any(|c| c.original == "64" || c.original == "->"));
        assert_eq!(found.iter().filter(|c| c.kind == "statement").count(), 2);
    }
}
