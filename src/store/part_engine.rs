//! What computed a part: engine, device and driver, as attributes of its file.

use super::netcdf::read_text;
use hdf5::File;

/// Attribute with the PCI bus id of the adapter, where it has one.
const PCI_BUS_ID: &str = "pci_bus_id";

/// The engine that computed a part, as attributes of its file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PartEngine {
    /// Kind of engine: `gpu` or `cpu`.
    pub engine: String,
    /// Name of the adapter, or architecture and vector instructions of the processor.
    pub adapter: String,
    /// PCI bus id of the adapter, or several of them with commas between; empty where there is none.
    pub pci_bus_id: String,
    /// Graphics API, or `native` on `cpu`.
    pub backend: String,
    /// Driver and its version, empty on `cpu`.
    pub driver: String,
    /// SHA-256 of the shader's source, empty on `cpu`.
    pub shader_sha256: String,
}

impl PartEngine {
    /// Names and values of the attributes, in the order of files.
    #[must_use]
    pub fn attributes(&self) -> Vec<(&'static str, &str)> {
        let mut all = vec![
            ("engine", self.engine.as_str()),
            ("adapter", &self.adapter),
            ("backend", &self.backend),
            ("driver", &self.driver),
            ("shader_sha256", &self.shader_sha256),
        ];
        if !self.pci_bus_id.is_empty() {
            all.push((PCI_BUS_ID, &self.pci_bus_id));
        }
        all
    }

    /// Whether `other` computes the same: devices of one kind, wherever they are.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        Self { pci_bus_id: String::new(), ..self.clone() } == Self { pci_bus_id: String::new(), ..other.clone() }
    }

    /// Adds an engine to `engines`, or only its PCI bus id if one of them is like it.
    pub fn add_to(self, engines: &mut Vec<Self>) {
        let Some(like) = engines.iter_mut().find(|e| e.is_like(&self)) else { return engines.push(self) };
        let mut ids: Vec<&str> = Vec::new();
        for id in like.pci_bus_id.split(", ").chain(self.pci_bus_id.split(", ")) {
            if !id.is_empty() && !ids.contains(&id) {
                ids.push(id);
            }
        }
        like.pci_bus_id = ids.join(", ");
    }

    pub(super) fn read(file: &File) -> hdf5::Result<Self> {
        Ok(Self {
            engine: read_text(file, "engine")?,
            adapter: read_text(file, "adapter")?,
            pci_bus_id: if file.attr(PCI_BUS_ID).is_ok() { read_text(file, PCI_BUS_ID)? } else { String::new() },
            backend: read_text(file, "backend")?,
            driver: read_text(file, "driver")?,
            shader_sha256: read_text(file, "shader_sha256")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::hdf5_file;
    use crate::store::netcdf::text;

    #[test]
    fn devices_of_one_kind_are_one_engine_with_several_pci_bus_ids() {
        let on = |adapter: &str, id: &str| PartEngine {
            adapter: adapter.into(),
            pci_bus_id: id.into(),
            ..PartEngine::default()
        };
        let mut engines = Vec::new();
        for engine in [on("A", "0:1"), on("B", ""), on("A", "0:2"), on("A", "0:1"), on("B", "")] {
            engine.add_to(&mut engines);
        }
        assert_eq!(engines, [on("A", "0:1, 0:2"), on("B", "")]);
        assert!(on("A", "0:1").is_like(&engines[0]) && !on("A", "").is_like(&engines[1]));
        // An attribute only where there is one, and it is read back.
        let folder = tempfile::tempdir().unwrap();
        for (id, attributes) in [("", 5), ("0000:01:00.0", 6)] {
            let file = hdf5_file::create(&folder.path().join("engine.h5")).unwrap();
            let engine = on("A", id);
            assert_eq!(engine.attributes().len(), attributes);
            engine.attributes().iter().try_for_each(|(name, value)| text(&file, name, value)).unwrap();
            assert_eq!(PartEngine::read(&file).unwrap(), engine);
        }
    }
}
