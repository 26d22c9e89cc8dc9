"""Clears the padding in arrays of records.

A tree's nodes are records of 57 bytes, 64 bytes apart. The 7 bytes of padding are never written: in a tree that was
loaded and saved again, they are whatever was in memory.
"""

from __future__ import annotations

import io

import numpy as np


def _is_padding(dtype: np.dtype) -> np.ndarray:
    """Whether each byte of a record (itemsize,) is padding."""
    free = np.ones(dtype.itemsize, dtype=bool)
    for kind, offset, *_ in (dtype.fields or {}).values():
        free[offset : offset + kind.itemsize] = False
    return free


def without_padding(npy: bytes) -> bytes:
    """The bytes of a .npy file with zeros as the padding of its records; other arrays are unchanged."""
    file = io.BytesIO(npy)
    version = np.lib.format.read_magic(file)
    read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    dtype = read_header(file)[2]
    free = _is_padding(dtype) if dtype.names else np.zeros(1, dtype=bool)
    if not free.any():
        return npy
    start = file.tell()
    records = np.frombuffer(npy, dtype=np.uint8, offset=start).reshape(-1, dtype.itemsize).copy()
    records[:, free] = 0
    return npy[:start] + records.tobytes()
