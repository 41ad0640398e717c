//! Calls of the shader's functions, one entry point each, and what they give beside what the twin does.

use super::super::shader::source;
use super::super::{Gpu, Pick};
use super::words::{Word, misses};
use crate::kernel::table::Format;
use wgpu::BufferUsages as Usage;

/// Calls of each function.
pub(super) const CALLS: usize = 8192;
/// Calls that may take another branch on hardware, because rounding decided; software adapters round as the twin does.
const OTHER_BRANCH: usize = CALLS / 500;
/// Entry points that call one function each.
const ENTRIES: &str = "
struct Step {
    window: Window,
    a: Sample,
    b: Sample,
    dt: f32,
    reach: f32,
}
struct Seen {
    window: Window,
    period: f32,
    mean: f32,
    for_window: f32,
    beyond: f32,
    violent: u32,
    grains: f32,
}
@group(0) @binding(20) var<storage, read> passed: array<Step>;
@group(0) @binding(21) var<storage, read_write> seen: array<Seen>;

@compute @workgroup_size(WORKGROUP)
fn observe(@builtin(global_invocation_id) id: vec3<u32>) {
    let s = passed[id.x];
    var w = pass_by(s.window, s.a, s.b, s.dt);
    if turns(s.a, s.b) {
        w = look_at(w, Extremal(s.a, s.b, s.window.step, min(s.window.low, s.b.v), s.window.area), s.dt);
    }
    seen[id.x] = Seen(w, period_of(w, s.dt), mean_of(w), for_window(s.a.v, s.b.v, s.reach),
        beyond(s.window, s.b.v, s.b.rate, s.reach), u32(is_violent(s.b.rate, s.dt, s.reach)), in_grains(s.b.v));
}

@compute @workgroup_size(WORKGROUP)
fn close(@builtin(global_invocation_id) id: vec3<u32>) {
    let closed = close_window(runs[id.x], cells[id.x]);
    runs[id.x] = closed.run;
    verdicts[id.x] = closed.verdict;
}

@compute @workgroup_size(WORKGROUP)
fn begin(@builtin(global_invocation_id) id: vec3<u32>) {
    let cell = cells[id.x];
    runs[id.x] = start_run(State(cell.start_x, cell.start_y, cell.start_z, cell.start_v));
}
";

/// Runs one of the entries of `shader` with these buffers, and reads one of them back.
fn call(gpu: &Gpu, shader: &str, entry: &str, buffers: &[(u32, &[u8])], wanted: u32) -> Vec<u32> {
    let device = &gpu.device.handle;
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some(entry),
        source: wgpu::ShaderSource::Wgsl((shader.to_string() + ENTRIES).into()),
    });
    let pipeline = device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some(entry),
        layout: None,
        module: &module,
        entry_point: Some(entry),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    });
    let make = |size, usage| {
        device.create_buffer(&wgpu::BufferDescriptor { label: Some(entry), size, usage, mapped_at_creation: false })
    };
    let made: Vec<(u32, wgpu::Buffer)> = buffers
        .iter()
        .map(|(number, bytes)| {
            let buffer = make(bytes.len() as u64, Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC);
            gpu.device.queue.write_buffer(&buffer, 0, bytes);
            (*number, buffer)
        })
        .collect();
    let entries: Vec<_> = made
        .iter()
        .map(|(binding, buffer)| wgpu::BindGroupEntry { binding: *binding, resource: buffer.as_entire_binding() })
        .collect();
    let bound = device.create_bind_group(&wgpu::BindGroupDescriptor {
        label: Some(entry),
        layout: &pipeline.get_bind_group_layout(0),
        entries: &entries,
    });
    let result = &made.iter().find(|(number, _)| *number == wanted).expect("a buffer that is bound").1;
    let staging = make(result.size(), Usage::MAP_READ | Usage::COPY_DST);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some(entry) });
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bound, &[]);
        pass.dispatch_workgroups(CALLS as u32 / crate::kernel::constants::WORKGROUP, 1, 1);
    }
    encoder.copy_buffer_to_buffer(result, 0, &staging, 0, result.size());
    let bytes = gpu.device.read(gpu.device.queue.submit([encoder.finish()]), &staging, result.size());
    bytemuck::pod_collect_to_vec(&bytes.expect("an adapter that works"))
}

fn opened() -> Gpu {
    Gpu::open(&Pick::Any, Format::default()).expect("the shader's tests need an adapter: run scripts/setup")
}

/// Holds the shader's results against the twin's; and so shaders with one mistake, each of which has to be told apart.
pub(super) fn compare(entry: &str, buffers: &[(u32, &[u8])], wanted: u32, twin: &[Vec<Word>], mistakes: &[[&str; 2]]) {
    let gpu = opened();
    let sound = source();
    let found = call(&gpu, &sound, entry, buffers, wanted);
    let apart = misses(twin, &found);
    let width = twin[0].len();
    for n in apart.iter().take(3) {
        let theirs: Vec<f32> = found[n * width..(n + 1) * width].iter().map(|bits| f32::from_bits(*bits)).collect();
        println!("call {n}: {:?}\n{theirs:?}", twin[*n]);
    }
    let allowed = if gpu.adapter().hardware { OTHER_BRANCH } else { 0 };
    assert!(apart.len() <= allowed, "{entry}: {} of {CALLS} calls differ", apart.len());
    for [right, wrong] in mistakes {
        assert_eq!(sound.matches(right).count(), 1, "{right}");
        let shown = misses(twin, &call(&gpu, &sound.replace(right, wrong), entry, buffers, wanted)).len();
        assert!(shown > allowed, "{entry}: {wrong} shows in {shown} calls");
    }
}
