// The shader on this processor, one invocation after the other, with the same buffers as on a GPU.
//   host FOLDER STEPS SLOTS      reads a batch from the folder; results go to standard output
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <type_traits>
#include <vector>
// Its words, such as `constant`, mean nothing in the system's headers.
#include SHADER

static std::vector<char> file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) { std::fprintf(stderr, "host: %s is missing\n", path.c_str()); std::exit(2); }
    return {std::istreambuf_iterator<char>(in), {}};
}

// Memory as a GPU has it: aligned for vectors, and zero.
struct Memory {
    void* at;
    size_t bytes;
    explicit Memory(size_t n) : at(std::aligned_alloc(64, (n + 63) / 64 * 64)), bytes(n) { std::memset(at, 0, n); }
    explicit Memory(const std::vector<char>& from) : Memory(from.size()) { std::memcpy(at, from.data(), bytes); }
};

template <class T> using Element = std::remove_cv_t<std::remove_extent_t<T>>;
#define X(type, name) typedef std::remove_reference_t<type> type_of_##name;
BUFFERS(X)
#undef X

int main(int, char** arguments_of_main) {
    const std::string folder = arguments_of_main[1];
    const unsigned steps = std::atoi(arguments_of_main[2]), slots = std::atoi(arguments_of_main[3]);
    const Memory cells(file(folder + "/queue.bin")), texels(file(folder + "/texels.bin"));
    const unsigned width = std::atoi(file(folder + "/width.txt").data());
    const unsigned count = cells.bytes / sizeof(Element<type_of_queue>);
    unsigned length = 1;
    while (length < count) length *= 2;

    Memory queue(length * sizeof(Element<type_of_queue>)), layouts(file(folder + "/layouts.bin"));
    std::memcpy(queue.at, cells.at, cells.bytes);
    Memory runs(slots * sizeof(Element<type_of_runs>)), order(4 * slots), next_order(4 * slots);
    Memory results(count * sizeof(Element<type_of_results>)), status(sizeof(Status)), dispatch(sizeof(DispatchParams));
    auto& counters = *static_cast<Status*>(status.at);
    auto& params = *static_cast<DispatchParams*>(dispatch.at);
    metal::texture2d<float, metal::access::sample> table{
        static_cast<const metal::float4*>(texels.at), width, unsigned(texels.bytes / 16 / width)};
    _mslBufferSizes _buffer_sizes;
#define X(member, name) _buffer_sizes.member = name.bytes;
    SIZES(X)
#undef X
#define at(name) static_cast<type_of_##name*>(name.at)

    params = {0, steps, 0, 1, count, length - 1, 0, 0};
    for (unsigned dispatches = 0; params.running > 0 || counters.drawn != count; dispatches++) {
        if (dispatches > (1u << 22) / steps) { std::fprintf(stderr, "host: the runs do not end\n"); return 1; }
        params.packed = dispatches > 0;
        params.is_open = counters.drawn != count;
        const unsigned drawn = counters.drawn, width_of_dispatch = params.is_open ? slots : params.running;
        counters = Status{};
        counters.drawn = drawn;
        for (unsigned i = 0; i < width_of_dispatch; i++) {
            const metal::uint3 id = {i, 0, 0}, groups = {(width_of_dispatch + 63) / 64, 1, 1};
            advance(ARGUMENTS);
        }
        std::fwrite(results.at, sizeof(Element<type_of_results>), counters.finished, stdout);
        params.running = counters.running;
        std::swap(order, next_order);
    }
}
