"""Hostile files: what may stand in the place of a map, a part, a plan or a request, and is not what it says."""

import hashlib
import os
import random
import socket
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy

from .compare import MARK

# Sizes that no file of a few kilobytes holds.
HUGE = (1 << 27, 1 << 31, 1 << 40, (1 << 62) // 8)
# Texts that are hard to read or to print.
TEXTS = (b"x" * 60_000, b"x" * 200_000, b"\xff\xfe\x80 not UTF-8", b"", b"a\nb\x1b[2J\x07", b"%s%n%a", b"../../../etc/passwd", "\u202e\u0000Γ".encode(), b"1e999", b"-1")
# Values that are no numbers of the right type.
ODD = (
    numpy.array([b"one", b"two"]),
    numpy.array("text", dtype=h5py.string_dtype()),
    numpy.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]),
    numpy.array([1 + 2j]),
    numpy.array([True, False]),
    numpy.array([1.5], dtype="f2"),
    numpy.array([1 << 63], dtype="u8"),
    numpy.array([-1], dtype="i1"),
    numpy.array([numpy.nan, numpy.inf, -numpy.inf]),
    numpy.array([b"\x00\x01"], dtype="V2"),
    numpy.zeros((2, 3, 4)),
    numpy.zeros((0,)),
)

Maker = Callable[[h5py.File, random.Random, Path], None]


def datasets(file: h5py.File) -> list[str]:
    found: list[str] = []
    file.visititems(lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) else None)
    return sorted(found)


def scales(file: h5py.File) -> list[str]:
    """Names of the axes; all else that has a shape follows them."""
    return [name for name in datasets(file) if "CLASS" in file[name].attrs and "/" not in name] or datasets(file)


def replaced(file: h5py.File, name: str, **how: object) -> None:
    """A dataset made again in another way, with its attributes where they fit."""
    kept = {k: v for k, v in file[name].attrs.items() if k not in ("CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST")}
    is_scale = "CLASS" in file[name].attrs
    del file[name]
    made = file.create_dataset(name, **how)
    made.attrs.update(kept)
    if is_scale:
        made.make_scale(name)


def grown(file: h5py.File, axis: str, length: int) -> None:
    """An axis of this length, and all that lies along it, without any data."""
    columns = [n for n in datasets(file) if any(len(d) and d[0] == file[axis] for d in file[n].dims if file[n].shape)]
    shapes = {n: [length if len(d) and d[0] == file[axis] else s for d, s in zip(file[n].dims, file[n].shape, strict=True)] for n in columns}
    scale_names = {n: [d[0].name if len(d) else None for d in file[n].dims] for n in columns}
    chunk = lambda shape: tuple(min(max(s, 1), 64) for s in shape)
    replaced(file, axis, shape=(length,), dtype="f8", chunks=(64,), maxshape=(None,))
    for name in columns:
        kind = file[name].dtype
        replaced(file, name, shape=shapes[name], dtype=kind, chunks=chunk(shapes[name]), maxshape=[None] * len(shapes[name]))
        for dimension, scale in zip(file[name].dims, scale_names[name], strict=True):
            if scale:
                dimension.attach_scale(file[scale])


def huge_axis(file: h5py.File, dice: random.Random, _: Path) -> None:
    grown(file, dice.choice(scales(file)), dice.choice(HUGE))


def empty_axis(file: h5py.File, dice: random.Random, _: Path) -> None:
    grown(file, dice.choice(scales(file)), 0)


def huge_dataset(file: h5py.File, dice: random.Random, _: Path) -> None:
    name = dice.choice(datasets(file))
    shape = dice.choice(((dice.choice(HUGE),), (1 << 20, 1 << 20), (3, 1 << 30)))
    replaced(file, name, shape=shape, dtype="f8", chunks=tuple(min(s, 64) for s in shape))


def huge_chunk(file: h5py.File, dice: random.Random, _: Path) -> None:
    name = dice.choice(datasets(file))
    replaced(file, name, shape=(1 << 29,), dtype="f4", chunks=((1 << 29) - 1,), compression="gzip")


def huge_attribute(file: h5py.File, dice: random.Random, _: Path) -> None:
    item = file[dice.choice(["/", *datasets(file)])]
    # The older format holds no more than 64 KiB.
    item.attrs[dice.choice([*item.attrs, "more"])] = numpy.zeros(8000, dtype=dice.choice(("f8", "u8", "S8")))


def odd_dataset(file: h5py.File, dice: random.Random, _: Path) -> None:
    replaced(file, dice.choice(datasets(file)), data=dice.choice(ODD))


def odd_attribute(file: h5py.File, dice: random.Random, _: Path) -> None:
    item = file[dice.choice(["/", "/", *datasets(file)])]
    names = list(item.attrs) or ["units"]
    item.attrs[dice.choice(names)] = dice.choice((*ODD, h5py.Empty("f8"), file.ref))


