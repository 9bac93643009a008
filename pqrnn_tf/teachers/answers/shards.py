"""A teacher's answers on disk: sharded files in half precision, and training that streams from them.

A folder holds `manifest.json` and the shards that it lists (`shard_files`).
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import hashlib
import json
import logging
import os
import pathlib
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.files import folder_digest
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
from pqrnn_tf.teachers.answers.rewritten import Rewriter, rewritten_shard
from pqrnn_tf.teachers.answers.shard_files import Shard, ShardError, ShardRecord, parse_shard

_LOG = logging.getLogger(__name__)

FORMAT = 1
MANIFEST = "manifest.json"
RESULTS = ("width", "rows", "shards")
"""What the manifest has only when all shards are there; the rest of it says what they are answers to."""

REPORT_SECONDS = 10.0
"""After so long without a batch it is told how many rows were read."""

PROTOTYPES = "prototypes"
"""Among the options of a manifest: digest of the prototypes that weights of the rows were made with."""

_AGAIN = "Run `python -m pqrnn_tf.label` again with the same flags: it redoes what is missing or altered."


def token_settings(spec: ProjectionSpec) -> dict[str, Any]:
    """The fields of a specification that decide where tokens begin and end."""
    names = ("version", "segmentation", "max_code_points", "max_tokens")
    return {name: getattr(spec, name) for name in names}


def digest_of(value: Any) -> str:
    """SHA-256 of a value of plain JSON types."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


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
        width, vector_width = store.width or 0, store.vector_width or 0
        of_row = 2 * (intents + vector_width) + 150
        return record.tokens * (2 * (tags + width) + 17) + record.rows * of_row

    def read(self, spec: ProjectionSpec, seed: str) -> Shard:
        """The shard, its rows written again where the store does so."""
        shard, store = self.store.shard(self.number), self.store
        if store.rewrite is None:
            return shard
        own = random.Random(f"{seed}-{store.folder.name}-{self.number}").getrandbits(32)
        return rewritten_shard(shard, store.rewrite, seed=own, labels=store.labels, spec=spec)


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
        vector_width: Width of the sentence vectors, `None` where there are none.
        weighted: Whether batches have the weights of the rows that the folder holds.
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
        self.vector_width = self.shards[0].vector_width
        self.weighted = PROTOTYPES in self.manifest.get("options", {})
        self.rows: int = self.manifest["rows"]
        self.rewrite: Rewriter | None = None
        self.text = False
        self._verified: set[int] = set()
        for record in self.shards:
            self._check_size(record)

    @property
    def fingerprint(self) -> str:
        """What decides the data of this object: teacher, text, options, rows, hidden states and weights."""
        # Weights are left out where there are none, so that the records of older trainings stay true.
        weights = ["weights"] if self.weighted else []
        return digest_of([self.manifest["fingerprint"], self.rows, self.width, *weights])

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

    def without_weights(self) -> LabelledText:
        """The same rows, which all count alike."""
        view = copy.copy(self)
        view.weighted = False
        return view

    def rewritten(self, rewrite: Rewriter) -> LabelledText:
        """The same rows; each pass writes them again, and the answers go along (`rewritten_shard`).

        Args:
            rewrite: Called once per shard and pass with the rows and a seed.
        """
        view = copy.copy(self)
        view.rewrite = rewrite
        return view

    def with_text(self) -> LabelledText:
        """The same rows; batches also have `text` and `spans`, which a BERT that is the student reads."""
        view = copy.copy(self)
        view.text = True
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

    def check_tokens(self, spec: ProjectionSpec) -> None:
        """Raises `ShardError` unless a student's projection makes the tokens that the answers are of."""
        self._check_tokens(token_settings(spec))

    def _check_tokens(self, tokens: Mapping[str, Any]) -> None:
        own = self.manifest["tokens"]
        if own != tokens:
            raise ShardError(
                f"The tokens of {str(self.folder)!r} were made with {own}, and the same is needed here. "
                f"Received: {dict(tokens)}. Label the text again with the student's specification."
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
            `(batch, time, tags)`, `teacher_hidden` `(batch, time, width)` and `teacher_vector`
            `(batch, width)`, float16. Targets:
            `intent` int32 `(batch,)`, `slots` int32 `(batch, time)` and, for a student with nested tags,
            `nested` int32 `(batch, time)`, −1 where there is no gold label. Where rows have weights a third part, by
            the names of the targets: float32 `(batch,)`.

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
        labels, rows, width, vector_width, weighted: As in `LabelledText`.

    Raises:
        LabelError: if the stores have other labels.
        ShardError: if there is no store, or tokens or hidden states differ, or only some have weights of rows.
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
            store._check_tokens(first.manifest["tokens"])
            if store.vector_width != first.vector_width:
                raise ShardError(
                    "`stores` must have sentence vectors of the same width. Received: "
                    f"{[s.vector_width for s in stores]}. Label their text with the same teacher."
                )
            if store.weighted != first.weighted:
                raise ShardError(
                    "`stores` must all have weights of rows, or none of them. Received: "
                    f"{[str(s.folder) for s in stores if not s.weighted]} without. Label their text with prototypes, "
                    "or open the others with `without_weights()`."
                )
            if store.width != first.width:
                raise ShardError(
                    "`stores` must have hidden states of the same width. Received: "
                    f"{[s.width for s in stores]}. Open them with hidden=False to leave them out."
                )
        self.labels = first.labels
        self.width = first.width
        self.vector_width = first.vector_width
        self.weighted = first.weighted
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
        store.check_tokens(spec)
    parts = [part for store in stores for part in store._parts()]
    limit = min(store.memory_mib for store in stores) << 20
    rows = sum(store.rows for store in stores)

    def generate() -> Iterator[dict[str, Any]]:
        number = epoch()
        yield from _shuffled(
            parts,
            spec,
            nested=labels.nested,
            weighted=weighted,
            limit=limit,
            batch_size=batch_size,
            rng=random.Random(f"{seed}-{number}"),
            rewriting=f"{seed}-{number}",
        )

    targets_of = target_signature(labels)

    weighted = stores[0].weighted

    def project(columns: dict[str, tf.Tensor]) -> tuple[dict[str, Any], ...]:
        time = tf.shape(columns["slots"])[1]
        inputs, spans = projected(columns["text"], time, spec)
        if stores[0].text:
            inputs |= {"text": columns["text"], "spans": spans}
        targets = {key: columns[key] for key in targets_of}
        inputs |= {key: columns[key] for key in columns if key.startswith(PREFIX)}
        if weighted:
            return inputs, targets, dict.fromkeys(targets, columns[_WEIGHTS])
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
    if stores[0].vector_width is not None:
        signature[PREFIX + "vector"] = tf.TensorSpec((None, stores[0].vector_width), tf.float16)
    if weighted:
        signature[_WEIGHTS] = tf.TensorSpec((None,), tf.float32)
    dataset = tf.data.Dataset.from_generator(generate, output_signature=signature)
    return of_known_size(dataset.map(project), rows, batch_size)


_WEIGHTS = "weights"
_Row = tuple[Shard, int, int]
"""A shard, a row of it, and the number of the row's tokens."""


def _shuffled(
    parts: Sequence[_Part],
    spec: ProjectionSpec,
    *,
    nested: tuple[str, ...] = (),
    weighted: bool = False,
    limit: int,
    batch_size: int,
    rng: random.Random,
    rewriting: str = "",
) -> Iterator[dict[str, Any]]:
    """Yields the batches of one pass; the shards in memory take at most `limit` bytes.

    With `nested`, the student's nested tags, batches hold these too; with `weighted` weights of the rows. `rewriting`
    is the seed of rows written again.
    """
    order = list(parts)
    rng.shuffle(order)
    carried: list[_Row] = []
    total = sum(part.rows for part in parts)
    read, reported = 0, time.monotonic()
    while order:
        window: list[_Part] = []
        memory = 0
        while order and (not window or memory + order[-1].memory <= limit):
            window.append(order.pop())
            memory += window[-1].memory
        rows = carried
        for part in window:
            rows += _rows_of(part.read(spec, rewriting), part.rows)
            read += part.rows
            if time.monotonic() - reported > REPORT_SECONDS:
                reported = time.monotonic()
                again = " and wrote them again" if part.store.rewrite is not None else ""
                _LOG.info("read the answers to %s of %s rows%s", f"{read:,}", f"{total:,}", again)
        rng.shuffle(rows)
        # Only the last batch of a pass may be short: what is over moves to the next window.
        over = len(rows) % batch_size if order else 0
        carried = [_alone(row) for row in rows[:over]]
        rows = rows[over:]
        for batch in bucketed([length for _, _, length in rows], batch_size, rng) if rows else []:
            yield _assembled([rows[i] for i in batch], spec, nested, weighted=weighted)
            reported = time.monotonic()
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
        vectors=part(shard.vectors, one),
        weights=part(shard.weights, one),
    )
    return own, 0, length


def _assembled(
    rows: Sequence[_Row],
    spec: ProjectionSpec,
    nested: tuple[str, ...],
    *,
    weighted: bool = False,
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
    if first.vectors is not None:
        batch[PREFIX + "vector"] = np.stack([s.vectors[row] for s, row, _ in rows])  # type: ignore[index]
    if weighted:
        batch[_WEIGHTS] = np.array([s.weights[row] for s, row, _ in rows], np.float32)  # type: ignore[index]
    return batch
