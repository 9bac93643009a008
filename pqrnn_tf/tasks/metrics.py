"""Intent accuracy, slot F1 and exact match, on parses of text."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from pqrnn_tf.datasets.rows import OUT_OF_SCOPE, Example
from pqrnn_tf.runtime.decoding import DecodedParse
from pqrnn_tf.runtime.folding import CANONICAL, fold
from pqrnn_tf.runtime.nested_decoding import DecodedSlot
from pqrnn_tf.runtime.results import Spans, slot_text
from pqrnn_tf.runtime.trees import Tree, root_intent, top_level_slots
from pqrnn_tf.tasks.tagging import tag_names

SlotKey = tuple[str, str]
"""A slot's name and its words without white space."""


class Answer(NamedTuple):
    """What a model says of a text.

    Attributes:
        spans: Its tokens.
        parse: Intent and slots.
        intent_logits: Floats `(intents,)`.
    """

    spans: Spans
    parse: DecodedParse
    intent_logits: np.ndarray


@dataclasses.dataclass(frozen=True)
class Scores:
    """Scores of a data set, in percent.

    Slot scores are `None` where neither rows nor parses have a slot, as in a corpus with intents only;
    flat exact match is then intent accuracy.

    Attributes:
        rows: Number of rows; every row counts.
        intent_accuracy: Root intent right.
        slot_precision: Share of the predicted top-level slots with the right name and words.
        slot_recall: Share of the true top-level slots found with the right words.
        slot_f1: Their harmonic mean.
        tag_f1: Entity F1 of the BIO tags, entities as seqeval finds them, over aligned rows.
        flat_exact_match: Root intent and every top-level slot (name and words) right.
        tree_exact_match: The whole decoupled tree right: every intent and slot, and the words of the innermost
            slots, whatever the order of the slots of an intent; `None` where no row has a tree.
        unaligned_rows: Rows whose slots could not be found in the text; they count as they stand.
    """

    rows: int
    intent_accuracy: float
    slot_precision: float | None
    slot_recall: float | None
    slot_f1: float | None
    tag_f1: float | None
    flat_exact_match: float
    tree_exact_match: float | None
    unaligned_rows: int

    def to_dict(self) -> dict[str, Any]:
        """A dictionary of plain JSON values, rounded to two decimals, without what is `None`."""
        return {
            name: round(value, 2) if isinstance(value, float) else value
            for name, value in vars(self).items()
            if value is not None
        }


def gold_slots(example: Example) -> list[SlotKey]:
    """The true top-level slots, with their words in the order of the text, which a tree may not keep.

    Of a row that could not be aligned they are the words of its tree.
    """
    if example.slots is None and example.tree is not None:
        return sorted(
            (slot.name, visible("".join(slot.words()))) for slot in top_level_slots(example.tree)
        )
    return sorted((slot.name, visible(slot.text(example.text))) for slot in example.slots or ())


def gold_intent(example: Example) -> str:
    """The true root intent."""
    return root_intent(example.tree) if example.tree is not None else example.intent


def predicted_slots(
    text: str, spans: Sequence[tuple[int, int]], parse: DecodedParse
) -> list[SlotKey]:
    """The predicted slots in the form of `gold_slots`; a request that is rejected has none."""
    return [] if parse.rejected else _slot_keys(text, spans, parse)


def _slot_keys(text: str, spans: Sequence[tuple[int, int]], parse: DecodedParse) -> list[SlotKey]:
    return sorted(
        (slot.name, visible("".join(slot_text(text, spans, slot)))) for slot in parse.slots
    )


def visible(words: str) -> str:
    """Words as they are compared: without white space, composed, and without what cannot be seen.

    A slot of a row may begin or end with an invisible character, which no token does.
    """
    return fold("".join(words.split()), version=CANONICAL).text


class Verdict(NamedTuple):
    """What is right in a parse.

    Attributes:
        intent: The root intent.
        exact: The root intent and every top-level slot, name and words.
    """

    intent: bool
    exact: bool


def judge(example: Example, intent: str, slots: Sequence[SlotKey]) -> Verdict:
    """Compares a parse with the truth.

    Args:
        example: The true row.
        intent: The root intent of the parse.
        slots: Its slots, as `predicted_slots` gives them.
    """
    right = intent == gold_intent(example)
    return Verdict(right, right and list(slots) == gold_slots(example))


def _gold_key(node: Tree) -> Any:
    """A slot or intent with all below it, without the order of slots."""
    words = visible("".join(child for child in node.children if isinstance(child, str)))
    below = sorted(_gold_key(child) for child in node.children if isinstance(child, Tree))
    return node.name, words, below


def _predicted_key(text: str, spans: Sequence[tuple[int, int]], slot: DecodedSlot) -> Any:
    """A slot in the form of `_gold_key`."""
    if slot.nested is not None:
        inside = sorted(_predicted_key(text, spans, child) for child in slot.nested.slots)
        return slot.name, "", [(slot.nested.intent, "", inside)]
    return slot.name, visible("".join(slot_text(text, spans, slot))), []


