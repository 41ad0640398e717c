"""Registers and spills of the shader on NVIDIA GPUs, by NVIDIA's compiler for CUDA, without a GPU.

  registers.py FOLDER [ARCHITECTURE ...]     the folder with shader.cpp; sm_90 otherwise

Needs the Python package nvidia-cuda-nvrtc. Two figures each: with as many registers as the kernel wants, and with so few that eight
workgroups of 64 fit a multiprocessor. A driver for Vulkan may decide otherwise. Divisions and roots are inexact, as Vulkan allows.
"""
import ctypes
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
OPTIONS = ["-std=c++17", "-default-device", "-w", "-prec-div=false", "-prec-sqrt=false", "--ptxas-options=-v", "-DSHADER=<shader.cpp>"]
NUMBERS = {
    "registers": r"Used (\d+) registers",
    "bytes of stack": r"(\d+) bytes stack frame",
    "spilled": r"(\d+) bytes spill stores",
    "read back": r"(\d+) bytes spill loads",
}


def library():
    import nvidia

    found = [f for folder in nvidia.__path__ for f in pathlib.Path(folder).glob("**/libnvrtc.so*")]
    if not found:
        sys.exit("registers.py: there is no libnvrtc.so: install nvidia-cuda-nvrtc")
    return ctypes.CDLL(str(found[0]))


def compile_kernel(nvrtc, source, headers, options):
    """The compiler's log; the program ends with it where the compiler refuses the source."""

    def array(words):
        return (ctypes.c_char_p * len(words))(*[w.encode() for w in words])

    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    texts, names = array(list(headers.values())), array(list(headers))
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"cuda.cpp", len(headers), texts, names)
    refused = nvrtc.nvrtcCompileProgram(program, len(options), array(options))
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    if refused:
        sys.exit(f"registers.py: the compiler refuses the shader:\n{log.value.decode()[:2000]}")
    return log.value.decode()


def registers(log):
    found = {name: re.search(pattern, log) for name, pattern in NUMBERS.items()}
    if not all(found.values()):
        sys.exit(f"registers.py: the compiler's log tells no registers:\n{log[:2000]}")
    return ", ".join(f"{match[1]} {name}" for name, match in found.items())


def main():
    folder, *architectures = sys.argv[1:]
    nvrtc = library()
    major, minor = ctypes.c_int(), ctypes.c_int()
    nvrtc.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
    source = (HERE / "cuda.cpp").read_text()
    headers = {"shader.cpp": (pathlib.Path(folder) / "shader.cpp").read_text(), "metal_stdlib": (HERE / "metal_stdlib").read_text()}
    lines = []
    for architecture in architectures or ["sm_90"]:
        free, held = (
            registers(compile_kernel(nvrtc, source, headers, [*OPTIONS, f"-arch={architecture}", f"-DWORKGROUPS={n}"])) for n in (1, 8)
        )
        lines.append(f"{architecture}: {free}; for eight workgroups {held}")
    print(f"NVRTC {major.value}.{minor.value}, " + "\n".join(lines))


main()
