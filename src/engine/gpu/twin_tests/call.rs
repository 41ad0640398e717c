//! Calls of the shader's functions, each by its own entry point, and comparison of the results with the twin's.

use super::words::{Word, misses};
use crate::engine::gpu::buffers::texture;
use crate::engine::gpu::layout::TableLayout;
use crate::engine::gpu::shader::{binding, source};
use crate::engine::gpu::{AdapterFilter, Gpu};
use crate::engine::{Batch, Tables};
use crate::kernel::table::Format;
use crate::model::Parameters;
use std::sync::Arc;
use wgpu::BufferUsages as Usage;

/// Number of calls of each function.
pub(super) const CALLS: usize = 8192;
/// Most calls that may take another branch on hardware because of rounding; software adapters round as the twin
/// does.
const OTHER_BRANCH: usize = CALLS / 500;

/// WGSL entry points that call the functions under test.
const ENTRIES: &str = "
struct Step {
    window: Window,
    a: StepEnd,
    b: StepEnd,
    dt: f32,
    reach: f32,
}
struct Seen {
    window: Window,
    period: f32,
    mean: f32,
    centre_for_window: f32,
    centre_after_exit: f32,
    may_skip: u32,
    origin_steps: f32,
}
@group(0) @binding(20) var<storage, read> passed: array<Step>;
@group(0) @binding(21) var<storage, read_write> seen: array<Seen>;

@compute @workgroup_size(WORKGROUP)
fn observe(@builtin(global_invocation_id) id: vec3<u32>) {
    let s = passed[id.x];
    var w = observe_step(s.window, s.a, s.b, s.dt);
    if has_extremum(s.a, s.b) {
        w = observe_extremum(w, ExtremumStep(s.a, s.b, s.window.step, min(s.window.low, s.b.v), s.window.area), s.dt);
    }
    seen[id.x] = Seen(w, period_of(w, s.dt), mean_of(w), centre_for_window(s.a.v, s.b.v, s.reach),
        centre_after_exit(s.window, s.b.v, s.b.rate, s.reach), u32(may_skip_piece(s.b.rate, s.dt, s.reach)), to_origin_grid(s.b.v));
}

@compute @workgroup_size(WORKGROUP)
fn close(@builtin(global_invocation_id) id: vec3<u32>) {
    var run = runs[id.x].run;
    look(&run, id.x, runs[id.x].cell);
    runs[id.x].run = run;
}

struct Placed {
    parameters: Parameters,
    v_0: f32,
    z_0: f32,
    piece: i32,
    x: f32,
    y: f32,
    z: f32,
    v: f32,
    dt: f32,
}
struct Moved {
    rate_x: f32,
    rate_y: f32,
    rate_z: f32,
    rate_v: f32,
    next_x: f32,
    next_y: f32,
    next_z: f32,
    next_v: f32,
    careful_x: f32,
    careful_y: f32,
    careful_z: f32,
    careful_v: f32,
    leaves: u32,
    nearest: i32,
}
@group(0) @binding(22) var<storage, read> placed: array<Placed>;
@group(0) @binding(23) var<storage, read_write> moved: array<Moved>;

@compute @workgroup_size(WORKGROUP)
fn step(@builtin(global_invocation_id) id: vec3<u32>) {
    let p = placed[id.x];
    let n = neuron_about(p.parameters, p.v_0, p.z_0, p.piece, 0u);
    let s = State(p.x, p.y, p.z, p.v);
    let k = derivative(n, s);
    let next = rk4(n, s, k, p.dt);
    var run: Run;
    run.state = s;
    run.rate = k;
    run.v_0 = p.v_0;
    run.z_0 = p.z_0;
    var cell: Cell;
    cell.parameters = p.parameters;
    run.dt = p.dt;
    let c = step_across_pieces(&run, cell);
    moved[id.x] = Moved(k.x, k.y, k.z, k.w, next.x, next.y, next.z, next.w, c.x, c.y, c.z, c.w,
        u32(leaves(n, s.w)), piece_at(cell, &run, s.w));
}

@compute @workgroup_size(WORKGROUP)
fn begin(@builtin(global_invocation_id) id: vec3<u32>) {
    runs[id.x].run = start_in_slot(id.x);
}
";

/// Added to the bindings of group 1.
pub(super) const GROUP_1: u32 = 100;

