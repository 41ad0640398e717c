//! How the numbers of a column are coloured: by a scale with a bar, or by names; one look serves all panels of a picture.

use super::category::Category;
use super::chart::Sizes;
use super::colour::{Fill, NO_VALUE, label, mark};
use super::colour_bar::ColourBar;
use super::cut::Seen;
use super::field::{Field, Kind, NUMBER};
use super::legend::{Entry, Sign};
use super::scale::{Scale, number};
use super::style::Style;
use crate::error::{Error, Result};
use crate::figure::labels;
use crate::results::{OUTCOME, Outcome};

/// Fill of a number that has no logarithm.
const NOT_ABOVE_0: Fill = Fill::Plain([250, 230, 235]);
/// Code of a cell that was never written, among those of outcomes.
pub(super) const UNWRITTEN: u8 = 254;
/// Ratio of the largest to the smallest of some times above which their logarithms are drawn.
pub(super) const WIDE: f64 = 100.0;

/// How the numbers of a column are coloured.
#[derive(Debug)]
pub(super) struct Look {
    column: String,
    seen: Seen,
    /// Numbers with a name and a fill; without them there is a scale.
    names: Option<Vec<(f64, String, Fill)>>,
    scale: Scale,
    style: Style,
    /// Whether outcomes mark cells, and are not themselves what is drawn.
    marks: bool,
}

/// Whether the logarithm of a column's numbers is drawn: as the style says, or else of times that differ by much.
pub(super) fn is_log(column: &str, seen: &Seen, style: &Style) -> bool {
    let (_, high) = seen.range(column);
    let is_wide = seen.least.is_some_and(|least| high > WIDE * least);
    style.log_colour.unwrap_or(is_wide && style.lowest.is_none_or(|v| v > 0.0) && labels::is_time(column))
}

impl Look {
    /// The look of the cells that were seen.
    ///
    /// # Errors
    /// [`Error::Request`] if the style does not go with the column.
    pub(super) fn new(column: &str, seen: Seen, style: &Style) -> Result<Self> {
        let category = Category::of(column);
        let named = category.and_then(|category| category.entries(&seen, style.colour_map()));
        if named.is_some() && style.has_scale() {
            return Err(Error::request(
                format!("the numbers of {column} are names, which no scale of colours has"),
                "leave `vmin`, `vmax` and `log_colour` off",
            ));
        }
        if category == Some(Category::Outcomes) && style.is_of_colours() {
            return Err(Error::request("outcomes have colours of their own", "leave `cmap` off"));
        }
        // A single value needs no bar, and has no range for one.
        let single = || match seen.distinct() {
            Some([value]) if !style.has_scale() => Some(vec![(
                *value,
                format!("{} = {}", labels::short(column), number(value)),
                Fill::Plain(style.colour_map().at(0.0)),
            )]),
            _ => None,
        };
        let names = named.or_else(single);
        let scale = match names {
            Some(_) => Scale::linear(0.0, 1.0),
            None => style.scale(seen.range(column), seen.least, is_log(column, &seen, style))?,
        };
        let marks = column != OUTCOME.0;
        Ok(Self { column: column.to_string(), seen, names, scale, style: style.clone(), marks })
    }

    /// The scale of the numbers, if they have one.
    pub(super) fn scale(&self) -> Option<&Scale> {
        if self.names.is_none() { Some(&self.scale) } else { None }
    }

    /// The colour bar, if there is a scale.
    pub(super) fn bar(&self, sizes: Sizes, height: f64) -> Option<ColourBar> {
        let title = labels::short(&self.column);
        let title = if self.scale.log { format!("{title}, logarithmic") } else { title };
        let open = self.beyond().map(|many| many > 0);
        let colours = self.style.colour_map();
        self.names.is_none().then(|| ColourBar::new(self.scale, colours, open, &title, sizes, height))
    }

    /// Number of cells that a logarithmic scale has no colour for.
    fn not_above_0(&self) -> u64 {
        if self.names.is_none() && self.scale.log { self.seen.not_above_0 } else { 0 }
    }

