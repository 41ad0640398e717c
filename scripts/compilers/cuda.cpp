// The shader as a CUDA kernel, for NVRTC; WORKGROUPS says how many have to fit a multiprocessor at a time.
#include SHADER

#define X(type, name) type* __restrict__ name,
extern "C" __global__ void __launch_bounds__(64, WORKGROUPS)
    advance_cells(BUFFERS(X) metal::texture2d<float, metal::access::sample> table, _mslBufferSizes _buffer_sizes) {
    const metal::uint3 id = {blockIdx.x * 64 + threadIdx.x, blockIdx.y, 0}, groups = {gridDim.x, gridDim.y, 1};
#define at(name) name
    advance(ARGUMENTS);
}
