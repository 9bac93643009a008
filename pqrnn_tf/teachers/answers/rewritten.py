"""A teacher's answers to clean text, carried to the text as people write it.

A teacher that knows a corpus knows its style only: a full stop that no training row has may become a slot. So it
answers the text as the corpus has it, and its answers go along when the text is written again
(`datasets.making.rewriting`): a token gets the answers to the tokens that its characters come from.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np

from pqrnn_tf.datasets.making.augmentation import rewritten_copy
from pqrnn_tf.datasets.making.forms.names import OpenSlots
from pqrnn_tf.datasets.making.rewriting import Rewriting
from pqrnn_tf.datasets.making.text_errors import KnownWords
from pqrnn_tf.datasets.rows import Example, SlotSpan
from pqrnn_tf.runtime.labels import OUTSIDE, LabelSet
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import to_bytes
from pqrnn_tf.tasks.config import TrainingConfig
from pqrnn_tf.tasks.pipeline import token_spans
from pqrnn_tf.tasks.tagging import IGNORE
from pqrnn_tf.teachers.answers.shard_files import Shard

Rewriter = Callable[[Sequence[Example], int], Sequence[Rewriting]]
"""Writes rows again, as many as given and in the same order; the number is a seed."""

SURE = 12.0
"""Logit of the tag that a new token gets, beside 0 for all others."""


def rewriter(config: TrainingConfig, rows: Sequence[Example]) -> Rewriter | None:
    """What writes text again with a configuration's surface forms, errors and spaces; `None` where it has none.

    Args:
        config: Its probabilities and weights.
        rows: Rows whose words may stand in the place of others, and whose slots tell which ones may hold any name.
    """
    if not config.surface and not config.distortion and not config.unspaced:
        return None
    words = KnownWords(rows)
    open_slots = OpenSlots.of(row for row in rows if row.slots is not None)

    def rewrite(own: Sequence[Example], seed: int) -> Sequence[Rewriting]:
        return rewritten_copy(
            own,
            seed=seed,
            surface=config.surface,
            distortion=config.distortion,
            surface_weights=config.surface_weights,
            unspaced=config.unspaced,
            words=words,
            open_slots=open_slots,
        )

    return rewrite


def rewritten_shard(
    shard: Shard, rewrite: Rewriter, *, seed: int, labels: LabelSet | None, spec: ProjectionSpec
) -> Shard:
    """A shard whose rows are written again, with gold labels and answers carried along.

    A token whose characters come from several tokens has the mean of their logits. Of several tokens that come from
    one, only the first begins a slot. A token that is new is outside of slots, unless both its neighbours belong to
    the same one.

    Args:
        shard: Answers to clean text.
        rewrite: Writes the rows again; it sees a row's slots, those of the teacher where it has no gold labels.
        seed: Passed to `rewrite`.
        labels: Names of the tags; `None` of a teacher without heads, whose rows have no slots.
        spec: Projection that made the tokens of the shard, and makes those of the new text.
    """
    tags = _Tags.of(labels.tags if labels is not None else (OUTSIDE,))
    ends = shard.ends.tolist()
    begins = [0, *ends[:-1]]
    best = shard.tags.copy()
    if shard.slot_logits is not None:
        unknown = best == IGNORE
        best[unknown] = shard.slot_logits[unknown].argmax(axis=1)
    best = np.where(best == IGNORE, 0, best)
    rows = [
        _as_example(shard, row, best[begin:end], shard.spans[begin:end], tags)
        for row, (begin, end) in enumerate(zip(begins, ends, strict=True))
    ]
    written = rewrite(rows, seed)
    spans = token_spans([rewriting.text for rewriting in written], spec)
    carried = [
        _carried(rewriting, own, shard.spans[begin:end])
        for rewriting, own, begin, end in zip(written, spans, begins, ends, strict=True)
    ]
    first = np.concatenate([own[:, 0] + b for own, b in zip(carried, begins, strict=True)])
    last = np.concatenate([own[:, 1] + b for own, b in zip(carried, begins, strict=True)])
    new_ends = np.cumsum([len(own) for own in spans], dtype=np.int64)
    starts = np.zeros(len(first), bool)
    starts[[end - len(own) for end, own in zip(new_ends.tolist(), spans, strict=True) if own]] = (
        True
    )
    change = _Change(first, last, starts)
    return Shard(
        texts=[to_bytes(rewriting.text) for rewriting in written],
        ends=new_ends,
        spans=np.array([span for row in spans for span in row], np.int32).reshape(-1, 2),
        intents=shard.intents,
        tags=_carried_tags(shard.tags, change, tags),
        mask=change.all_of(shard.mask),
        nested=_carried_nested(shard.nested, shard.nested_tags, change),
        nested_tags=shard.nested_tags,
        locales=shard.locales,
        intent_logits=shard.intent_logits,
        slot_logits=None
        if shard.slot_logits is None
        else _carried_logits(shard.slot_logits, best, change, tags),
        hidden=None if shard.hidden is None else change.mean_of(shard.hidden),
        vectors=shard.vectors,
        weights=shard.weights,
    )


class _Tags:
    """What the carrying asks of tags, as arrays over them.

    Attributes:
        inside: For each tag the column of the `I-` tag of its slot, 0 for `O`.
        begin: The same of the `B-` tag.
        names: Name of the slot of each tag, `""` for `O`.
        slot: Number of the slot of each tag, 0 for `O`.
        pairs: Columns of `B-` and `I-` of each slot, `(slots, 2)`.
    """

    def __init__(self, tags: tuple[str, ...]) -> None:
        column = {tag: i for i, tag in enumerate(tags)}
        self.names = [tag[2:] for tag in tags]
        self.names[0] = ""
        self.inside = np.array([column.get(f"I-{name}", 0) for name in self.names])
        self.begin = np.array([column.get(f"B-{name}", 0) for name in self.names])
        slots = dict.fromkeys(name for name in self.names if name)
        place = {name: i for i, name in enumerate(["", *slots])}
        self.slot = np.array([place[name] for name in self.names])
        self.pairs = np.array([[column[f"B-{s}"], column[f"I-{s}"]] for s in slots]).reshape(-1, 2)

    @staticmethod
    @functools.lru_cache(maxsize=8)
    def of(tags: tuple[str, ...]) -> _Tags:
        """The same for equal tags."""
        return _Tags(tags)


def _as_example(
    shard: Shard, row: int, best: np.ndarray, spans: np.ndarray, tags: _Tags
) -> Example:
    """A row with the slots that its tags say."""
    slots: list[SlotSpan] = []
    name, parts = "", [[0, 0]]
    for tag, (start, end) in zip(best.tolist(), spans.tolist(), strict=True):
        own = tags.names[tag]
        if own and own == name and tag != tags.begin[tag]:
            if tag == tags.inside[tag]:
                parts[-1][1] = end
            continue
        if name:
            slots.append(SlotSpan(name, ((parts[0][0], parts[-1][1]),)))
        name, parts = own, [[start, end]]
    if name:
        slots.append(SlotSpan(name, ((parts[0][0], parts[-1][1]),)))
    return Example(
        bytes(shard.texts[row]).decode("utf-8", errors="replace"),
        "",
        tuple(slots),
        locale=shard.locales[row] if shard.locales else "",
    )


def _carried(
    rewriting: Rewriting, spans: Sequence[tuple[int, int]], source: np.ndarray
) -> np.ndarray:
    """For each new token the half-open range of source tokens that it comes from; `(tokens, 2)`, empty if new."""
    origins = np.asarray(rewriting.origins, np.int64)
    result = np.zeros((len(spans), 2), np.int64)
    starts, ends = source[:, 0], source[:, 1]
    for t, (start, end) in enumerate(spans):
        own = origins[start:end]
        own = own[own >= 0]
        if len(own):
            result[t, 0] = np.searchsorted(ends, own.min(), side="right")
            result[t, 1] = np.searchsorted(starts, own.max(), side="right")
    return result


class _Change:
    """Which old tokens each new one comes from, over all rows.

    Args:
        first, last: Half-open ranges of old tokens, empty where a token is new.
        starts: Whether a new token is the first of its row.

    Attributes:
        first, last: The arguments.
        old: Whether a new token comes from any old one.
        again: Whether the old token before it comes from the same one: it begins nothing.
        left, right: The nearest old token of the row before and behind it, or itself.
        previous: The token before it in its row, or −1.
    """

    def __init__(self, first: np.ndarray, last: np.ndarray, starts: np.ndarray) -> None:
        self.first, self.last = first, last
        self.old = old = last > first
        count = len(first)
        place, row = np.arange(count), np.cumsum(starts)
        row_of = np.append(
            row, 0
        )  # rows count from 1; the last entry is that of a token that is not there
        self.previous = np.where(starts, -1, place - 1)
        before = np.maximum.accumulate(np.where(old, place, -1))
        behind = np.minimum.accumulate(np.where(old, place, count)[::-1])[::-1]
        earlier = np.concatenate([[-1], before])[:count]
        self.again = old & (row_of[earlier] == row) & (np.append(last, 0)[earlier] > first)
        self.left = np.where(row_of[before] == row, before, place)
        self.right = np.where(row_of[behind] == row, behind, place)
        self._one = np.flatnonzero(last - first == 1)
        self._many = np.flatnonzero(last - first > 1).tolist()

    def mean_of(self, values: np.ndarray) -> np.ndarray:
        """Means over the ranges, of the type of `values`; 0 for new tokens."""
        result = np.zeros((len(self.first), *values.shape[1:]), values.dtype)
        result[self._one] = values[self.first[self._one]]
        for t in self._many:
            result[t] = values[self.first[t] : self.last[t]].astype(np.float32).mean(axis=0)
        return result

    def all_of(self, mask: np.ndarray) -> np.ndarray:
        """Whether all of a range are true; true for new tokens."""
        missing = np.concatenate([[0], np.cumsum(~mask)])
        return ~self.old | (missing[self.last] == missing[self.first])

    def tag_of(self, old_tags: np.ndarray) -> np.ndarray:
        """The first tag of each range that is not `O`, else `O`; −1 for new tokens."""
        result = np.full(len(self.first), IGNORE, np.int64)
        result[self._one] = old_tags[self.first[self._one]]
        for t in self._many:
            own = old_tags[self.first[t] : self.last[t]]
            slots = own[own > 0]
            result[t] = slots[0] if len(slots) else own[0]
        return result


def _carried_tags(old_tags: np.ndarray, change: _Change, tags: _Tags) -> np.ndarray:
    """Gold tags of the new tokens, −1 where there are none."""
    result = change.tag_of(old_tags)
    again = change.again & (result > 0)
    result[again] = tags.inside[result[again]]
    for t in np.flatnonzero(~change.old).tolist():
        left, right = int(result[change.left[t]]), int(result[change.right[t]])
        if left != IGNORE or right != IGNORE:  # else a row without gold tags
            result[t] = _between(left, right, tags)
    # A slot whose first word is gone begins with what is left of it.
    before = np.append(result, 0)[change.previous]
    slot_before = tags.slot[np.maximum(before, 0)]
    begins = (result > 0) & (result == tags.inside[result]) & (slot_before != tags.slot[result])
    result[begins] = tags.begin[result[begins]]
    return result.astype(np.int32)


def _between(left: int, right: int, tags: _Tags) -> int:
    """The tag of a new token between two others: outside, unless both are of one slot that continues."""
    one = left > 0 and right > 0 and tags.slot[left] == tags.slot[right]
    return right if one and right == tags.inside[right] else 0


def _carried_logits(
    logits: np.ndarray, best: np.ndarray, change: _Change, tags: _Tags
) -> np.ndarray:
    """The teacher's logits of the new tokens."""
    result = change.mean_of(logits)
    begin, inside = tags.pairs[:, 0], tags.pairs[:, 1]
    carried = _carried_tags(best, change, tags)
    again = np.flatnonzero(change.again)
    if len(again) and len(begin):
        own = result[again].astype(np.float32)
        own[:, inside] = np.logaddexp(own[:, begin], own[:, inside])
        own[:, begin] = own.min(axis=1, keepdims=True)
        result[again] = own
    # What begins a slot now was inside it before.
    moved = np.flatnonzero(change.old & ~change.again & (carried > 0))
    for t in moved.tolist():
        tag = int(carried[t])
        was = best[change.first[t] : change.last[t]]
        if tag == tags.begin[tag] and tag not in was:
            own = result[t].astype(np.float32)
            own[tag], own[tags.inside[tag]] = (
                np.logaddexp(own[tag], own[tags.inside[tag]]),
                own.min(),
            )
            result[t] = own
    fresh = np.flatnonzero(~change.old)
    result[fresh] = 0
    result[fresh, np.maximum(carried[fresh], 0)] = SURE
    return result


def _carried_nested(nested: np.ndarray, names: tuple[str, ...], change: _Change) -> np.ndarray:
    """Gold nested tags of the new tokens; new ones have none."""
    result = np.full(len(change.first), IGNORE, nested.dtype)
    result[change.old] = nested[change.first[change.old]]
    if names:
        place = {name: i for i, name in enumerate(names)}
        continued = np.array([place.get(_continued(name), IGNORE) for name in names])
        again = change.again & (result != IGNORE)
        result[again] = continued[result[again]]
    return result


def _continued(name: str) -> str:
    """The nested tag of a token that continues what another one began."""
    return " ".join(f"I{part[1:]}" if part[:2] == "B-" else part for part in name.split(" "))
