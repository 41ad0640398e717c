//! Engine of a long sweep: reopened when its device is lost, and replaced only if that is allowed.

use crate::engine::{EngineInfo, EngineKind, EngineOptions, OpenEngine, open_engine};
use crate::error::{Error, Result};
use crate::plan::OnDeviceLoss;

/// Function that opens an engine.
type Open<'a> = Box<dyn Fn(&EngineOptions) -> Result<OpenEngine> + 'a>;

/// An engine that is reopened or replaced when its device is lost.
pub struct Failover<'a> {
    first: &'a OpenEngine,
    next: Option<OpenEngine>,
    wanted: EngineOptions,
    on_loss: OnDeviceLoss,
    note: &'a dyn Fn(&str),
    open: Open<'a>,
}

impl std::fmt::Debug for Failover<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Failover").field("first", &self.first).field("next", &self.next).finish_non_exhaustive()
    }
}

impl<'a> Failover<'a> {
    /// A failover that starts with `first`; the same adapter is reopened, not another of its name, nor whatever `auto`
    /// would find without it.
    #[must_use]
    pub fn new(first: &'a OpenEngine, wanted: EngineOptions, on_loss: OnDeviceLoss, note: &'a dyn Fn(&str)) -> Self {
        let wanted = match first.info.kind {
            EngineKind::Gpu => EngineOptions {
                kind: EngineKind::Gpu,
                adapter: Some(first.info.adapter.clone()),
                same: first.adapters.clone(),
                ..wanted
            },
            _ => wanted,
        };
        Self { first, next: None, wanted, on_loss, note, open: Box::new(open_engine) }
    }

    /// Description of the engine that it starts with.
    #[must_use]
    pub fn first_info(&self) -> &EngineInfo {
        &self.first.info
    }

    /// Number of pieces in which a batch keeps all devices of that engine busy.
    #[must_use]
    pub fn pieces(&self) -> usize {
        self.first.pieces()
    }

    /// Runs `work` on the engine; if its device is lost, reopens the device once and repeats
    /// `work`.
    ///
    /// # Errors
    /// The errors of `work`; [`Error::DeviceLost`] if the device is lost again, or cannot be
    /// reopened, and no other engine is allowed; the errors of [`open_engine`] if the CPU engine
    /// cannot be opened.
    pub fn run<T>(&mut self, mut work: impl FnMut(&OpenEngine) -> Result<T>) -> Result<T> {
        self.run_while(|engine| (false, work(engine)))
    }