def huge_scalar(file: h5py.File, dice: random.Random, _: Path) -> None:
    single = [n for n in datasets(file) if file[n].shape == ()] or datasets(file)
    replaced(file, dice.choice(single), shape=(dice.choice(HUGE),), dtype="f8", chunks=(64,))


def odd_text(file: h5py.File, dice: random.Random, _: Path) -> None:
    item = file[dice.choice(["/", "/", *datasets(file)])]
    text = dice.choice(TEXTS)
    name = dice.choice(list(item.attrs) or ["units"])
    if dice.random() < 0.5:
        item.attrs[name] = numpy.array(text, dtype=f"S{max(len(text), 1)}")
    else:
        item.attrs[name] = numpy.array([text], dtype=h5py.string_dtype())


def coordinates(file: h5py.File, dice: random.Random, _: Path) -> None:
    data = file[dice.choice(scales(file))]
    if data.shape and data.dtype.kind == "f":
        bad = dice.choice((numpy.nan, numpy.inf, -1e308, 0.0, "reversed", "equal"))
        data[...] = data[::-1] if bad == "reversed" else data[0] if bad == "equal" else bad


def values(file: h5py.File, dice: random.Random, _: Path) -> None:
    data = file[dice.choice(datasets(file))]
    if data.dtype.kind in "fui" and data.shape is not None:
        data[...] = dice.choice((numpy.nan, numpy.inf, 1e300)) if data.dtype.kind == "f" else 255


def missing(file: h5py.File, dice: random.Random, _: Path) -> None:
    if dice.random() < 0.5:
        del file[dice.choice(list(file))]
    else:
        item = file[dice.choice(["/", "/", *datasets(file)])]
        if len(item.attrs):
            del item.attrs[dice.choice(list(item.attrs))]


def group_for_dataset(file: h5py.File, dice: random.Random, _: Path) -> None:
    name = dice.choice(list(file))
    del file[name]
    file.create_group(name) if dice.random() < 0.5 else file.__setitem__(name, numpy.dtype("f8"))


def external_link(file: h5py.File, dice: random.Random, outside: Path) -> None:
    name = dice.choice(list(file))
    del file[name]
    file[name] = h5py.ExternalLink(dice.choice((str(outside / "secret.h5"), "../outside/secret.h5")), dice.choice(("/span", "/Gamma", "/")))


def external_storage(file: h5py.File, dice: random.Random, outside: Path) -> None:
    name = dice.choice(datasets(file))
    shape = file[name].shape or (1,)
    size = int(numpy.prod(shape)) * 8
    replaced(file, name, shape=shape, dtype="f8", external=[(str(outside / "secret.bin").encode(), 0, size)])


def virtual(file: h5py.File, dice: random.Random, outside: Path) -> None:
    name = dice.choice(datasets(file))
    shape = file[name].shape or (1,)
    layout = h5py.VirtualLayout(shape=shape, dtype="f8")
    where = dice.choice((str(outside / "secret.h5"), "../outside/secret.h5", "50%%.h5"))
    layout[...] = h5py.VirtualSource(where, "/span", shape=shape)
    del file[name]
    file.create_virtual_dataset(name, layout)


def soft_loop(file: h5py.File, dice: random.Random, _: Path) -> None:
    name = dice.choice(list(file))
    del file[name]
    file[name] = h5py.SoftLink(dice.choice((f"/{name}", "/nowhere", "/loop")))
    file["loop"] = h5py.SoftLink(f"/{name}")


def hard_loop(file: h5py.File, dice: random.Random, _: Path) -> None:
    name = dice.choice(["loop", *file])
    if name in file:
        del file[name]
    file[name] = file["/"]


def dimension_list(file: h5py.File, dice: random.Random, _: Path) -> None:
    attached = [n for n in datasets(file) if "DIMENSION_LIST" in file[n].attrs] or datasets(file)
    attrs = file[dice.choice(attached)].attrs
    kind = h5py.vlen_dtype(h5py.ref_dtype)
    nothing = numpy.empty(dice.choice((0, 1, 2, 7)), dtype=kind)
    for i in range(len(nothing)):
        nothing[i] = numpy.array([h5py.Reference()] * dice.choice((0, 1, 3)), dtype=h5py.ref_dtype)
    bad = dice.choice((nothing, numpy.array([1.0, 2.0]), numpy.array([file.ref] * 2, dtype=h5py.ref_dtype), b"Gamma Z_T"))
    attrs.pop("DIMENSION_LIST", None)
    attrs["DIMENSION_LIST"] = bad


def schema(file: h5py.File, dice: random.Random, _: Path) -> None:
    names = [n for n in file.attrs if n.endswith("schema")] or ["hopfmap_schema"]
    file.attrs[dice.choice(names)] = dice.choice((0, 2, -1, 1 << 40, 1.5, b"1", numpy.array([1, 1])))


