"""What people hand to `fit`, `evaluate` and `predict`, as rows: files, rows, texts with labels, `tf.data`."""

from __future__ import annotations

import dataclasses
import logging
import math
import numbers
import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from pqrnn_tf.datasets.formats.bio import slots_from_bio
from pqrnn_tf.datasets.formats.json_rows import row_from_fields, slot_from_fields
from pqrnn_tf.datasets.reading import read_rows
from pqrnn_tf.datasets.rows import DataError, Example, SlotSpan, check_row
from pqrnn_tf.runtime.labels import LabelError, LabelSet

_LOG = logging.getLogger(__name__)

Weights = dict[str, Any]
"""Sample weights by output: per row `(rows,)`, or per token a sequence of weights per row."""


@dataclasses.dataclass(frozen=True)
class LabelledTexts:
    """Rows with their sample weights.

    Attributes:
        rows: The rows.
        weights: Sample weights by output, or for all outputs where it is an array `(rows,)`; `None` for 1.
        batch_size: Rows per batch, where the data came in batches.
    """

    rows: list[Example]
    weights: Weights | np.ndarray | None = None
    batch_size: int | None = None

    def taken(self, places: Sequence[int]) -> LabelledTexts:
        """The rows at some places."""

        def take(weights: Any) -> Any:
            if isinstance(weights, dict):
                return {name: take(own) for name, own in weights.items()}
            if isinstance(weights, np.ndarray):
                return weights[list(places)]
            return None if weights is None else [weights[i] for i in places]

        rows = [self.rows[i] for i in places]
        return LabelledTexts(rows, take(self.weights), self.batch_size)

    def weights_by_output(self, outputs: Sequence[str]) -> Weights:
        """The weights of each output that has some.

        Raises:
            ValueError: if there are weights for another output.
        """
        if self.weights is None:
            return {}
        if isinstance(self.weights, np.ndarray):
            return dict.fromkeys(outputs, self.weights)
        if unknown := sorted(set(self.weights) - set(outputs)):
            raise ValueError(
                f"`sample_weight` must be for outputs of the model, {list(outputs)}. Received: {unknown}."
            )
        return self.weights


def is_path(x: Any) -> bool:
    """Whether something is the path of a file or folder, or a sequence of paths."""
    if isinstance(x, (str, os.PathLike)):
        return True
    return (
        isinstance(x, (list, tuple))
        and len(x) > 0
        and all(isinstance(part, (str, os.PathLike)) for part in x)
    )


def is_text(x: Any) -> bool:
    """Whether something is a text or a batch of texts: strings of Python, NumPy, TensorFlow or Keras."""
    if isinstance(x, (str, bytes)):
        return True
    dtype = getattr(x, "dtype", None)
    if dtype is not None and not isinstance(x, (list, tuple)):
        kind = getattr(dtype, "kind", None)  # of NumPy's types and those of pandas
        if kind in ("U", "S", "T") or str(dtype) in ("string", "str", "<dtype: 'string'>"):
            return True
        return kind == "O" and len(x) > 0 and all(isinstance(v, (str, bytes)) for v in x)
    return isinstance(x, (list, tuple)) and len(x) > 0 and all(map(_is_string, x))


def _is_string(value: Any) -> bool:
    if isinstance(value, (str, bytes)):
        return True
    return isinstance(value, tf.Tensor) and value.dtype == tf.string and value.shape.rank == 0


def is_features(x: Any) -> bool:
    """Whether something holds what the model computes with: projection features, or a dataset of them."""
    if isinstance(x, tf.data.Dataset):
        spec = x.element_spec
        first = spec[0] if isinstance(spec, tuple) else spec
        return isinstance(first, Mapping) and "features" in first
    return isinstance(x, Mapping) and "features" in x


def as_texts(values: Any, name: str) -> list[str]:
    """Texts or labels in any container as a list of strings.

    Raises:
        TypeError: if one of them is no string; its place is named.
        ValueError: if there are none.
    """
    if isinstance(values, (str, bytes)):
        values = [values]
    elif isinstance(values, tf.Tensor):
        values = np.atleast_1d(values.numpy())
    elif hasattr(values, "to_numpy"):  # a column of pandas
        values = values.to_numpy()
    if isinstance(values, np.ndarray):
        values = np.atleast_1d(values)
        values = (
            values.reshape(-1).tolist()
            if values.ndim < 3 and values.size == len(values)
            else values
        )
    if not isinstance(values, Iterable) or isinstance(values, Mapping):
        raise TypeError(f"`{name}` must be a sequence of strings. Received: {values!r:.80}.")
    texts = [_string(value, name, i) for i, value in enumerate(values)]
    if not texts:
        raise ValueError(f"`{name}` must hold at least one string. Received: none.")
    return texts


