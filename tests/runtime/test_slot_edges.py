"""Punctuation at the edges of slots: what stays, and that all parts of a parse say the same."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from pqrnn_tf.runtime.confidence import Calibration, ScoreMap
from pqrnn_tf.runtime.decoding import DecodedParse, Decoder, slots_of_tags
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.results import decode_outputs, render_parse
from pqrnn_tf.runtime.slot_edges import SlotEdges, edge_token, kept_tokens
from pqrnn_tf.runtime.spec import ProjectionSpec
from pqrnn_tf.runtime.text import tokens_of

LABELS = LabelSet(
    ("PLAY", "REMIND"),
    ("O", "B-X", "I-X", "G-X", "B-Y", "I-Y"),
    nested=("O", "B-CALL/P", "I-CALL/P", "B-CALL/Q", "I-CALL/Q"),
    edges=(("P", SlotEdges()), ("Q", SlotEdges(ends={"word": "!"})), ("X", SlotEdges())),
)
PLAIN = dataclasses.replace(LABELS, edges=())


def kept(value: str, **edges: dict[str, str]) -> str:
    """What of a value stays in a slot that has these edges."""
    spans = tokens_of(value, ProjectionSpec())
    tokens = [edge_token(value[start:end]) for start, end in spans]
    touches = [i > 0 and spans[i - 1][1] == start for i, (start, _) in enumerate(spans)]
    first, last = kept_tokens(tokens, touches, SlotEdges(**edges))
    return value[spans[first][0] : spans[last - 1][1]] if first < last else ""


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("shattered image.", "shattered image"),
        ("mary?", "mary"),
        ("outcast,", "outcast"),
        ("... image !?", "image"),
        ("“thriller”", "thriller"),
        ("('thriller').", "thriller"),
        ("🎉 jazz 👩\u200d🎤", "jazz"),
        ("जैज़।", "जैज़"),
        ("¿jazz？", "jazz"),
        ("rock 'n' roll", "rock 'n' roll"),
        ("AC/DC", "AC/DC"),
        ("?!", ""),
        # What belongs to the words themselves stays whatever the slot.
        ("at 7 p.m.", "at 7 p.m."),
        ("in the U.S..", "in the U.S."),
        ("plan b.", "plan b"),
        ("-5%", "-5%"),
        ("+ 5 %", "5"),
        ("$5, 20°", "$5, 20°"),
        ("7-", "7"),
        ("say (remix)", "say (remix)"),
        ("(say) my name", "(say) my name"),
        ('"a" or "b"', '"a" or "b"'),
        ("say )", "say"),
        ('"say', "say"),
    ],
)
def test_marks_that_training_rows_do_not_have_are_left_out(value, left):
    assert kept(value) == left


@pytest.mark.parametrize(
    ("value", "edges", "left"),
    [
        ("wham!", {"ends": {"word": "!"}}, "wham!"),
        ("wham！!", {"ends": {"word": "!"}}, "wham！"),
        ("wham?", {"ends": {"word": "!"}}, "wham"),
        ("plan b.", {"ends": {"letter": "."}}, "plan b."),
        ("plan best.", {"ends": {"letter": "."}}, "plan best"),
        ("symphony 9.", {"ends": {"number": "."}}, "symphony 9."),
        ("c++", {"ends": {"mark": "+"}}, "c++"),
        ("#fame #", {"begins": {"word": "#"}}, "#fame"),
        (":)", {"begins": {"mark": ":"}, "ends": {"mark": ")"}}, ":)"),
        ("?", {"begins": {"nothing": "?"}, "ends": {"nothing": "?"}}, "?"),
        # One table for all that is folded.
        ("„thriller”", {"begins": {"word": '"'}, "ends": {"word": '"'}}, "„thriller”"),
    ],
)
def test_marks_that_training_rows_have_stay_beside_the_same(value, edges, left):
    assert kept(value, **edges) == left


def one_hot(names: tuple[str, ...], chosen: list[str], margin: float) -> np.ndarray:
    logits = np.zeros((len(chosen), len(names)), np.float32)
    logits[range(len(chosen)), [names.index(name) for name in chosen]] = margin
    return logits


def parsed(text, tags, nested=None, *, labels=LABELS, **options) -> DecodedParse:
    spans = tokens_of(text, ProjectionSpec())
    below = None if nested is None else one_hot(LABELS.nested, nested, 9.0)
    return Decoder(labels)(
        np.array([4.0, 0.0]),
        one_hot(LABELS.tags, tags, 9.0),
        len(spans),
        below,
        text=text,
        spans=spans,
        **options,
    )


def rendered(text, parse):
    return render_parse(text, tokens_of(text, ProjectionSpec()), parse)


def test_slots_tags_and_tree_agree():
    parse = parsed("play “hey ! jude”.", ["O", "B-X", "I-X", "I-X", "I-X", "I-X", "I-X"])
    assert parse.tags == ("O", "O", "B-X", "I-X", "I-X", "O", "O")
    assert parse.slots == slots_of_tags(parse.tags)
    shown = rendered("play “hey ! jude”.", parse)
    assert [(slot.start, slot.end, slot.text) for slot in shown.slots] == [(6, 16, "hey ! jude")]
    assert shown.tree == "[IN:PLAY [SL:X hey ! jude ] ]"


def test_a_slot_of_nothing_else_vanishes_and_one_that_says_nothing_of_edges_stays():
    parse = parsed("play ?! , jazz", ["O", "B-X", "I-X", "B-Y", "I-Y"])
    assert parse.tags == ("O", "O", "O", "B-Y", "I-Y")
    assert [slot.name for slot in parse.slots] == ["Y"]


def test_a_gap_at_an_edge_goes_with_it():
    parse = parsed("a ! b c", ["B-X", "G-X", "I-X", "I-X"])
    assert parse.tags == ("B-X", "G-X", "I-X", "I-X")
    parse = parsed("! b c d", ["B-X", "G-X", "I-X", "I-X"])
    assert parse.tags == ("O", "O", "B-X", "I-X")
    assert parse.slots == slots_of_tags(parse.tags)


def test_each_level_of_a_tree_is_trimmed():
    text, tags = "call, mary. now!?", ["O", "B-X", "I-X", "I-X", "I-X", "I-X", "I-X"]
    nested = ["O", "B-CALL/P", "I-CALL/P", "I-CALL/P", "B-CALL/Q", "I-CALL/Q", "I-CALL/Q"]
    parse = parsed(text, tags, nested)
    # The stop between both stays in the slot around them and is in neither.
    assert parse.tags == ("O", "O", "B-X", "I-X", "I-X", "I-X", "O")
    assert parse.nested == ("O", "O", "B-CALL/P", "O", "B-CALL/Q", "I-CALL/Q", "O")
    shown = rendered(text, parse)
    assert shown.tree == "[IN:PLAY [SL:X [IN:CALL [SL:P mary ] [SL:Q now ! ] ] ] ]"
    (slot,) = shown.slots
    assert slot.text == "mary. now!"
    assert [below.text for below in slot.nested.slots] == ["mary", "now!"]


def test_an_intent_without_anything_in_its_slots_vanishes_with_the_slot_around_it():
    parse = parsed("call ? !", ["O", "B-X", "I-X"], ["O", "B-CALL/P", "B-CALL/P"])
    assert (parse.slots, parse.tags, parse.nested) == ((), ("O",) * 3, ("O",) * 3)
    parse = parsed("call ? me", ["O", "B-X", "I-X"], ["O", "B-CALL/P", "B-CALL/Q"])
    assert (parse.tags, parse.nested) == (("O", "O", "B-X"), ("O", "O", "B-CALL/Q"))


def test_the_score_is_that_of_the_tags_that_were_decoded():
    text, tags = "play jazz.", ["O", "B-X", "I-X"]
    assert parsed(text, tags).score == parsed(text, tags, labels=PLAIN).score


def test_labels_without_edges_change_nothing_and_need_no_text():
    tags = ["O", "B-X", "I-X"]
    slots = one_hot(LABELS.tags, tags, 9.0)
    parse = Decoder(PLAIN)(np.zeros(2), slots, 3, alternatives=2)
    assert parse.tags == tuple(tags)
    assert parse == Decoder(PLAIN)(
        np.zeros(2), slots, 3, alternatives=2, text="a b.", spans=[(0, 1), (2, 3), (3, 4)]
    )


def test_alternatives_that_become_the_same_stand_once():
    text = "play jazz."
    spans = tokens_of(text, ProjectionSpec())
    logits = one_hot(LABELS.tags, ["O", "B-X", "I-X"], 5.0)
    logits[2, 0] = 4.9  # with and without the stop are nearly as good
    intents = np.array([3.0, 0.0])
    before = Decoder(PLAIN)(intents, logits, 3, alternatives=3)
    assert [one.slots[0].ranges for one in (before, before.alternatives[0])] == [
        ((1, 3),),
        ((1, 2),),
    ]
    after = Decoder(LABELS)(intents, logits, 3, alternatives=3, text=text, spans=spans)
    found = [(one.intent, one.slots) for one in (after, *after.alternatives)]
    assert len(found) == 4 and len({*found}) == 4
    assert after.score == before.score
    scores = [one.score for one in (after, *after.alternatives)]
    assert scores == sorted(scores, reverse=True)
    # Each has the score of the best tags that make it.
    known = {
        round(one.score, 12)
        for one in Decoder(PLAIN)(intents, logits, 3, alternatives=60).alternatives
    }
    assert {round(score, 12) for score in scores[1:]} <= known


def test_calibrated_alternatives_share_what_the_best_leaves():
    text = "play jazz."
    flat = ScoreMap({"parse": 1.0}, [0.0], [0.6])
    decoder = Decoder(LABELS, calibration=Calibration(flat, flat))
    logits = one_hot(LABELS.tags, ["O", "B-X", "I-X"], 3.0)
    parse = decoder(
        np.zeros(2), logits, 3, alternatives=5, text=text, spans=tokens_of(text, ProjectionSpec())
    )
    assert math.fsum(one.score for one in parse.alternatives) <= 0.4 + 1e-9


def test_a_text_of_marks_only_has_few_alternatives_and_ends():
    parse = parsed("! ? . , ; : ! ? .", ["O"] * 9, alternatives=4)
    assert len({(one.intent, one.slots) for one in (parse, *parse.alternatives)}) == 1 + len(
        parse.alternatives
    )


def test_the_text_is_asked_for():
    outputs = {
        "intent": np.zeros(2),
        "slots": one_hot(LABELS.tags, ["O"], 1.0),
        "spans": np.array([[0, 1]]),
        "length": np.array(1),
    }
    with pytest.raises(ValueError, match="`text` and `spans` must be given"):
        decode_outputs(outputs, Decoder(LABELS))
    decode_outputs(outputs, Decoder(LABELS), text="a")


def test_edges_travel_with_labels():
    again = LabelSet.from_json(LABELS.to_json())
    assert again.edges == LABELS.edges
    assert LABELS.to_dict()["edges"] == {"P": {}, "Q": {"ends": {"word": "!"}}, "X": {}}
    assert again == PLAIN  # as kinds of values: labels that differ in nothing else are equal
    assert "edges" not in PLAIN.to_dict()


@pytest.mark.parametrize(
    "edges",
    [
        [],
        {"X": []},
        {"X": {"middle": {}}},
        {"X": {"ends": {"words": "."}}},
        {"X": {"ends": {"word": 1}}},
    ],
)
def test_malformed_edges_are_refused(edges):
    with pytest.raises(LabelError, match="edges|`ends`"):
        LabelSet.from_dict({"intents": ["A"], "tags": ["O", "B-X", "I-X"], "edges": edges})
