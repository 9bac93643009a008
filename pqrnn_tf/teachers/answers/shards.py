"""A teacher's answers on disk: sharded files in half precision, and training that streams from them.

A folder holds `manifest.json` and the shards that it lists. A shard is a ZIP archive of arrays, as
`numpy.load` reads them; tokens of all its rows stand one behind the other. Logits and hidden states
are stored as two planes of bytes: the upper bytes (sign, exponent, two bits of the fraction) are
compressed, the lower ones hardly can be and are stored as they are, which halves the time to read them.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import hashlib
import io
import itertools
import json
import os
import pathlib
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.files import folder_digest, write_bytes
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks.pipeline import (
    bucketed,
    of_known_size,
    padded_time,
    projected,
    target_signature,
)
from pqrnn_tf.tasks.tagging import IGNORE
from pqrnn_tf.teachers.adaptor import check_same_labels
from pqrnn_tf.teachers.answers.cached import PREFIX

FORMAT = 1
MANIFEST = "manifest.json"
RESULTS = ("width", "rows", "shards")
"""What the manifest has only when all shards are there; the rest of it says what they are answers to."""

DTYPE = "float16"
_AGAIN = "Run `python -m pqrnn_tf.label` again with the same flags: it redoes what is missing or altered."
_HALVES = ("intent_logits", "slot_logits", "hidden")


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
        mask: bool `(tokens,)`, whether the teacher has an answer for the token.
        intent_logits: float16 `(rows, intents)`, or `None` of a teacher without heads.
        slot_logits: float16 `(tokens, tags)`, or `None`.
        hidden: float16 `(tokens, width)`, or `None`.
    """

    texts: Sequence[bytes]
    ends: np.ndarray
    spans: np.ndarray
    intents: np.ndarray
    tags: np.ndarray
    mask: np.ndarray
    nested: np.ndarray
    nested_tags: tuple[str, ...] = ()
    intent_logits: np.ndarray | None = None
    slot_logits: np.ndarray | None = None
    hidden: np.ndarray | None = None


@dataclasses.dataclass(frozen=True)
class ShardRecord:
    """What the manifest says of a shard; `width` is that of its hidden states, `None` without them."""

    file: str
    rows: int
    tokens: int
    width: int | None
    bytes: int
    sha256: str


def token_settings(spec: ProjectionSpec) -> dict[str, Any]:
    """The fields of a specification that decide where tokens begin and end."""
    names = ("version", "segmentation", "max_code_points", "max_tokens")
    return {name: getattr(spec, name) for name in names}


