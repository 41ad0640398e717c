//! Source of the shader: a prelude generated from the crate's tables, then the files of `shaders/`.

use crate::fingerprint;
use crate::kernel::constants::{CONSTANTS, Value};
use crate::model::PARAMETERS;
use crate::results::{COLUMNS, Certificate, Outcome};
use std::f32::consts::{FRAC_1_SQRT_2, SQRT_2};

/// Name of the entry point.
pub const ENTRY: &str = "advance";
/// Bindings as declared in `shaders/advance.wgsl`.
pub mod binding {
    #![allow(missing_docs, reason = "`shaders/advance.wgsl` documents them")]
    pub const DISPATCH: u32 = 0;
    pub const QUEUE: u32 = 1;
    pub const LAYOUTS: u32 = 2;
    pub const TABLE: u32 = 3;
    pub const RUNS: u32 = 4;
    pub const STATUS: u32 = 5;
    // Bindings of group 1, swapped from dispatch to dispatch.
    pub const ORDER: u32 = 0;
    pub const NEXT_ORDER: u32 = 1;
    pub const RESULTS: u32 = 2;
}

/// Number of storage buffers of the shader.
pub(super) const STORAGE_BUFFERS: u32 = 7;

const FILES: [&str; 12] = [
    include_str!("../../../shaders/table.wgsl"),
    include_str!("../../../shaders/neuron.wgsl"),
    include_str!("../../../shaders/rk4.wgsl"),
    include_str!("../../../shaders/window.wgsl"),
    include_str!("../../../shaders/piece.wgsl"),
    include_str!("../../../shaders/trapping.wgsl"),
    include_str!("../../../shaders/multipliers.wgsl"),
    include_str!("../../../shaders/newton.wgsl"),
    include_str!("../../../shaders/run.wgsl"),
    include_str!("../../../shaders/settle.wgsl"),
    include_str!("../../../shaders/passes.wgsl"),
    include_str!("../../../shaders/advance.wgsl"),
];

/// Additions and multiplications of one step, a multiply-add counted as two: 53 in each of four derivatives (25 of
/// them in polynomials), 26 between stages, 24 in the final sum, 8 for the window. Comparisons, extrema of V and
/// changes of piece are not counted.
pub const OPERATIONS: f64 = 270.0;

/// Source of the whole shader.
#[must_use]
pub fn source() -> String {
    let mut text = prelude();
    for file in FILES {
        text.push('\n');
        text.push_str(file);
    }
    text
}

/// SHA-256 of the shader's source, for provenance.
#[must_use]
pub fn sha256() -> String {
    fingerprint::sha256(&source())
}

/// Generated source that precedes every shader.
pub(super) fn prelude() -> String {
    let mut out =
        String::from("// Generated from the tables of parameters, columns, outcomes, certificates and constants.\n");
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    for (name, value) in [("SQRT_2", SQRT_2), ("FRAC_1_SQRT_2", FRAC_1_SQRT_2)] {
        line(format!("const {name}: f32 = {value:e}f;"));
    }
    for c in CONSTANTS {
        match c.value {
            Value::Real(v) => line(format!("const {}: f32 = {:e}f; // {}", c.name, v as f32, c.meaning)),
            Value::Whole(v) => line(format!("const {}: u32 = {v}u; // {}", c.name, c.meaning)),
        }
    }
    for o in Outcome::ALL {
        line(format!("const {}: u32 = {}u;", o.name().to_uppercase(), o as u32));
    }
    for c in Certificate::ALL {
        line(format!("const CERTIFICATE_{}: u32 = {}u;", c.name().to_uppercase(), c as u32));
    }
    line("struct Parameters {".into());
    for info in &PARAMETERS {
        line(format!("    {}: f32, // {}", info.field, info.meaning));
    }
    line("}\nstruct RunResult {".into());
    for c in COLUMNS {
        line(format!("    {}: f32, // {}", c.name, c.long_name));
    }
    line("    outcome: u32,\n    certificate: u32,\n    steps: u32,\n    windows: u32,\n    number: u32,\n    end_x: f32,\n    end_y: f32,\n    end_z: f32,\n    end_v: f32,\n}".into());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use naga::{AddressSpace, Module};

    fn module() -> Module {
        naga::front::wgsl::parse_str(&source()).unwrap_or_else(|e| panic!("{}", e.emit_to_string(&source())))
    }

    #[test]
    fn the_shader_is_valid() {
        let mut validator =
            naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::empty());
        validator.validate(&module()).unwrap();
        // Negative control: a broken shader is refused.
        assert!(naga::front::wgsl::parse_str(&source().replace("fn rk4", "fn rk5")).is_err());
    }

    #[test]
    fn bindings_and_workgroup_agree_with_rust() {
        let m = module();
        let bound = |name: &str| {
            let (_, v) = m.global_variables.iter().find(|(_, v)| v.name.as_deref() == Some(name)).unwrap();
            (v.binding.as_ref().unwrap().binding, v.space)
        };
        for (name, number) in [
            ("dispatch", binding::DISPATCH),
            ("queue", binding::QUEUE),
            ("layouts", binding::LAYOUTS),
            ("table", binding::TABLE),
            ("runs", binding::RUNS),
            ("results", binding::RESULTS),
            ("status", binding::STATUS),
            ("order", binding::ORDER),
            ("next_order", binding::NEXT_ORDER),
        ] {
            assert_eq!(bound(name).0, number, "{name}");
        }
        assert_eq!(bound("dispatch").1, AddressSpace::Uniform);
        let is_storage = |space| matches!(space, AddressSpace::Storage { .. });
        let storage = m.global_variables.iter().filter(|(_, v)| is_storage(v.space)).count();
        assert_eq!(storage, STORAGE_BUFFERS as usize);
        let entry = m.entry_points.iter().find(|e| e.name == ENTRY).unwrap();
        assert_eq!(entry.workgroup_size, [crate::kernel::constants::WORKGROUP, 1, 1]);
    }

    #[test]
    fn constants_reach_the_shader_through_the_prelude_alone() {
        let body = FILES.concat();
        for c in CONSTANTS {
            assert!(prelude().contains(&format!("const {}:", c.name)));
            assert!(!body.contains(&format!("const {}", c.name)), "{} is typed a second time", c.name);
        }
        assert!(!body.contains("const "), "constants belong into the prelude");
    }
}
