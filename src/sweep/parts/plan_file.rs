//! Plan file of a folder of parts: the request, its division into parts, and whatever decides the
//! numbers' last bits.
//!
//! Two runs are parts of one sweep if their plan files agree.

use crate::audit::stored_request;
use crate::engine::gpu::shader;
use crate::engine::{EngineKind, Precision};
use crate::error::{Error, Result};
use crate::fingerprint::sha256;
use crate::grid::Boxes;
use crate::plan::Plan;
use crate::plan::Request;
use crate::store::{MapFile, PLAN, PartSpec, read_text_file};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Largest number of cells in a chunk on disk.
const CHUNK: u64 = 1 << 14;
const EXPLANATION: &str = "# Parts of an unfinished sweep. The same command continues it; 'hopfmap merge' joins the parts once all are complete.\n";

/// Content of a plan file; the fields are in the order of its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// Version of the program.
    pub hopfmap_version: String,
    /// Class of engine: `cpu` or `gpu`.
    pub engine: EngineKind,
    /// Fingerprint of the shader on `gpu`; empty on `cpu`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shader_sha256: String,
    /// Largest number of cells in a part, counting starts.
    pub part_cells: u64,
    /// Request, without what may differ between machines.
    pub request: Request,
}

impl PlanFile {
    /// The plan file of a plan on a class of engines.
    #[must_use]
    pub fn new(plan: &Plan, class: EngineKind) -> Self {
        Self {
            hopfmap_version: env!("CARGO_PKG_VERSION").to_string(),
            engine: class,
            shader_sha256: if class == EngineKind::Gpu { shader::sha256() } else { String::new() },
            part_cells: plan.part_cells(),
            request: Request { engine: class, adapter: None, output: None, ..plan.request.clone() },
        }
    }

    /// The text of the plan file.
    ///
    /// # Errors
    /// [`Error::Request`] only if the plan has no TOML form (not expected).
    pub fn text(&self) -> Result<String> {
        let text = toml::to_string(self);
        let text = text.map_err(|e| Error::request(format!("the plan has no TOML form: {e}"), "please report this"))?;
        Ok(format!("{EXPLANATION}{text}"))
    }

    /// Parses the text of a plan file.
    ///
    /// # Errors
    /// [`Error::Request`] if the text is no plan file, or is of another version.
    pub fn from_text(text: &str, path: &Path) -> Result<Self> {
        let found: Self = toml::from_str(text).map_err(|e| {
            Error::input(path, format!("is no plan of parts: {e}"), "fix the line shown, or remove the folder")
        })?;
        if found.hopfmap_version != env!("CARGO_PKG_VERSION") {
            let (theirs, ours) = (&found.hopfmap_version, env!("CARGO_PKG_VERSION"));
            return Err(Error::input(
                path,
                format!("is of hopfmap {theirs}, and this is {ours}"),
                format!("use hopfmap {theirs}, or remove the folder to start over"),
            ));
        }
        Ok(found)
    }

    /// The boxes of the parts.
    #[must_use]
    pub fn boxes(&self, plan: &Plan) -> Boxes {
        plan.grid.boxes(self.part_cells / plan.starts() as u64)
    }

    /// The specifications of the parts.
    ///
    /// # Errors
    /// [`Error::Request`] only if the plan has no TOML form (not expected).
    pub fn part_specs(&self, plan: &Plan) -> Result<PartSpecs> {
        Ok(PartSpecs {
            plan: sha256(&self.text()?),
            boxes: self.boxes(plan),
            starts: if plan.starts() > 1 { plan.starts() } else { 0 },
            double: plan.request.precision == Precision::F64,
            chunk: plan.grid.chunk(CHUNK.min(self.part_cells / plan.starts() as u64)),
            optional: plan.optional_columns(),
        })
    }
}

/// The request in a map or a folder of parts.
///
/// # Errors
/// [`Error::Request`] if `path` is neither, or is damaged.
pub fn request_in(path: &Path) -> Result<Request> {
    if path.is_dir() {
        let text = read_text_file(&path.join(PLAN)).map_err(|e| {
            Error::input(path, format!("holds no plan of parts ({e})"), "name a map, or a folder of parts")
        })?;
        return Ok(Request { output: None, ..PlanFile::from_text(&text, path)?.request });
    }
    let map = MapFile::open(path)?;
    // The stored request does not determine the output path.
    Ok(Request { output: None, ..stored_request(&map)? })
}

/// Specifications of the parts of a plan.
#[derive(Debug, Clone)]
pub struct PartSpecs {
    plan: String,
    boxes: Boxes,
    starts: usize,
    double: bool,
    chunk: Vec<u64>,
    optional: Vec<(&'static str, &'static str)>,
}

impl PartSpecs {
    /// Number of parts.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.boxes.len()
    }

    /// The specification of part `index`.
    #[must_use]
    pub fn get(&self, index: u64) -> PartSpec {
        PartSpec {
            plan: self.plan.clone(),
            index,
            place: self.boxes.get(index),
            starts: self.starts,
            double: self.double,
            chunk: self.chunk.clone(),
            optional: self.optional.clone(),
        }
    }

    /// Shape of the map's chunks on disk.
    #[must_use]
    pub fn chunk(&self) -> &[u64] {
        &self.chunk
    }

    /// Fingerprint of the plan.
    #[must_use]
    pub fn plan(&self) -> &str {
        &self.plan
    }
}
