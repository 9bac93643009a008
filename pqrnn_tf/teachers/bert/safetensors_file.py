"""Reading the safetensors format with numpy alone.

A file is the length of its header (8 bytes, little-endian), the header (a JSON object from a tensor's
name to its type, shape and place) and the tensors, row-major and little-endian:
https://huggingface.co/docs/safetensors
"""

from __future__ import annotations

import json
import math
import os
import pathlib
from typing import Any

import numpy as np

# bfloat16, which numpy lacks, is the upper half of a float32.
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}


def read_floats(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Reads all floating-point tensors of a file as float32.

    Tensors of other types (position numbers, for example) are left out.

    Args:
        path: File in safetensors format.

    Returns:
        Arrays by name.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if the file is cut short or is not in this format.
    """
    source = pathlib.Path(path)
    size = source.stat().st_size
    with open(source, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= size - 8:
            raise _broken(source, f"its header would have {length} of {size} bytes")
        try:
            header = json.loads(file.read(length))
        except ValueError as error:
            raise _broken(source, f"its header is not JSON ({error})") from error
    if not isinstance(header, dict):
        raise _broken(source, "its header is not a JSON object")
    begin = 8 + length
    data = np.memmap(source, np.uint8, "r", offset=begin) if size > begin else np.zeros(0, np.uint8)
    return {
        name: _array(source, name, entry, data)
        for name, entry in header.items()
        if name != "__metadata__" and isinstance(entry, dict) and entry.get("dtype") in _TYPES
    }


def _array(source: pathlib.Path, name: str, entry: dict[str, Any], data: np.ndarray) -> np.ndarray:
    try:
        (first, last), shape = entry["data_offsets"], tuple(int(n) for n in entry["shape"])
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(source, f"the entry of {name!r} is incomplete") from error
    kind = np.dtype(_TYPES[entry["dtype"]])
    if not 0 <= first <= last <= len(data):
        raise _broken(source, f"{name!r} ends at byte {last} of {len(data)}; it is cut short")
    if last - first != math.prod(shape) * kind.itemsize:
        raise _broken(source, f"{name!r} of shape {shape} has {last - first} bytes")
    values = np.frombuffer(data[first:last].tobytes(), kind).reshape(shape)
    if entry["dtype"] == "BF16":
        return (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float32)


def _broken(source: pathlib.Path, detail: str) -> ValueError:
    return ValueError(
        f"`path` must be a whole file in safetensors format. Received: {str(source)!r}; {detail}. "
        "Download it again."
    )
