"""One shard of a teacher's answers, and its file.

A shard is a ZIP archive of arrays, as `numpy.load` reads them; tokens of all its rows stand one behind the other.
Logits and hidden states are stored as two planes of bytes: the upper bytes (sign, exponent, two bits of the fraction)
are compressed, the lower ones hardly can be and are stored as they are, which halves the time to read them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import itertools
import os
import pathlib
import zipfile
from collections.abc import Sequence

import numpy as np

from pqrnn_tf.files import write_bytes
from pqrnn_tf.tasks.tagging import IGNORE

DTYPE = "float16"
_WEIGHTS = "weights"
_HALVES = ("intent_logits", "slot_logits", "hidden", "vectors")


class ShardError(ValueError):
    """A folder of cached teacher outputs that is damaged, or does not fit what is asked of it."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shard:
    """The rows of one shard; arrays over tokens hold the rows one behind the other.

    Attributes:
        texts: `(rows,)`, UTF-8.
        ends: int64 `(rows,)`, one past the last token of each row.
        spans: int32 `(tokens, 2)`, half-open, in code points of the text.
        intents: int32 `(rows,)`, gold intents, −1 for none.
        tags: int32 `(tokens,)`, gold tags, −1 for none.
        nested: int32 `(tokens,)`, gold nested tags as positions in `nested_tags`, −1 for none.
        nested_tags: Names of the nested tags of this shard. They are those of the rows, since a teacher
            need not know any.
        locales: Locale of each row; empty where none is known.
        mask: bool `(tokens,)`, whether the teacher has an answer for the token.
        intent_logits: float16 `(rows, intents)`, or `None` of a teacher without heads.
        slot_logits: float16 `(tokens, tags)`, or `None`.
        hidden: float16 `(tokens, width)`, or `None`.
        vectors: float16 `(rows, width)`, sentence vectors, or `None`.
        weights: float32 `(rows,)`, weights of the rows in the student's losses, or `None`.
    """

    texts: Sequence[bytes]
    ends: np.ndarray
    spans: np.ndarray
    intents: np.ndarray
    tags: np.ndarray
    mask: np.ndarray
    nested: np.ndarray
    nested_tags: tuple[str, ...] = ()
    locales: Sequence[str] = ()
    intent_logits: np.ndarray | None = None
    slot_logits: np.ndarray | None = None
    hidden: np.ndarray | None = None
    vectors: np.ndarray | None = None
    weights: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class ShardRecord:
    """What the manifest says of a shard; widths are those of hidden states and vectors, `None` without them."""

    file: str
    rows: int
    tokens: int
    width: int | None
    bytes: int
    sha256: str
    vector_width: int | None = None


def write_shard(path: str | os.PathLike[str], shard: Shard) -> ShardRecord:
    """Writes a shard; the file appears when it is complete.

    Raises:
        ShardError: if a value is not finite in half precision.
    """
    target = pathlib.Path(path)
    arrays: dict[str, tuple[np.ndarray, int]] = {
        "text": (np.frombuffer(b"".join(shard.texts), np.uint8), zipfile.ZIP_DEFLATED),
        "text_ends": (
            np.cumsum([len(text) for text in shard.texts], dtype=np.int64),
            zipfile.ZIP_DEFLATED,
        ),
    }
    for name in ("ends", "spans", "intents", "tags", "mask", "nested"):
        arrays[name] = (getattr(shard, name), zipfile.ZIP_DEFLATED)
    for name in ("nested_tags", "locales"):
        lines = "\n".join(getattr(shard, name)).encode("utf-8")
        arrays[name] = (np.frombuffer(lines, np.uint8), zipfile.ZIP_DEFLATED)
    if shard.weights is not None:
        arrays[_WEIGHTS] = (shard.weights.astype("<f4"), zipfile.ZIP_DEFLATED)
    for name in _HALVES:
        values = getattr(shard, name)
        if values is None:
            continue
        if not np.isfinite(values).all():
            raise ShardError(
                f"The teacher's {name!r} must be finite in half precision. Received: values that are "
                f"not, for {str(target)!r}. Check the teacher's training."
            )
        planes = np.ascontiguousarray(values, "<f2").view(np.uint8).reshape(*values.shape, 2)
        arrays[f"{name}.low"] = (planes[..., 0], zipfile.ZIP_STORED)
        arrays[f"{name}.high"] = (planes[..., 1], zipfile.ZIP_DEFLATED)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, (values, compression) in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(values), allow_pickle=False)
            # A ZipInfo of its own has a fixed date: equal shards are equal files.
            entry = zipfile.ZipInfo(f"{name}.npy")
            archive.writestr(entry, member.getbuffer(), compression, compresslevel=1)
    whole = content.getvalue()
    write_bytes(target, whole)
    return ShardRecord(
        file=target.name,
        rows=len(shard.texts),
        tokens=len(shard.tags),
        width=None if shard.hidden is None else shard.hidden.shape[1],
        bytes=len(whole),
        sha256=hashlib.sha256(whole).hexdigest(),
        vector_width=None if shard.vectors is None else shard.vectors.shape[1],
    )


def parse_shard(content: bytes, *, hidden: bool) -> Shard:
    """The inverse of `write_shard`, of the bytes of a file; hidden states are left out on demand."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:

        def halves(name: str) -> np.ndarray | None:
            if f"{name}.high" not in file or (name == "hidden" and not hidden):
                return None
            planes = np.stack([file[f"{name}.low"], file[f"{name}.high"]], axis=-1)
            return planes.view("<f2")[..., 0]

        text, ends = file["text"].tobytes(), file["text_ends"].tolist()
        nested = {"nested": np.full(file["tags"].shape, IGNORE, np.int32), "nested_tags": ()}
        if "nested" in file:  # not in folders from before there were nested tags
            names = file["nested_tags"].tobytes().decode("utf-8").split("\n")
            nested = {"nested": file["nested"], "nested_tags": tuple(filter(None, names))}
        locales: list[str] = []
        if "locales" in file:  # not in folders from before rows were written again
            locales = file["locales"].tobytes().decode("utf-8").split("\n")
            locales = locales if any(locales) else []
        return Shard(
            texts=[text[begin:end] for begin, end in itertools.pairwise([0, *ends])],
            locales=locales,
            **{name: file[name] for name in ("ends", "spans", "intents", "tags", "mask")},
            weights=file.get(_WEIGHTS, None),
            **nested,  # type: ignore[arg-type]
            **{name: halves(name) for name in _HALVES},  # type: ignore[arg-type]
        )
