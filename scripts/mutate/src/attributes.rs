//! Whether an item is compiled into the tests' build of this system, as far as its attributes say.

use syn::parse::Parser;
use syn::{Attribute, Meta, Token, punctuated::Punctuated};

/// Whether these attributes keep an item out of the library on this system, or make it a test.
pub fn compiled_out(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|a| {
        if a.path().is_ident("cfg") {
            return a.parse_args::<Meta>().is_ok_and(|m| !holds(&m));
        }
        a.path().is_ident("test")
    })
}

/// The same for the text of a statement.
pub fn compiled_out_text(text: &str) -> bool {
    if !text.starts_with('#') {
        return false;
    }
    let parser = |input: syn::parse::ParseStream| {
        let attributes = Attribute::parse_outer(input)?;
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(attributes)
    };
    parser.parse_str(text).is_ok_and(|attributes| compiled_out(&attributes))
}

/// Evaluates a `cfg` predicate for the library, built without features on this system.
fn holds(meta: &Meta) -> bool {
    let inner = |list: &syn::MetaList| -> Vec<bool> {
        let parsed = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
        parsed.map(|metas| metas.iter().map(holds).collect()).unwrap_or_default()
    };
    match meta {
        Meta::Path(p) if p.is_ident("unix") => cfg!(unix),
        Meta::Path(p) if p.is_ident("windows") => cfg!(windows),
        Meta::Path(_) => false,
        Meta::List(l) if l.path.is_ident("not") => !inner(l).iter().any(|b| *b),
        Meta::List(l) if l.path.is_ident("any") => inner(l).iter().any(|b| *b),
        Meta::List(l) => inner(l).iter().all(|b| *b),
        Meta::NameValue(v) => {
            let value = match &v.value {
                syn::Expr::Lit(l) => match &l.lit {
                    syn::Lit::Str(s) => s.value(),
                    _ => String::new(),
                },
                _ => String::new(),
            };
            let here = |name: &str, own: &str| v.path.is_ident(name) && value == own;
            here("target_os", std::env::consts::OS)
                || here("target_arch", std::env::consts::ARCH)
                || here("target_family", std::env::consts::FAMILY)
                || here("target_pointer_width", "64")
        }
    }
}
