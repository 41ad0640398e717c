//! Maps of made-up cells, for tests of how a map is drawn.

use hopfmap::cancel::CancelToken;
use hopfmap::grid::{Axis, Grid, GridBox};
use hopfmap::model::Parameter;
use hopfmap::results::{Attractors, COLUMNS, CellResult, Outcome};
use hopfmap::store::{Header, MapFile, MapWriter, Output};
use std::path::Path;

/// Cells of a chunk at most.
const CHUNK: u64 = 1 << 16;

/// A map on these axes: the value and the outcome of each cell by its index.
pub fn map(folder: &Path, axes: &[&str], starts: &[&str], cell: impl Fn(u64) -> (f64, Outcome)) -> MapFile {
    let path = folder.join("made.h5");
    let axes: Vec<Axis> = axes.iter().map(|a| a.parse().unwrap()).collect();
    let shape: Vec<u64> = axes.iter().map(Axis::len).collect();
    // Whole rows, as many as a chunk may have cells.
    let mut left = CHUNK;
    let mut chunk: Vec<u64> = Vec::new();
    for n in shape.iter().rev() {
        chunk.insert(0, (*n).min(left));
        left = (left / n).max(1);
    }
    let value = |p: Parameter| p.info().default.unwrap_or(2.125_347);
    let free = |p: &Parameter| axes.iter().all(|a| a.parameter != *p);
    let fixed = Parameter::ALL.into_iter().filter(free).map(|p| (p, value(p))).collect();
    let header = Header {
        grid: Grid::new(axes).unwrap(),
        starts: starts.iter().map(ToString::to_string).collect(),
        fixed,
        double: false,
        chunk,
        attributes: Vec::new(),
        request: String::new(),
        engines: vec!["cpu".into()],
        margins: false,
        optional: Vec::new(),
        si: Vec::new(),
        elsewhere: Vec::new(),
    };
    let mut writer = MapWriter::create(Output::with(&path, true), &header).unwrap();
    let cells: u64 = shape.iter().product();
    let result = |i| {
        let (value, outcome) = cell(i);
        CellResult::new([value; COLUMNS.len()], outcome)
    };
    let results: Vec<CellResult> = (0..cells).map(result).collect();
    let by_start = vec![results; starts.len().max(1)];
    let place = GridBox { first: 0, cells, start: vec![0; shape.len()], count: shape };
    writer.write(&place, &by_start).unwrap();
    if !starts.is_empty() {
        writer.write_attractors(&place, &Attractors::of_cells(&by_start)).unwrap();
    }
    writer.finish(&CancelToken::default()).unwrap();
    MapFile::open(&path).unwrap()
}

/// Text of the picture that `draw` writes.
pub fn svg(draw: impl FnOnce(Output<'_>) -> hopfmap::Result<()>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.svg");
    draw(Output::new(&path)).unwrap();
    std::fs::read_to_string(path).unwrap()
}