def digest_of(value: Any) -> str:
    """SHA-256 of a value of plain JSON types."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


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
    names = "\n".join(shard.nested_tags).encode("utf-8")
    arrays["nested_tags"] = (np.frombuffer(names, np.uint8), zipfile.ZIP_DEFLATED)
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
        return Shard(
            texts=[text[begin:end] for begin, end in itertools.pairwise([0, *ends])],
            **{name: file[name] for name in ("ends", "spans", "intents", "tags", "mask")},
            **nested,  # type: ignore[arg-type]
            **{name: halves(name) for name in _HALVES},  # type: ignore[arg-type]
        )


@dataclasses.dataclass(frozen=True)
class _Part:
    """A shard of a store, of which the first `rows` rows take part."""

    store: LabelledText
    number: int
    rows: int

    @property
    def memory(self) -> int:
        """About how many bytes the shard takes once it is read."""
        store, record = self.store, self.store.shards[self.number]
        labels = store.labels
        tags, intents = (len(labels.tags), len(labels.intents)) if labels else (0, 0)
        width = store.width or 0
        return record.tokens * (2 * (tags + width) + 17) + record.rows * (2 * intents + 150)


class LabelledText:
    """Text with a teacher's answers, as `label_text` wrote it.

    It is training data: a distillation that has it as data, with a `CachedTeacher`, never runs the
    teacher. A pass reads the shards in a random order, as many at a time as `memory_mib` allows, and
    shuffles the rows of these, so that a folder may be larger than the memory.

    Args:
        folder: The folder with `manifest.json`.
        hidden: Whether batches hold the hidden states; `None` if the folder has them.
        memory_mib: About how much memory the shards being shuffled may take, in MiB; at least one
            shard is read all the same.

    Attributes:
        labels: Label set of the teacher, `None` of a teacher without heads.
        rows: Rows of one pass.
        width: Width of the hidden states in the batches, `None` where there are none.
        manifest: The manifest as it was read.
        shards: The manifest's record of each shard.

    Raises:
        FileNotFoundError: if the folder or its manifest is missing.
        ShardError: if the manifest cannot be read or has another format, a shard is missing or has
            another size than the manifest says, or hidden states are asked for and not there.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        hidden: bool | None = None,
        memory_mib: int = 512,
    ) -> None:
        if memory_mib < 1:
            raise ValueError(f"`memory_mib` must be positive. Received: {memory_mib}.")
        self.folder = pathlib.Path(folder)
        self.memory_mib = memory_mib
        self.manifest = read_manifest(self.folder)
        values = self.manifest["labels"]
        self.labels = LabelSet.from_dict(values) if values is not None else None
        self.shards = tuple(ShardRecord(**record) for record in self.manifest["shards"])
        if hidden and self.manifest["width"] is None:
            raise ShardError(
                f"`hidden` must not be True where no hidden states are stored. Received: "
                f"{str(self.folder)!r}, which has none. Label the text again with hidden=True."
            )
        stored = self.manifest["width"]
        self.width: int | None = stored if hidden is None or hidden else None
        self.rows: int = self.manifest["rows"]
        self._verified: set[int] = set()
        for record in self.shards:
            self._check_size(record)

    @property
    def fingerprint(self) -> str:
        """What decides the data of this object: teacher, text, options, rows and hidden states."""
        return digest_of([self.manifest["fingerprint"], self.rows, self.width])

    def take(self, rows: int) -> LabelledText:
        """The first rows, in the order in which they were given to `label_text`.

        Raises:
            ValueError: if there are not so many rows, or `rows` is below 1.
        """
        if not 1 <= rows <= self.rows:
            raise ValueError(
                f"`rows` must be from 1 to {self.rows}, the rows that there are. Received: {rows}."
            )
        view = copy.copy(self)
        view.rows = rows
        return view

    def without_hidden(self) -> LabelledText:
        """The same rows; batches leave out the hidden states, which are then not read either."""
        view = copy.copy(self)
        view.width = None
        return view

    def verify(self) -> None:
        """Reads every shard and compares its digest with the manifest's.

        Raises:
            ShardError: naming every shard that is missing, truncated or altered.
        """
        problems = []
        for number in range(len(self.shards)):
            try:
                self._content(number)
            except ShardError as error:
                problems.append(str(error).removesuffix(f" {_AGAIN}"))
        if problems:
            raise ShardError(" ".join([*problems, _AGAIN]))

    def check_teacher(self, folder: str | os.PathLike[str]) -> None:
        """Raises `ShardError` unless the answers are those of the teacher in `folder`."""
        theirs = folder_digest(folder)
        if theirs != self.manifest["teacher"]:
            raise ShardError(
                f"The teacher must be the one that labelled {str(self.folder)!r}, of digest "
                f"{self.manifest['teacher'][:12]}. Received: {os.fspath(folder)!r}, of digest "
                f"{theirs[:12]}. Label the text again with this teacher."
            )

    def shard(self, number: int) -> Shard:
        """Reads one shard; its digest is checked the first time.

        Raises:
            ShardError: if the file is missing, truncated or altered.
        """
        return parse_shard(self._content(number), hidden=self.width is not None)

    def batches(
        self,
        labels: LabelSet,
        spec: ProjectionSpec,
        *,
        batch_size: int,
        seed: int,
        epoch: Callable[[], int],
    ) -> tf.data.Dataset:
        """Batches for `Distiller.fit` with a `CachedTeacher`.

        Args:
            labels: Label set of the student.
            spec: Projection of the student; its tokens must be those of the folder.
            batch_size: Rows a batch.
            seed: Decides the order, together with the epoch.
            epoch: Called at the start of each pass for its number.

        Returns:
            A dataset of `(inputs, targets)`, in each pass every row once. Inputs: `features` int8
            `(batch, time, features)`, `lengths` int32 `(batch,)`, `teacher_mask` bool `(batch, time)`
            and, as far as they are stored, `teacher_intent` `(batch, intents)`, `teacher_slots`
            `(batch, time, tags)` and `teacher_hidden` `(batch, time, width)`, float16. Targets:
            `intent` int32 `(batch,)`, `slots` int32 `(batch, time)` and, for a student with nested tags,
            `nested` int32 `(batch, time)`, −1 where there is no gold label.

        Raises:
            LabelError: if the student has other labels than the teacher.
            ShardError: if `spec` makes other tokens. A damaged shard is met while the dataset is read
                and named in TensorFlow's error.
        """
        return _stream([self], labels, spec, batch_size=batch_size, seed=seed, epoch=epoch)

    def _check_size(self, record: ShardRecord) -> None:
        path = self.folder / record.file
        if not path.is_file():
            raise ShardError(
                f"The shard {record.file!r} is missing in {str(self.folder)!r}. {_AGAIN}"
            )
        size = path.stat().st_size
        if size != record.bytes:
            raise ShardError(
                f"The shard {str(path)!r} must have {record.bytes} bytes. Received: {size} bytes, so it "
                f"is truncated or altered. {_AGAIN}"
            )

    def _content(self, number: int) -> bytes:
        record = self.shards[number]
        self._check_size(record)
        content = (self.folder / record.file).read_bytes()
        if number not in self._verified:
            digest = hashlib.sha256(content).hexdigest()
            if digest != record.sha256:
                raise ShardError(
                    f"The shard {str(self.folder / record.file)!r} must have the SHA-256 "
                    f"{record.sha256[:12]}…. Received: {digest[:12]}…, so it is altered. {_AGAIN}"
                )
            self._verified.add(number)
        return content

    def _parts(self) -> list[_Part]:
        parts, left = [], self.rows
        for number, record in enumerate(self.shards):
            if left > 0:
                parts.append(_Part(self, number, min(left, record.rows)))
            left -= record.rows
        return parts


