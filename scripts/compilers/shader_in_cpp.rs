//! The shader in C++, for `scripts/shader-compilers`: written into a folder, and run on this processor.
//!
//! `shader_in_cpp FOLDER` writes `shader.wgsl`, `shader.cpp` and a batch in the bytes of the shader's buffers.
//! `shader_in_cpp FOLDER COMPILER FLAG ...` builds that with a C++ compiler, and compares the results of several cuts into
//! dispatches with each other, to the bit, and with the engine's.

mod cpp;
#[path = "../../tests/common/tolerance.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part of it is used here")]
mod tolerance;
#[path = "../../tests/common/translated.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part of it is used here")]
mod translated;

use hopfmap::engine::gpu::{shader, upload};
use hopfmap::engine::{Batch, Cpu, Engine, Precision, Progress, Tables};
use hopfmap::plan::{Plan, Prepared, Request, Theory};
use hopfmap::results::CellResult;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use translated::Shader;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The plane of Fig. 6a.
const PLANE: &str = "grid = ['Gamma=0.02:1:32', 'Z_T=0:1:32']\n[set]\nV_n = 2.0\nR_n = 6.0\n";
/// Steps and slots of the cuts that are compared with the first one.
const CUTS: [[u32; 2]; 6] = [[1000, 1024], [1, 1024], [7, 1024], [64, 1024], [7, 37], [32_000, 1]];
/// A mistake that has to show: a dispatch begins with the coefficients of another piece, and does not go on with the run's.
const MISTAKE: [&str; 2] = [
    "    var taken = 0u;",
    "    run.piece = piece_at(runs[index].cell, &run, run.state.w);
    runs[index].neuron = neuron_for(runs[index].cell, &run, run.piece);
    var taken = 0u;",
];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, command @ ..] = &arguments[..] else {
        return Err("usage: shader_in_cpp FOLDER [COMPILER ...]".into());
    };
    let (folder, batch) = (Path::new(folder), batch()?);
    if command.is_empty() {
        return write(folder, &batch);
    }
    let cells = batch.cells.len();
    let sound = build(folder, command, cells, "shader.cpp", "fast")?;
    let [all, cuts @ ..] = CUTS;
    let whole = sound.run(all)?;
    for cut in cuts {
        if sound.run(cut)? != whole {
            return Err(format!("results of {cut:?} [steps, slots] have other bits than those of {all:?}").into());
        }
    }
    // Negative controls: a mistake shows, and products and sums are fused at all.
    let wrong = build(folder, command, cells, "mistake.cpp", "fast")?;
    if wrong.run([7, 1024])? == wrong.run(all)? {
        return Err("a dispatch that begins on a new piece does not show".into());
    }
    let unfused = build(folder, command, cells, "shader.cpp", "off")?.run(all)?;
    let fused = whole.iter().zip(&unfused).filter(|(a, b)| a != b).count();
    if fused == 0 {
        return Err(
            "the compiler has fused nothing, so this tells nothing: name a processor that has such instructions".into(),
        );
    }
    let (apart, worst) = compare(&batch, &upload::results(&whole.concat()))?;
    if apart > 0 || !(worst <= tolerance::SPAN_BETWEEN_ENGINES) {
        return Err(format!("{apart} outcomes are not the twin's, spans apart by {worst:.1e}").into());
    }
    println!(
        "{} cuts of {} cells have the same bits ({fused} cells with others unless fused); outcomes are the twin's, spans within {worst:.1e}",
        CUTS.len(),
        whole.len()
    );
    Ok(())
}

/// All cells of the plane.
fn batch() -> Result<Batch> {
    let plan = Plan::new(Request::from_toml(PLANE)?)?;
    let points: Vec<_> = (0..plan.grid.cells()).map(|i| plan.parameters(i)).collect();
    let mut theory = Theory::default();
    theory.prepare(&points);
    let tables = Tables::new(points[0].l, points[0].lambda, plan.request.table_format);
    let mut batch = Batch { tables: vec![Arc::new(tables)], ..Batch::default() };
    for prepared in points.iter().flat_map(|p| plan.prepare(p, &theory)).filter_map(Prepared::cell) {
        batch.push(prepared.cell, &prepared.regions, 0);
    }
    Ok(batch)
}

fn write(folder: &Path, batch: &Batch) -> Result<()> {
    let source = shader::source();
    let [right, wrong] = MISTAKE;
    if source.matches(right).count() != 1 {
        return Err(format!("the shader has no single line '{right}'").into());
    }
    std::fs::write(folder.join("shader.wgsl"), &source)?;
    for (name, source) in [("shader.cpp", source.clone()), ("mistake.cpp", source.replace(right, wrong))] {
        std::fs::write(folder.join(name), cpp::translation(&Shader::new(&source, true)?)?)?;
    }
    let upload = upload::Upload::new(batch);
    let texels: Vec<u8> = upload.texels.iter().flatten().flat_map(|c| c.to_ne_bytes()).collect();
    let width = upload.width.to_string().into_bytes();
    for (name, bytes) in
        [("queue.bin", upload.queue), ("layouts.bin", upload.layouts), ("texels.bin", texels), ("width.txt", width)]
    {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}

/// A program that runs the shader on this processor, over the batch in a folder.
struct Program<'a> {
    path: PathBuf,
    folder: &'a Path,
    cells: usize,
}

fn build<'a>(folder: &'a Path, command: &[String], cells: usize, shader: &str, fused: &str) -> Result<Program<'a>> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/compilers");
    let path = folder.join(format!("{shader}-{fused}"));
    let mut compiler = Command::new(&command[0]);
    compiler.args(&command[1..]).args(["-std=c++17", "-O2", "-w", &format!("-ffp-contract={fused}")]);
    compiler.arg(format!("-DSHADER=\"{}\"", folder.join(shader).display())).arg("-isystem").arg(&here);
    let output = compiler.arg(here.join("host.cpp")).arg("-o").arg(&path).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).lines().take(10).collect::<Vec<_>>().join("\n").into());
    }
    Ok(Program { path, folder, cells })
}

impl Program<'_> {
    /// The bytes of each result, sorted.
    fn run(&self, [steps, slots]: [u32; 2]) -> Result<Vec<Vec<u8>>> {
        let output = Command::new(&self.path).arg(self.folder).args([steps, slots].map(|n| n.to_string())).output()?;
        let cells = self.cells;
        if !output.status.success() || output.stdout.is_empty() || output.stdout.len() % cells != 0 {
            return Err(
                format!("{} of the build ended with {} bytes of results", output.status, output.stdout.len()).into()
            );
        }
        let mut results: Vec<_> = output.stdout.chunks(output.stdout.len() / cells).map(<[u8]>::to_vec).collect();
        results.sort();
        Ok(results)
    }
}

/// Outcomes that are not the twin's, and the largest difference of spans.
fn compare(batch: &Batch, results: &[CellResult]) -> Result<(usize, f64)> {
    let twin = Cpu { precision: Precision::F32, one_by_one: true }.run(batch, &Progress::default())?;
    let pairs = || results.iter().zip(&twin);
    let settled = pairs().filter(|(a, b)| a.outcome.is_settled() && b.outcome.is_settled());
    let worst = settled.map(|(a, b)| (a.span - b.span).abs()).fold(0.0, f64::max);
    Ok((pairs().filter(|(a, b)| a.outcome != b.outcome).count(), worst))
}
