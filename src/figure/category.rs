//! Columns whose numbers are names or counts: their legend in place of a colour bar.

use super::colour::{Fill, label, of_outcome};
use super::cut::Seen;
use super::style::ColourMap;
use crate::results::{CERTIFICATE, Certificate, DERIVED, OUTCOME, Outcome};

/// What the numbers of a column stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Outcomes,
    Certificates,
    /// Yes or no.
    Answers,
    Counts,
}

impl Category {
    /// The category of a column, or `None` if its numbers are measured ones.
    pub(super) fn of(column: &str) -> Option<Self> {
        let [attractors, coexistence, _] = DERIVED.map(|d| d.0);
        match column {
            name if name == OUTCOME.0 => Some(Category::Outcomes),
            name if name == CERTIFICATE.0 => Some(Category::Certificates),
            name if name == coexistence => Some(Category::Answers),
            name if name == attractors || name == "maxima" => Some(Category::Counts),
            _ => None,
        }
    }

    /// The numbers of the column that a cut may have, with name and fill; `None` for counts that are too many, which
    /// take a colour bar.
    pub(super) fn entries(self, seen: &Seen, colours: ColourMap) -> Option<Vec<(f64, String, Fill)>> {
        let mut values: Vec<f64> = match self {
            Category::Outcomes => Outcome::ALL.map(|o| f64::from(o as u8)).to_vec(),
            Category::Certificates => Certificate::ALL.map(|c| f64::from(c as u8)).to_vec(),
            Category::Answers => vec![0.0, 1.0],
            Category::Counts => seen.distinct()?.to_vec(),
        };
        values.sort_by(f64::total_cmp);
        let last = (values.len().max(2) - 1) as f64;
        let entry = |(i, value): (usize, &f64)| {
            let plain = Fill::Plain(colours.at(0.1 + 0.8 * i as f64 / last));
            let number = *value as u32;
            let (name, fill) = match self {
                Category::Outcomes => Outcome::from_number(number).map(|o| (label(o), of_outcome(o)))?,
                Category::Certificates => Certificate::from_number(number)
                    .map(|c| (c.name().replace('_', " ").replace("newton", "Newton"), plain))?,
                Category::Answers => ((if number == 0 { "no" } else { "yes" }).to_string(), plain),
                Category::Counts => (number.to_string(), plain),
            };
            Some((*value, name, fill))
        };
        Some(values.iter().enumerate().filter_map(entry).collect())
    }
}
