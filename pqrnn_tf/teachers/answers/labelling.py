"""Labels text of any size with a teacher, in this process or as an Apache Beam pipeline."""

from __future__ import annotations

import codecs
import contextlib
import dataclasses
import hashlib
import json
import logging
import os
import pathlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from pqrnn_tf.datasets.formats.found import sample_of
from pqrnn_tf.datasets.formats.json_rows import row_from_json, row_to_json
from pqrnn_tf.datasets.recognition import format_of
from pqrnn_tf.datasets.rows import DataError, Example, unlabelled
from pqrnn_tf.files import claim_folder, only_one, write_bytes, write_json
from pqrnn_tf.runtime.labels import LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.tasks.backend import multiply_in_bfloat16
from pqrnn_tf.tasks.tagging import IGNORE, encode_tags, nested_tag_names
from pqrnn_tf.tasks.workers import finished_works, hold_to_one_thread, run_works
from pqrnn_tf.teachers.answers.asking import Answering, Asked, answering
from pqrnn_tf.teachers.answers.shard_files import DTYPE, Shard, ShardRecord, write_shard
from pqrnn_tf.teachers.answers.shards import (
    FORMAT,
    MANIFEST,
    PROTOTYPES,
    RESULTS,
    LabelledText,
    digest_of,
    token_settings,
)
from pqrnn_tf.teachers.domain_weights import DomainPrototypes, expertise, student_weights
from pqrnn_tf.teachers.saved import SavedTeacher, opened

_LOG = logging.getLogger(__name__)

_INPUT = "input.jsonl"
_OF_ROW = ("intent", "vector")
"""Answers to a text as a whole; the others are to its tokens."""
_JSON_LINES = ".jsonl"


@dataclasses.dataclass(frozen=True)
class _Slice:
    """Rows of an input file: `rows` lines that are not empty, from line `line` at byte `offset`."""

    file: str
    offset: int
    line: int
    rows: int


@dataclasses.dataclass(frozen=True)
class _Work:
    """One shard to make."""

    number: int
    file: str
    slices: tuple[_Slice, ...]