def _same_tree(example: Example, spans: Sequence[tuple[int, int]], parse: DecodedParse) -> bool:
    if example.tree is None or parse.intent != root_intent(example.tree):
        return False
    gold = sorted(_gold_key(slot) for slot in top_level_slots(example.tree))
    return gold == sorted(_predicted_key(example.text, spans, slot) for slot in parse.slots)


def answered_intent(parse: DecodedParse) -> str:
    """The intent that a user is told; `OUT_OF_SCOPE` where the model rejects the request."""
    return OUT_OF_SCOPE if parse.rejected else parse.intent


def is_right_parse(example: Example, spans: Sequence[tuple[int, int]], parse: DecodedParse) -> bool:
    """Whether everything is right that a parse says: what its score is the probability of.

    Of a model that opens nested slots it is the whole tree, where the row has one; else root intent and every top-level
    slot, name and words. Whether the parse is rejected does not count.
    """
    if parse.nested and example.tree is not None:
        return _same_tree(example, spans, parse)
    return judge(example, parse.intent, _slot_keys(example.text, spans, parse)).exact


def score_parsed(
    examples: Sequence[Example],
    parsed: Sequence[tuple[Spans, DecodedParse]],
    *,
    weights: Sequence[float] | np.ndarray | None = None,
) -> Scores:
    """Scores the parses of a data set.

    Args:
        examples: The true rows.
        parsed: Token spans and parse of each row, whatever made them.
        weights: How much each row counts, floats `(rows,)`: a row of weight 2 is as two rows. `None` for 1.
            `rows` and `unaligned_rows` are numbers of rows all the same.

    Raises:
        ValueError: if the lengths differ, there are no rows, a weight is negative or not finite, or all are 0.
    """
    from seqeval.metrics.sequence_labeling import get_entities

    if not examples or len(examples) != len(parsed):
        raise ValueError(
            "`examples` and `parsed` must have the same length, at least one. "
            f"Received: {len(examples)} and {len(parsed)}."
        )
    counts = _checked_weights(weights, len(examples))
    intents = exact = trees = found = predicted = true = 0.0
    tags_found = tags_predicted = tags_true = 0.0
    for example, (spans, parse), count in zip(examples, parsed, counts, strict=True):
        gold, guess = gold_slots(example), predicted_slots(example.text, spans, parse)
        verdict = judge(example, answered_intent(parse), guess)
        intents += count * verdict.intent
        exact += count * verdict.exact
        trees += count * (not parse.rejected and _same_tree(example, spans, parse))
        true += count * len(gold)
        predicted += count * len(guess)
        remaining = list(gold)
        for key in guess:
            if key in remaining:
                remaining.remove(key)
                found += count
        if example.slots is not None:
            tags = ["O"] * len(spans) if parse.rejected else _hull(parse.tags)
            right = set(get_entities(_hull(tag_names(spans, example.slots))))
            given = set(get_entities(tags))
            tags_found += count * len(right & given)
            tags_predicted += count * len(given)
            tags_true += count * len(right)
    whole = sum(counts)
    with_slots = bool(true or predicted)
    precision = 100.0 * found / (predicted or 1)
    recall = 100.0 * found / (true or 1)
    return Scores(
        rows=len(examples),
        intent_accuracy=100.0 * intents / whole,
        slot_precision=precision if with_slots else None,
        slot_recall=recall if with_slots else None,
        slot_f1=2 * precision * recall / max(1e-9, precision + recall) if with_slots else None,
        tag_f1=200.0 * tags_found / (tags_predicted + tags_true or 1) if with_slots else None,
        flat_exact_match=100.0 * exact / whole,
        tree_exact_match=100.0 * trees / whole
        if any(example.tree is not None for example in examples)
        else None,
        unaligned_rows=sum(example.slots is None for example in examples),
    )


def _checked_weights(weights: Sequence[float] | np.ndarray | None, rows: int) -> list[float]:
    """One weight per row; 1 where none are given."""
    if weights is None:
        return [1.0] * rows
    counts = np.asarray(weights, np.float64)
    if counts.shape != (rows,) or not np.isfinite(counts).all() or (counts < 0).any():
        raise ValueError(
            f"`weights` must be one finite number per row, none of them negative, of {rows} rows. Received: "
            f"{np.array2string(counts, threshold=6, separator=', ')}."
        )
    if not counts.any():
        raise ValueError("`weights` must not all be 0: no row would count. Received: only zeros.")
    return counts.tolist()


def _hull(tags: Sequence[str]) -> list[str]:
    """Plain BIO: a hole counts as inside, which is how corpora with spans write it."""
    return ["I" + tag[1:] if tag[0] == "G" else tag for tag in tags]
