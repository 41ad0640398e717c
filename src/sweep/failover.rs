//! The engine under a long sweep: opened again when its device is lost, and replaced only where that was allowed.

use crate::engine::{Chosen, Kind, Wanted, choose};
use crate::error::{Error, Result};
use crate::plan::OnDeviceLoss;

/// Opens an engine.
type Open<'a> = Box<dyn Fn(&Wanted) -> Result<Chosen> + 'a>;

/// An engine, and how to come by another.
pub struct Supply<'a> {
    first: &'a Chosen,
    next: Option<Chosen>,
    wanted: Wanted,
    on_loss: OnDeviceLoss,
    note: &'a dyn Fn(&str),
    open: Open<'a>,
}

impl<'a> Supply<'a> {
    /// Begins with `first`. What is opened in its place is the same adapter, not whatever `auto` would find without it.
    #[must_use]
    pub fn new(first: &'a Chosen, wanted: Wanted, on_loss: OnDeviceLoss, note: &'a dyn Fn(&str)) -> Self {
        let wanted = match first.description.engine {
            "gpu" => Wanted { kind: Kind::Gpu, adapter: Some(first.description.adapter.clone()), ..wanted },
            _ => wanted,
        };
        Self { first, next: None, wanted, on_loss, note, open: Box::new(choose) }
    }

    /// Does a piece of work on the engine. If its device is lost, it is opened once more and the work begun anew.
    ///
    /// # Errors
    /// Those of the work; a loss that comes again.
    pub fn with<T>(&mut self, mut work: impl FnMut(&Chosen) -> Result<T>) -> Result<T> {
        let mut losses = 0;
        loop {
            match work(self.next.as_ref().unwrap_or(self.first)) {
                Err(lost @ Error::DeviceLost { .. }) => {
                    losses += 1;
                    self.replace(lost, losses)?;
                }
                other => return other,
            }
        }
    }

    fn replace(&mut self, lost: Error, losses: u32) -> Result<()> {
        if losses == 1 {
            match (self.open)(&self.wanted) {
                Ok(again) => {
                    (self.note)(&format!("{lost}; it is opened again, and the part begun anew"));
                    self.next = Some(again);
                    return Ok(());
                }
                Err(e) => (self.note)(&format!("{lost}; it could not be opened again: {e}")),
            }
        }
        if self.on_loss == OnDeviceLoss::Cpu && losses <= 2 {
            (self.note)(&format!("{lost}; going on with engine cpu, as --on-device-loss says"));
            self.next = Some((self.open)(&Wanted { kind: Kind::Cpu, adapter: None, ..self.wanted.clone() })?);
            return Ok(());
        }
        Err(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Batch, Description, Engine, Progress};
    use crate::results::Answer;
    use std::cell::RefCell;

    /// An engine whose device is always lost.
    struct Dead;

    impl Engine for Dead {
        fn run(&self, _: &Batch, _: &Progress) -> Result<Vec<Answer>> {
            Err(Error::DeviceLost { adapter: "Dead".into(), problem: "pulled out".into() })
        }
    }

    fn dead() -> Chosen {
        let alive = choose(&Wanted { kind: Kind::Cpu, ..Wanted::default() }).unwrap();
        let description = Description { engine: "gpu", adapter: "Dead".into(), ..alive.description.clone() };
        Chosen { engine: Box::new(Dead), description, ..alive }
    }

    /// What comes of a batch on an engine that dies at once: the result, what was opened, and the notes.
    fn outcome(again: fn() -> Result<Chosen>, on_loss: OnDeviceLoss) -> (Result<()>, Vec<Kind>, Vec<String>) {
        let (opened, notes) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let first = dead();
        let note = |text: &str| notes.borrow_mut().push(text.to_string());
        let mut supply = Supply::new(&first, Wanted::default(), on_loss, &note);
        supply.open = Box::new(|wanted: &Wanted| {
            opened.borrow_mut().push(wanted.kind);
            assert!(wanted.kind == Kind::Cpu || wanted.adapter.as_deref() == Some("Dead"));
            if wanted.kind == Kind::Cpu { choose(wanted) } else { again() }
        });
        let result = supply.with(|chosen| chosen.engine.run(&Batch::default(), &Progress::default()).map(|_| ()));
        drop(supply);
        (result, opened.into_inner(), notes.into_inner())
    }

    fn alive() -> Result<Chosen> {
        choose(&Wanted { kind: Kind::Cpu, ..Wanted::default() })
    }

    #[test]
    fn a_lost_device_is_opened_once_more_and_then_given_up() {
        let (result, opened, notes) = outcome(alive, OnDeviceLoss::Stop);
        assert!(result.is_ok() && opened == [Kind::Gpu] && notes.len() == 1, "{notes:?}");
        let (result, opened, _) = outcome(|| Ok(dead()), OnDeviceLoss::Stop);
        assert!(matches!(result, Err(Error::DeviceLost { .. })) && opened == [Kind::Gpu]);
        let gone = || Err(Error::request("no adapter", "none"));
        let (result, opened, notes) = outcome(gone, OnDeviceLoss::Stop);
        assert!(matches!(result, Err(Error::DeviceLost { .. })) && opened == [Kind::Gpu]);
        assert!(notes[0].contains("no adapter"), "{notes:?}");
    }

    #[test]
    fn the_cpu_takes_over_only_where_it_may() {
        let (result, opened, notes) = outcome(|| Ok(dead()), OnDeviceLoss::Cpu);
        assert!(result.is_ok() && opened == [Kind::Gpu, Kind::Cpu], "{opened:?}");
        assert!(notes[1].contains("engine cpu"), "{notes:?}");
        let gone = || Err(Error::request("no adapter", "none"));
        assert!(outcome(gone, OnDeviceLoss::Cpu).0.is_ok());
    }
}
