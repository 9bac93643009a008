"""From logits to a parse: the one decoder, used by metrics and by the .tflite runtime alike.

Needs numpy only.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Container

import numpy as np

from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.nested_decoding import DecodedSlot, NestedDecoder

INTENT_CANDIDATES = 5
"""Intents tried where the best tags do not fit the best intent."""


@dataclasses.dataclass(frozen=True)
class DecodedParse:
    """A decoded utterance.

    Attributes:
        intent: Intent name without `IN:`.
        score: The probability that the model gives to intent and tags: softmax of the intent times the
            softmax of each token's tag.
        slots: In the order of the text, each with what is nested in it.
        tags: Tag of each token.
        nested: Nested tag of each token; empty without nested logits.
    """

    intent: str
    score: float
    slots: tuple[DecodedSlot, ...]
    tags: tuple[str, ...]
    nested: tuple[str, ...] = ()


NO_PARSE = DecodedParse("", 0.0, (), ())
"""The parse of a text that has no token."""


class _Columns:
    """The columns of the tags that an intent allows, and how they may follow each other.

    Positions are those in `tags`, so that the search sees no other column. `tags[0]` is O.
    """

    def __init__(self, labels: LabelSet, slots_here: Container[str]):
        self.tags = [i for i, tag in enumerate(labels.tags) if tag == "O" or tag[2:] in slots_here]
        names = [labels.tags[i] for i in self.tags]
        position = {name: i for i, name in enumerate(names)}
        # 0 where a slot has no G tag: nothing is ever in a gap at O.
        self.slots = [
            (i, position[f"I-{name[2:]}"], position.get(f"G-{name[2:]}", 0))
            for name, i in position.items()
            if name[0] == "B"
        ]
        self.not_gap = [i for i, name in enumerate(names) if name[0] != "G"]
        self.allowed = frozenset(self.tags)

    def best_path(self, scores: list[list[float]]) -> tuple[list[int], float]:
        """The best valid sequence, as columns of all tags, and its sum.

        Args:
            scores: For each token the scores of `tags`. Plain lists: there are few columns, for which
                a call of numpy takes longer than all sums of a step.
        """
        # A slot begins before it continues.
        best = [-math.inf] * len(self.tags)
        for i in (0, *(begin for begin, _, _ in self.slots)):
            best[i] = scores[0][i]
        origins: list[list[int]] = []
        for row in scores[1:]:
            origin = max(self.not_gap, key=best.__getitem__)  # a gap must be closed by I-X
            new = [best[origin] + score for score in row]
            came_from = [origin] * len(row)
            for begin, inside, gap in self.slots:
                source = inside if best[inside] > best[begin] else begin
                if gap and best[gap] > best[source]:
                    source = gap
                new[inside], came_from[inside] = best[source] + row[inside], source
                if gap:
                    new[gap], came_from[gap] = best[source] + row[gap], source
            best = new
            origins.append(came_from)
        path = [max(self.not_gap, key=best.__getitem__)]
        total = best[path[0]]
        for came_from in reversed(origins):
            path.append(came_from[path[-1]])
        return [self.tags[i] for i in reversed(path)], total


class Decoder:
    """Decodes utterances of one model.

    The best pair of an intent and a tag sequence under the tag grammar (I-X and G-X continue X, G-X is
    followed by more of X) in which every slot is one that training data has under that intent; exact
    among the `INTENT_CANDIDATES` best intents. What is nested in its slots is chosen after that, see
    `NestedDecoder`.

    Args:
        labels: Names in the order of the logits.
    """

    def __init__(self, labels: LabelSet):
        self.labels = labels
        self._name_of = [tag[2:] for tag in labels.tags]
        self._kind_of = [tag[0] for tag in labels.tags]
        allowed = labels.slots_of_intent or (labels.slot_names,) * len(labels.intents)
        by_slots = {slots: _Columns(labels, slots) for slots in dict.fromkeys(allowed)}
        self._columns = [by_slots[slots] for slots in allowed]
        self._nested = NestedDecoder(labels)

    def __call__(
        self,
        intent_logits: np.ndarray,
        slot_logits: np.ndarray,
        length: int,
        nested_logits: np.ndarray | None = None,
    ) -> DecodedParse:
        """Decodes one utterance.

        Args:
            intent_logits: Floats `(intents,)`.
            slot_logits: Floats `(time, tags)`, `time >= length`.
            length: Number of tokens; with 0 the parse has no slots.
            nested_logits: Floats `(time, nested tags)`; `None` for plain slots, as of a model or
                teacher without this output.

        Raises:
            LabelError: if the shapes do not fit the labels.
        """
        labels = self.labels
        if intent_logits.shape != (len(labels.intents),) or slot_logits.shape[1:] != (
            len(labels.tags),
        ):
            raise LabelError(
                f"`labels` has {len(labels.intents)} intents and {len(labels.tags)} tags. Received "
                f"logits of shapes {intent_logits.shape} and {slot_logits.shape}: these are the labels "
                "of another model."
            )
        if nested_logits is not None and nested_logits.shape[1:] != (len(labels.nested),):
            raise LabelError(
                f"`labels` has {len(labels.nested)} nested tags. Received nested logits of shape "
                f"{nested_logits.shape}: these are the labels of another model."
            )
        intent = int(intent_logits.argmax())
        path: list[int] = []
        intents, log_sum = _shift(intent_logits)
        # The shifted logit of the best is 0, so that its logarithm of a probability is -log_sum.
        total = -float(log_sum[0])
        if length:
            path = slot_logits[:length].argmax(axis=1).tolist()
            tags, log_sums = _shift(slot_logits[:length])
            total -= float(np.add.reduce(log_sums, axis=None))
            if not (self._columns[intent].allowed.issuperset(path) and self._valid(path)):
                intent, path, total = self._search(intents - log_sum, tags - log_sums)
        names = tuple([labels.tags[i] for i in path])
        slots = slots_of_tags(names)
        nested: tuple[str, ...] = ()
        if nested_logits is not None:
            slots, nested = self._nested(slots, nested_logits[:length])
        return DecodedParse(
            intent=labels.intents[intent],
            score=float(np.exp(total)),
            slots=slots,
            tags=names,
            nested=nested,
        )

    def _valid(self, path: list[int]) -> bool:
        """Whether a sequence of tag columns follows the grammar."""
        previous_name, previous_kind = "", "O"
        for tag in path:
            name, kind = self._name_of[tag], self._kind_of[tag]
            if kind == "O" or kind == "B":
                if previous_kind == "G":
                    return False
            elif name != previous_name:
                return False
            previous_name, previous_kind = name, kind
        return previous_kind != "G"

    def _search(self, intents: np.ndarray, tags: np.ndarray) -> tuple[int, list[int], float]:
        """The best intent and tag columns for logarithms of probabilities, and their sum."""
        found: tuple[int, list[int], float] = (0, [], -math.inf)
        # No sequence has more than the best tag of each token. All sums go from the first token to the
        # last, so that rounding keeps this order.
        most = sum(tags.max(axis=1).tolist())
        for intent in np.argsort(-intents, kind="stable")[:INTENT_CANDIDATES].tolist():
            own = float(intents[intent])
            if own + most <= found[2]:
                break
            columns = self._columns[intent]
            scores = tags[:, columns.tags].tolist()
            if own + sum(map(max, scores)) <= found[2]:
                continue
            path, score = columns.best_path(scores)
            if own + score > found[2]:
                found = intent, path, own + score
        return found


def _shift(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logits, the largest of which is 0, and the logarithm of the sum of their powers in float64.

    Their difference is the logarithm of a softmax along the last axis. The powers have the precision of the
    logits: of float32 they take a fifth of the time, and the score is right to six decimals.
    """
    # The ufuncs' own `reduce` is what the methods of arrays call after some more Python.
    shifted = logits - np.maximum.reduce(logits, axis=-1, keepdims=True)
    sums = np.add.reduce(np.exp(shifted), axis=-1, keepdims=True, dtype=np.float64)
    return shifted, np.log(sums)


def slots_of_tags(tags: tuple[str, ...]) -> tuple[DecodedSlot, ...]:
    """Collects the slots of a valid tag sequence."""
    slots: list[tuple[str, list[tuple[int, int]]]] = []
    for t, tag in enumerate(tags):
        if tag[0] == "B":
            slots.append((tag[2:], [(t, t + 1)]))
        elif tag[0] == "I":
            ranges = slots[-1][1]
            if ranges[-1][1] == t:
                ranges[-1] = (ranges[-1][0], t + 1)
            else:
                ranges.append((t, t + 1))
    return tuple(DecodedSlot(name, tuple(ranges)) for name, ranges in slots)