def _string(value: Any, name: str, place: int) -> str:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, tf.Tensor) and value.dtype == tf.string and value.shape.rank == 0:
        value = value.numpy()
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    raise TypeError(
        f"`{name}` must be strings. Received: {value!r:.60} of type {type(value).__name__} at place {place}."
    )


def labelled_texts(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    labels: LabelSet | None = None,
    splits: Sequence[str] = ("train",),
) -> LabelledTexts:
    """The rows that a caller means.

    Args:
        x: Paths; rows (`Example`, or mappings with `text`, `intent` and `slots`); `(texts, intents)` or
            `(texts, intents, slots)`; texts; a finite `tf.data.Dataset` of any of these, row by row or in
            batches.
        y: With texts: their intents, `(intents, slots)`, or a mapping with `intent` and `slots`.
        sample_weight: Weights `(rows,)`, or by output.
        labels: Labels of the model, which give names to intents that are numbers.
        splits: The splits that are meant where paths are given: the first of them that the data has.

    Raises:
        TypeError, ValueError: if it is none of these; the message says which place is wrong.
    """
    if isinstance(x, LabelledTexts):
        return x
    if isinstance(x, tf.data.Dataset):
        _only(x, y, sample_weight, "a tf.data.Dataset")
        return _of_dataset(x, labels)
    if y is None and is_path(x):
        rows = _read(x, splits)
    elif y is None and _are_rows(x):
        rows = [
            row if isinstance(row, Example) else _row_of_mapping(row, i) for i, row in enumerate(x)
        ]
    elif y is None and _is_pair(x):
        intents, slots = _columns_of(x[1]) if len(x) == 2 else x[1:]
        rows = _rows_of_columns(x[0], intents, slots, labels)
    elif y is not None and (is_text(x) or _holds_text(x)):
        intents, slots = _columns_of(y)
        rows = _rows_of_columns(x, intents, slots, labels)
    elif _holds_nothing(x):
        rows = []
    else:
        raise TypeError(
            "`x` must be a path, rows, (texts, intents), (texts, intents, slots), texts with `y`, or a "
            "tf.data.Dataset; feature tensors are a mapping with `features` and `lengths`. Pairs become columns by "
            "`tuple(zip(*pairs))`. Received: "
            f"{_described(x)}" + ("." if y is None else f" with y {_described(y)}.")
        )
    if not rows:
        raise ValueError("`x` must hold at least one row. Received: none.")
    _check_rows(rows)
    return LabelledTexts(rows, sample_weights(sample_weight, len(rows)))


def _check_rows(rows: Sequence[Example]) -> None:
    """Refuses rows without a text or an intent, and halves of characters, as the readers of files do."""
    for i, row in enumerate(rows):
        where = row.source or f"row {i}"
        if not row.intent:
            raise ValueError(
                f"`x` must have an intent for each text. Received: none in {where} ({row.text!r:.60})."
            )
        try:
            check_row(row)
        except ValueError as error:
            raise ValueError(
                f"`x` must hold rows to train or score on; {where}: {error}"
            ) from error


def _read(paths: Any, splits: Sequence[str]) -> list[Example]:
    """The rows of files and folders: of the first of some splits that there is, or of the only one that there is."""
    found = read_rows(paths)
    for note in found.notes:
        _LOG.info("%s", note)
    there = [split for split in splits if split in found.splits] or list(found.splits)
    if there[0] not in splits and len(there) > 1:
        raise DataError(
            f"`x` must have rows of {' or '.join(splits)}. Received: {_described(paths)} with {there}. Name one "
            "file."
        )
    return found.splits[there[0]]


def texts_of_dataset(dataset: tf.data.Dataset) -> list[str]:
    """The texts of a dataset, one by one or in batches, without what stands beside them."""
    texts: list[str] = []
    for element in dataset:
        if isinstance(element, Mapping):
            element = element["text"]
        texts += as_texts(element[0] if isinstance(element, tuple) else element, "x")
    return texts