    /// Numbers of cells below and above the scale, which have its end colours.
    fn beyond(&self) -> [u64; 2] {
        let [below, above] = if self.names.is_none() { self.seen.beyond } else { [0; 2] };
        // With a logarithmic scale, those not above 0 have a fill of their own.
        [if self.scale.log { below.saturating_sub(self.seen.not_above_0) } else { below }, above]
    }

    /// Legend entries: the names of the numbers that occur, and what the colour bar does not show.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let there = |value: f64| match self.marks {
            true => self.seen.has_value(value),
            false => Outcome::from_f64(value).is_some_and(|o| self.seen.has(o)),
        };
        let named = self.names.iter().flatten().filter(|(value, ..)| there(*value));
        let mut entries: Vec<_> = named.map(|(_, name, fill)| Entry::new(Sign::Fill(*fill), name)).collect();
        if self.marks {
            let outcomes = Outcome::ALL.into_iter().filter(|o| self.seen.has(*o));
            entries.extend(outcomes.filter_map(|o| mark(o).map(|fill| Entry::new(Sign::Fill(fill), label(o)))));
            if self.seen.nothing {
                entries.push(Entry::new(Sign::Fill(NO_VALUE), "no value"));
            }
        }
        let counted = |fill: Fill, what: String, many: u64| {
            let cells = if many == 1 { "cell" } else { "cells" };
            (many > 0).then(|| Entry::new(Sign::Fill(fill), format!("{what} ({many} {cells})")))
        };
        let end = |part| Fill::Plain(self.style.colour_map().at(part));
        let [below, above] = self.beyond();
        entries.extend(counted(NOT_ABOVE_0, "not above 0".to_string(), self.not_above_0()));
        entries.extend(counted(end(0.0), format!("below {}", number(&self.scale.low)), below));
        entries.extend(counted(end(1.0), format!("above {}", number(&self.scale.high)), above));
        entries
    }

    /// Gives each cell of a field, so far with its outcome, the kind and the colour that it is drawn with.
    pub(super) fn paint(&self, field: &mut Field) {
        let (none, names) = (0, self.names.as_deref());
        (field.scale, field.colours) = (self.scale, self.style.colour_map());
        field.kinds = vec![Kind { fill: NO_VALUE, is_mark: true }];
        let mut of_outcome = [NUMBER; Outcome::ALL.len()];
        for outcome in Outcome::ALL.into_iter().filter(|_| self.marks) {
            if let Some(fill) = mark(outcome) {
                of_outcome[outcome as usize] = field.kinds.len() as u8;
                field.kinds.push(Kind { fill, is_mark: true });
            }
        }
        let first = field.kinds.len() as u8;
        // Where outcomes themselves are drawn, those without a settled value are marks among the names.
        let is_mark = |value: f64| !self.marks && Outcome::from_f64(value).is_some_and(|o| mark(o).is_some());
        let kind_of = |(value, _, fill): &(f64, String, Fill)| Kind { fill: *fill, is_mark: is_mark(*value) };
        field.kinds.extend(names.unwrap_or_default().iter().map(kind_of));
        let low = (self.not_above_0() > 0).then_some(field.kinds.len() as u8);
        field.kinds.extend(low.map(|_| Kind { fill: NOT_ABOVE_0, is_mark: false }));
        for (kind, value) in &mut field.cells {
            let marked = of_outcome.get(usize::from(*kind)).copied();
            *kind = match (marked, names) {
                (None, _) => none,
                (Some(kind), _) if kind != NUMBER => kind,
                (_, Some(names)) => names.iter().zip(first..).find(|(n, _)| n.0 as f32 == *value).map_or(none, |n| n.1),
                (_, None) if value.is_nan() => none,
                (_, None) if *value <= 0.0 => low.unwrap_or(NUMBER),
                (_, None) => NUMBER,
            };
        }
    }
}
