//! The condition on an adapter, and the adapter that it selects: one, or an error that lists those there are.

use super::adapter::AdapterInfo;
use crate::error::{Error, Result};

/// Remedy if there is no adapter.
const INSTALL: &str = "install a Vulkan driver (Debian, Ubuntu: apt-get install mesa-vulkan-drivers; Fedora: mesa-vulkan-drivers; \
     Arch: vulkan-swrast), or use `engine` cpu";
/// Text before a PCI bus id.
const PCI: &str = "pci:";

/// Condition on the adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdapterFilter {
    /// Any adapter, hardware before software.
    Any,
    /// A hardware adapter.
    Hardware,
    /// A software adapter.
    Fallback,
    /// The adapter of this index in [`adapters`](super::adapters).
    Index(usize),
    /// The adapter with this PCI bus id.
    Pci(String),
    /// The adapter whose name this is, or else the only one whose name contains it, ignoring case.
    Named(String),
    /// This adapter, and no other of the same name.
    Same(AdapterInfo),
}

impl AdapterFilter {
    /// Condition that `--adapter` states: an index, `pci:` and a PCI bus id, part of a name, or `fallback`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if text.eq_ignore_ascii_case("fallback") {
            return AdapterFilter::Fallback;
        }
        if let Some((start, id)) = text.split_at_checked(PCI.len())
            && start.eq_ignore_ascii_case(PCI)
        {
            return AdapterFilter::Pci(id.trim().to_string());
        }
        // A number too long for an index is in no name, either.
        match text.parse() {
            Ok(index) if text.bytes().all(|b| b.is_ascii_digit()) => AdapterFilter::Index(index),
            _ => AdapterFilter::Named(text.to_string()),
        }
    }

    /// The adapter of `adapters`, all in order of preference, that the condition selects.
    ///
    /// # Errors
    /// [`Error::Request`] if none fits, or several devices do where the condition is to name one; the message lists them.
    pub fn select<'a>(&self, adapters: &'a [AdapterInfo]) -> Result<&'a AdapterInfo> {
        let fits: Vec<_> = adapters.iter().filter(|a| self.accepts(a)).collect();
        let first = fits.first().copied().ok_or_else(|| self.none_fits(adapters))?;
        match self {
            AdapterFilter::Any | AdapterFilter::Hardware | AdapterFilter::Fallback | AdapterFilter::Index(_) => {
                Ok(first)
            }
            AdapterFilter::Pci(_) if is_one_device(&fits) => Ok(first),
            AdapterFilter::Named(name) => {
                let whole = |a: &&AdapterInfo| a.name.to_lowercase() == name.to_lowercase();
                let exact: Vec<_> = fits.iter().copied().filter(whole).collect();
                let is_one = |fits: &[&AdapterInfo]| fits.iter().all(|a| a.name == fits[0].name) && is_one_device(fits);
                match exact.first() {
                    Some(exactly) if is_one(&exact) => Ok(exactly),
                    _ if is_one(&fits) => Ok(first),
                    _ => Err(self.several_fit(&fits)),
                }
            }
            AdapterFilter::Same(adapter) if fits.len() > 1 || adapter.pci_bus_id.is_empty() => {
                fits.iter().copied().find(|a| a.index == adapter.index).ok_or_else(|| self.none_fits(adapters))
            }
            AdapterFilter::Same(_) => Ok(first),
            AdapterFilter::Pci(_) => Err(self.several_fit(&fits)),
        }
    }

    fn accepts(&self, adapter: &AdapterInfo) -> bool {
        match self {
            AdapterFilter::Any => true,
            AdapterFilter::Hardware => adapter.hardware,
            AdapterFilter::Fallback => !adapter.hardware,
            AdapterFilter::Index(index) => adapter.index == *index,
            AdapterFilter::Pci(id) => !adapter.pci_bus_id.is_empty() && digits(id) == digits(&adapter.pci_bus_id),
            AdapterFilter::Named(part) => {
                !part.is_empty() && adapter.name.to_lowercase().contains(&part.to_lowercase())
            }
            AdapterFilter::Same(same) => {
                let key = |a: &AdapterInfo| [a.name.clone(), a.backend.clone(), a.pci_bus_id.clone()];
                key(adapter) == key(same)
            }
        }
    }

    fn none_fits(&self, adapters: &[AdapterInfo]) -> Error {
        if adapters.is_empty() {
            return Error::request("there is no GPU adapter here, not even a software one", INSTALL);
        }
        let wanted = match self {
            AdapterFilter::Any => "an adapter".to_string(),
            AdapterFilter::Hardware => "a hardware adapter".to_string(),
            AdapterFilter::Fallback => "a software adapter".to_string(),
            AdapterFilter::Index(index) => format!("the adapter of index {index}"),
            AdapterFilter::Pci(id) => format!("an adapter with PCI bus id '{id}'"),
            AdapterFilter::Named(part) => format!("an adapter named '{part}'"),
            AdapterFilter::Same(adapter) => format!("the adapter {adapter}"),
        };
        // A list was wanted, perhaps.
        let has_commas = matches!(self, AdapterFilter::Named(part) if part.contains(','));
        let lists = if has_commas { "; a list takes indices and PCI bus ids alone" } else { "" };
        let there = format!("there are: {}{lists}", list(adapters));
        Error::request(format!("{wanted} was requested, and there is none"), there)
    }

    fn several_fit(&self, fits: &[&AdapterInfo]) -> Error {
        let text = match self {
            AdapterFilter::Pci(id) => format!("{PCI}{id}"),
            AdapterFilter::Named(part) => part.clone(),
            other => format!("{other:?}"),
        };
        Error::request(
            format!("`adapter` '{text}' fits {} adapters: {}", fits.len(), list(fits.iter().copied())),
            format!(
                "give `adapter` the index of one of them, such as {}, or 'all'",
                fits.first().map_or(0, |a| a.index)
            ),
        )
    }
}

