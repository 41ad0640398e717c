//! Peak arithmetic rate of an adapter: `shaders/flops.wgsl`, timed.

use super::clock::{BYTES, Clock};
use crate::engine::cpu::flops::CHAINS;
use crate::engine::gpu::{Gpu, shader};
use crate::error::Result;
use crate::kernel::constants::WORKGROUP;
use bytemuck::{Pod, Zeroable};
use std::time::{Duration, Instant};
use wgpu::BufferUsages as Usage;

/// Name of the entry point.
const ENTRY: &str = "flops";
/// Workgroups of a dispatch: more than enough to fill any device.
const GROUPS: u32 = 1 << 14;
/// Shortest dispatch that counts; the links are doubled until it takes so long.
const LONG_ENOUGH: Duration = Duration::from_millis(150);
/// Number of timed dispatches, of which the fastest counts.
const REPEATS: usize = 3;
/// Most links of a chain: some software adapters leave a loop silently after 65,535 iterations, here of eight
/// links each.
const MOST_LINKS: u32 = 512_000;

#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Chains {
    factor: f32,
    term: f32,
    links: u32,
    unused: u32,
}

fn source() -> String {
    shader::prelude() + include_str!("../../../shaders/flops.wgsl")
}

impl Gpu {
    /// Peak f32 operations per second of the adapter, by its own clock if it has one; a multiply-add counts as two.
    ///
    /// # Errors
    /// [`Error::Engine`](crate::Error::Engine) if the driver refuses an operation;
    /// [`Error::DeviceLost`](crate::Error::DeviceLost) if the device is lost.
    pub fn fma_rate(&self) -> Result<f64> {
        let device = &self.device.handle;
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some(ENTRY),
            source: wgpu::ShaderSource::Wgsl(source().into()),
        });
        let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
            label: Some(ENTRY),
            layout: None,
            module: &module,
            entry_point: Some(ENTRY),
            compilation_options: wgpu::PipelineCompilationOptions::default(),
            cache: None,
        });
        let make = |label, size, usage| {
            device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
        };
        let chains = make("chains", size_of::<Chains>() as u64, Usage::UNIFORM | Usage::COPY_DST);
        let ends = make("ends", 256, Usage::STORAGE | Usage::COPY_SRC);
        let staging = make("times", BYTES, Usage::MAP_READ | Usage::COPY_DST);
        let bound = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some(ENTRY),
            layout: &pipeline.get_bind_group_layout(0),
            entries: &[
                wgpu::BindGroupEntry { binding: 0, resource: chains.as_entire_binding() },
                wgpu::BindGroupEntry { binding: 1, resource: ends.as_entire_binding() },
            ],
        });
        let clock = Clock::new(&self.device, 1);
        let time = |links: u32| -> Result<Duration> {
            let job = Chains { factor: 0.999_999, term: 1e-6, links, unused: 0 };
            self.device.queue.write_buffer(&chains, 0, bytemuck::bytes_of(&job));
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some(ENTRY) });
            {
                let timestamp_writes = clock.as_ref().map(|clock| clock.writes(0));
                let descriptor = wgpu::ComputePassDescriptor { label: Some(ENTRY), timestamp_writes };
                let mut pass = encoder.begin_compute_pass(&descriptor);
                pass.set_pipeline(&pipeline);
                pass.set_bind_group(0, &bound, &[]);
                pass.dispatch_workgroups(GROUPS, 1, 1);
            }
            match &clock {
                Some(clock) => clock.copy(&mut encoder, 0, &staging, 0),
                None => encoder.copy_buffer_to_buffer(&ends, 0, &staging, 0, BYTES),
            }
            let begun = Instant::now();
            let bytes = self.device.read(self.device.queue.submit([encoder.finish()]), &staging, BYTES)?;
            let wall = begun.elapsed();
            Ok(clock.as_ref().map_or(wall, |clock| Duration::from_nanos(clock.nanoseconds(&bytes))))
        };
        let mut links = 16;
        while time(links)? < LONG_ENOUGH && links < MOST_LINKS {
            links = (2 * links).min(MOST_LINKS);
        }
        let operations = 2.0 * f64::from(GROUPS * WORKGROUP) * CHAINS as f64 * f64::from(links);
        let mut best = 0.0_f64;
        for _ in 0..REPEATS {
            best = best.max(operations / time(links)?.as_secs_f64());
        }
        Ok(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gpu::AdapterFilter;
    use crate::kernel::table::Format;

    #[test]
    fn the_shader_is_valid_and_lies_as_here() {
        let module = naga::front::wgsl::parse_str(&source()).expect("it parses");
        let mut validator =
            naga::valid::Validator::new(naga::valid::ValidationFlags::all(), naga::valid::Capabilities::empty());
        validator.validate(&module).expect("it is valid");
        let entry = module.entry_points.iter().find(|e| e.name == ENTRY).expect("the entry");
        assert_eq!(entry.workgroup_size, [WORKGROUP, 1, 1]);
        let found = module.types.iter().find(|(_, t)| t.name.as_deref() == Some("Chains")).expect("the struct");
        let naga::TypeInner::Struct { span, .. } = &found.1.inner else { panic!("no struct") };
        assert_eq!(*span as usize, size_of::<Chains>());
    }

    #[test]
    fn an_adapter_does_something() {
        let gpu = Gpu::open(&AdapterFilter::Any, Format::default())
            .expect("the shader's tests need an adapter: run scripts/setup");
        let peak = gpu.fma_rate().expect("it runs");
        // Between a slow core and the largest machine.
        assert!(peak > 1e8 && peak < 1e16, "{peak}");
    }
}