def sample_weights(given: Any, rows: int) -> Weights | np.ndarray | None:
    """Sample weights of rows, by output or for all outputs, checked for their number.

    Raises:
        ValueError: if there are not as many as rows, or one is not finite or below 0.
    """
    if given is None:
        return None
    if isinstance(given, Mapping):
        return {name: _row_weights(weights, rows, name) for name, weights in given.items()}
    weights = _row_weights(given, rows, "")
    if not isinstance(weights, np.ndarray) or weights.ndim != 1:
        raise ValueError(
            "`sample_weight` must be one weight per row, or a mapping from outputs to weights, as in "
            '{"slots": weights of tokens}. Received: weights of more axes.'
        )
    return weights


def _row_weights(weights: Any, rows: int, name: str) -> Any:
    if isinstance(weights, tf.Tensor):
        weights = weights.numpy()
    of = f" of {name!r}" if name else ""
    has_length = hasattr(weights, "__len__") and getattr(weights, "ndim", 1) > 0
    if isinstance(weights, (str, bytes)) or not has_length:
        raise TypeError(f"`sample_weight`{of} must be a sequence. Received: {weights!r:.60}.")
    if len(weights) != rows:
        raise ValueError(
            f"`sample_weight`{of} must have one entry per row. Received: {len(weights)} for {rows} rows."
        )
    if all(np.ndim(entry) == 0 for entry in weights):
        return _finite(weights, of)
    return [_finite(entry, of) for entry in weights]


def _finite(weights: Any, of: str) -> np.ndarray:
    """Weights as an array; one that is no number would make every loss none, one below 0 reward errors."""
    try:
        found = np.asarray(weights, np.float32)
    except (TypeError, ValueError):
        found = np.asarray(np.nan)
    if not np.all(np.isfinite(found) & (found >= 0.0)):
        raise ValueError(
            f"`sample_weight`{of} must be finite numbers of at least 0. Received: {weights!r:.80}."
        )
    return found


def _holds_text(x: Any) -> bool:
    """Whether some entries are strings, so that the others are wrong."""
    return isinstance(x, (list, tuple, np.ndarray)) and any(map(_is_string, x))


def _holds_nothing(x: Any) -> bool:
    """Whether something is a container without entries, or columns all of which are."""
    if isinstance(x, np.ndarray):
        return x.size == 0
    return isinstance(x, (list, tuple)) and all(
        isinstance(part, (list, tuple, np.ndarray)) and _holds_nothing(part) for part in x
    )


def _only(x: Any, y: Any, sample_weight: Any, what: str) -> None:
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(
                f"`{name}` must be None where `x` is {what}: its elements hold them. Received: "
                f"{_described(value)}."
            )


def _are_rows(x: Any) -> bool:
    if not isinstance(x, Sequence) or isinstance(x, (str, bytes)) or not len(x):
        return False
    return all(
        isinstance(row, Example) or (isinstance(row, Mapping) and "text" in row) for row in x
    )


def _is_pair(x: Any) -> bool:
    if not isinstance(x, (tuple, list)) or len(x) not in (2, 3):
        return False
    if isinstance(x, list) and all(isinstance(part, tuple) for part in x):
        return False  # rows as (text, intent), which two of them must not make columns
    return all(not isinstance(part, (str, bytes)) for part in x) and is_text(x[0])


def _columns_of(y: Any) -> tuple[Any, Any]:
    """Intents and slots that `y` holds."""
    if isinstance(y, Mapping):
        if "intent" not in y or not set(y) <= {"intent", "slots"}:
            raise ValueError(f"`y` must have `intent` and may have `slots`. Received: {sorted(y)}.")
        return y["intent"], y.get("slots")
    if isinstance(y, tuple) and len(y) == 2 and not isinstance(y[0], (str, bytes, int)):
        return y
    return y, None


def _rows_of_columns(
    texts: Any, intents: Any, slots: Any, labels: LabelSet | None, *, before: int = 0
) -> list[Example]:
    """The rows; `before` of them stand before these, as messages count."""
    texts = as_texts(texts, "texts")
    names = _intent_names(intents, labels)
    columns: list[tuple[str, Sequence[Any]]] = [("intents", names)]
    if slots is not None:
        columns.append(("slots", list(slots)))
    for name, column in columns:
        if len(column) != len(texts):
            raise ValueError(
                f"`{name}` must have one entry per text. Received: {len(column)} for {len(texts)} texts."
            )
    return [
        _row(text, names[i], () if slots is None else columns[1][1][i], before + i)
        for i, text in enumerate(texts)
    ]


