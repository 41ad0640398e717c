//! Mutation sites of a Rust file: function bodies outside tests, constants and code of other systems.

use crate::attributes::{compiled_out, compiled_out_text};
use crate::operators::{is_assignment, operators, other_method, values};
use crate::sites::{Choice, ON, Site, short};
use anyhow::{Context, Result};
use std::ops::Range;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Lit, Stmt, UnOp};

/// Macros whose arguments are expressions.
const MACROS: [&str; 9] =
    ["vec", "format", "write", "writeln", "print", "println", "eprint", "eprintln", "debug_assert"];

/// The sites of one file.
pub fn sites(file: &str, source: &str) -> Result<Vec<Site>> {
    let parsed = syn::parse_file(source).with_context(|| format!("{file} is no valid Rust"))?;
    if compiled_out(&parsed.attrs) {
        return Ok(Vec::new());
    }
    let mut finder = Finder { file, source, sites: Vec::new() };
    finder.visit_file(&parsed);
    Ok(finder.sites)
}

struct Finder<'a> {
    file: &'a str,
    source: &'a str,
    sites: Vec<Site>,
}

impl Finder<'_> {
    fn text(&self, node: &impl Spanned) -> &str {
        &self.source[node.span().byte_range()]
    }

    /// A site that replaces an expression by one of these, each with its kind.
    fn expression(&mut self, node: &impl Spanned, changes: Vec<(&'static str, String)>) {
        let old = self.text(node).to_string();
        let choice = |(kind, new): (&'static str, String)| Choice {
            kind,
            original: short(&old),
            mutated: short(&new),
            code: format!("(if {ON} {{ {new} }} else {{ {old} }})"),
        };
        self.site(node.span().byte_range(), changes.into_iter().map(choice).collect());
    }

    fn site(&mut self, range: Range<usize>, choices: Vec<Choice>) {
        if !choices.is_empty() {
            self.sites.push(Site::new(self.file, self.source, range, choices));
        }
    }

    fn binary(&mut self, e: &syn::ExprBinary) {
        let (Some(old), news) = operators(&e.op) else { return };
        if contains_let(&e.left) || contains_let(&e.right) {
            return;
        }
        let (left, right) = (self.text(&e.left).to_string(), self.text(&e.right).to_string());
        let changes = news.iter().map(|(kind, new)| Choice {
            kind,
            original: short(&format!("{left} {old} {right}")),
            mutated: short(&format!("{left} {new} {right}")),
            code: if is_assignment(&e.op) {
                format!("{{ if {ON} {{ {left} {new} {right} }} else {{ {left} {old} {right} }} }}")
            } else {
                format!("(if {ON} {{ ({left}) {new} ({right}) }} else {{ ({left}) {old} ({right}) }})")
            },
        });
        self.site(e.span().byte_range(), changes.collect());
    }

    fn literal(&mut self, e: &syn::ExprLit) {
        let changes = match &e.lit {
            Lit::Int(n) => {
                let Ok(value) = n.base10_parse::<u128>() else { return };
                let suffix = n.suffix();
                let less = value.checked_sub(1).map(|v| ("integer", format!("{v}{suffix}")));
                let more = value.checked_add(1).map(|v| ("integer", format!("{v}{suffix}")));
                less.into_iter().chain(more).collect()
            }
            Lit::Float(n) => {
                let Ok(value) = n.base10_parse::<f64>() else { return };
                let suffix = n.suffix();
                let news = if value == 0.0 { vec![1.0] } else { vec![2.0 * value, 0.5 * value, 1.1 * value] };
                news.into_iter().map(|v| ("float", format!("{v:?}{suffix}"))).collect()
            }
            Lit::Bool(b) => vec![("boolean", (!b.value).to_string())],
            _ => return,
        };
        self.expression(e, changes);
    }

    fn condition(&mut self, cond: &Expr, repeated: bool) {
        if contains_let(cond) {
            return;
        }
        let old = self.text(cond).to_string();
        let of = |mutated: String, code: String| Choice { kind: "condition", original: short(&old), mutated, code };
        let mut choices = vec![
            of(short(&format!("!({old})")), format!("(({old}) != {ON})")),
            of("false".into(), format!("(!{ON} && ({old}))")),
        ];
        if !repeated {
            choices.push(of("true".into(), format!("({ON} || ({old}))")));
        }
        self.site(cond.span().byte_range(), choices);
    }

    /// A body that returns at once.
    fn body(&mut self, signature: &syn::Signature, block: &syn::Block) {
        if block.stmts.is_empty() || signature.ident == "main" {
            return;
        }
        let start = block.brace_token.span.open().byte_range().end;
        let choice = |value: &str| Choice {
            kind: "return",
            original: format!("fn {}: {}", signature.ident, short(self.text(&block.stmts[0]))),
            mutated: format!("return {value}"),
            code: format!(" if {ON} {{ return {value}; }} "),
        };
        // A body that is this very value is no mutant.
        let whole = if block.stmts.len() == 1 { self.text(&block.stmts[0]).trim() } else { "" };
        let choices = values(&signature.output).into_iter().filter(|v| *v != whole).map(choice).collect();
        self.site(start..start, choices);
    }

    fn statement(&mut self, s: &Stmt) {
        let Stmt::Expr(e, Some(_)) = s else { return };
        let removable = match e {
            Expr::Call(_) | Expr::MethodCall(_) | Expr::Assign(_) | Expr::Try(_) => true,
            Expr::Binary(b) => is_assignment(&b.op),
            _ => false,
        };
        if !removable || self.text(s).starts_with('#') {
            return;
        }
        let old = self.text(s).to_string();
        let of = |kind, mutated: String, code: String| Choice { kind, original: short(&old), mutated, code };
        let mut choices = vec![of("statement", "(removed)".into(), format!("if !{ON} {{ {old} }}"))];
        if let Expr::Try(t) = e {
            let inner = self.text(&t.expr);
            let new = format!("let _ = {inner};");
            choices.push(of("unchecked", short(&new), format!("if {ON} {{ {new} }} else {{ {old} }}")));
        }
        self.site(s.span().byte_range(), choices);
    }

    fn method(&mut self, e: &syn::ExprMethodCall) {
        let name = e.method.to_string();
        let mut changes = Vec::new();
        let old = self.text(e);
        if let Some(other) = other_method(&name) {
            let (start, range) = (e.span().byte_range().start, e.method.span().byte_range());
            let new = format!("{}{other}{}", &old[..range.start - start], &old[range.end - start..]);
            changes.push(("method", new));
        } else if ["is_empty", "contains", "is_nan", "is_finite", "starts_with", "ends_with"].contains(&name.as_str()) {
            changes.push(("boolean", format!("!{old}")));
        }
        self.expression(e, changes);
    }

    fn range(&mut self, e: &syn::ExprRange) {
        let Some(end) = &e.end else { return };
        let old = self.text(end.as_ref()).to_string();
        let change = match e.limits {
            syn::RangeLimits::HalfOpen(_) => ("range", format!("({old}) + 1")),
            syn::RangeLimits::Closed(_) => ("range", format!("({old}) - 1")),
        };
        // A literal is a site of its own.
        if !matches!(**end, Expr::Lit(_)) {
            self.expression(end.as_ref(), vec![change]);
        }
    }

    fn macro_arguments(&mut self, m: &syn::Macro) {
        let Some(name) = m.path.get_ident() else { return };
        if !MACROS.iter().any(|known| name == known) {
            return;
        }
        let list = syn::punctuated::Punctuated::<Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = m.parse_body_with(list) {
            arguments.iter().for_each(|a| self.visit_expr(a));
        } else if name == "vec" {
            // vec![value; length]
            let parse = |input: syn::parse::ParseStream| {
                let value: Expr = input.parse()?;
                input.parse::<syn::Token![;]>()?;
                Ok((value, input.parse::<Expr>()?))
            };
            if let Ok((value, length)) = m.parse_body_with(parse) {
                self.visit_expr(&value);
                self.visit_expr(&length);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, i: &'ast syn::ItemMod) {
        if !compiled_out(&i.attrs) {
            visit::visit_item_mod(self, i);
        }
    }
    fn visit_item_impl(&mut self, i: &'ast syn::ItemImpl) {
        if !compiled_out(&i.attrs) {
            visit::visit_item_impl(self, i);
        }
    }
    fn visit_item_fn(&mut self, i: &'ast syn::ItemFn) {
        if i.sig.constness.is_none() && !compiled_out(&i.attrs) {
            self.body(&i.sig, &i.block);
            visit::visit_block(self, &i.block);
        }
    }
    fn visit_impl_item_fn(&mut self, i: &'ast syn::ImplItemFn) {
        if i.sig.constness.is_none() && !compiled_out(&i.attrs) {
            self.body(&i.sig, &i.block);
            visit::visit_block(self, &i.block);
        }
    }
    fn visit_trait_item_fn(&mut self, i: &'ast syn::TraitItemFn) {
        if let Some(block) = &i.default
            && i.sig.constness.is_none()
            && !compiled_out(&i.attrs)
        {
            self.body(&i.sig, block);
            visit::visit_block(self, block);
        }
    }
    fn visit_stmt(&mut self, s: &'ast Stmt) {
        if !compiled_out_text(self.text(s)) {
            self.statement(s);
            visit::visit_stmt(self, s);
        }
    }
    fn visit_expr(&mut self, e: &'ast Expr) {
        match e {
            Expr::Binary(b) => self.binary(b),
            Expr::Lit(l) => self.literal(l),
            Expr::MethodCall(m) => self.method(m),
            Expr::Range(r) => self.range(r),
            Expr::If(i) => self.condition(&i.cond, false),
            Expr::While(w) => self.condition(&w.cond, true),
            Expr::Unary(u) if !matches!(u.op, UnOp::Deref(_)) => {
                let inner = self.text(u.expr.as_ref()).to_string();
                self.expression(u, vec![("sign", inner)]);
            }
            Expr::Continue(c) if c.label.is_none() => self.expression(c, vec![("jump", "break".into())]),
            Expr::Break(b) if b.label.is_none() && b.expr.is_none() => {
                self.expression(b, vec![("jump", "continue".into())]);
            }
            Expr::Macro(m) if m.mac.path.is_ident("matches") => {
                let new = format!("!{}", self.text(m));
                self.expression(m, vec![("boolean", new)]);
            }
            _ => {}
        }
        visit::visit_expr(self, e);
    }
    fn visit_arm(&mut self, a: &'ast syn::Arm) {
        if let Some((_, guard)) = &a.guard {
            self.condition(guard, false);
            self.visit_expr(guard);
        }
        self.visit_expr(&a.body);
    }
    fn visit_macro(&mut self, m: &'ast syn::Macro) {
        self.macro_arguments(m);
    }
    // The length of an array is a constant.
    fn visit_expr_repeat(&mut self, e: &'ast syn::ExprRepeat) {
        self.visit_expr(&e.expr);
    }
    fn visit_expr_const(&mut self, _: &'ast syn::ExprConst) {}
    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}
    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}
    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}
    fn visit_trait_item_const(&mut self, _: &'ast syn::TraitItemConst) {}
    fn visit_type(&mut self, _: &'ast syn::Type) {}
    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
    fn visit_variant(&mut self, _: &'ast syn::Variant) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
}

/// Whether a condition binds names: then it cannot be moved.
fn contains_let(e: &Expr) -> bool {
    match e {
        Expr::Let(_) => true,
        Expr::Binary(b) => contains_let(&b.left) || contains_let(&b.right),
        Expr::Paren(p) => contains_let(&p.expr),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "
const LIMIT: f64 = 3.0 * 7.0;
#[cfg(windows)]
fn elsewhere() -> usize { 11 }
const fn fixed() -> usize { 12 + 13 }
/// Doc with a + b.
fn f(a: f64, xs: &[f64; 3]) -> Result<f64, String> {
    check(a)?;
    let mut b = [a * 2.0; 5];
    b[0] += 1.0;
    #[cfg(not(unix))]
    return Err(a - 99.0);
    if let Some(x) = xs.first() && *x < a { return Ok(-x.min(a)); }
    while a > 0.5 && !done() { g(b.len()); }
    for i in 0..xs.len() { if i == 4 { continue; } }
    match a { x if x > 8.0 => {} _ => {} }
    Ok(vec![a / 6.0].len() as f64)
}
#[cfg(test)]
mod tests { fn t() { assert!(14 > 15); } }
";

    fn found() -> Vec<Choice> {
        sites("s.rs", SOURCE).unwrap().into_iter().flat_map(|s| s.choices).collect()
    }

    #[test]
    fn the_usual_kinds_are_found() {
        let all = found();
        for (kind, original, mutated) in [
            ("return", "fn f: check(a)?;", "return Ok(Default::default())"),
            ("statement", "check(a)?;", "(removed)"),
            ("unchecked", "check(a)?;", "let _ = check(a);"),
            ("statement", "g(b.len());", "(removed)"),
            ("statement", "b[0] += 1.0;", "(removed)"),
            ("arithmetic", "a * 2.0", "a / 2.0"),
            ("arithmetic", "b[0] += 1.0", "b[0] -= 1.0"),
            ("arithmetic", "a / 6.0", "a * 6.0"),
            ("comparison", "*x < a", "*x <= a"),
            ("comparison", "i == 4", "i != 4"),
            ("logic", "a > 0.5 && !done()", "a > 0.5 || !done()"),
            ("condition", "a > 0.5 && !done()", "false"),
            ("condition", "x > 8.0", "!(x > 8.0)"),
            ("sign", "-x.min(a)", "x.min(a)"),
            ("sign", "!done()", "done()"),
            ("method", "x.min(a)", "x.max(a)"),
            ("method", "xs.first()", "xs.last()"),
            ("integer", "4", "5"),
            ("float", "0.5", "1.0"),
            ("range", "xs.len()", "(xs.len()) + 1"),
            ("jump", "continue", "break"),
        ] {
            let is = |c: &&Choice| (c.kind, c.original.as_str(), c.mutated.as_str()) == (kind, original, mutated);
            assert!(all.iter().any(|c| is(&c)), "{kind}: {original} to {mutated} in {all:#?}");
        }
    }

    #[test]
    fn constants_types_tests_and_other_systems_are_left_alone() {
        for c in found() {
            for absent in ["7.0", "3", "11", "12", "99", "14", "15", "a + b"] {
                assert!(!c.original.split(|c: char| !c.is_alphanumeric() && c != '.').any(|w| w == absent), "{c:?}");
            }
            // The length of an array, and a condition that binds a name.
            assert!(c.original != "5" && !c.original.contains("let Some"), "{c:?}");
            assert!(c.kind != "condition" || c.mutated != "true" || !c.original.contains("done"), "an endless loop");
        }
    }

    #[test]
    fn what_replaces_a_site_is_rust() {
        for c in found() {
            let code = c.code.replace(ON, "on(1)");
            let whole = format!("fn f() {{ {code} ; }}");
            assert!(syn::parse_str::<syn::ItemFn>(&whole).is_ok(), "{whole}");
        }
    }
}
