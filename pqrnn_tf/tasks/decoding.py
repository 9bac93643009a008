"""From logits to a parse: the one decoder, used by metrics and by the .tflite runtime alike.

Needs numpy only.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from pqrnn_tf.tasks.labels import LabelError, LabelSet

INTENT_CANDIDATES = 5
"""Intents tried where the best tags do not fit the best intent."""


@dataclasses.dataclass(frozen=True)
class Slot:
    """A decoded slot.

    Attributes:
        name: Slot name without `SL:`.
        pieces: Half-open token ranges of its words, in order; more than one where the slot has a hole.
    """

    name: str
    pieces: tuple[tuple[int, int], ...]


@dataclasses.dataclass(frozen=True)
class Parse:
    """A decoded utterance.

    Attributes:
        intent: Intent name without `IN:`.
        score: The probability that the model gives to this parse: softmax of the intent times the
            softmax of each token's tag.
        slots: In the order of the text.
        tags: Tag of each token.
    """

    intent: str
    score: float
    slots: tuple[Slot, ...]
    tags: tuple[str, ...]


class _Grammar:
    """Which tags may follow which, as column numbers by slot (−1: the slot has no such tag)."""

    def __init__(self, labels: LabelSet):
        column = {tag: i for i, tag in enumerate(labels.tags)}
        names = labels.slot_names
        self.begin = np.array([column[f"B-{name}"] for name in names], np.int64)
        self.inside = np.array([column[f"I-{name}"] for name in names], np.int64)
        self.gap = np.array([column.get(f"G-{name}", -1) for name in names], np.int64)
        self.has_gap = self.gap >= 0
        # Plain lists: looking one number up in an array takes longer than the rest of the check.
        self.name_of = [tag[2:] for tag in labels.tags]
        self.kind_of = [tag[0] for tag in labels.tags]
        self.allowed = np.ones((len(labels.intents), len(labels.tags)), bool)
        for row, slots_here in zip(self.allowed, labels.slots_of_intent, strict=False):
            for tag, position in column.items():
                row[position] = tag == "O" or tag[2:] in slots_here

    def valid(self, tags: list[int]) -> bool:
        """Whether a sequence of tag columns follows the grammar."""
        previous_name, previous_kind = "", "O"
        for tag in tags:
            name, kind = self.name_of[tag], self.kind_of[tag]
            if kind == "O" or kind == "B":
                if previous_kind == "G":
                    return False
            elif name != previous_name:
                return False
            previous_name, previous_kind = name, kind
        return previous_kind != "G"

    def viterbi(self, scores: np.ndarray) -> tuple[np.ndarray, float]:
        """The best valid sequence for `(time, tags)` scores, and its sum."""
        time, tags = scores.shape
        back = np.zeros((time, tags), np.int64)
        best = np.full(tags, -np.inf)
        best[0] = scores[0, 0]
        best[self.begin] = scores[0, self.begin]
        for t in range(1, time):
            free = best.copy()
            free[self.gap[self.has_gap]] = -np.inf  # a hole must be closed by I-X
            origin = int(np.argmax(free))
            new = np.full(tags, -np.inf)
            new[0] = free[origin] + scores[t, 0]
            new[self.begin] = free[origin] + scores[t, self.begin]
            back[t, 0] = back[t, self.begin] = origin
            same = np.stack(
                [
                    best[self.begin],
                    best[self.inside],
                    np.where(self.has_gap, best[self.gap], -np.inf),
                ]
            )
            choice = np.argmax(same, axis=0)
            reach = np.max(same, axis=0)
            columns = np.stack([self.begin, self.inside, self.gap])
            came_from = columns[choice, np.arange(len(self.begin))]
            new[self.inside] = reach + scores[t, self.inside]
            back[t, self.inside] = came_from
            holes = self.gap[self.has_gap]
            new[holes] = reach[self.has_gap] + scores[t, holes]
            back[t, holes] = came_from[self.has_gap]
            best = new
        best[self.gap[self.has_gap]] = -np.inf
        path = [int(np.argmax(best))]
        total = float(best[path[0]])
        for t in range(time - 1, 0, -1):
            path.append(int(back[t, path[-1]]))
        return np.array(path[::-1]), total


@functools.lru_cache(maxsize=8)
def _grammar(labels: LabelSet) -> _Grammar:
    return _Grammar(labels)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def decode(
    intent_logits: np.ndarray, slot_logits: np.ndarray, length: int, labels: LabelSet
) -> Parse:
    """Decodes one utterance.

    The best pair of an intent and a tag sequence under the tag grammar (I-X and G-X continue X, G-X is
    followed by more of X) in which every slot is one that training data has under that intent; exact
    among the `INTENT_CANDIDATES` best intents.

    Args:
        intent_logits: Floats `(intents,)`.
        slot_logits: Floats `(time, tags)`, `time >= length`.
        length: Number of tokens; with 0 the parse has no slots.
        labels: Names in the order of the logits.

    Raises:
        LabelError: if the shapes do not fit the labels.
    """
    if intent_logits.shape != (len(labels.intents),) or slot_logits.shape[1:] != (
        len(labels.tags),
    ):
        raise LabelError(
            f"`labels` has {len(labels.intents)} intents and {len(labels.tags)} tags. Received logits "
            f"of shapes {intent_logits.shape} and {slot_logits.shape}: these are the labels of "
            "another model."
        )
    grammar = _grammar(labels)
    intents = _log_softmax(intent_logits)
    tags = _log_softmax(slot_logits[:length]) if length else np.zeros((0, len(labels.tags)))
    intent = int(intents.argmax())
    path = tags.argmax(axis=1)
    total = intents[intent] + tags[np.arange(length), path].sum()
    if length and not (grammar.valid(path.tolist()) and grammar.allowed[intent][path].all()):
        total = -np.inf
        for candidate in np.argsort(-intents, kind="stable")[:INTENT_CANDIDATES]:
            if intents[candidate] <= total:
                break
            sequence, score = grammar.viterbi(np.where(grammar.allowed[candidate], tags, -np.inf))
            if intents[candidate] + score > total:
                intent, path, total = int(candidate), sequence, intents[candidate] + score
    names = tuple(labels.tags[i] for i in path.tolist())
    return Parse(
        intent=labels.intents[intent],
        score=float(np.exp(total)),
        slots=slots_of_tags(names),
        tags=names,
    )


def slots_of_tags(tags: tuple[str, ...]) -> tuple[Slot, ...]:
    """Collects the slots of a valid tag sequence."""
    slots: list[tuple[str, list[tuple[int, int]]]] = []
    for t, tag in enumerate(tags):
        if tag[0] == "B":
            slots.append((tag[2:], [(t, t + 1)]))
        elif tag[0] == "I":
            pieces = slots[-1][1]
            if pieces[-1][1] == t:
                pieces[-1] = (pieces[-1][0], t + 1)
            else:
                pieces.append((t, t + 1))
    return tuple(Slot(name, tuple(pieces)) for name, pieces in slots)