def many(file: h5py.File, dice: random.Random, _: Path) -> None:
    for i in range(dice.choice((100, 5000))):
        file.create_group(f"g{i}") if dice.random() < 0.5 else file.attrs.__setitem__(f"a{i}", i)


# Requests in TOML that are wrong, or ask for more than there is, or for another place. Where a picture goes is for a request file
# to say, and not for a map.
def request(dice: random.Random, good: str, outside: Path, *, of_map: bool) -> bytes:
    nest = dice.choice((200, 100_000))
    return dice.choice((
        b"",
        b"\x00" * 1000,
        b"\xff\xfe" + good.encode("utf-16-le"),
        good.encode()[: dice.randrange(len(good))],
        good.encode() + b"x = " + b"[" * nest + b"]" * nest + b"\n",
        b"a." * nest + b"b = 1\n" + good.encode(),
        good.encode() + b"# " + b"x" * 10_000_000,
        good.encode() + b"".join(b"k%d = 1\n" % i for i in range(20_000)),
        good.replace("2.0", dice.choice(("nan", "inf", "1e308", "-1e308", "9" * 400, "'2'", "[2.0]"))).encode(),
        good.replace("Gamma=0.3,1", dice.choice(("Gamma=0:1:1000000000000", "Gamma=0:1:0", "Gamma=0:1:-4", "Gamma=nan:1:4", "Gamma=log:0:1:4", "Gamma=1:1:4"))).encode(),
        good.replace("Gamma=0.3,1", "Gamma=0.1:1:1000000").replace("Z_T=0.2,1", "Z_T=0:1:1000000").encode(),
        f'output = "{outside / "written.h5"}"\n{good}'.encode(),
        f'{"plot" if of_map else "output"} = "{outside / "written.png"}"\n{good}'.encode(),
        good.replace("cpu", dice.choice(("gpu2", "", "CPU; rm -rf"))).encode(),
        good.replace("audit = 4", dice.choice(("audit = -1", "audit = 99999999999999999999", "audit = 'on'"))).encode(),
        good.replace('"rest"', dice.choice(('"nan,0,0,0"', '"1e300,0,0,0"', "[0, 0]", '""'))).encode(),
        f"part_cells = {dice.choice((0, -1, 1 << 62))}\n{good}".encode(),
        f"[set]\n{good}".encode(),
    ))


def hostile_request(file: h5py.File, dice: random.Random, outside: Path) -> None:
    if "request" in file.attrs:
        good = file.attrs["request"]
        text = request(dice, good.decode() if isinstance(good, bytes) else str(good), outside, of_map=True)
        del file.attrs["request"]
        # Longer ones are no attribute of a file that every library reads.
        file.attrs["request"] = numpy.array(text[:60_000], dtype=f"S{max(1, min(len(text), 60_000))}")


MAKERS: dict[str, Maker] = {
    f.__name__: f
    for f in (
        huge_axis, empty_axis, huge_dataset, huge_chunk, huge_attribute, huge_scalar, odd_dataset, odd_attribute, odd_text, coordinates, values, missing,
        group_for_dataset, external_link, external_storage, virtual, soft_loop, hard_loop, dimension_list, schema, many, hostile_request,
    )
}  # fmt: skip
# Those that point out of the file.
POINTING = ("external_link", "external_storage", "virtual")
SPECIAL = ("fifo", "socket", "folder", "link_loop", "link_to_zero", "link_to_full", "sparse", "empty", "magic", "text", "nothing")


def make(path: Path, kind: str, dice: random.Random, outside: Path) -> str:
    """Makes the file at `path` hostile; how, in a word more."""
    sealed = dice.random() < 0.5
    data = path.read_bytes()
    # Attributes of more than 64 KiB need the newer format.
    newer = kind in ("odd_text", "many")
    with h5py.File(path, "r+", libver="latest" if newer else None, locking=False) as file:
        MAKERS[kind](file, dice, outside)
    if sealed:
        body = path.read_bytes()
        if body[-48:-32] == MARK and body == data:
            body = body[:-48]
        path.write_bytes(body + MARK + hashlib.sha256(body).digest())
    return f"{kind}, {'sealed' if sealed else 'unsealed'}"


def special(path: Path, kind: str) -> None:
    """Puts something that is no file of ours at `path`."""
    path.unlink(missing_ok=True)
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "socket":
            here = Path.cwd()
            os.chdir(path.parent)
            socket.socket(socket.AF_UNIX).bind(path.name)
            os.chdir(here)
        case "folder":
            path.mkdir()
            (path / "inside").write_bytes(b"x")
        case "link_loop":
            path.symlink_to(path.name)
        case "link_to_zero" | "link_to_full":
            path.symlink_to("/dev/zero" if kind == "link_to_zero" else "/dev/full")
        case "sparse":
            with path.open("wb") as file:
                file.truncate(1 << 40)
        case "empty" | "magic" | "text":
            path.write_bytes({"empty": b"", "magic": b"\x89HDF\r\n\x1a\n", "text": b"not a map\n"}[kind])