fn list<'a>(adapters: impl IntoIterator<Item = &'a AdapterInfo>) -> String {
    adapters.into_iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Whether all of these are one device that several drivers or graphics APIs list.
fn is_one_device(adapters: &[&AdapterInfo]) -> bool {
    let is_same = |a: &AdapterInfo, b: &AdapterInfo| {
        !a.pci_bus_id.is_empty() && a.pci_bus_id == b.pci_bus_id && (&a.backend, &a.driver) != (&b.backend, &b.driver)
    };
    adapters.iter().enumerate().all(|(i, a)| adapters[..i].iter().all(|b| is_same(a, b)))
}

/// The numbers of a PCI bus id, without leading zeros: programs write the domain with four digits, with eight, or not.
fn digits(id: &str) -> Vec<String> {
    let id = id.to_lowercase();
    let numbers = id.split([':', '.']).map(|number| number.trim_start_matches('0').to_string());
    let no_domain = id.matches(':').count() == 1;
    no_domain.then(String::new).into_iter().chain(numbers).collect()
}

#[cfg(test)]
pub(in crate::engine) mod tests {
    use super::*;
    use crate::engine::gpu::adapters;

    /// Adapters with these names and PCI bus ids; those without one are software.
    pub(in crate::engine) fn made_up(all: &[(&str, &str)]) -> Vec<AdapterInfo> {
        let info = |(index, (name, pci)): (usize, &(&str, &str))| AdapterInfo {
            index,
            name: (*name).to_string(),
            hardware: !pci.is_empty(),
            pci_bus_id: (*pci).to_string(),
            backend: "Vulkan".into(),
            driver: "a driver 1.0".into(),
            kind: if pci.is_empty() { "software" } else { "discrete GPU" },
            largest_binding: 1 << 30,
            largest_texture: 1 << 14,
        };
        all.iter().enumerate().map(info).collect()
    }

    fn machine() -> Vec<AdapterInfo> {
        made_up(&[
            ("NVIDIA A100", "0000:01:00.0"),
            ("NVIDIA A100", "0000:C1:00.0"),
            ("NVIDIA A100 80GB", "0001:01:00.0"),
            ("AMD Radeon 6400", "0000:0a:00.1"),
            ("llvmpipe", ""),
        ])
    }

    /// Index of the adapter that a text selects, or the message.
    fn selected(text: &str, adapters: &[AdapterInfo]) -> Result<usize, String> {
        AdapterFilter::parse(text).select(adapters).map(|a| a.index).map_err(|e| e.to_string())
    }

    #[test]
    fn a_text_selects_one_adapter() {
        let machine = machine();
        for (text, index) in [
            ("0", 0),
            (" 4 ", 4),
            ("001", 1),
            ("pci:0000:01:00.0", 0),
            ("PCI:0000:c1:00.0", 1),
            // As lspci and nvidia-smi write it.
            ("pci:c1:00.0", 1),
            ("pci:00000000:C1:00.0", 1),
            ("pci:0001:01:00.0", 2),
            ("80gb", 2),
            ("nvidia a100 80GB", 2),
            ("radeon", 3),
            ("Radeon 6400", 3),
            ("LLVM", 4),
            ("Fallback", 4),
        ] {
            assert_eq!(selected(text, &machine), Ok(index), "{text}");
        }
        let first = |pick: AdapterFilter| pick.select(&machine).unwrap().index;
        assert_eq!([AdapterFilter::Any, AdapterFilter::Hardware, AdapterFilter::Fallback].map(first), [0, 0, 4]);
    }

    #[test]
    fn a_text_that_fits_none_is_refused_with_the_list() {
        let machine = machine();
        // A number is an index, even if a name has it; an empty text is in every name.
        for text in [
            "5",
            "6400",
            "99999999999999999999999",
            "",
            "-1",
            "+1",
            "0x1",
            "pci:",
            "pci:0000:02:00.0",
            "pci:1",
            "titan",
        ] {
            let message = selected(text, &machine).unwrap_err();
            let wanted = text.trim_start_matches("pci:");
            assert!(message.contains(wanted) && message.contains("was requested, and there is none"), "{message}");
            let listed = ["0 'NVIDIA A100' (discrete GPU, pci:0000:01:00.0)", "4 'llvmpipe' (software)"];
            assert!(listed.iter().all(|a| message.contains(a)), "{message}");
        }
        assert!(AdapterFilter::Hardware.select(&machine[4..]).is_err());
        assert!(AdapterFilter::Fallback.select(&machine[..4]).is_err());
        let nothing = AdapterFilter::Any.select(&[]).unwrap_err().to_string();
        assert!(nothing.contains("no GPU adapter here") && nothing.contains(INSTALL), "{nothing}");
        let message = selected("no such adapter", &adapters()).unwrap_err();
        assert!(adapters().iter().all(|a| message.contains(&a.to_string())), "{message}");
    }

    #[test]
    fn a_name_that_fits_several_devices_is_refused() {
        let machine = machine();
        for (text, fits) in [("a100", 3), ("NVIDIA A100", 3), ("nvidia", 3), ("A", 4), ("0", 0)] {
            let message = selected(text, &machine);
            if fits == 0 {
                // Negative control: an index is no part of a name.
                assert_eq!(message, Ok(0));
                continue;
            }
            let message = message.unwrap_err();
            let (listed, others) = machine.split_at(fits);
            assert!(message.contains(&format!("`adapter` '{text}' fits {fits} adapters: ")), "{message}");
            assert!(listed.iter().all(|a| message.contains(&a.to_string())), "{message}");
            assert!(!others.iter().any(|a| message.contains(&a.to_string())), "{message}");
            assert!(message.ends_with("give `adapter` the index of one of them, such as 0, or 'all'"), "{message}");
        }
        // The whole name of one of them is no part of the others.
        let clash = made_up(&[("Arc A770 Max", "0000:01:00.0"), ("Arc A770", "0000:02:00.0")]);
        assert_eq!(selected("arc a770", &clash), Ok(1));
        assert!(selected("arc a77", &clash).is_err());
        // Without PCI bus ids, two of one name are two devices.
        assert!(selected("llvmpipe", &made_up(&[("llvmpipe", ""), ("llvmpipe", "")])).is_err());
    }

    #[test]
    fn one_device_that_two_drivers_list_is_one() {
        let mut twice = made_up(&[("RTX 4090", "0000:01:00.0"), ("RTX 4090", "0000:01:00.0")]);
        // Negative control: one driver lists a device once.
        assert!(selected("4090 ti", &twice).is_err() && selected("rtx", &twice).is_err());
        assert!(selected("pci:0000:01:00.0", &twice).is_err());
        twice[1].backend = "Dx12".into();
        for (text, index) in [("rtx", 0), ("RTX 4090", 0), ("pci:0000:01:00.0", 0), ("1", 1)] {
            assert_eq!(selected(text, &twice), Ok(index), "{text}");
        }
        twice[1].name = "RTX 4090 (another driver)".into();
        assert_eq!(selected("pci:0000:01:00.0", &twice), Ok(0));
        assert!(selected("rtx", &twice).is_err());
    }

    #[test]
    fn the_same_adapter_is_no_other_of_its_name() {
        let machine = machine();
        for adapter in &machine {
            assert_eq!(AdapterFilter::Same(adapter.clone()).select(&machine).unwrap(), adapter);
        }
        // One adapter is gone: the others are found at their new indices, and it is not.
        let mut rest = made_up(&[("NVIDIA A100", "0000:C1:00.0"), ("NVIDIA A100", "0000:e1:00.0"), ("llvmpipe", "")]);
        assert_eq!(AdapterFilter::Same(machine[1].clone()).select(&rest).unwrap().index, 0);
        let gone = AdapterFilter::Same(machine[0].clone()).select(&rest).unwrap_err().to_string();
        assert!(gone.contains("0 'NVIDIA A100' (discrete GPU, pci:0000:01:00.0) was requested"), "{gone}");
        // Without a PCI bus id, name and index count.
        assert!(AdapterFilter::Same(machine[4].clone()).select(&rest).is_err());
        rest.iter_mut().for_each(|a| a.pci_bus_id.clear());
        let second = AdapterFilter::Same(rest[1].clone());
        assert_eq!(second.select(&rest).unwrap().index, 1);
        assert!(second.select(&rest[..1]).is_err());
    }
}