class MixedText:
    """Several stores of labelled text as one: a pass has every row of each, in one shuffle.

    Args:
        stores: What to mix; all from teachers with the same labels, with the same tokens and, where
            there are hidden states, the same width.

    Attributes:
        labels, rows, width: As in `LabelledText`.

    Raises:
        LabelError: if the stores have other labels.
        ShardError: if there is no store, or tokens or hidden states differ.
    """

    def __init__(self, stores: Sequence[LabelledText]) -> None:
        if not stores:
            raise ShardError("`stores` must hold at least one store. Received: none.")
        self.stores = tuple(stores)
        first = stores[0]
        for store in stores[1:]:
            if (first.labels is None) != (store.labels is None):
                raise ShardError(
                    "`stores` must all have labels, or none of them. Received: "
                    f"{[str(s.folder) for s in stores if s.labels is None]} without labels. Train on "
                    "them one after the other."
                )
            check_same_labels(first.labels, store.labels)
            _check_tokens(store, first.manifest["tokens"])
            if store.width != first.width:
                raise ShardError(
                    "`stores` must have hidden states of the same width. Received: "
                    f"{[s.width for s in stores]}. Open them with hidden=False to leave them out."
                )
        self.labels = first.labels
        self.width = first.width
        self.rows = sum(store.rows for store in stores)

    @property
    def fingerprint(self) -> str:
        """What decides the data of this object."""
        return digest_of([store.fingerprint for store in self.stores])

    def batches(
        self,
        labels: LabelSet,
        spec: ProjectionSpec,
        *,
        batch_size: int,
        seed: int,
        epoch: Callable[[], int],
    ) -> tf.data.Dataset:
        """As `LabelledText.batches`."""
        return _stream(self.stores, labels, spec, batch_size=batch_size, seed=seed, epoch=epoch)


