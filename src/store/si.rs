//! A device's units in a file: coordinates in SI units next to those of the axes, and the device's values as attributes.

use super::checked::CheckedFile;
use super::netcdf::text;
use super::schema::{POINT, SiCoordinate, Value};
use crate::grid::{Axis, Grid};
use crate::model::physical::{QUANTITIES, quantity};
use crate::model::{COUNTERPARTS, Device, Parameter};
use hdf5::Group;

/// Prefix of the attributes with a device's values.
const PREFIX: &str = "device_";

/// The coordinates in SI units of a grid's axes or points.
///
/// There are none of Omega and l, which no quantity sets alone, nor of alpha where Gamma varies too: gamma_T
/// follows from both.
#[must_use]
pub fn si_coordinates(device: &Device, grid: &Grid, fixed: &[(Parameter, f64)]) -> Vec<SiCoordinate> {
    let own = device.matching(fixed);
    let is_axis = |p: Parameter| grid.extent(p).is_some();
    let coordinate = |(p, values): (Parameter, Vec<f64>)| {
        if p == Parameter::Alpha && is_axis(Parameter::Gamma) {
            return None;
        }
        let name = COUNTERPARTS.iter().find(|c| c.0 == p)?.1;
        let (_, unit, meaning) = QUANTITIES[quantity(name)?];
        let by_quantity = grid.axes().iter().find(|axis: &&Axis| axis.parameter == p).and_then(|axis| axis.si.as_ref());
        let values = match by_quantity {
            Some(si) => si.values().collect(),
            None => values.into_iter().map(|v| own.in_si(p, v)).collect::<Option<_>>()?,
        };
        let dimension = if grid.points().is_some() { POINT } else { p.name() };
        let name = if name == p.name() { format!("{name}_si") } else { name.to_string() };
        Some(SiCoordinate { dimension, name, unit, meaning, values })
    };
    grid.coordinates().into_iter().filter_map(coordinate).collect()
}

/// The device's values as attributes: those that are the same in every cell, its circuit time, and volts and watts per unit.
#[must_use]
pub fn device_attributes(device: &Device, varied: &[Parameter], fixed: &[(Parameter, f64)]) -> Vec<(String, Value)> {
    let own = device.matching(fixed);
    let is_axis = |p: Parameter| varied.contains(&p);
    let varies = |name: &str| {
        COUNTERPARTS.iter().any(|c| c.1 == name && is_axis(c.0)) || name == "gamma_T" && is_axis(Parameter::Gamma)
    };
    let quantities = QUANTITIES.iter().zip(own.physical().values()).filter(|(q, _)| !varies(q.0));
    let mut found: Vec<(String, f64)> = quantities.map(|(q, v)| (q.0.to_string(), v)).collect();
    found.extend(own.delta_omega().map(|v| ("Delta_Omega".to_string(), v)));
    found.push(("tau_c".into(), own.physical().tau_c()));
    found.push(("volts_per_unit".into(), own.physical().volts_per_unit()));
    if !is_axis(Parameter::RN) {
        found.push(("watts_per_unit".into(), own.watts_per_unit()));
    }
    found.into_iter().map(|(name, v)| (format!("{PREFIX}{name}"), Value::Number(v))).collect()
}

/// Writes coordinates in SI units; their scales are attached with those of the columns.
pub(super) fn write_si(file: &mut CheckedFile, coordinates: &[SiCoordinate]) -> hdf5::Result<()> {
    let root: Group = (**file.file()).clone();
    for SiCoordinate { name, unit, meaning, values, .. } in coordinates {
        let dataset = file.list(&root, name, values)?;
        text(&dataset, "long_name", meaning)?;
        text(&dataset, "units", unit)?;
    }
    Ok(())
}

/// Names of each coordinate's axis and its own, for attaching.
pub(super) fn si_scales(coordinates: &[SiCoordinate]) -> Vec<([String; 1], [String; 1])> {
    coordinates.iter().map(|c| ([c.dimension.to_string()], [c.name.clone()])).collect()
}
