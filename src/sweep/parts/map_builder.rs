//! Assembly of a map file from its parts, in order and one at a time: memory scales with the part,
//! not the map.

use super::header::{header, record};
use super::plan_file::PartSpecs;
use crate::audit::BoundaryDistance;
use crate::cancel::CancelToken;
use crate::engine::Tables;
use crate::error::Result;
use crate::grid::GridBox;
use crate::plan::Plan;
use crate::store::{MapWriter, Output, Part, PartEngine, StoredPart, Value};
use crate::sweep::summary::{Summary, SummaryBuilder, WITHOUT_MEANS, WITHOUT_RESPONSE};

/// Largest number of tables in a file.
const STORED_TABLES: usize = 16;

/// A map file that is being written.
#[derive(Debug)]
pub(crate) struct MapBuilder<'a> {
    plan: &'a Plan,
    writer: MapWriter,
    engines: Vec<PartEngine>,
    summary: SummaryBuilder<'a>,
    table_error: f64,
    /// The boxes written so far.
    places: Vec<GridBox>,
}

impl<'a> MapBuilder<'a> {
    /// Creates the file of a map.
    ///
    /// `engines` are the engines that computed its parts, each kind once; `elsewhere` lists the files of
    /// its cells if it is a virtual map.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the file cannot be created, or the disk is full;
    /// [`crate::Error::Request`] if a virtual map cannot have this name.
    pub(crate) fn begin(
        plan: &'a Plan,
        specs: &PartSpecs,
        output: Output<'_>,
        command: &str,
        engines: &[PartEngine],
        elsewhere: Vec<(String, GridBox)>,
    ) -> Result<Self> {
        let writer = MapWriter::create(output, &header(plan, specs, engines, command, elsewhere)?)?;
        let (engines, summary) = (engines.to_vec(), SummaryBuilder::new(plan));
        Ok(Self { plan, writer, engines, summary, table_error: 0.0, places: Vec::new() })
    }

    /// Writes the next part, which consists of these cells.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full.
    pub(crate) fn add(&mut self, place: &GridBox, part: &Part) -> Result<()> {
        self.writer.write(place, &part.results)?;
        self.add_summary(place, part)
    }

    /// Writes the next part, as it was read: see [`MapBuilder::add`].
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full.
    pub(crate) fn add_stored(&mut self, place: &GridBox, part: StoredPart) -> Result<()> {
        let part = self.writer.write_stored(place, part)?;
        self.add_summary(place, &part)
    }

    /// Writes what is known of a part besides its results.
    fn add_summary(&mut self, place: &GridBox, part: &Part) -> Result<()> {
        self.writer.write_optional(place, &part.optional)?;
        if let Some(attractors) = self.summary.add_part(place, part) {
            self.writer.write_attractors(place, &attractors)?;
        }
        if let Some(engine) = self.engines.iter().position(|e| e.is_like(&part.engine)) {
            self.writer.write_computed_by(place, engine)?;
        }
        self.table_error = self.table_error.max(part.table_error);
        self.places.push(place.clone());
        Ok(())
    }

    /// Writes the tables and the summary, and gives the file its final name.
    ///
    /// # Errors
    /// [`crate::Error::File`] if the disk is full; [`crate::Error::Interrupted`] if cancelled.
    pub(crate) fn finish(mut self, stop: &CancelToken) -> Result<Summary> {
        let (plan, writer) = (self.plan, &mut self.writer);
        let (mut summary, margins) = self.summary.finish();
        // A margin needs the whole map, so the boxes are gone through once more.
        for place in self.places.iter().filter(|_| margins.is_some()) {
            stop.check()?;
            let cells = margins.iter().flat_map(|margins| margins.of_box(place)).collect::<Vec<_>>();
            summary.add_margins(place, &cells);
            writer.write_margins(place, &cells)?;
        }
        let (geometries, tables) = plan.geometries();
        for (i, (l, lambda)) in geometries.take(STORED_TABLES).enumerate() {
            let table = Tables::new(l, lambda, plan.request.table_format);
            writer.write_table(i, &record(&table, plan.request.precision))?;
        }
        let mut number = |name: &str, value: f64| writer.write_attribute(name, &Value::Number(value));
        number("table_error", self.table_error)?;
        number("tables_made", tables as f64)?;
        number("neuron_steps", summary.neuron_steps as f64)?;
        number("neuron_steps_largest", summary.largest_steps as f64)?;
        number("cells_beyond_step_limit", summary.beyond_step_limit as f64)?;
        for (name, count) in [(WITHOUT_MEANS, summary.without_means), (WITHOUT_RESPONSE, summary.without_response)] {
            if let Some(count) = count {
                number(name, count as f64)?;
            }
        }
        if let Some(BoundaryDistance { median, worst, points }) = summary.edge {
            number("hopf_edge_distance_median", median)?;
            number("hopf_edge_distance_worst", worst)?;
            number("hopf_edge_points", points as f64)?;
        }
        if let Some(audit) = &summary.audit {
            for (name, value) in audit.attributes() {
                writer.write_attribute(&name, &value)?;
            }
            writer.write_audit(&audit.rows())?;
        }
        self.writer.finish(stop)?;
        Ok(summary)
    }
}