def _intent_names(intents: Any, labels: LabelSet | None) -> list[str]:
    if not isinstance(intents, Iterable):
        raise TypeError(f"`intents` must be a sequence of names. Received: {intents!r:.60}.")
    places = np.asarray(intents if isinstance(intents, (np.ndarray, tf.Tensor)) else list(intents))
    if places.dtype.kind not in "iu":
        names = as_texts(intents, "intents")
    elif labels is None:
        raise ValueError(
            "`intents` must be names, or the model must have `labels`, in which numbers are places. Received: "
            f"numbers such as {places.reshape(-1)[:3].tolist()} and no labels."
        )
    else:
        wrong = [n for n in places.reshape(-1).tolist() if not 0 <= n < len(labels.intents)]
        if wrong:
            raise ValueError(
                f"`intents` must be below {len(labels.intents)}, the intents of the model. Received: {wrong[0]}."
            )
        names = [labels.intents[n] for n in places.reshape(-1).tolist()]
    return names


def _row(text: str, intent: str, slots: Any, place: int) -> Example:
    try:
        return Example(text, intent, _slots(text, slots), source=f"row {place}")
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"Row {place} ({text!r:.60}): {error}") from error


def _row_of_mapping(row: Mapping[str, Any], place: int) -> Example:
    try:
        return row_from_fields(dict(row), source=f"row {place}")
    except ValueError as error:
        raise ValueError(f"Row {place}: {error}") from error


def _slots(text: str, slots: Any) -> tuple[SlotSpan, ...]:
    """Slots as `SlotSpan`s: from objects or mappings with `name`, `start`, `end`, triples, or tags of words."""
    if slots is None:
        return ()
    if isinstance(slots, (str, bytes, Mapping)) or not isinstance(slots, Iterable):
        raise TypeError(
            f"The slots of a text must be a list of slots, or of a tag for each word. Received: {slots!r:.60}."
        )
    slots = list(slots)
    if slots and all(isinstance(tag, (str, bytes)) for tag in slots):
        tags = [_string(tag, "slots", i) for i, tag in enumerate(slots)]
        return slots_from_bio(text, text.split(), tags)
    return tuple(_slot(text, slot) for slot in slots)


def _slot(text: str, slot: Any) -> SlotSpan:
    if isinstance(slot, SlotSpan):
        return slot
    if isinstance(slot, (tuple, list)) and len(slot) == 3:
        slot = dict(zip(("name", "start", "end"), slot, strict=True))
    elif not isinstance(slot, Mapping):
        if not all(hasattr(slot, field) for field in ("name", "start", "end")):
            raise TypeError(
                "A slot must be (name, start, end), a mapping or an object with these, or the slots a tag for each "
                f"word. Received: {slot!r:.60}."
            )
        slot = {"name": slot.name, "start": slot.start, "end": slot.end}
    name = slot.get("name")
    if isinstance(name, (bytes, tf.Tensor)):
        slot = {**slot, "name": _string(name, "name", 0)}
    return slot_from_fields(text, slot)


def _of_dataset(dataset: tf.data.Dataset, labels: LabelSet | None) -> LabelledTexts:
    """All elements of a finite dataset: (text, intent[, slots or weight]), or mappings, one by one or in batches."""
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ValueError(
            "`x` must be a finite tf.data.Dataset: labels and features are made of all its rows. Received: one that "
            "repeats forever. Leave out `.repeat()`; `epochs` says how often it is passed."
        )
    rows: list[Example] = []
    weights: list[float] = []
    batch_size = None
    for element in dataset:
        if isinstance(element, Mapping):
            element = (element["text"], {k: v for k, v in element.items() if k != "text"})
        if not isinstance(element, tuple) or len(element) not in (2, 3):
            raise ValueError(
                "An element of `x` must be (text, intent), (text, intent, weight) or a mapping with `text` and "
                f"`intent`. Received: {_described(element)}."
            )
        text, label = element[:2]
        if isinstance(label, Mapping):
            label = {k: v for k, v in label.items() if k in ("intent", "slots")}
        batched = text.shape.rank == 1
        if batched and batch_size is None:
            batch_size = int(text.shape[0])
        if not batched:
            text = text[None]
            label = tf.nest.map_structure(lambda value: value[None], label)
        if isinstance(label, Mapping) and isinstance(label.get("slots"), tf.Tensor):
            label = {**label, "slots": [_tags_of_tensor(row) for row in label["slots"]]}
        intents, slots = _columns_of(label)
        rows += _rows_of_columns(text, intents, slots, labels, before=len(rows))
        if len(element) == 3:
            weights += np.atleast_1d(element[2].numpy()).astype(np.float32).tolist()
    if not rows:
        raise ValueError("`x` must hold at least one row. Received: an empty tf.data.Dataset.")
    _check_rows(rows)
    return LabelledTexts(rows, sample_weights(weights, len(rows)) if weights else None, batch_size)


