"""What is in a folder, with HDF5 files by their content: all data and all attributes but `history`, which holds the time."""

import hashlib
import re
import struct
import zlib
from functools import lru_cache
from pathlib import Path

import h5py
import numpy

MARK = b"hopfmap sha-256:"
PNG = b"\x89PNG\r\n\x1a\n"
# A digest that no file has.
UNREADABLE = "unreadable"


def sealed(data: bytes) -> bool:
    """Whether the fingerprint at the end holds."""
    body, mark, digest = data[:-48], data[-48:-32], data[-32:]
    return mark == MARK and digest == hashlib.sha256(body).digest()


def plain(value: object, file: h5py.File) -> object:
    """A value that can be hashed; references by the name of what they point to."""
    if isinstance(value, h5py.Reference):
        return file[value].name if value else None
    if isinstance(value, numpy.ndarray) and (value.dtype.hasobject or value.dtype.names):
        return value.shape, [plain(v, file) for v in value.ravel()]
    if isinstance(value, numpy.void) and value.dtype.names:
        return [plain(value[n], file) for n in value.dtype.names]
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return value.dtype.str, value.shape, value.tobytes()
    return repr(value)


def content(path: Path) -> str:
    """A digest of everything in an HDF5 file but its `history`."""
    found = hashlib.sha256()

    def add(*words: object) -> None:
        found.update(repr(words).encode())

    def visit(item: h5py.Group | h5py.Dataset, file: h5py.File) -> None:
        for name in sorted(item.attrs):
            if name != "history":
                add("attribute", item.name, name, plain(item.attrs[name], file))
        if isinstance(item, h5py.Dataset):
            add("dataset", item.name, str(item.dtype), item.shape, item.chunks, item.compression)
            add(plain(item[()], file) if item.shape is not None else None)
        else:
            for name in sorted(item):
                add("link", item.name, name)
                visit(item[name], file)

    with h5py.File(path, "r", locking=False) as file:
        visit(file, file)
    return found.hexdigest()


@lru_cache(maxsize=4096)
def known(raw: str, path: str) -> str:
    """The content's digest of a file whose bytes have this digest; `path` is where it was first seen."""
    try:
        return content(Path(path))
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        return f"{UNREADABLE}: {error}"


def without_origin(data: bytes) -> bytes:
    """A picture without what depends on its data file's bytes, and so on the time: fingerprint, checksums, document numbers."""
    if data.startswith(PNG):
        pieces, at = [PNG], len(PNG)
        while at + 12 <= len(data):
            (length,) = struct.unpack(">I", data[at : at + 4])
            chunk = data[at + 4 : at + 8 + length]
            if data[at + 8 + length : at + 12 + length] != struct.pack(">I", zlib.crc32(chunk)):
                return data
            pieces.append(chunk)
            at += 12 + length
        data = b"".join(pieces) + data[at:]
    elif data.startswith(b"%PDF"):
        # Texts with Greek letters are in UTF-16.
        data = re.sub(rb"<FEFF([0-9A-F]*)>", lambda found: bytes.fromhex(found[1].decode()).decode("utf-16-be").encode(), data)
        data = re.sub(rb"(?<=<xmpMM:)(InstanceID|DocumentID)>[^<]*", rb"\1>", data)
        data = re.sub(rb"/ID ?\[\(.*?\)\]>>", b"/ID>>", data, flags=re.DOTALL)
    return re.sub(rb"sha-256 [0-9a-f]{64}", b"sha-256", data)


def digest(path: Path, folder: Path) -> str:
    if path.is_symlink():
        return f"link to {path.readlink()}"
    if path.is_dir():
        return "folder"
    data = path.read_bytes()
    raw = hashlib.sha256(data).hexdigest()
    if not data.startswith(b"\x89HDF\r\n\x1a\n"):
        # Scripts hold the folder's name.
        return hashlib.sha256(without_origin(data).replace(str(folder).encode(), b"FOLDER")).hexdigest()
    # A file whose fingerprint does not hold could crash the library. Those of a virtual map depend on its parts.
    if not sealed(data):
        return f"{UNREADABLE}: not sealed"
    parts = path.with_name(path.name + ".parts")
    if parts.is_dir():
        raw += "".join(hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(parts.glob("*.h5")))
    return known(raw, str(path))


def state(folder: Path) -> dict[str, str]:
    """The digest of everything in a folder, by its path there."""
    return {str(p.relative_to(folder)): digest(p, folder) for p in sorted(folder.rglob("*"))}


def raw_state(folder: Path) -> dict[str, str]:
    """The same by bytes alone: equal where nothing was touched."""
    hashed = lambda p: hashlib.sha256(p.read_bytes()).hexdigest() if p.is_file() else "folder"
    return {str(p.relative_to(folder)): hashed(p) for p in sorted(folder.rglob("*"))}