    /// Runs `work` as [`run`](Self::run) does, where it goes on from where it was; it also returns whether it has got
    /// any further. If so, earlier losses of the device do not count any more.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub fn run_while<T>(&mut self, mut work: impl FnMut(&OpenEngine) -> (bool, Result<T>)) -> Result<T> {
        let mut losses = 0;
        loop {
            match work(self.next.as_ref().unwrap_or(self.first)) {
                (has_moved, Err(lost @ Error::DeviceLost { .. })) => {
                    losses = if has_moved { 1 } else { losses + 1 };
                    self.replace(lost, losses)?;
                }
                (_, other) => return other,
            }
        }
    }

    fn replace(&mut self, lost: Error, losses: u32) -> Result<()> {
        if losses == 1 {
            match (self.open)(&self.wanted) {
                Ok(reopened) => {
                    (self.note)(&format!("{lost}; it is opened again, and the part is computed again"));
                    self.next = Some(reopened);
                    return Ok(());
                }
                Err(e) => (self.note)(&format!("{lost}; it could not be opened again: {e}")),
            }
        }
        if self.on_loss == OnDeviceLoss::Cpu && losses <= 2 {
            (self.note)(&format!("{lost}; going on with engine cpu, as `on_device_loss` says"));
            self.next = Some((self.open)(&EngineOptions {
                kind: EngineKind::Cpu,
                adapter: None,
                same: Vec::new(),
                ..self.wanted.clone()
            })?);
            return Ok(());
        }
        Err(lost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::AdapterInfo;
    use crate::engine::{Batch, Engine, EngineInfo, Progress};
    use crate::results::CellResult;
    use std::cell::RefCell;

    /// An engine whose device is always lost.
    struct Dead;

    impl Engine for Dead {
        fn run(&self, _: &Batch, _: &Progress) -> Result<Vec<CellResult>> {
            Err(Error::DeviceLost { adapter: "Dead".into(), problem: "pulled out".into() })
        }
    }

    fn dead() -> OpenEngine {
        let alive = open_engine(&EngineOptions { kind: EngineKind::Cpu, ..EngineOptions::default() }).unwrap();
        let info = EngineInfo { kind: EngineKind::Gpu, adapter: "Dead".into(), ..alive.info.clone() };
        let adapter = AdapterInfo {
            index: 1,
            name: "Dead".into(),
            hardware: true,
            pci_bus_id: "0000:01:00.0".into(),
            backend: "Vulkan".into(),
            driver: String::new(),
            kind: "discrete GPU",
            largest_binding: 0,
            largest_texture: 0,
        };
        OpenEngine { engine: Box::new(Dead), info, adapters: vec![adapter], ..alive }
    }

    /// Outcome of a batch on an engine that fails at once: the result, the kinds opened, and the
    /// notes.
    fn outcome(
        reopened: fn() -> Result<OpenEngine>,
        on_loss: OnDeviceLoss,
    ) -> (Result<()>, Vec<EngineKind>, Vec<String>) {
        let (opened, notes) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
        let first = dead();
        let note = |text: &str| notes.borrow_mut().push(text.to_string());
        let mut failover = Failover::new(&first, EngineOptions::default(), on_loss, &note);
        failover.open = Box::new(|wanted: &EngineOptions| {
            opened.borrow_mut().push(wanted.kind);
            assert!(wanted.kind == EngineKind::Cpu || wanted.adapter.as_deref() == Some("Dead"));
            assert_eq!(wanted.same, if wanted.kind == EngineKind::Cpu { Vec::new() } else { first.adapters.clone() });
            if wanted.kind == EngineKind::Cpu { open_engine(wanted) } else { reopened() }
        });
        let result = failover.run(|chosen| chosen.engine.run(&Batch::default(), &Progress::default()).map(|_| ()));
        drop(failover);
        (result, opened.into_inner(), notes.into_inner())
    }

    fn alive() -> Result<OpenEngine> {
        open_engine(&EngineOptions { kind: EngineKind::Cpu, ..EngineOptions::default() })
    }

    #[test]
    fn a_lost_device_is_opened_once_more_and_then_given_up() {
        let (result, opened, notes) = outcome(alive, OnDeviceLoss::Stop);
        assert!(result.is_ok() && opened == [EngineKind::Gpu] && notes.len() == 1, "{notes:?}");
        let (result, opened, _) = outcome(|| Ok(dead()), OnDeviceLoss::Stop);
        assert!(matches!(result, Err(Error::DeviceLost { .. })) && opened == [EngineKind::Gpu]);
        let gone = || Err(Error::request("no adapter", "none"));
        let (result, opened, notes) = outcome(gone, OnDeviceLoss::Stop);
        assert!(matches!(result, Err(Error::DeviceLost { .. })) && opened == [EngineKind::Gpu]);
        assert!(notes[0].contains("no adapter"), "{notes:?}");
    }

    #[test]
    fn the_cpu_takes_over_only_where_it_may() {
        let (result, opened, notes) = outcome(|| Ok(dead()), OnDeviceLoss::Cpu);
        assert!(result.is_ok() && opened == [EngineKind::Gpu, EngineKind::Cpu], "{opened:?}");
        assert!(notes[1].contains("engine cpu"), "{notes:?}");
        let gone = || Err(Error::request("no adapter", "none"));
        assert!(outcome(gone, OnDeviceLoss::Cpu).0.is_ok());
    }
}