/// A call of an entry point.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub entry: &'a str,
    /// Contents of the buffers, by binding; those of group 1 from [`GROUP_1`] on.
    pub buffers: &'a [(u32, &'a [u8])],
    /// Binding of the result buffer.
    pub result: u32,
    /// Whether the entry looks up the conductance table.
    pub table: bool,
    /// Where results come in any order: the word with the number of the call; a result without one is all zeros.
    pub number: Option<usize>,
}

/// A batch with the table that calls look up.
pub(super) fn batch() -> Batch {
    let p = Parameters::at(0.0, 0.0, 0.0);
    Batch { tables: vec![Arc::new(Tables::new(p.l, p.lambda, Format::default()))], ..Batch::default() }
}

/// Makes a call of `shader` and reads its result.
fn run(gpu: &Gpu, shader: &str, call: Call<'_>) -> Vec<u32> {
    let Call { entry, buffers, result, table, number } = call;
    let batch = batch();
    let layouts: Vec<TableLayout> = batch.tables.iter().map(|t| TableLayout::from(t.as_ref())).collect();
    let texture = texture(gpu, &batch).expect("a table that every adapter takes");
    let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
    let of_table: &[(u32, &[u8])] = &[(binding::LAYOUTS, bytemuck::cast_slice(&layouts))];
    let buffers = buffers.iter().chain(of_table.iter().filter(|_| table));
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
        .map(|(number, bytes)| {
            let buffer = make(bytes.len() as u64, Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC);
            gpu.device.queue.write_buffer(&buffer, 0, bytes);
            (*number, buffer)
        })
        .collect();
    let texture = wgpu::BindGroupEntry { binding: binding::TABLE, resource: wgpu::BindingResource::TextureView(&view) };
    let of_group = |group: u32| {
        let there = made.iter().filter(move |(number, _)| number / GROUP_1 == group);
        there.map(|(number, buffer)| wgpu::BindGroupEntry {
            binding: number % GROUP_1,
            resource: buffer.as_entire_binding(),
        })
    };
    let bind = |group: u32, entries: &[wgpu::BindGroupEntry<'_>]| {
        let layout = pipeline.get_bind_group_layout(group);
        device.create_bind_group(&wgpu::BindGroupDescriptor { label: Some(entry), layout: &layout, entries })
    };
    let bound = bind(0, &of_group(0).chain(table.then_some(texture)).collect::<Vec<_>>());
    let second: Vec<_> = of_group(1).collect();
    let second = (!second.is_empty()).then(|| bind(1, &second));
    let result = &made.iter().find(|(number, _)| *number == result).expect("a buffer that is bound").1;
    let staging = make(result.size(), Usage::MAP_READ | Usage::COPY_DST);
    let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some(entry) });
    {
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_pipeline(&pipeline);
        pass.set_bind_group(0, &bound, &[]);
        if let Some(second) = &second {
            pass.set_bind_group(1, second, &[]);
        }
        pass.dispatch_workgroups(CALLS as u32 / crate::kernel::constants::WORKGROUP, 1, 1);
    }
    encoder.copy_buffer_to_buffer(result, 0, &staging, 0, result.size());
    let bytes = gpu.device.read(gpu.device.queue.submit([encoder.finish()]), &staging, result.size());
    let found: Vec<u32> = bytemuck::pod_collect_to_vec(&bytes.expect("an adapter that works"));
    number.map_or(found.clone(), |word| by_number(&found, word))
}

/// Results in the order of their numbers; zeros where there is none.
fn by_number(found: &[u32], word: usize) -> Vec<u32> {
    let width = found.len() / CALLS;
    let mut sorted = vec![0; found.len()];
    for result in found.chunks(width).filter(|result| result.iter().any(|word| *word != 0)) {
        sorted[result[word] as usize * width..][..width].copy_from_slice(result);
    }
    sorted
}

fn opened() -> Gpu {
    Gpu::open(&AdapterFilter::Any, Format::default()).expect("the shader's tests need an adapter: run scripts/setup")
}

/// Compares the shader's results with the twin's, and asserts that shaders with one mistake each are detected.
pub(super) fn compare(call: Call<'_>, twin: &[Vec<Word>], mistakes: &[[&str; 2]]) {
    let (gpu, sound, entry) = (opened(), source(), call.entry);
    let found = run(&gpu, &sound, call);
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
        let shown = misses(twin, &run(&gpu, &sound.replace(right, wrong), call)).len();
        assert!(shown > allowed, "{entry}: {wrong} shows in {shown} calls");
    }
}
