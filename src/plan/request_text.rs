//! Request values beyond plain TOML: parameters by any of their names, and the audit's `off`.

use crate::model::Parameter;
use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};
use std::collections::BTreeMap;
use std::fmt;

const AUDIT_FORM: &str = "a number of cells, or 'off'";

/// Parses the number of cells that an audit recomputes; `off` is 0.
///
/// # Errors
/// A message with the accepted forms if the text has none of them.
pub fn parse_audit(text: &str) -> Result<u64, String> {
    match text {
        "off" => Ok(0),
        number => number.parse().map_err(|_| format!("give {AUDIT_FORM}")),
    }
}

/// Serde form of the table `set`: values by the parameters' names, each parameter once.
pub(super) mod settings {
    use crate::plan::request_text::{BTreeMap, Deserialize, Deserializer, Error, Parameter, Visitor, fmt};
    use serde::Serializer;
    use serde::de::MapAccess;

    /// A parameter's name, parsed while it is deserialised, so that an error shows its place.
    struct Name(Parameter);

    impl<'de> Deserialize<'de> for Name {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Parameter::parse(&String::deserialize(deserializer)?).map(Self).map_err(Error::custom)
        }
    }

    struct Settings;

    impl<'de> Visitor<'de> for Settings {
        type Value = BTreeMap<Parameter, f64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a table of parameters and their values")
        }

        fn visit_map<M: MapAccess<'de>>(self, mut table: M) -> Result<Self::Value, M::Error> {
            let mut set = BTreeMap::new();
            while let Some(Name(p)) = table.next_key()? {
                if set.insert(p, table.next_value()?).is_some() {
                    return Err(Error::custom(format!("{} is set twice; give each parameter one value", p.name())));
                }
            }
            Ok(set)
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Parameter, f64>, D::Error> {
        deserializer.deserialize_map(Settings)
    }

    pub(crate) fn serialize<S: Serializer>(set: &BTreeMap<Parameter, f64>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(set.iter().map(|(p, value)| (p.name(), value)))
    }
}

/// Serde form of the key `audit`: a number or `off`.
pub(super) mod audit {
    use crate::plan::request_text::{AUDIT_FORM, Deserializer, Error, Unexpected, Visitor, fmt, parse_audit};
    use serde::Serializer;

    struct Audit;

    impl Visitor<'_> for Audit {
        type Value = u64;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(AUDIT_FORM)
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<u64, E> {
            Ok(number)
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<u64, E> {
            number.try_into().map_err(|_| E::invalid_value(Unexpected::Signed(number), &self))
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<u64, E> {
            parse_audit(text).map_err(|_| E::invalid_value(Unexpected::Str(text), &self))
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
        deserializer.deserialize_any(Audit).map(Some)
    }

    pub(crate) fn serialize<S: Serializer>(cells: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
        match cells {
            Some(0) => serializer.serialize_str("off"),
            Some(number) => serializer.serialize_u64(*number),
            None => serializer.serialize_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::{OnDeviceLoss, Request};

    #[test]
    fn fault_25_keys_are_the_options_names() {
        let text = "grid = ['Gamma=0.1:1:4']\nt-max = 100.0\ntable-format = 'rgba16float'\npart-cells = 8\naudit = 'off'\n\
                    on-device-loss = 'cpu'\noutput = 'map.h5'\nplot = 'map.png'\n[set]\nV_n = 2\nR_n = 6\n";
        let request = Request::from_toml(text).unwrap();
        assert_eq!((request.t_max, request.part_cells, request.audit), (Some(100.0), Some(8), Some(0)));
        assert_eq!(request.on_device_loss, Some(OnDeviceLoss::Cpu));
        assert!(request.output.is_some() && request.plot.is_some());
        // The stored request has the same keys, but neither output paths nor the policy for a lost
        // device.
        let stored = request.to_toml().unwrap();
        for part in ["part-cells = 8", "t-max = 100", "audit = \"off\"", "table-format"] {
            assert!(stored.contains(part), "{part}: {stored}");
        }
        assert!(!["map.", "loss", "t_max", "part_cells"].iter().any(|word| stored.contains(word)), "{stored}");
        let reread = Request { output: None, plot: None, on_device_loss: None, ..request };
        assert_eq!(Request::from_toml(&stored).unwrap(), reread);
    }

    #[test]
    fn fault_25_what_is_not_understood_is_named_with_line_and_column() {
        for (text, place, word) in [
            ("grid = []\nfoo = 1\n", "line 2, column 1", "foo"),
            ("grid = []\npart_cells = 8\n", "line 2, column 1", "part_cells"),
            ("audit = 'on'\n", "line 1, column 9", "'off'"),
            ("audit = -3\n", "line 1, column 9", "'off'"),
            ("grid = []\n[set]\nV_n = 2\nW_n = 3\n", "line 4, column 1", "W_n"),
            ("[set]\nV_n = 'two'\n", "line 2, column 7", "f64"),
            ("start = 3\n", "line 1, column 9", "string"),
            ("start = 'asleep'\n", "line 1, column 9", "asleep"),
            ("grid = ['Gamma=0.1:1:4', 'Z_T=0:1:0']\n", "line 1, column 8", "Z_T has a count of 0"),
            ("[set]\nV_n = 2\nvn = 3\n", "line 1, column 1", "V_n is set twice"),
            ("engine = 'abacus'\n", "line 1, column 10", "abacus"),
        ] {
            let message = Request::from_toml(text).unwrap_err().to_string();
            assert!(message.contains(place) && message.contains(word), "{text}: {message}");
        }
        for good in ["audit = 5\n", "audit = 'off'\n", "[set]\n'Γ' = 0.1\nvn = 2\n", ""] {
            assert!(Request::from_toml(good).is_ok(), "{good}");
        }
    }
}
