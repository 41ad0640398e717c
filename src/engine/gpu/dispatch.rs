//! The compute pipeline, its dispatches, and the results that they leave.

use super::Gpu;
use super::buffers::{Buffers, IN_FLIGHT, MOST_GROUPS};
use super::device::Device;
use super::layout::{DispatchParams, RawResult, STATUS_BYTES, Status};
use super::shader::{ENTRY, binding, source};
use crate::engine::Cell;
use crate::error::{Error, Result};
use crate::kernel::constants::{ITERATIONS, WORKGROUP};
use crate::kernel::newton::DIRECTIONS;
use crate::kernel::run::RunResult;
use crate::results::{CellResult, Certificate, Outcome};
use std::mem::offset_of;
use std::time::Instant;

/// Compiles the shader; returns its pipeline and the layouts of its bind groups.
pub(super) fn pipeline(device: &Device) -> Result<(wgpu::ComputePipeline, [wgpu::BindGroupLayout; 2])> {
    let module = device.handle.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("hopfmap"),
        source: wgpu::ShaderSource::Wgsl(source().into()),
    });
    let entry =
        |binding, ty| wgpu::BindGroupLayoutEntry { binding, visibility: wgpu::ShaderStages::COMPUTE, ty, count: None };
    let buffer = |ty| wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None };
    let read = || buffer(wgpu::BufferBindingType::Storage { read_only: true });
    let write = || buffer(wgpu::BufferBindingType::Storage { read_only: false });
    let table = wgpu::BindingType::Texture {
        // Read texel by texel: hardware filtering has only 8 bits for the fraction.
        sample_type: wgpu::TextureSampleType::Float { filterable: false },
        view_dimension: wgpu::TextureViewDimension::D2,
        multisampled: false,
    };
    let group = |label, entries: &[wgpu::BindGroupLayoutEntry]| {
        device.handle.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries })
    };
    let pool = group(
        "pool",
        &[
            entry(binding::DISPATCH, buffer(wgpu::BufferBindingType::Uniform)),
            entry(binding::QUEUE, read()),
            entry(binding::LAYOUTS, read()),
            entry(binding::TABLE, table),
            entry(binding::RUNS, write()),
            entry(binding::STATUS, write()),
        ],
    );
    let order = group(
        "order",
        &[entry(binding::ORDER, read()), entry(binding::NEXT_ORDER, write()), entry(binding::RESULTS, write())],
    );
    let pipeline_layout = device.handle.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("sweep"),
        bind_group_layouts: &[Some(&pool), Some(&order)],
        immediate_size: 0,
    });
    let pipeline = device.handle.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some("sweep"),
        layout: Some(&pipeline_layout),
        module: &module,
        entry_point: Some(ENTRY),
        compilation_options: wgpu::PipelineCompilationOptions {
            constants: &[("DRAWS_IN_LOOP", if device.report.hardware { 1.0 } else { 0.0 })],
            ..wgpu::PipelineCompilationOptions::default()
        },
        cache: None,
    });
    device.check()?;
    Ok((pipeline, [pool, order]))
}

/// A submitted dispatch whose status has not been read.
pub(super) struct InFlight {
    submitted: wgpu::SubmissionIndex,
    /// Index among the dispatches in flight.
    place: usize,
    /// Steps requested per slot.
    pub steps: u32,
    /// Cells that had been put into the queue.
    pub queued: u32,
    /// Whether slots without a run took part.
    pub is_open: bool,
    /// Time of submission.
    pub at: Instant,
}