def _tags_of_tensor(row: tf.Tensor) -> list[str]:
    """The tags of a row's words, without the padding of its batch."""
    return [tag for tag in as_texts(row, "slots") if tag]


def _described(value: Any) -> str:
    """A short name of what was received."""
    if isinstance(value, (list, tuple)):
        parts = ", ".join(sorted({type(part).__name__ for part in value}))
        return f"a {type(value).__name__} of {len(value)} ({parts})"
    if isinstance(value, Mapping):
        return f"a mapping with {sorted(map(str, value))}"
    return f"{type(value).__name__}"


def check_labels(rows: Sequence[Example], labels: LabelSet) -> None:
    """Refuses training rows with intents or slots that a model has no outputs for.

    Raises:
        LabelError: naming them and the first row that has one.
    """
    for what, known, names_of in (
        ("intents", set(labels.intents), lambda row: {row.intent}),
        ("slots", set(labels.slot_names), lambda row: {slot.name for slot in row.slots or ()}),
    ):
        unknown: dict[str, Example] = {}
        for row in rows:
            for name in names_of(row) - known:
                unknown.setdefault(name, row)
        if unknown:
            name, row = next(iter(unknown.items()))
            raise LabelError(
                f"`x` must have the {what} that the model was made for. Received: {sorted(unknown)[:10]}, such as "
                f"{name!r} in {row.source or 'a row'} ({row.text!r:.60}). A model with other labels is "
                "IntentSlotModel(), or IntentSlotModel.from_preset(name, labels=None) on a trained encoder."
            )


def check_shared_labels(rows: Sequence[Example], labels: LabelSet, argument: str) -> None:
    """Refuses rows to score that share no intent with a model, and warns of those that it cannot have right.

    Raises:
        LabelError: if no row has an intent of the model.
    """
    intents = {row.intent for row in rows}
    unknown = sorted(intents - set(labels.intents))
    if len(unknown) == len(intents):
        raise LabelError(
            f"`{argument}` must share intents with the model. Received: only others, {unknown[:10]}, for a model of "
            f"{list(labels.intents)[:10]}."
        )
    if unknown:
        warnings.warn(
            f"`{argument}` has intents that the model cannot answer, which count as wrong: {unknown[:10]}.",
            stacklevel=3,
        )


def class_weights(given: Mapping[Any, float], labels: LabelSet) -> np.ndarray:
    """Weights of the intents, float32 `(intents,)`, from a mapping of names or places to weights.

    Raises:
        ValueError: if a key is no intent of the model or a weight is not a number of at least 0.
    """
    if not isinstance(given, Mapping):
        raise ValueError(
            "`class_weight` must map intents, by name or place, to weights. Received: "
            f"{given!r:.60}."
        )
    weights = np.ones(len(labels.intents), np.float32)
    place_of = {name: i for i, name in enumerate(labels.intents)}
    for key, weight in given.items():
        place = place_of.get(key) if isinstance(key, str) else None
        if isinstance(key, numbers.Integral) and not isinstance(key, bool):
            place = int(key)
        if place is None or not 0 <= place < len(weights):
            raise ValueError(
                "`class_weight` must have intents of the model as keys, by name or place. Received: "
                f"{key!r} for {list(labels.intents)[:10]}."
            )
        if not (isinstance(weight, numbers.Real) and 0.0 <= weight < math.inf):
            raise ValueError(
                f"`class_weight` must be finite numbers of at least 0. Received: {weight!r} for {key!r}."
            )
        weights[place] = weight
    return weights
