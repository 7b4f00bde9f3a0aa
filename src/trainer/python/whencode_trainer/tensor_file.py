"""Writes safetensors files piece by piece: no tensor is copied whole, and several processes write one file."""

import json
import math
import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch

# Elements on their way from a tensor to the file.
_CHUNK = 2**24
# safetensors lays tensors out by falling size of their elements, then by name.
_TYPES = {torch.float32: ("F32", 4), torch.bfloat16: ("BF16", 2), torch.int16: ("I16", 2), torch.uint8: ("U8", 1)}


@dataclass(frozen=True)
class Entry:
    """A tensor of the file. pieces: contiguous tensors with the place of their first element, of this process. encode: makes
    elements of `dtype` of those of a piece, as they are written.
    """

    shape: tuple
    pieces: list = field(default_factory=list)
    dtype: torch.dtype = torch.float32
    encode: Callable = field(default=lambda chunk: chunk)

    def encoded(self, encode, dtype):
        return replace(self, encode=encode, dtype=dtype)


def whole(tensor):
    return Entry(tuple(tensor.shape), [(0, tensor.detach().contiguous())], tensor.dtype)


def write_tensors(path, entries, metadata, group):
    """Writes the entries, by name, with the bytes of safetensors' `save_file`, and flushes them to disk.

    Every process of the group calls it with the same names, shapes and metadata, and with its own pieces.
    """
    order = sorted(entries, key=lambda name: (-_TYPES[entries[name].dtype][1], name))
    header, at, places = {"__metadata__": metadata}, 0, {}
    for name in order:
        kind, size = _TYPES[entries[name].dtype]
        places[name], end = at, at + size * math.prod(entries[name].shape)
        header[name] = {"dtype": kind, "shape": list(entries[name].shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    start = 8 + len(text)
    if group.of_first(start) != start:
        raise RuntimeError(f"the processes of one file have different headers: {path}")
    if group.rank == 0:
        with open(path, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            file.truncate(start + at)
    group.wait()
    with open(path, "r+b", buffering=0) as file:
        for name in order:
            entry = entries[name]
            for place, piece in entry.pieces:
                file.seek(start + places[name] + place * _TYPES[entry.dtype][1])
                for chunk in piece.detach().reshape(-1).split(_CHUNK):
                    # numpy has no bf16.
                    _write(file, entry.encode(chunk).cpu().view(torch.uint8).numpy().data)
        os.fsync(file.fileno())
    group.wait()


def _write(file, data):
    """An unbuffered write may be a part of what was asked for."""
    data = data.cast("B") if data.nbytes else b""
    while len(data):
        data = data[file.write(data) :]