impl Status {
    /// Checks the counters of a dispatch in which `running` cells and `drawn` new ones were to take `steps` steps in
    /// each slot; returns the steps taken.
    pub(super) fn check(&self, gpu: &Gpu, running: u32, drawn: u32, steps: u32) -> Result<u64> {
        let taken = u64::from(self.steps_high) << 32 | u64::from(self.steps_low);
        let still_due = u64::from(self.running) * u64::from(steps);
        let had = u64::from(running) + u64::from(drawn);
        let idle = had > 0 && taken == 0;
        let lost = had != u64::from(self.running) + u64::from(self.finished);
        if lost || (self.cut_short == 0 && taken < still_due) || idle {
            return Err(impossible(
                gpu,
                &format!(
                    "of {had} cells {} are running and {} ended, after {taken} steps of {still_due}",
                    self.running, self.finished
                ),
            ));
        }
        Ok(taken)
    }
}

/// The error of an adapter whose counters or results contradict each other.
pub(super) fn impossible(gpu: &Gpu, problem: &str) -> Error {
    Error::engine(
        format!("adapter '{}' returned what cannot be: {problem}", gpu.device.report.name),
        "use another `adapter` or `engine` cpu, and please report this with the output of 'hopfmap adapters'",
    )
}

/// Submits a dispatch of `slots` slots, the `index`-th of a pool.
pub(super) fn send(gpu: &Gpu, buffers: &Buffers, index: usize, slots: u32, params: &DispatchParams) -> InFlight {
    let (device, place) = (&gpu.device, index % IN_FLIGHT);
    // After the first dispatch, the number of running cells is what the previous dispatch has left in the buffer.
    let from = if index == 0 { 0 } else { offset_of!(DispatchParams, steps) };
    device.queue.write_buffer(&buffers.params, from as u64, &bytemuck::bytes_of(params)[from..]);
    let mut encoder = device.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("sweep") });
    // The number of drawn cells goes on.
    encoder.clear_buffer(&buffers.status, 0, Some(offset_of!(Status, drawn) as u64));
    {
        let timestamp_writes = buffers.clock.as_ref().map(|clock| clock.writes(place));
        let mut pass =
            encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("sweep"), timestamp_writes });
        pass.set_pipeline(&gpu.pipeline);
        pass.set_bind_group(0, &buffers.bound, &[]);
        pass.set_bind_group(1, &buffers.orders[place], &[]);
        let groups = slots.div_ceil(WORKGROUP);
        // One dimension has at most 65,535 groups; more go into the second.
        let across = groups.clamp(1, MOST_GROUPS);
        pass.dispatch_workgroups(across, groups.div_ceil(across), 1);
    }
    let staging = &buffers.status_staging[place];
    encoder.copy_buffer_to_buffer(&buffers.status, 0, staging, 0, STATUS_BYTES);
    let (left, spare) = (offset_of!(Status, running) as u64, offset_of!(DispatchParams, running) as u64);
    encoder.copy_buffer_to_buffer(&buffers.status, left, &buffers.params, spare, 4);
    if let Some(clock) = &buffers.clock {
        clock.copy(&mut encoder, place, staging, STATUS_BYTES);
    }
    let DispatchParams { steps, queued, is_open, .. } = *params;
    let submitted = device.queue.submit([encoder.finish()]);
    InFlight { submitted, place, steps, queued, is_open: is_open == 1, at: Instant::now() }
}

/// Waits for a dispatch; returns its status and the nanoseconds on the device, 0 without a clock.
pub(super) fn wait_for(gpu: &Gpu, buffers: &Buffers, sent: &InFlight) -> Result<(Status, u64)> {
    let staging = &buffers.status_staging[sent.place];
    let bytes = gpu.device.read(sent.submitted.clone(), staging, staging.size())?;
    let (status, times) = bytes.split_at(STATUS_BYTES as usize);
    let on_device = buffers.clock.as_ref().map_or(0, |clock| clock.nanoseconds(times));
    Ok((bytemuck::pod_read_unaligned(status), on_device))
}

/// A submitted copy of results to the host.
pub(super) struct Fetch {
    submitted: wgpu::SubmissionIndex,
    staging: wgpu::Buffer,
}