def label_text(
    rows: Sequence[Example] | Sequence[str | os.PathLike[str]],
    teacher: SavedTeacher | str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    spec: ProjectionSpec,
    rows_per_shard: int = 2048,
    hidden: bool = False,
    vectors: bool = False,
    bfloat16: bool = False,
    prototypes: DomainPrototypes | None = None,
    batch_size: int = 32,
    workers: int = 1,
    runner: str | None = None,
    pipeline_args: Sequence[str] = (),
    modules: Sequence[str] = (),
    overwrite: bool = False,
) -> LabelledText:
    """Writes a teacher's answers to text, in shards that `LabelledText` reads.

    A shard is the unit of work. It is written to a temporary file and then renamed; the manifest comes
    last. A run that was killed and is started again with the same arguments keeps the shards whose
    digest is right and makes the others, and so does a run over a folder in which a shard was damaged.
    Of several processes of one machine with the same `output` one works and the others wait for it.

    Args:
        rows: Examples, written to a file in `output` first, or paths of text files: JSON lines
            (`.jsonl`) with `"text"` and, where known, `"intent"`, `"slots"` (a list of
            `{"name", "start", "end"}` in code points) and the bracketed `"tree"` of these
            slots, or plain text, one a line. Empty lines are skipped.
        teacher: A `SavedTeacher`, or a folder that `load_teacher` knows; an encoder in TF-Hub's format has hidden
            states only.
        output: Folder for the shards. With a `runner`, every worker must see it, the input and the
            teacher under the same path.
        spec: The student's projection; it decides the tokens.
        rows_per_shard: Rows of a shard.
        hidden: Whether to store the hidden states of the teacher's chosen layer.
        vectors: Whether to store the teacher's sentence vectors, which teachers without heads give.
        bfloat16: Whether to multiply matrices in bfloat16, which is quicker on CPUs that have instructions for it. In
            this process it stays so afterwards if `workers` is 0.
        prototypes: Prototypes of domains, see `domain_prototypes`; a weight of each row for the student's losses is
            stored then (`student_weights`). The `domain` of a row is one of theirs, or empty where it is not known.
        batch_size: Rows a forward pass; rows of similar length go together. It does not enter the
            fingerprint.
        workers: Processes of Beam's local runner, each with a teacher of its own and one thread of
            TensorFlow, so that as many cores are busy as there are workers. With 0 everything is done
            in this process, with the threads that TensorFlow has here, a teacher that is loaded already, and
            without Beam.
        runner: Name of another Beam runner, such as `"FlinkRunner"`, `"SparkRunner"`, `"DaskRunner"` or
            `"DataflowRunner"`; `workers` is not used then.
        pipeline_args: Options of the runner, as on its command line.
        modules: Python modules that every process imports before it loads the teacher, see `load_teacher`.
        overwrite: Whether answers of another teacher, to other text or with other options in `output`
            are deleted.

    Returns:
        The labelled text.

    Raises:
        DataError: if an input file or a row cannot be read, or there are no rows.
        FileNotFoundError: if there is no teacher in the folder.
        ImportError: if the extra `beam` or `teachers` is not installed.
        ShardError: if the teacher's answers are not finite in half precision.
        ValueError: if an argument is out of range, the teacher has no heads and neither `hidden` nor `vectors` is
            true, or `prototypes` are given, it has heads and `vectors` is true, a domain has no prototype, or `output`
            holds something else and `overwrite` is false.
    """
    for name, value, least in (
        ("rows_per_shard", rows_per_shard, 1),
        ("batch_size", batch_size, 1),
        ("workers", workers, 0),
    ):
        if value < least:
            raise ValueError(f"`{name}` must be at least {least}. Received: {value}.")
    source = opened(teacher, modules=modules)
    labels = source.labels
    if labels is None and not hidden and not vectors:
        raise ValueError(
            "`hidden` or `vectors` must be True where the teacher has no heads: it has nothing else to store. "
            f"Received: hidden=False and {str(source.folder)!r}."
        )
    if labels is not None and vectors:
        raise ValueError(
            "`vectors` must be False for a teacher with heads: encoders without heads give sentence vectors. "
            f"Received: vectors=True and {str(source.folder)!r}."
        )
    if labels is None and prototypes is not None:
        raise ValueError(
            "`prototypes` must be None where the teacher has no heads: weights need its labels. Received: "
            f"{list(prototypes.names)} and {str(source.folder)!r}."
        )
    folder = pathlib.Path(output).resolve()
    with only_one(folder), _input_files(rows, folder) as files:
        works, text = _plan(files, rows_per_shard)
        settings: dict[str, Any] = {
            "format": FORMAT,
            "teacher": source.digest,
            "text": text,
            "options": {
                "rows_per_shard": rows_per_shard,
                "hidden": hidden,
                # Absent in folders from before there were any.
                **({"vectors": True} if vectors else {}),
                **({"bfloat16": True} if bfloat16 else {}),
                **({} if prototypes is None else {PROTOTYPES: prototypes.digest}),
            },
            "labels": labels.to_dict() if labels else None,
            "tokens": token_settings(spec),
            "dtype": DTYPE,
        }
        settings["fingerprint"] = digest_of(settings)
        claim_folder(
            folder,
            settings,
            name=MANIFEST,
            results=RESULTS,
            overwrite=overwrite,
            clear=lambda: _delete_shards(folder),
        )
        left = [work for work in works if _finished(folder, work) is None]
        _LOG.info("%s: %d of %d shards are there", folder, len(works) - len(left), len(works))
        if left:
            write_json(folder / MANIFEST, settings)  # without results: not finished
            label = LabelShard(
                source,
                str(folder),
                spec,
                batch_size=batch_size,
                hidden=hidden,
                vectors=vectors,
                bfloat16=bfloat16,
                prototypes=prototypes,
                one_thread=runner is None and workers > 0,
            )
            with finished_works(
                folder, [_record_path(folder / work.file) for work in works], "shards"
            ):
                run_works(left, label, workers=workers, runner=runner, pipeline_args=pipeline_args)
        _write_manifest(folder, settings, works)
    return LabelledText(folder)


