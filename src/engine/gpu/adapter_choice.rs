//! The adapters that a request names: one, several, or all of one kind.

use super::adapter::AdapterInfo;
use super::adapter_filter::AdapterFilter;
use crate::error::{Error, Result};

/// Adapters to compute on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdapterChoice {
    /// One adapter.
    One(AdapterFilter),
    /// Every adapter of the kind of the first one: with its name, graphics API and driver, and so with equal bits.
    All,
    /// Several adapters, of any kind.
    Several(Vec<AdapterFilter>),
}

impl AdapterChoice {
    /// Choice that `--adapter` states: as [`AdapterFilter::parse`], `all`, or indices and PCI bus ids with commas between.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        if text.trim().eq_ignore_ascii_case("all") {
            return AdapterChoice::All;
        }
        // Names of adapters may have commas.
        let is_number = |f: &AdapterFilter| matches!(f, AdapterFilter::Index(_) | AdapterFilter::Pci(_));
        let filters: Vec<_> = text.split(',').map(AdapterFilter::parse).collect();
        if filters.len() > 1 && filters.iter().all(is_number) {
            return AdapterChoice::Several(filters);
        }
        AdapterChoice::One(AdapterFilter::parse(text))
    }

    /// These adapters, and no others of their names.
    #[must_use]
    pub fn same(adapters: &[AdapterInfo]) -> Self {
        match adapters {
            [one] => AdapterChoice::One(AdapterFilter::Same(one.clone())),
            several => AdapterChoice::Several(several.iter().cloned().map(AdapterFilter::Same).collect()),
        }
    }

    /// The adapters of `adapters`, all in order of preference, that are chosen.
    ///
    /// # Errors
    /// [`Error::Request`] as for [`AdapterFilter::select`], and if an adapter is named twice.
    pub fn select(&self, adapters: &[AdapterInfo]) -> Result<Vec<AdapterInfo>> {
        let first = |filter: &AdapterFilter| filter.select(adapters).cloned();
        match self {
            AdapterChoice::One(filter) => Ok(vec![first(filter)?]),
            AdapterChoice::All => {
                let first = first(&AdapterFilter::Any)?;
                let kind = |a: &AdapterInfo| [a.name.clone(), a.backend.clone(), a.driver.clone()];
                Ok(adapters.iter().filter(|a| kind(a) == kind(&first)).cloned().collect())
            }
            AdapterChoice::Several(filters) => {
                let mut chosen: Vec<AdapterInfo> = Vec::with_capacity(filters.len());
                for filter in filters {
                    let one = first(filter)?;
                    if chosen.contains(&one) {
                        return Err(Error::request(format!("`adapter` names {one} twice"), "name each adapter once"));
                    }
                    chosen.push(one);
                }
                Ok(chosen)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::adapter_filter::tests::made_up;
    use super::*;

    fn machine() -> Vec<AdapterInfo> {
        made_up(&[
            ("NVIDIA A100", "0000:01:00.0"),
            ("NVIDIA A100", "0000:C1:00.0"),
            ("AMD Radeon 6400", "0000:0a:00.1"),
            ("llvmpipe (LLVM 15.0.6, 256 bits)", ""),
        ])
    }

    fn chosen(text: &str, adapters: &[AdapterInfo]) -> Result<Vec<usize>, String> {
        let found = AdapterChoice::parse(text).select(adapters).map_err(|e| e.to_string())?;
        Ok(found.iter().map(|a| a.index).collect())
    }

    #[test]
    fn a_text_chooses_one_adapter_several_or_all_of_a_kind() {
        let machine = machine();
        for (text, indices) in [
            ("0", &[0][..]),
            ("all", &[0, 1]),
            (" ALL ", &[0, 1]),
            ("1,0", &[1, 0]),
            ("0, 2", &[0, 2]),
            ("pci:c1:00.0,3", &[1, 3]),
            ("llvmpipe (LLVM 15.0.6, 256 bits)", &[3]),
            ("radeon", &[2]),
        ] {
            assert_eq!(chosen(text, &machine).as_deref(), Ok(indices), "{text}");
        }
        // Another driver is another kind, and software alone is a kind, too.
        let mut updated = machine.clone();
        updated[1].driver = "a driver 1.1".into();
        assert_eq!(chosen("all", &updated), Ok(vec![0]));
        assert_eq!(chosen("all", &made_up(&[("llvmpipe", ""), ("llvmpipe", "")])), Ok(vec![0, 1]));
    }

    #[test]
    fn adapters_that_are_not_there_or_named_twice_are_refused() {
        let machine = machine();
        for (text, what) in [
            ("0,0", "0 'NVIDIA A100' (discrete GPU, pci:0000:01:00.0) twice"),
            ("1,pci:C1:00.0", "twice"),
            ("0,9", "the adapter of index 9"),
            ("A100", "fits 2 adapters"),
            ("0,", "there is none"),
        ] {
            let message = chosen(text, &machine).unwrap_err();
            assert!(message.contains(what), "{text}: {message}");
        }
        assert!(chosen("all", &[]).unwrap_err().contains("no GPU adapter here"));
    }
}