/// Submits the copy of a dispatch's `finished` results to the host.
pub(super) fn fetch(gpu: &Gpu, buffers: &Buffers, sent: &InFlight, finished: u32) -> Fetch {
    let (device, bytes) = (&gpu.device, u64::from(finished) * size_of::<RawResult>() as u64);
    let staging = device.handle.create_buffer(&wgpu::BufferDescriptor {
        label: Some("result staging"),
        size: bytes,
        usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
        mapped_at_creation: false,
    });
    let mut encoder = device.handle.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("results") });
    encoder.copy_buffer_to_buffer(&buffers.results[sent.place], 0, &staging, 0, bytes);
    Fetch { submitted: device.queue.submit([encoder.finish()]), staging }
}

/// Waits for the results.
pub(super) fn read_results(gpu: &Gpu, fetch: &Fetch) -> Result<Vec<RawResult>> {
    let bytes = gpu.device.read(fetch.submitted.clone(), &fetch.staging, fetch.staging.size())?;
    Ok(bytemuck::pod_collect_to_vec(&bytes))
}

/// The result of a cell, if it is possible.
pub(super) fn result(gpu: &Gpu, raw: &RawResult, cell: &Cell) -> Result<CellResult> {
    check(raw, cell).map_err(|problem| impossible(gpu, &problem))?;
    Ok(RunResult::from(raw).result())
}

/// Checks that the steps which all results report add up to those that were counted.
pub(super) fn check_told(gpu: &Gpu, told: u64, taken: u64) -> Result<()> {
    if told == taken {
        return Ok(());
    }
    Err(impossible(gpu, &format!("its cells report {told} steps, and {taken} were counted")))
}

/// Checks that a result is possible: at the end of a window, within the cell's steps, with an outcome that a run
/// can have. A cell that no invocation visited fails.
fn check(result: &RawResult, cell: &Cell) -> std::result::Result<(), String> {
    let RawResult { outcome, steps, windows, .. } = *result;
    // Newton's method may begin just before the last step, with periods of up to twice the motion's so far.
    let passes = u64::from(ITERATIONS) * (1 + DIRECTIONS as u64) + 2;
    let most = (1 + 2 * passes) * u64::from(cell.limits.max_steps.max(1));
    if steps == 0 || u64::from(steps) > most {
        return Err(format!("{steps} steps taken, of at most {most}"));
    }
    if windows == 0 || windows > steps {
        return Err(format!("{steps} steps taken in {windows} windows"));
    }
    if Certificate::from_number(result.certificate).is_none() {
        return Err(format!("certificate {}", result.certificate));
    }
    match Outcome::from_number(outcome) {
        Some(Outcome::Steady | Outcome::Oscillating | Outcome::Unsettled | Outcome::Diverged) => Ok(()),
        _ => Err(format!("outcome {outcome}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Timing;
    use crate::kernel::run::RunLimits;
    use crate::model::{Parameters, State};
    use crate::results::COLUMNS;

    #[test]
    fn results_that_cannot_be_are_refused() {
        let p = Parameters::at(2.0, 6.0, 0.1);
        let timing = Timing {
            dt: 0.02,
            peak_error: 0.0,
            limits: RunLimits { first_peaks: 10, look_steps: 100, max_steps: 1000 },
        };
        let cell = Cell::new(p, State::rest(1.0), timing);
        let good = RawResult {
            numbers: [0.0; COLUMNS.len()],
            outcome: 1,
            certificate: 4,
            steps: 300,
            windows: 3,
            number: 0,
            end: [0.0; 4],
        };
        assert!(check(&good, &cell).is_ok());
        for bad in [
            RawResult { windows: 0, steps: 0, outcome: 0, ..good },
            RawResult { steps: 200_000, ..good },
            RawResult { certificate: 9, ..good },
            RawResult { outcome: 3, ..good },
            RawResult { outcome: 6, ..good },
            RawResult { outcome: 8, ..good },
            RawResult { windows: 301, ..good },
        ] {
            assert!(check(&bad, &cell).is_err(), "{bad:?}");
        }
    }
}