class LabelShard:
    """Makes shards with a teacher that is loaded once; a `Worker`.

    Args:
        teacher: The teacher; another process loads it from its folder.
        folder: Folder of the shards.
        spec: The student's projection.
        batch_size: Rows a forward pass.
        hidden: Whether to store hidden states.
        vectors: Whether to store sentence vectors.
        bfloat16: Whether to multiply matrices in bfloat16.
        one_thread: Whether TensorFlow is held to one thread; for worker processes of the local runner.
        prototypes: Prototypes of domains, where weights of the rows are stored.
    """

    def __init__(
        self,
        teacher: SavedTeacher,
        folder: str,
        spec: ProjectionSpec,
        *,
        batch_size: int,
        hidden: bool,
        one_thread: bool,
        vectors: bool = False,
        bfloat16: bool = False,
        prototypes: DomainPrototypes | None = None,
    ) -> None:
        self.teacher = teacher
        self.folder = folder
        self.spec = spec
        self.batch_size = batch_size
        self.hidden = hidden
        self.vectors = vectors
        self.bfloat16 = bfloat16
        self.prototypes = prototypes
        self.one_thread = one_thread
        self._labels: LabelSet | None = None
        self._answer: Answering | None = None

    def setup(self) -> None:
        """Loads the teacher."""
        if self.one_thread:
            hold_to_one_thread()
        if self.bfloat16:
            multiply_in_bfloat16()
        self._labels = self.teacher.teacher.labels
        self._answer = answering(self.teacher)

    def process(self, work: _Work) -> int:
        """Labels the rows of one shard and writes it; returns its number."""
        rows = [row for part in work.slices for row in _read_rows(part)]
        path = pathlib.Path(self.folder) / work.file
        record = write_shard(path, self._label(rows))
        write_json(_record_path(path), dataclasses.asdict(record))
        return work.number

    def _label(self, rows: Sequence[Example]) -> Shard:
        if self._answer is None:
            raise RuntimeError("`setup` must be called before rows are labelled.")
        asked = Asked(rows, self.spec)
        texts, spans, lengths = asked.texts, asked.spans, asked.lengths
        ends = np.cumsum(lengths, dtype=np.int64)
        answers: dict[str, np.ndarray] = {}
        states: np.ndarray | None = None
        for batch, outputs in asked.answers(self._answer, self.batch_size):
            if self.prototypes is not None:
                own = asked.mean_states(batch, outputs)
                states = (
                    np.zeros((len(rows), own.shape[1]), own.dtype) if states is None else states
                )
                states[batch] = own
            for name in self._stored(outputs):
                values = outputs[name].numpy()
                if name not in answers:
                    of_row = name in _OF_ROW
                    size = (len(rows),) if of_row else (int(ends[-1]),)
                    shape = size + values.shape[len(size) + (not of_row) :]
                    answers[name] = np.zeros(shape, values.dtype)
                for k, i in enumerate(batch):
                    if name in _OF_ROW:
                        answers[name][i] = values[k]
                    else:
                        answers[name][ends[i] - lengths[i] : ends[i]] = values[k, : lengths[i]]
        intents, tags = self._gold(rows, spans)
        nested, nested_tags = _gold_nested(rows, spans)
        weights = None
        if self.prototypes is not None and states is not None:
            weights = student_weights(
                self.prototypes.weights(states, [row.domain for row in rows]),
                expertise(
                    answers["intent"], intents, answers["slots"], tags, answers["mask"], ends
                ),
            )
        return Shard(
            texts=texts,
            ends=ends,
            spans=np.array([span for row in spans for span in row], np.int32).reshape(-1, 2),
            intents=intents,
            tags=tags,
            mask=answers["mask"],
            nested=nested,
            nested_tags=nested_tags,
            locales=[row.locale for row in rows],
            intent_logits=answers.get("intent"),
            slot_logits=answers.get("slots"),
            hidden=answers.get("hidden"),
            vectors=answers.get("vector"),
            weights=weights,
        )

    def _stored(self, outputs: Mapping[str, Any]) -> list[str]:
        wanted = {"hidden": self.hidden, "vector": self.vectors}
        return [name for name in outputs if wanted.get(name, True)]

    def _gold(
        self, rows: Sequence[Example], spans: Sequence[Sequence[tuple[int, int]]]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Gold intents of the rows and gold tags of their tokens, −1 for none."""
        if self._labels is None:
            intents, tags = [IGNORE] * len(rows), [IGNORE] * sum(len(row) for row in spans)
            return np.array(intents, np.int32), np.array(tags, np.int32)
        number = {name: i for i, name in enumerate(self._labels.intents)}
        tags = []
        for row, own in zip(rows, spans, strict=True):
            unknown = [IGNORE] * len(own)
            tags += unknown if row.slots is None else encode_tags(own, row.slots, self._labels)
        intents = [number.get(row.intent, IGNORE) for row in rows]
        return np.array(intents, np.int32), np.array(tags, np.int32)


def _gold_nested(
    rows: Sequence[Example], spans: Sequence[Sequence[tuple[int, int]]]
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Gold nested tags of the tokens as positions in their names, −1 for none, and the names."""
    tags = [tag for row, own in zip(rows, spans, strict=True) for tag in nested_tag_names(own, row)]
    names = tuple(sorted({tag for tag in tags if tag is not None}))
    place: dict[str | None, int] = {name: i for i, name in enumerate(names)}
    return np.array([place.get(tag, IGNORE) for tag in tags], np.int32), names


@contextlib.contextmanager
def _input_files(
    rows: Sequence[Example] | Sequence[str | os.PathLike[str]], folder: pathlib.Path
) -> Iterator[list[pathlib.Path]]:
    """The files to label; examples are written to one, which is deleted at the end."""
    if not rows:
        raise DataError("`rows` must hold at least one example or file. Received: none.")
    examples = [row for row in rows if isinstance(row, Example)]
    if not examples:
        files = [pathlib.Path(row).resolve() for row in rows]  # type: ignore[arg-type]
        for file in files:
            _check_plain(file)
        yield files
        return
    if len(examples) < len(rows):
        raise ValueError("`rows` must be examples or paths. Received: some of both.")
    path = folder / _INPUT
    write_bytes(path, "".join(f"{row_to_json(row)}\n" for row in examples).encode("utf-8"))
    try:
        yield [path]
    finally:
        path.unlink()


def _check_plain(file: pathlib.Path) -> None:
    """Raises `DataError` for a file whose lines are no texts but rows of a format that is known."""
    known = None if file.suffix == _JSON_LINES else format_of(sample_of(file))
    if known is not None:
        raise DataError(
            f"{file}: the file is read as plain text, one per line, but its format is {known.name}. Name JSON lines "
            f"{_JSON_LINES}, make such a file of labelled rows (`pqrnn convert`), or save the texts as .txt."
        )


def _lines(path: pathlib.Path, offset: int = 0, line: int = 1) -> Iterator[tuple[int, int, bytes]]:
    """Yields `(offset, number, line)` of the lines that are not empty, from a place on."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            for number, content in enumerate(file, start=line):
                if _has_text(content):
                    yield offset, number, content
                offset += len(content)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}. Check the path.") from error


def _has_text(line: bytes) -> bool:
    """Whether there is more in a line than white space, that of Unicode included, and a byte order mark."""
    return bool(line.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="replace").strip())


def _row(path: pathlib.Path, number: int, line: bytes) -> Example:
    source = f"{path}:{number}"
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
    except UnicodeDecodeError as error:
        raise DataError(
            f"{source}: the line is not UTF-8 ({error.reason} at byte {error.start}). Convert the "
            "file to UTF-8."
        ) from error
    if path.suffix == _JSON_LINES:
        try:
            return row_from_json(text, source=source)
        except ValueError as error:
            raise DataError(f"{source}: {error}") from error
    return unlabelled(text, source=source)


def _read_rows(part: _Slice) -> Iterator[Example]:
    path = pathlib.Path(part.file)
    lines = _lines(path, part.offset, part.line)
    for _, (_, number, line) in zip(range(part.rows), lines, strict=False):
        yield _row(path, number, line)


def _plan(files: Sequence[pathlib.Path], rows_per_shard: int) -> tuple[list[_Work], str]:
    """Reads the input once, checks every row, and cuts it into shards.

    Returns:
        The shards, and the digest of all rows.
    """
    digest = hashlib.sha256()
    groups: list[list[_Slice]] = []
    room = 0
    for path in files:
        fresh = True
        for offset, number, line in _lines(path):
            row = _row(path, number, line)
            digest.update(row_to_json(row).encode("utf-8") + b"\n")
            if not room:
                groups.append([])
                room = rows_per_shard
            if fresh or not groups[-1]:
                groups[-1].append(_Slice(str(path), offset, number, 0))
                fresh = False
            last = groups[-1][-1]
            groups[-1][-1] = dataclasses.replace(last, rows=last.rows + 1)
            room -= 1
    if not groups:
        names = ", ".join(str(path) for path in files)
        raise DataError(f"The input must hold at least one row. Received: none in {names}.")
    works = [
        _Work(number, f"shard-{number:05d}.npz", tuple(slices))
        for number, slices in enumerate(groups)
    ]
    return works, digest.hexdigest()


def _delete_shards(folder: pathlib.Path) -> None:
    """Deletes all shards and their records: nothing says what they are answers to."""
    for pattern in ("shard-*.npz", "shard-*.json"):
        for path in folder.glob(pattern):
            path.unlink()


def _record_path(shard: pathlib.Path) -> pathlib.Path:
    return shard.with_suffix(".json")


def _finished(folder: pathlib.Path, work: _Work) -> ShardRecord | None:
    """The record of a shard that is there and whole; what is left of another one is deleted."""
    path = folder / work.file
    with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
        record = ShardRecord(**json.loads(_record_path(path).read_text(encoding="utf-8")))
        if hashlib.sha256(path.read_bytes()).hexdigest() == record.sha256:
            return record
    _record_path(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    return None


def _write_manifest(
    folder: pathlib.Path, settings: Mapping[str, Any], works: Sequence[_Work]
) -> None:
    records = [
        json.loads(_record_path(folder / work.file).read_text(encoding="utf-8")) for work in works
    ]
    manifest = {
        **settings,
        "width": records[0]["width"],
        "rows": sum(record["rows"] for record in records),
        "shards": records,
    }
    write_json(folder / MANIFEST, manifest)
