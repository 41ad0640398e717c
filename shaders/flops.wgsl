// Peak arithmetic rate of an adapter: chains of multiply-adds in registers. Twin of src/engine/cpu/flops.rs.

// Parameters of the chains.
struct Chains {
    factor: f32, // 0.999999, unknown to the compiler
    term: f32,   // 1e-6, unknown to the compiler
    links: u32,  // links of each chain
    unused: u32, // padding
}

@group(0) @binding(0) var<uniform> chains: Chains;
@group(0) @binding(1) var<storage, read_write> ends: array<f32>;

@compute @workgroup_size(WORKGROUP)
fn flops(@builtin(global_invocation_id) id: vec3<u32>) {
    // Twelve independent chains: with their two constants they fit into sixteen registers.
    var a = vec4<f32>(f32(id.x), 1.0, 2.0, 3.0);
    var b = a + 1.0;
    var c = a + 2.0;
    let factor = vec4<f32>(chains.factor);
    let term = vec4<f32>(chains.term);
    for (var i = 0u; i < chains.links; i += 8u) {
        // Eight links per iteration, so that the loop itself costs little.
        a = fma(fma(fma(fma(a, factor, term), factor, term), factor, term), factor, term);
        b = fma(fma(fma(fma(b, factor, term), factor, term), factor, term), factor, term);
        c = fma(fma(fma(fma(c, factor, term), factor, term), factor, term), factor, term);
        a = fma(fma(fma(fma(a, factor, term), factor, term), factor, term), factor, term);
        b = fma(fma(fma(fma(b, factor, term), factor, term), factor, term), factor, term);
        c = fma(fma(fma(fma(c, factor, term), factor, term), factor, term), factor, term);
    }
    let sum = a + b + c;
    // Never read: it keeps the compiler from removing the chains.
    if sum.x + sum.y + sum.z + sum.w == 12345.0 {
        ends[id.x % arrayLength(&ends)] = sum.x;
    }
}
