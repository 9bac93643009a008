"""Files that are written whole or not at all."""

from __future__ import annotations

import json
import os
import pathlib
import secrets
from typing import Any


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """Writes a file so that a reader never sees half of it; makes its folder if need be.

    The temporary file beside it has a name of its own, so that of several processes that write the same file one
    wins and none fails; after an error it is gone.
    """
    target = pathlib.Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f"{target.name}.{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: str | os.PathLike[str], value: Any) -> None:
    """Writes indented JSON, as `write_bytes` does."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    write_bytes(path, text.encode("utf-8") + b"\n")
