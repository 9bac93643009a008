"""The decoder: exact among all valid tag sequences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from pqrnn_tf.runtime.decoding import Decoder, slots_of_tags
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.nested_decoding import DecodedSlot

LABELS = LabelSet(
    intents=("CALL", "WAKE"),
    tags=("O", "B-X", "I-X", "G-X", "B-Y", "I-Y"),
    slots_of_intent=(("X", "Y"), ("Y",)),
)
DECODER = Decoder(LABELS)


def logits_for(labels: LabelSet, tags: list[str], margin: float = 5.0) -> np.ndarray:
    logits = np.zeros((len(tags), len(labels.tags)), np.float32)
    for t, tag in enumerate(tags):
        logits[t, labels.tags.index(tag)] = margin
    return logits


def follows(previous: str, tag: str) -> bool:
    """The tag grammar, written down a second time on purpose."""
    if tag[0] in "IG":
        return previous != "O" and previous[2:] == tag[2:]
    return previous[0] != "G"


def valid(tags: tuple[str, ...]) -> bool:
    pairs = itertools.pairwise(("O", *tags))
    return all(follows(a, b) for a, b in pairs) and tags[-1][0] != "G"


def brute_force(intents: np.ndarray, slots: np.ndarray) -> tuple[str, tuple[str, ...], float]:
    def log_softmax(x: np.ndarray) -> np.ndarray:
        return x - np.log(np.exp(x).sum(-1, keepdims=True))

    intents, slots = log_softmax(intents.astype(float)), log_softmax(slots.astype(float))
    best = ("", (), -np.inf)
    for tags in itertools.product(LABELS.tags, repeat=len(slots)):
        if not valid(tags):
            continue
        score = sum(slots[t, LABELS.tags.index(tag)] for t, tag in enumerate(tags))
        for i, intent in enumerate(LABELS.intents):
            fits = all(tag == "O" or tag[2:] in LABELS.slots_of_intent[i] for tag in tags)
            if fits and score + intents[i] > best[2]:
                best = (intent, tags, score + intents[i])
    return best


@pytest.mark.parametrize("seed", range(12))
def test_equals_brute_force(seed):
    rng = np.random.default_rng(seed)
    intents = rng.normal(size=2).astype(np.float32) * 2
    slots = rng.normal(size=(4, len(LABELS.tags))).astype(np.float32) * 2
    intent, tags, score = brute_force(intents, slots)
    parse = DECODER(intents, slots, 4)
    assert (parse.intent, parse.tags) == (intent, tags)
    assert parse.score == pytest.approx(np.exp(score), rel=1e-6)


def dense_viterbi(labels: LabelSet, intents: np.ndarray, slots: np.ndarray) -> float:
    """The best sum over intents and tag sequences, from a full table of transitions."""
    moves = np.array(
        [[0.0 if follows(a, b) else -np.inf for b in labels.tags] for a in labels.tags]
    )
    first = np.array([0.0 if follows("O", tag) else -np.inf for tag in labels.tags])
    last = np.array([-np.inf if tag[0] == "G" else 0.0 for tag in labels.tags])
    best = -np.inf
    for i, names in enumerate(labels.slots_of_intent):
        closed = [tag != "O" and tag[2:] not in names for tag in labels.tags]
        allowed = np.where(closed, -np.inf, slots)
        reach = first + allowed[0]
        for row in allowed[1:]:
            reach = (reach[:, None] + moves).max(axis=0) + row
        best = max(best, intents[i] + (reach + last).max())
    return best


@pytest.mark.parametrize("seed", range(20))
def test_long_texts_equal_a_dense_search(seed):
    rng = np.random.default_rng(seed)
    names = [f"S{i}" for i in range(6)]
    tags = ["O", *(f"{kind}-{name}" for name in names for kind in "BIG")]
    labels = LabelSet(
        intents=("P", "Q", "R"),
        tags=("O", *rng.permutation(tags[1:])),
        slots_of_intent=(tuple(names[:4]), tuple(names[2:]), ()),
    )
    intents = rng.normal(size=3).astype(np.float32)
    slots = rng.normal(size=(20, len(tags))).astype(np.float32) * 2
    parse = Decoder(labels)(intents, slots, 20)
    assert valid(parse.tags)
    intents, slots = (
        x - np.log(np.exp(x.astype(float)).sum(-1, keepdims=True)) for x in (intents, slots)
    )
    assert np.log(parse.score) == pytest.approx(dense_viterbi(labels, intents, slots), abs=2e-6)


def test_without_slots_of_intents_every_slot_may_stand_everywhere():
    labels = LabelSet(intents=("A", "B"), tags=("O", "B-X", "I-X"))
    parse = Decoder(labels)(np.array([0.0, 3.0]), logits_for(labels, ["I-X", "I-X"], 9.0), 2)
    assert (parse.intent, parse.tags) == ("B", ("B-X", "I-X"))


def test_a_decoder_serves_many_utterances():
    decoder = Decoder(LABELS)
    rng = np.random.default_rng(0)
    for length in (0, 1, 3):
        intents, slots = rng.normal(size=2), rng.normal(size=(3, len(LABELS.tags)))
        assert decoder(intents, slots, length) == Decoder(LABELS)(intents, slots, length)


def test_padding_is_not_decoded():
    slots = logits_for(LABELS, ["B-Y", "O", "B-X"])
    assert DECODER(np.array([0.0, 1.0]), slots, 2).tags == ("B-Y", "O")


def test_a_slot_that_the_intent_never_has_changes_the_intent():
    parse = DECODER(np.array([0.0, 1.0]), logits_for(LABELS, ["B-X", "I-X"]), 2)
    assert (parse.intent, parse.tags) == ("CALL", ("B-X", "I-X"))


def test_a_sure_intent_changes_the_slot():
    parse = DECODER(np.array([-20.0, 20.0]), logits_for(LABELS, ["B-X", "I-X"]), 2)
    assert parse.intent == "WAKE"
    assert not any(tag.endswith("X") for tag in parse.tags)


def test_no_tokens_give_the_intent_alone():
    parse = DECODER(np.array([0.0, 2.0]), np.zeros((3, 6)), 0)
    assert (parse.intent, parse.slots) == ("WAKE", ())
    assert parse.score == pytest.approx(1 / (1 + np.exp(-2)))


def test_score_of_a_certain_parse_is_near_one():
    parse = DECODER(np.array([30.0, 0.0]), logits_for(LABELS, ["B-X", "O"], 30.0), 2)
    assert parse.score == pytest.approx(1.0)


def test_pieces_of_a_slot_with_a_hole():
    tags = ("B-X", "I-X", "G-X", "I-X", "O", "B-Y", "B-Y")
    assert slots_of_tags(tags) == (
        DecodedSlot("X", ((0, 2), (3, 4))),
        DecodedSlot("Y", ((5, 6),)),
        DecodedSlot("Y", ((6, 7),)),
    )


def test_labels_of_another_model_are_refused():
    with pytest.raises(LabelError, match="another model"):
        DECODER(np.zeros(3), np.zeros((2, 6)), 2)


def all_parses(
    labels: LabelSet, intents: np.ndarray, slots: np.ndarray
) -> list[tuple[float, str, tuple[str, ...]]]:
    """Every pair of an intent and valid tags with its probability, the likeliest first."""
    intents, slots = (
        x - np.log(np.exp(x.astype(float)).sum(-1, keepdims=True)) for x in (intents, slots)
    )
    found = []
    for tags in itertools.product(labels.tags, repeat=len(slots)):
        if not valid(tags):
            continue
        total = sum(slots[t, labels.tags.index(tag)] for t, tag in enumerate(tags))
        for i, intent in enumerate(labels.intents):
            if all(tag == "O" or tag[2:] in labels.slots_of_intent[i] for tag in tags):
                found.append((float(np.exp(total + intents[i])), intent, tags))
    return sorted(found, key=lambda parse: -parse[0])


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("count", [1, 5, 40])
def test_alternatives_equal_brute_force(seed, count):
    rng = np.random.default_rng(seed)
    labels = LabelSet(
        intents=("A", "B", "C", "D", "E", "F", "G", "H"),
        tags=LABELS.tags,
        slots_of_intent=(("X", "Y"), ("Y",), (), ("X",), ("X", "Y"), (), ("Y",), ("X",)),
    )
    intents = rng.normal(size=8).astype(np.float32)
    slots = rng.normal(size=(4, len(labels.tags))).astype(np.float32) * 2
    expected = all_parses(labels, intents, slots)[: count + 1]
    parse = Decoder(labels)(intents, slots, 4, alternatives=count)
    found = [parse, *parse.alternatives]
    assert [(one.intent, one.tags) for one in found] == [own[1:] for own in expected]
    assert [one.score for one in found] == pytest.approx([own[0] for own in expected], rel=1e-5)


def test_there_are_no_more_alternatives_than_parses():
    labels = LabelSet(intents=("A", "B"), tags=("O", "B-X", "I-X"))
    logits = np.zeros((1, 3))
    parse = Decoder(labels)(np.array([0.0, 3.0]), logits, 1, alternatives=9)
    assert len(parse.alternatives) == 3  # O and B-X under two intents
    assert Decoder(labels)(np.array([0.0, 3.0]), logits, 0, alternatives=9).alternatives == ()


def test_equally_good_parses_are_told_once_each():
    labels = LabelSet(intents=("A", "B", "C"), tags=("O", "B-X", "I-X"))
    parse = Decoder(labels)(np.zeros(3), np.zeros((2, 3)), 2, alternatives=4)
    found = [(one.intent, one.tags) for one in (parse, *parse.alternatives)]
    assert len(set(found)) == 5


def test_the_best_parse_was_missed_where_five_likelier_intents_lack_its_slot():
    """The search ended at the fifth intent; the golden file had such parses with the score 0."""
    names = tuple("ABCDEFG")
    labels = LabelSet(intents=names, tags=("O", "B-X", "I-X"), slots_of_intent=(*[()] * 6, ("X",)))
    parse = Decoder(labels)(-np.arange(7.0), logits_for(labels, ["B-X", "I-X"], 30.0), 2)
    assert (parse.intent, parse.tags) == ("G", ("B-X", "I-X"))


def test_what_is_nested_in_an_alternative_is_decided_for_it():
    labels = LabelSet(intents=("A",), tags=("O", "B-X", "I-X"), nested=("O", "B-N/S", "I-N/S"))
    slots = np.array([[0.0, 3.0, 0.0], [2.0, 0.0, 1.9]])
    nested = np.array([[0.0, 5.0, 0.0], [0.0, 0.0, 5.0]])
    parse = Decoder(labels)(np.zeros(1), slots, 2, nested, alternatives=1)
    (other,) = parse.alternatives
    assert (parse.tags, parse.nested) == (("B-X", "O"), ("B-N/S", "O"))
    assert (other.tags, other.nested) == (("B-X", "I-X"), ("B-N/S", "I-N/S"))
