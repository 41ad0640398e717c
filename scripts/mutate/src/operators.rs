//! What is swapped for what in Rust: operators, methods, and the values that a function can return at once.

use syn::{BinOp, ReturnType};

/// The method names that are swapped, each pair both ways.
const METHODS: [(&str, &str); 18] = [
    ("min", "max"),
    ("floor", "ceil"),
    ("any", "all"),
    ("first", "last"),
    ("is_some", "is_none"),
    ("is_ok", "is_err"),
    ("sin", "cos"),
    ("add", "sub"),
    ("plus", "minus"),
    ("sum", "difference"),
    ("lower", "higher"),
    ("less", "at_most"),
    ("lt", "le"),
    ("both", "either"),
    ("and", "or"),
    ("checked_add", "checked_sub"),
    ("saturating_add", "saturating_sub"),
    ("wrapping_add", "wrapping_sub"),
];

/// The name that a method's is swapped for.
pub fn other_method(name: &str) -> Option<&'static str> {
    METHODS.iter().find_map(|(a, b)| match name {
        _ if name == *a => Some(*b),
        _ if name == *b => Some(*a),
        _ => None,
    })
}

/// Whether it is an operator like `+=`.
pub fn is_assignment(op: &BinOp) -> bool {
    operators(op).0.is_some_and(|text| text.ends_with('=') && !["==", "!=", "<=", ">="].contains(&text))
}

/// An operator's text and what it becomes.
pub fn operators(op: &BinOp) -> (Option<&'static str>, &'static [(&'static str, &'static str)]) {
    match op {
        BinOp::Add(_) => (Some("+"), &[("arithmetic", "-")]),
        BinOp::Sub(_) => (Some("-"), &[("arithmetic", "+")]),
        BinOp::Mul(_) => (Some("*"), &[("arithmetic", "/"), ("arithmetic", "+")]),
        BinOp::Div(_) => (Some("/"), &[("arithmetic", "*")]),
        BinOp::Rem(_) => (Some("%"), &[("arithmetic", "/")]),
        BinOp::BitAnd(_) => (Some("&"), &[("bits", "|")]),
        BinOp::BitOr(_) => (Some("|"), &[("bits", "&")]),
        BinOp::BitXor(_) => (Some("^"), &[("bits", "&")]),
        BinOp::Shl(_) => (Some("<<"), &[("bits", ">>")]),
        BinOp::Shr(_) => (Some(">>"), &[("bits", "<<")]),
        BinOp::And(_) => (Some("&&"), &[("logic", "||")]),
        BinOp::Or(_) => (Some("||"), &[("logic", "&&")]),
        BinOp::Lt(_) => (Some("<"), &[("comparison", "<="), ("comparison", ">=")]),
        BinOp::Le(_) => (Some("<="), &[("comparison", "<"), ("comparison", ">")]),
        BinOp::Gt(_) => (Some(">"), &[("comparison", ">="), ("comparison", "<=")]),
        BinOp::Ge(_) => (Some(">="), &[("comparison", ">"), ("comparison", "<")]),
        BinOp::Eq(_) => (Some("=="), &[("comparison", "!=")]),
        BinOp::Ne(_) => (Some("!="), &[("comparison", "==")]),
        BinOp::AddAssign(_) => (Some("+="), &[("arithmetic", "-=")]),
        BinOp::SubAssign(_) => (Some("-="), &[("arithmetic", "+=")]),
        BinOp::MulAssign(_) => (Some("*="), &[("arithmetic", "/=")]),
        BinOp::DivAssign(_) => (Some("/="), &[("arithmetic", "*=")]),
        BinOp::BitAndAssign(_) => (Some("&="), &[("bits", "|=")]),
        BinOp::BitOrAssign(_) => (Some("|="), &[("bits", "&=")]),
        _ => (None, &[]),
    }
}

/// Values that a function of this type can return at once.
pub fn values(output: &ReturnType) -> Vec<&'static str> {
    let ReturnType::Type(_, output) = output else { return vec![""] };
    let name = |t: &syn::Type| match t {
        syn::Type::Path(p) => p.path.segments.last().map(|s| s.ident.to_string()).unwrap_or_default(),
        syn::Type::Reference(r) => match r.elem.as_ref() {
            syn::Type::Path(p) if p.path.is_ident("str") => "&str".into(),
            _ => "&".into(),
        },
        syn::Type::Never(_) | syn::Type::ImplTrait(_) => "&".into(),
        _ => String::new(),
    };
    let first_argument = |t: &syn::Type| match t {
        syn::Type::Path(p) => match p.path.segments.last().map(|s| &s.arguments) {
            Some(syn::PathArguments::AngleBracketed(a)) => a.args.first().map(|a| match a {
                syn::GenericArgument::Type(t) => (matches!(t, syn::Type::Tuple(u) if u.elems.is_empty()), name(t)),
                _ => (false, String::new()),
            }),
            _ => None,
        },
        _ => None,
    };
    match name(output).as_str() {
        "&" => vec![],
        "bool" => vec!["true", "false"],
        "f64" | "f32" => vec!["0.0", "1.0"],
        "usize" | "u64" | "u32" | "u16" | "u8" | "i64" | "i32" | "u128" => vec!["0", "1"],
        "&str" => vec!["\"\""],
        "Option" => vec!["None"],
        "Result" => match first_argument(output) {
            None | Some((true, _)) => vec!["Ok(())"],
            Some((_, inner)) if inner == "bool" => vec!["Ok(true)", "Ok(false)"],
            Some(_) => vec!["Ok(Default::default())"],
        },
        _ => vec!["Default::default()"],
    }
}
