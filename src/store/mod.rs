//! File input and output: netCDF-4 conventions on HDF5, written atomically. Only this module uses
//! `hdf5`.

mod atomic;
mod box_shape;
mod branches;
mod checked;
mod checksum;
mod chunk_reading;
mod chunks;
mod column_reading;
mod columns;
mod contents;
mod coordinates;
mod curves;
mod earlier_run;
mod hdf5_calls;
mod hdf5_file;
mod lock;
mod map_arrays;
mod netcdf;
mod nexus;
mod origin;
mod output;
mod owner;
mod packing;
mod part;
mod part_engine;
mod parts;
mod provenance;
mod ramp;
mod ramp_columns;
mod reader;
mod result_sum;
mod root_attributes;
mod schema;
mod series;
mod si;
mod stored_axis;
mod stored_coordinates;
mod table_reading;
mod text_file;
mod virtual_parts;
mod writer;
mod zlib_stream;

pub(crate) use atomic::Draft;
#[cfg(feature = "cli")]
pub(crate) use atomic::resolved;
pub use atomic::{Output, write_file};
pub use branches::{BranchSet, StoredCycle, StoredEquilibrium, StoredSpecial, write_branches};
pub use contents::{Contents, CurvesFile, SIDES, stored_request};
pub use curves::{CURVE_KINDS, CurvePoint, CurveSet, FIRST_OF_CYCLES, StoredEnds, StoredPoint, write_curves};
pub use earlier_run::{history, history_now, is_of_command};
pub(crate) use lock::Lock;
pub use lock::clear_stale;
pub use origin::{Origin, origin};
pub use output::{check_output, free_space};
pub(crate) use part::StoredPart;
pub use part::{Part, PartSpec};
pub use part_engine::PartEngine;
pub use parts::{PLAN, PartState, Parts};
pub use provenance::provenance;
pub use ramp::{RampContent, RampFile, RampLoop, write_ramp};
pub use ramp_columns::RampColumn;
pub use reader::MapFile;
pub use root_attributes::RootAttributes;
pub use schema::{AuditRow, Header, NOT_SEARCHED, SCHEMA, SiCoordinate, TableRecord, Value, long_name};
pub use series::{Series, SeriesFile, TraceFile, Variable, write_series};
pub use si::{device_attributes, si_coordinates};
pub use stored_axis::StoredAxis;
pub use text_file::read_text_file;
pub use writer::MapWriter;

use crate::cancel::CancelToken;
use crate::error::{Error, Result};
use checked::{CheckedFile, failed, read_back};
use std::path::Path;

/// Writes an HDF5 file atomically: `write` fills it, then it is read back, sealed and renamed into
/// place.
fn write_whole(output: Output<'_>, write: impl FnOnce(&mut CheckedFile) -> hdf5::Result<()>) -> Result<()> {
    let draft = Draft::new(output)?;
    let failed = || failed(output.path, "the file");
    let mut file = CheckedFile::create(draft.path()).map_err(failed())?;
    let written = write(&mut file);
    // Closed in any case: a file that stays open keeps its space on a full disk.
    let closed = file.close();
    written.map_err(failed())?;
    read_back(draft.path(), output.path, &closed.map_err(failed())?)?;
    seal_and_publish(draft, output.path, &CancelToken::default())
}

/// Seals a finished file and gives it its final name.
fn seal_and_publish(draft: Draft, path: &Path, stop: &CancelToken) -> Result<()> {
    let sealed = checksum::seal(draft.path(), stop);
    stop.check()?;
    sealed.map_err(|e| Error::file_because(path, "could not be sealed", e))?;
    draft.publish()
}
