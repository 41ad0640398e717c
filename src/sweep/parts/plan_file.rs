//! What makes two runs parts of one sweep: the request, how it is cut, and what decides the numbers' last bits.

use crate::engine::gpu::shader;
use crate::engine::{EngineKind, Precision};
use crate::error::{Error, Result};
use crate::grid::Boxes;
use crate::plan::Plan;
use crate::plan::Request;
use crate::store::{MapFile, PLAN, PartSpec, read_text_file, sha256};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Cells in a part at most on `gpu`, starts counted: what fills the largest devices once.
const MOST: u64 = 1 << 18;
/// The same on `cpu`, where a smaller part costs nothing, and less is lost with it.
const MOST_ON_CPU: u64 = 1 << 16;
/// Cells in a chunk on disk at most.
const CHUNK: u64 = 1 << 14;
const EXPLANATION: &str = "# Parts of a sweep under way. The same command goes on with it; 'hopfmap merge' puts them together once all are there.\n";

/// The plan file of a folder of parts, in the order of its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// The program.
    pub hopfmap_version: String,
    /// The class of engine: `cpu` or `gpu`.
    pub engine: EngineKind,
    /// The shader, on `gpu`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shader_sha256: String,
    /// Cells in a part at most, starts counted.
    pub part_cells: u64,
    /// The request, without what another machine may do otherwise.
    pub request: Request,
}

impl PlanFile {
    /// Of a plan on a class of engines.
    ///
    /// # Errors
    /// Parts of no cells, or of more than memory is meant to hold.
    pub fn new(plan: &Plan, class: EngineKind) -> Result<Self> {
        let rule = if class == EngineKind::Gpu { MOST } else { MOST_ON_CPU };
        let part_cells = plan.request.part_cells.unwrap_or(rule);
        let starts = plan.starts() as u64;
        if part_cells < starts || part_cells > MOST {
            return Err(Error::request(
                format!("parts of {part_cells} cells: a part holds {starts} to {MOST}"),
                "give --part-cells a number between, or leave it off",
            ));
        }
        Ok(Self {
            hopfmap_version: env!("CARGO_PKG_VERSION").to_string(),
            engine: class,
            shader_sha256: if class == EngineKind::Gpu { shader::sha256() } else { String::new() },
            part_cells,
            request: Request { engine: class, adapter: None, output: None, ..plan.request.clone() },
        })
    }

    /// As the text of a plan file.
    ///
    /// # Errors
    /// None that a checked request can bring about.
    pub fn text(&self) -> Result<String> {
        let text = toml::to_string(self);
        let text = text.map_err(|e| Error::request(format!("the plan has no TOML form: {e}"), "please report this"))?;
        Ok(format!("{EXPLANATION}{text}"))
    }

    /// From a plan file.
    ///
    /// # Errors
    /// It is not one, or another version's.
    pub fn from_text(text: &str, path: &Path) -> Result<Self> {
        let found: Self = toml::from_str(text).map_err(|e| {
            Error::input(path, format!("is no plan of parts: {e}"), "mend the line shown, or remove the folder")
        })?;
        if found.hopfmap_version != env!("CARGO_PKG_VERSION") {
            let (theirs, ours) = (&found.hopfmap_version, env!("CARGO_PKG_VERSION"));
            return Err(Error::input(
                path,
                format!("is of hopfmap {theirs}, and this is {ours}"),
                format!("use hopfmap {theirs}, or remove the folder to begin anew"),
            ));
        }
        Ok(found)
    }

    /// The boxes of the parts.
    #[must_use]
    pub fn boxes(&self, plan: &Plan) -> Boxes {
        plan.grid.boxes(self.part_cells / plan.starts() as u64)
    }

    /// What each part has to be.
    ///
    /// # Errors
    /// None that a checked request can bring about.
    pub fn part_specs(&self, plan: &Plan) -> Result<PartSpecs> {
        Ok(PartSpecs {
            plan: sha256(&self.text()?),
            boxes: self.boxes(plan),
            starts: if plan.starts() > 1 { plan.starts() } else { 0 },
            double: plan.request.precision == Precision::F64,
            chunk: plan.grid.chunk(CHUNK.min(self.part_cells / plan.starts() as u64)),
        })
    }
}

/// The request in a map, or in a folder of parts.
///
/// # Errors
/// It is neither, or damaged.
pub fn request_in(path: &Path) -> Result<Request> {
    if path.is_dir() {
        let text = read_text_file(&path.join(PLAN)).map_err(|e| {
            Error::input(path, format!("holds no plan of parts ({e})"), "name a map, or a folder of parts")
        })?;
        return Ok(Request { output: None, ..PlanFile::from_text(&text, path)?.request });
    }
    let map = MapFile::open(path)?;
    // Where a file lies, or wants to lie, is not for the file to decide.
    Ok(Request { output: None, ..Request::from_toml(&map.request)? })
}

/// What the parts of a plan have to be.
#[derive(Debug, Clone)]
pub struct PartSpecs {
    plan: String,
    boxes: Boxes,
    starts: usize,
    double: bool,
    chunk: Vec<u64>,
}

impl PartSpecs {
    /// How many parts there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.boxes.len()
    }

    /// What part `index` has to be.
    #[must_use]
    pub fn get(&self, index: u64) -> PartSpec {
        PartSpec {
            plan: self.plan.clone(),
            index,
            place: self.boxes.get(index),
            starts: self.starts,
            double: self.double,
            chunk: self.chunk.clone(),
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
