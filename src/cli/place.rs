//! Where a cell of a map lies, as reports name it: the number of its point, if it is one of a list, and its parameters.

use crate::model::Parameter;
use crate::plan::Plan;
use crate::store::MapFile;
use serde_json::{Map, Value};

/// The place of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    /// Number of the point, in a list.
    point: Option<u64>,
    /// Names and values of the parameters that differ among the cells.
    values: Vec<(&'static str, f64)>,
}

impl Place {
    /// The place of cell `index` of a plan.
    pub(super) fn of_plan(plan: &Plan, index: u64) -> Self {
        let names = plan.grid.parameters().into_iter().map(Parameter::name);
        let values = names.zip(plan.grid.point(index)).collect();
        Self { point: plan.grid.points().map(|_| index), values }
    }

    /// The place of the cell of a map with these indices along the axes, or this number of a point.
    pub(super) fn of_map(map: &MapFile, indices: &[usize]) -> Self {
        let values = map.values_at(indices).into_iter().map(|(p, v)| (p.name(), v)).collect();
        Self { point: map.points().and_then(|_| indices.first().map(|i| *i as u64)), values }
    }

    /// The place in a report.
    pub(super) fn text(&self) -> String {
        let values: Vec<_> = self.values.iter().map(|(name, v)| format!("{name} = {v:.6}")).collect();
        let point = self.point.map_or(String::new(), |i| format!("point {i}: "));
        format!("{point}{}", values.join(", "))
    }

    /// The place in JSON: the values by name, and `point`.
    pub(super) fn json(&self) -> Map<String, Value> {
        let point = self.point.map(|i| ("point".to_string(), i.into()));
        point.into_iter().chain(self.values.iter().map(|(name, v)| (name.to_string(), (*v).into()))).collect()
    }
}
