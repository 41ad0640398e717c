//! The device opened on an adapter, and its errors.

use super::adapter::{AdapterInfo, all, infos};
use super::adapter_filter::AdapterFilter;
use super::shader::STORAGE_BUFFERS;
use crate::error::{Error, Result};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Longest duration of a submission, after which the device counts as hung: far beyond any watchdog.
const PATIENCE: Duration = Duration::from_secs(120);

/// An open device, with the trouble that its callbacks note.
#[derive(Debug)]
pub(super) struct Device {
    pub handle: wgpu::Device,
    pub queue: wgpu::Queue,
    pub report: AdapterInfo,
    trouble: Arc<Mutex<Option<Trouble>>>,
}

#[derive(Debug, Clone)]
enum Trouble {
    Lost(String),
    Refused(String),
}

/// Opens a device on the adapter that `pick` selects.
pub(super) fn open(pick: &AdapterFilter) -> Result<Device> {
    let found = all();
    let report = pick.select(&infos(&found))?.clone();
    let adapter = &found[report.index];
    let offered = adapter.limits();
    // What the least of adapters has, and beyond that what the shader needs, and buffers and textures as large as they may be.
    let limits = wgpu::Limits {
        max_storage_buffers_per_shader_stage: STORAGE_BUFFERS,
        max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
        max_buffer_size: offered.max_buffer_size,
        max_texture_dimension_2d: offered.max_texture_dimension_2d,
        ..wgpu::Limits::downlevel_defaults()
    };
    let descriptor = wgpu::DeviceDescriptor {
        label: Some("hopfmap"),
        required_limits: limits,
        // Timestamp queries, if the adapter has them.
        required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
        ..wgpu::DeviceDescriptor::default()
    };
    let (handle, queue) = pollster::block_on(adapter.request_device(&descriptor)).map_err(|e| {
        Error::engine(
            format!("adapter '{}' gave no device: {e}", report.name),
            "try another `adapter`, or `engine` cpu",
        )
    })?;
    let trouble = Arc::new(Mutex::new(None));
    let (on_loss, on_error) = (trouble.clone(), trouble.clone());
    handle.set_device_lost_callback(move |reason, message| {
        note(&on_loss, Trouble::Lost(format!("{message} ({reason:?})")));
    });
    handle
        .on_uncaptured_error(Arc::new(move |error: wgpu::Error| note(&on_error, Trouble::Refused(error.to_string()))));
    Ok(Device { handle, queue, report, trouble })
}

/// Keeps the first trouble, of which later ones are consequences, unless a later one is the loss of the device: a
/// lost device refuses operations before it reports its loss.
fn note(trouble: &Mutex<Option<Trouble>>, new: Trouble) {
    if let Ok(mut slot) = trouble.lock()
        && (slot.is_none() || matches!(new, Trouble::Lost(_)))
    {
        *slot = Some(new);
    }
}

impl Device {
    /// Returns trouble that the callbacks have noted as an error.
    pub(super) fn check(&self) -> Result<()> {
        let noted = || self.trouble.lock().ok().and_then(|slot| slot.clone());
        if matches!(noted(), Some(Trouble::Refused(_))) {
            // A lost device reports its loss when polled.
            let _ = self.handle.poll(wgpu::PollType::Poll);
        }
        match noted() {
            None => Ok(()),
            Some(Trouble::Lost(problem)) => {
                Err(Error::DeviceLost { adapter: self.report.name.clone(), problem: problem.trim().to_string() })
            }
            Some(Trouble::Refused(message)) => Err(Error::engine(
                format!("adapter '{}' refused an operation: {message}", self.report.name),
                "use `engine` cpu, and please report this with the output of 'hopfmap adapters'",
            )),
        }
    }

    /// Waits for a submission and reads `bytes` of the mappable buffer that it fills.
    pub(super) fn read(&self, submitted: wgpu::SubmissionIndex, staging: &wgpu::Buffer, bytes: u64) -> Result<Vec<u8>> {
        self.check()?;
        let mapped = Arc::new(Mutex::new(None));
        let done = mapped.clone();
        staging.map_async(wgpu::MapMode::Read, 0..bytes, move |result| {
            if let Ok(mut slot) = done.lock() {
                *slot = Some(result);
            }
        });
        let begun = Instant::now();
        loop {
            let wait = wgpu::PollType::Wait {
                submission_index: Some(submitted.clone()),
                timeout: Some(Duration::from_millis(200)),
            };
            let polled = self.handle.poll(wait);
            self.check()?;
            let result = mapped.lock().ok().and_then(|mut slot| slot.take());
            match (result, polled) {
                (Some(Ok(())), _) => break,
                (Some(Err(e)), _) => return Err(self.broken(&format!("its results could not be read: {e}"))),
                (None, Ok(_) | Err(wgpu::PollError::Timeout)) if begun.elapsed() < PATIENCE => {}
                (None, polled) => {
                    return Err(self.broken(&format!("no result after {:?}: {polled:?}", begun.elapsed())));
                }
            }
        }
        let view = staging
            .get_mapped_range(0..bytes)
            .map_err(|e| self.broken(&format!("its results could not be read: {e}")))?;
        let copy = view.to_vec();
        drop(view);
        staging.unmap();
        Ok(copy)
    }

    fn broken(&self, what: &str) -> Error {
        Error::engine(format!("adapter '{}': {what}", self.report.name), "run the command again, or use `engine` cpu")
    }
}