def read_manifest(folder: pathlib.Path) -> dict[str, Any]:
    """Reads and checks the manifest of a folder.

    Raises:
        FileNotFoundError: if the folder or its manifest is missing.
        ShardError: if the manifest is not readable or has another format.
    """
    path = folder / MANIFEST
    expected = f"`folder` must hold a teacher's answers. Received: {str(folder)!r}, "
    if not path.is_file():
        raise FileNotFoundError(
            f"{expected}which has no {MANIFEST!r}. Label text with `pqrnn label`."
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ShardError(f"{str(path)!r} must be JSON. Received: {error}. {_AGAIN}") from error
    version = manifest.get("format") if isinstance(manifest, dict) else None
    if version != FORMAT:
        raise ShardError(
            f"`folder` must hold answers of format {FORMAT}. Received: format {version!r} in "
            f"{str(folder)!r}. Label the text again with this version."
        )
    if "shards" not in manifest:
        raise FileNotFoundError(f"{expected}where labelling has not finished. {_AGAIN}")
    return manifest


def _check_tokens(store: LabelledText, tokens: Mapping[str, Any]) -> None:
    own = store.manifest["tokens"]
    if own != tokens:
        raise ShardError(
            f"The tokens of {str(store.folder)!r} were made with {own}, and the same is needed here. "
            f"Received: {dict(tokens)}. Label the text again with the student's specification."
        )


def _stream(
    stores: Sequence[LabelledText],
    labels: LabelSet,
    spec: ProjectionSpec,
    *,
    batch_size: int,
    seed: int,
    epoch: Callable[[], int],
) -> tf.data.Dataset:
    if batch_size < 1:
        raise ValueError(f"`batch_size` must be positive. Received: {batch_size}.")
    for store in stores:
        check_same_labels(store.labels, labels)
        _check_tokens(store, token_settings(spec))
    parts = [part for store in stores for part in store._parts()]
    limit = min(store.memory_mib for store in stores) << 20
    rows = sum(store.rows for store in stores)

    def generate() -> Iterator[dict[str, Any]]:
        rng = random.Random(f"{seed}-{epoch()}")
        yield from _shuffled(
            parts, spec, nested=labels.nested, limit=limit, batch_size=batch_size, rng=rng
        )

    targets_of = target_signature(labels)

    def project(columns: dict[str, tf.Tensor]) -> tuple[dict[str, Any], dict[str, Any]]:
        time = tf.shape(columns["slots"])[1]
        inputs, _ = projected(columns["text"], time, spec)
        targets = {key: columns[key] for key in targets_of}
        inputs |= {key: columns[key] for key in columns if key.startswith(PREFIX)}
        return inputs, targets

    signature = {
        "text": tf.TensorSpec((None,), tf.string),
        **targets_of,
        PREFIX + "mask": tf.TensorSpec((None, None), tf.bool),
    }
    own, width = stores[0].labels, stores[0].width
    if own is not None:
        signature[PREFIX + "intent"] = tf.TensorSpec((None, len(own.intents)), tf.float16)
        signature[PREFIX + "slots"] = tf.TensorSpec((None, None, len(own.tags)), tf.float16)
    if width is not None:
        signature[PREFIX + "hidden"] = tf.TensorSpec((None, None, width), tf.float16)
    dataset = tf.data.Dataset.from_generator(generate, output_signature=signature)
    return of_known_size(dataset.map(project), rows, batch_size)


_Row = tuple[Shard, int, int]
"""A shard, a row of it, and the number of the row's tokens."""


def _shuffled(
    parts: Sequence[_Part],
    spec: ProjectionSpec,
    *,
    nested: tuple[str, ...] = (),
    limit: int,
    batch_size: int,
    rng: random.Random,
) -> Iterator[dict[str, Any]]:
    """Yields the batches of one pass; the shards in memory take at most `limit` bytes.

    With `nested`, the student's nested tags, batches hold these too.
    """
    order = list(parts)
    rng.shuffle(order)
    carried: list[_Row] = []
    while order:
        window: list[_Part] = []
        memory = 0
        while order and (not window or memory + order[-1].memory <= limit):
            window.append(order.pop())
            memory += window[-1].memory
        rows = carried
        for part in window:
            rows += _rows_of(part.store.shard(part.number), part.rows)
        rng.shuffle(rows)
        # Only the last batch of a pass may be short: what is over moves to the next window.
        over = len(rows) % batch_size if order else 0
        carried = [_alone(row) for row in rows[:over]]
        rows = rows[over:]
        for batch in bucketed([length for _, _, length in rows], batch_size, rng) if rows else []:
            yield _assembled([rows[i] for i in batch], spec, nested)
        # The next window is read when nothing holds this one any more.
        del rows


@functools.lru_cache(maxsize=64)
def _places(names: tuple[str, ...], nested: tuple[str, ...]) -> np.ndarray:
    """The position in `nested` of each name, −1 where it has none; the last is that of no name."""
    place = {name: i for i, name in enumerate(nested)}
    return np.array([*(place.get(name, IGNORE) for name in names), IGNORE], np.int32)


def _rows_of(shard: Shard, rows: int) -> list[_Row]:
    ends = shard.ends.tolist()
    return [(shard, row, ends[row] - (ends[row - 1] if row else 0)) for row in range(rows)]


def _alone(row: _Row) -> _Row:
    """A row in a shard of its own, which does not keep the whole shard in memory."""
    shard, number, length = row
    end = int(shard.ends[number])
    tokens, one = slice(end - length, end), slice(number, number + 1)

    def part(values: np.ndarray | None, place: slice) -> Any:
        return None if values is None else values[place].copy()

    own = Shard(
        texts=[shard.texts[number]],
        ends=np.array([length]),
        spans=part(shard.spans, tokens),
        intents=part(shard.intents, one),
        tags=part(shard.tags, tokens),
        mask=part(shard.mask, tokens),
        nested=part(shard.nested, tokens),
        nested_tags=shard.nested_tags,
        intent_logits=part(shard.intent_logits, one),
        slot_logits=part(shard.slot_logits, tokens),
        hidden=part(shard.hidden, tokens),
    )
    return own, 0, length


def _assembled(
    rows: Sequence[_Row], spec: ProjectionSpec, nested: tuple[str, ...]
) -> dict[str, Any]:
    """One padded batch of rows, by the names that training knows."""
    time = padded_time([length for _, _, length in rows], spec)
    places = [(shard, row, int(shard.ends[row]) - length, length) for shard, row, length in rows]

    def padded(name: str, filler: Any) -> np.ndarray:
        example = getattr(rows[0][0], name)
        result = np.full((len(rows), time, *example.shape[1:]), filler, example.dtype)
        for k, (shard, _, begin, length) in enumerate(places):
            result[k, :length] = getattr(shard, name)[begin : begin + length]
        return result

    batch: dict[str, Any] = {
        "text": [shard.texts[row] for shard, row, _ in rows],
        "intent": np.array([shard.intents[row] for shard, row, _ in rows], np.int32),
        "slots": padded("tags", IGNORE),
        PREFIX + "mask": padded("mask", False),
    }
    if nested:
        batch["nested"] = np.full((len(rows), time), IGNORE, np.int32)
        for k, (shard, _, begin, length) in enumerate(places):
            own = _places(shard.nested_tags, nested)
            batch["nested"][k, :length] = own[shard.nested[begin : begin + length]]
    first = rows[0][0]
    if first.intent_logits is not None:
        batch[PREFIX + "intent"] = np.stack([s.intent_logits[row] for s, row, _ in rows])  # type: ignore[index]
        batch[PREFIX + "slots"] = padded("slot_logits", 0)
    if first.hidden is not None:
        batch[PREFIX + "hidden"] = padded("hidden", 0)
    return batch
