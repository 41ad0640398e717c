//! The shader in C++: naga's translation for Metal, which `metal_stdlib` in this folder makes C++, and a list of its buffers.

use super::translated::Shader;
use std::error::Error;
use std::fmt::Write;

/// The shader in C++, without checks of buffers, as for drivers that make them.
pub(super) fn translation(shader: &Shader) -> Result<String, Box<dyn Error>> {
    let metal = shader.metal(true)?;
    let mut cpp = String::new();
    for line in metal.lines().filter(|l| !l.contains("simd/simd.h")) {
        // Each function stands at the beginning of a line, with its parameters on the following ones.
        let is_function = line.ends_with('(') && !line.starts_with([' ', '[']);
        // C++ takes the length of an array as it stands there.
        let line = if line.starts_with("typedef ") { line.replace("[1];", "[1 << 20];") } else { line.to_string() };
        writeln!(cpp, "{}{}", if is_function { "PLACED " } else { "" }, in_single_precision(&line))?;
    }
    let entry = metal.split("kernel void advance(").nth(1).and_then(|rest| rest.split(") {").next());
    cpp.push_str(&buffers(shader, entry.ok_or("the translation for Metal has no entry `advance`")?)?);
    Ok(cpp)
}

/// The line with an f behind each number that has a point: Metal has no double precision.
fn in_single_precision(line: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || ['.', '_'].contains(&c);
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(is_part) {
        let (before, word) = rest.split_at(at);
        let (word, after) = word.split_at(word.find(|c| !is_part(c)).unwrap_or(word.len()));
        let is_real = word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.') && !word.ends_with('f');
        out = out + before + word + if is_real { "f" } else { "" };
        rest = after;
    }
    out + rest
}

/// Macros that name the entry's buffers with their types, its arguments, and the sizes that it asks for.
fn buffers(shader: &Shader, parameters: &str) -> Result<String, Box<dyn Error>> {
    let (mut types, mut arguments) = (String::new(), Vec::new());
    for line in parameters.lines().filter(|l| !l.trim().is_empty()) {
        let declared = line.trim_start_matches(',').split("[[").next().unwrap_or_default().trim();
        let (of_type, name) = declared.rsplit_once(' ').ok_or_else(|| format!("no parameter: {line}"))?;
        let pointer = of_type.strip_suffix('&');
        let is_sizes = name == "_buffer_sizes";
        if let Some(of_type) = pointer.filter(|_| !is_sizes) {
            write!(types, " X({of_type}, {name})")?;
        }
        arguments.push(if pointer.is_some() && !is_sizes { format!("*at({name})") } else { name.to_string() });
    }
    let mut sizes = String::new();
    for (handle, variable) in shader.module.global_variables.iter() {
        let name = variable.name.as_deref().unwrap_or_default();
        if parameters.contains(&format!("& {name} ")) && is_runtime_sized(shader, variable.ty) {
            write!(sizes, " X(size{}, {name})", handle.index())?;
        }
    }
    Ok(format!("#define BUFFERS(X){types}\n#define SIZES(X){sizes}\n#define ARGUMENTS {}\n", arguments.join(", ")))
}

fn is_runtime_sized(shader: &Shader, of_type: naga::Handle<naga::Type>) -> bool {
    matches!(shader.module.types[of_type].inner, naga::TypeInner::Array { size: naga::ArraySize::Dynamic, .. })
}
