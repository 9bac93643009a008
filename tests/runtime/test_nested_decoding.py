"""What is nested in slots: exact among all sequences that make a tree."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pqrnn_tf.datasets.corpora.mtop import example_from_tree
from pqrnn_tf.projection.definition import tokenize
from pqrnn_tf.runtime import ProjectionSpec
from pqrnn_tf.runtime.decoding import Decoder
from pqrnn_tf.runtime.labels import LabelError, LabelSet, nested_steps
from pqrnn_tf.runtime.nested_decoding import DecodedIntent, DecodedSlot, NestedDecoder
from pqrnn_tf.runtime.results import decoded_tree
from pqrnn_tf.runtime.trees import format_tree
from pqrnn_tf.tasks.label_collection import collect_labels
from pqrnn_tf.tasks.metrics import score_parsed
from pqrnn_tf.tasks.tagging import encode_nested, encode_tags

NESTED = (
    "O",
    "B-A/X",
    "I-A/X",
    "B-A/Y",
    "I-A/Y",
    "B-C/X",
    "B-A/X B-C/Z",
    "I-A/X B-C/Z",
    "I-A/X I-C/Z",
)
LABELS = LabelSet(("A",), ("O", "B-S", "I-S", "G-S", "B-T", "I-T"), nested=NESTED)
SPEC = ProjectionSpec(word_features=1, ngram_features=0, ngram_orders=(), shape=False)


def makes_a_tree(tags: tuple[str, ...]) -> bool:
    """The grammar, written down a second time on purpose: by building the tree."""
    root: dict = {}
    for tag in tags:
        node = root
        for step in nested_steps(tag):
            if "words" in node or node.get("intent", step.intent) != step.intent:
                return False
            node["intent"] = step.intent
            if step.begins:
                node[f"slot {step.slot}"] = {}
            elif f"slot {step.slot}" not in node:
                return False
            node = node[f"slot {step.slot}"]
        if "intent" in node:
            return False
        node["words"] = True
    return True


def best(logits: np.ndarray, allowed=NESTED[1:]) -> tuple[tuple[str, ...], float]:
    plain = ("O",) * len(logits)
    found = [tags for tags in itertools.product(allowed, repeat=len(logits)) if makes_a_tree(tags)]
    sums = {
        tags: sum(logits[t, NESTED.index(tag)] for t, tag in enumerate(tags))
        for tags in [plain, *found]
    }
    return max(sums.items(), key=lambda entry: entry[1])


@pytest.mark.parametrize("seed", range(25))
def test_equals_brute_force(seed):
    logits = np.random.default_rng(seed).normal(size=(4, len(NESTED))) * 2
    logits[:, 0] += seed % 3  # so that plain slots win too
    tags, _ = best(logits)
    slots, found = NestedDecoder(LABELS)([DecodedSlot("S", ((0, 4),))], logits)
    assert found == tags
    assert (slots[0].nested is None) == (tags[0] == "O")


@pytest.mark.parametrize("seed", range(10))
def test_only_tags_of_the_slot_are_chosen(seed):
    slots_of = ((), *(("S",) if tag[:3] != "B-C" else ("T",) for tag in NESTED[1:]))
    labels = LabelSet(("A",), LABELS.tags, nested=NESTED, slots_of_nested=slots_of)
    logits = np.random.default_rng(seed).normal(size=(4, len(NESTED))) * 2
    _, found = NestedDecoder(labels)(
        [DecodedSlot("S", ((0, 3),)), DecodedSlot("T", ((3, 4),))], logits
    )
    assert found[:3] == best(logits[:3], [t for t in NESTED[1:] if t[:3] != "B-C"])[0]
    assert found[3] in ("O", "B-C/X")


def logits_of(*tags: str) -> np.ndarray:
    return np.array([[9.0 * (tag == name) for name in NESTED] for tag in tags])


def test_the_last_slot_of_a_name_goes_on_over_a_gap_and_over_other_slots():
    tags = ("B-A/X", "B-A/X", "O", "B-A/Y", "I-A/X")
    (slot,), found = NestedDecoder(LABELS)([DecodedSlot("S", ((0, 2), (3, 5)))], logits_of(*tags))
    first, second, third = (
        DecodedSlot("X", ((0, 1),)),
        DecodedSlot("X", ((1, 2), (4, 5))),
        DecodedSlot("Y", ((3, 4),)),
    )
    assert slot == DecodedSlot("S", ((0, 2), (3, 5)), DecodedIntent("A", (first, second, third)))
    assert found == tags


def test_a_slot_of_words_holds_no_intent_and_the_other_way_round():
    for tags in (("B-A/X", "I-A/X B-C/Z"), ("B-A/X B-C/Z", "I-A/X"), ("B-A/X", "B-C/X")):
        _, found = NestedDecoder(LABELS)([DecodedSlot("S", ((0, 2),))], logits_of(*tags))
        assert makes_a_tree(found) and found != tags


def test_tokens_outside_of_slots_are_not_looked_at():
    logits = np.array([[0.0] + [50.0] * (len(NESTED) - 1)] * 3)
    slots, tags = NestedDecoder(LABELS)([DecodedSlot("S", ((1, 2),))], logits)
    assert (tags[0], tags[2]) == ("O", "O") and tags[1] != "O"
    assert slots[0].nested is not None


def test_a_parse_without_nested_logits_or_tags_is_plain():
    intent, slots = np.array([1.0]), np.array([[0.0, 5.0, 0.0, 0.0, 0.0, 0.0]])
    plain = Decoder(LABELS)(intent, slots, 1)
    assert (plain.slots, plain.nested) == ((DecodedSlot("S", ((0, 1),)),), ())
    nested = Decoder(LABELS)(intent, slots, 1, logits_of("B-A/Y"))
    assert nested.nested == ("B-A/Y",)
    assert (nested.score, nested.tags, nested.intent) == (plain.score, plain.tags, plain.intent)
    assert Decoder(LABELS)(intent, slots, 0, np.zeros((0, len(NESTED)))).nested == ()


def test_logits_of_another_model_are_refused():
    with pytest.raises(LabelError, match="9 nested tags"):
        Decoder(LABELS)(np.zeros(1), np.zeros((1, 6)), 1, np.zeros((1, 3)))


ROWS = [
    (
        "remind Zoe to call my mom and dad at noon",
        "[IN:R [SL:WHO Zoe ] [SL:TODO [IN:TODO [SL:TODO [IN:CALL [SL:CONTACT [IN:GET [SL:OF my ] "
        "[SL:TYPE mom ] ] ] [SL:CONTACT [IN:GET [SL:TYPE dad ] ] ] ] ] [SL:WHEN at noon ] ] ] ]",
    ),
    (
        "erinnere mich daran , am Montag meine Mutter wegen des Autos anzurufen",
        "[IN:R [SL:TODO [IN:TODO [SL:WHEN am Montag ] [SL:TODO meine Mutter anzurufen ] "
        "[SL:ABOUT wegen des Autos ] ] ] ]",
    ),
    (
        "call Rob's mum at 7pm",
        "[IN:C [SL:WHO [IN:GET [SL:OF Rob 's ] [SL:TYPE mum ] ] ] [SL:AT at 7 pm ] ]",
    ),
    ("wake me", "[IN:W ]"),
]


def gold_logits(columns, size: int) -> np.ndarray:
    return np.eye(size, dtype=np.float32)[columns] * 9


def round_trip(rows, labels):
    """Decodes the rows' own tags; rows with a tag that `labels` lacks are decoded without it."""
    parsed = []
    for row in rows:
        spans, _ = tokenize(row.text, SPEC)
        size = len(spans)
        slots = gold_logits(encode_tags(spans, row.slots, labels), len(labels.tags))
        nested = gold_logits(encode_nested(spans, row, labels), len(labels.nested))
        intent = gold_logits(labels.intents.index(row.intent), len(labels.intents))
        parse = Decoder(labels)(intent, slots, size, nested, text=row.text, spans=spans)
        parsed.append((spans, parse))
    return parsed


def test_trees_are_decoded_from_their_own_tags():
    rows = [example_from_tree(text, tree, source="test") for text, tree in ROWS * 2]
    labels = collect_labels(rows)
    parsed = round_trip(rows, labels)
    for row, (spans, parse) in zip(rows, parsed, strict=True):
        assert format_tree(decoded_tree(row.text, spans, parse)) == format_tree(row.tree)
    assert score_parsed(rows, parsed).tree_exact_match == 100.0


def test_almost_all_trees_of_mtop_are_decoded_from_their_own_tags(corpora):
    from pqrnn_tf.datasets.corpora.mtop import read_mtop

    folder = corpora / "mtop_en"
    labels = collect_labels(read_mtop(folder / "train.jsonl"))
    rows = [
        row
        for row in read_mtop(folder / "dev.jsonl")[::3]
        if row.slots is not None
        and row.intent in labels.intents
        and {slot.name for slot in row.slots} <= set(labels.slot_names)
    ]
    scores = score_parsed(rows, round_trip(rows, labels))
    assert scores.rows > 700
    assert scores.tree_exact_match > 99.0
