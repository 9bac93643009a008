"""Slots with offsets and the bracketed tree."""

from __future__ import annotations

import dataclasses
import datetime

import numpy as np
import pytest

from pqrnn_tf.runtime.decoding import NO_PARSE, DecodedParse, Decoder
from pqrnn_tf.runtime.labels import LabelError, LabelSet
from pqrnn_tf.runtime.nested_decoding import DecodedIntent, DecodedSlot
from pqrnn_tf.runtime.results import (
    NestedIntent,
    Slot,
    decode_outputs,
    parse_outputs,
    render_parse,
)
from pqrnn_tf.runtime.trees import Tree, parse_tree, tree_words
from pqrnn_tf.values import SlotValues

NOW = datetime.datetime(2026, 9, 16, 10, tzinfo=datetime.timezone.utc)
TEXT = "Wake Rob's mom up at 7pm"
SPANS = [(0, 4), (5, 8), (8, 9), (9, 10), (11, 14), (15, 17), (18, 20), (21, 22), (22, 24)]


def test_offsets_are_of_the_callers_text():
    parse = DecodedParse("CREATE_ALARM", 0.5, (DecodedSlot("DATE_TIME", ((6, 9),)),), ())
    parsed = render_parse(TEXT, SPANS, parse)
    (slot,) = parsed.slots
    assert (slot.start, slot.end, slot.text) == (18, 24, "at 7pm")
    assert TEXT[slot.start : slot.end] == slot.text


def test_tree_is_tokenised_as_mtop_does():
    slots = (DecodedSlot("PERSON", ((1, 5),)), DecodedSlot("DATE_TIME", ((6, 9),)))
    parsed = render_parse(TEXT, SPANS, DecodedParse("CREATE_ALARM", 0.5, slots, ()))
    expected = "[IN:CREATE_ALARM [SL:PERSON Rob 's mom ] [SL:DATE_TIME at 7 pm ] ]"
    assert parsed.tree == expected


def test_what_is_nested_stands_in_the_tree_and_in_its_slot():
    inside = DecodedIntent("GET", (DecodedSlot("OF", ((1, 4),)), DecodedSlot("TYPE", ((4, 5),))))
    slots = (DecodedSlot("PERSON", ((1, 5),), inside), DecodedSlot("DATE_TIME", ((6, 9),)))
    parsed = render_parse(TEXT, SPANS, DecodedParse("CREATE_ALARM", 0.5, slots, ()))
    assert parsed.tree == (
        "[IN:CREATE_ALARM [SL:PERSON [IN:GET [SL:OF Rob 's ] [SL:TYPE mom ] ] ] [SL:DATE_TIME at 7 pm ] ]"
    )
    assert [(slot.name, slot.text) for slot in parsed.slots] == [
        ("PERSON", "Rob's mom"),
        ("DATE_TIME", "at 7pm"),
    ]
    of, kind = Slot("OF", 5, 10, "Rob's"), Slot("TYPE", 11, 14, "mom")
    assert [slot.nested for slot in parsed.slots] == [NestedIntent("GET", (of, kind)), None]
    assert parsed.to_dict()["slots"] == [
        {
            "name": "PERSON",
            "start": 5,
            "end": 14,
            "text": "Rob's mom",
            "nested": {
                "intent": "GET",
                "slots": [
                    {"name": "OF", "start": 5, "end": 10, "text": "Rob's"},
                    {"name": "TYPE", "start": 11, "end": 14, "text": "mom"},
                ],
            },
        },
        {"name": "DATE_TIME", "start": 18, "end": 24, "text": "at 7pm"},
    ]


def test_the_tree_of_a_text_with_brackets_can_be_read_back():
    text = "play [untitled] \\o/"
    spans = [(0, 4), (5, 6), (6, 14), (14, 15), (16, 17), (17, 18), (18, 19)]
    slots = (DecodedSlot("song [or] name", ((1, 4),)), DecodedSlot("BACK\\SLASH", ((4, 7),)))
    parsed = render_parse(text, spans, DecodedParse("PLAY MUSIC", 1.0, slots, ()))
    assert parse_tree(parsed.tree) == Tree(
        "IN:PLAY MUSIC",
        (
            Tree("SL:song [or] name", ("[", "untitled", "]")),
            Tree("SL:BACK\\SLASH", ("\\", "o", "/")),
        ),
    )
    assert parsed.tree == (
        r"[IN:PLAY\u{20}MUSIC [SL:song\u{20}\[or\]\u{20}name \[ untitled \] ] [SL:BACK\\SLASH \\ o / ] ]"
    )


def test_a_slot_with_a_hole_has_a_hull_in_the_text_and_its_own_words_in_the_tree():
    parse = DecodedParse("CREATE_ALARM", 0.5, (DecodedSlot("X", ((0, 1), (5, 6))),), ())
    parsed = render_parse(TEXT, SPANS, parse)
    assert parsed.slots[0].text == "Wake Rob's mom up"
    assert parsed.tree == "[IN:CREATE_ALARM [SL:X Wake up ] ]"


def test_plain_values_have_the_keys_of_the_contract_first():
    values = render_parse("hi", [(0, 2)], DecodedParse("HELLO", 0.25, (), ("O",))).to_dict()
    assert list(values.items()) == [
        ("text", "hi"),
        ("intent", "HELLO"),
        ("score", 0.25),
        ("slots", []),
        ("tree", "[IN:HELLO ]"),
        ("intent_score", 0.0),
    ]


def test_the_intent_of_a_rejected_text_is_none_and_its_guess_stays_visible():
    guess = DecodedParse("HELLO", 0.25, (), ("O",), intent_score=0.5, rejected=True)
    parse = render_parse("hi", [(0, 2)], guess)
    assert (parse.intent, parse.score, parse.intent_score) == (None, 0.25, 0.5)
    assert parse.tree == "[IN:HELLO ]"


def test_alternatives_are_told_on_request():
    other = DecodedParse("BYE", 0.125, (), ("O",), intent_score=0.25)
    parse = render_parse(
        "hi", [(0, 2)], DecodedParse("HELLO", 0.5, (), ("O",), alternatives=(other,))
    )
    assert [(one.intent, one.score) for one in parse.alternatives] == [("BYE", 0.125)]
    assert "alternatives" not in parse.to_dict()
    assert parse.to_dict(alternatives=True)["alternatives"] == [
        {"intent": "BYE", "score": 0.125, "slots": [], "tree": "[IN:BYE ]", "intent_score": 0.25}
    ]


def test_a_cut_text_says_so():
    assert render_parse("hi", [(0, 2)], DecodedParse("A", 1.0, (), ()), truncated=True).to_dict()[
        "truncated"
    ]


def test_text_without_a_token():
    assert render_parse("  ", [], NO_PARSE).to_dict() == {
        "text": "  ",
        "intent": "",
        "score": 0.0,
        "slots": [],
        "tree": "",
        "intent_score": 0.0,
    }


LABELS = LabelSet(
    intents=("WAKE", "CALL"),
    tags=("O", "B-WHO", "I-WHO"),
    nested=("O", "B-GET/KIND", "I-GET/KIND"),
)
OUTPUTS = {
    "intent": np.array([0.0, 3.0], np.float32),
    "slots": np.array([[9, 0, 0], [0, 9, 0], [0, 0, 9], [0, 9, 0]], np.float32),
    "nested": np.array([[0, 0, 0], [0, 9, 0], [0, 0, 9], [9, 0, 0]], np.float32),
    "spans": np.array([[0, 4], [5, 7], [8, 11], [0, 0]], np.int32),
    "length": np.int32(3),
    "truncated": np.bool_(False),
}
CALL_MY_MUM = "[IN:CALL [SL:WHO [IN:GET [SL:KIND my mum ] ] ] ]"


def test_outputs_of_a_text_become_tokens_and_a_parse():
    spans, parse = decode_outputs(OUTPUTS, Decoder(LABELS))
    assert spans == [(0, 4), (5, 7), (8, 11)]  # the padding behind is no token
    assert (parse.intent, parse.tags) == ("CALL", ("O", "B-WHO", "I-WHO"))
    assert parse_outputs("call my mum", OUTPUTS, Decoder(LABELS)).tree == CALL_MY_MUM


def test_a_row_of_a_batch_is_parsed_as_it_is_by_itself():
    other = {name: np.zeros_like(value) for name, value in OUTPUTS.items()}
    batch = {name: np.stack([other[name], value]) for name, value in OUTPUTS.items()}
    decoder = Decoder(LABELS)
    assert parse_outputs("call my mum", batch, decoder, row=1).tree == CALL_MY_MUM
    assert decode_outputs(batch, decoder, row=0) == ([], NO_PARSE)


def test_outputs_without_nested_logits_are_plain_slots():
    plain = {name: value for name, value in OUTPUTS.items() if name != "nested"}
    parse = parse_outputs("call my mum", plain, Decoder(LABELS))
    assert parse.tree == "[IN:CALL [SL:WHO my mum ] ]"


def test_outputs_of_another_model_are_refused():
    other = LabelSet(intents=("A",), tags=("O",))
    with pytest.raises(LabelError, match="labels of another model"):
        decode_outputs(OUTPUTS, Decoder(other))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("7pm", "7 pm"),
        ("8th", "8th"),
        ("10:00", "10 : 00"),
        ("Rob's", "Rob 's"),
        ("we're", "we're"),
        ("Lonestar 92.5", "Lonestar 92.5"),
        ("the 20th, tomorrow", "the 20th , tomorrow"),
        ("(really)", "( really )"),
        ("#1", "#1"),
        ("bi-weekly", "bi - weekly"),
        ("कितने बजे हैं?", "कितने बजे हैं ?"),
        ("สวัสดี", "สวัสดี"),
        ("", ""),
    ],
)
def test_tree_words(text, words):
    assert " ".join(tree_words(text)) == words


def test_tree_words_of_the_real_corpus(corpora):
    import json
    import re

    lines = (corpora / "mtop_en" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    same = total = 0
    for row in rows:
        for leaf in re.findall(r"\[SL:\w+ ([^\[\]]+) \]", row["logical_form"]):
            raw = re.search(r"\s*".join(map(re.escape, "".join(leaf.split()))), row["question"])
            if raw:
                total += 1
                same += tree_words(raw.group()) == leaf.split()
    assert total > 3000
    assert same / total > 0.995


def test_a_slot_has_the_value_of_its_words():
    values = SlotValues({"DATE_TIME": "datetime"}, reference_time=NOW)
    inside = DecodedIntent("WHEN", (DecodedSlot("DATE_TIME", ((6, 9),)),))
    slots = (DecodedSlot("TODO", ((0, 9),), inside), DecodedSlot("PERSON", ((1, 5),)))
    parse = DecodedParse("CREATE_ALARM", 0.5, slots, ())
    parsed = render_parse(TEXT, SPANS, parse, values=values)
    nested = parsed.slots[0].nested.slots[0]
    assert nested.value.text == "2026-09-16T19:00+00:00"
    assert parsed.slots[1].value is None
    told = parsed.to_dict(values=True)
    assert told["slots"][1]["value"] is None
    assert told["slots"][0]["nested"]["slots"][0]["value"]["grain"] == "minute"
    assert "value" not in str(parsed.to_dict())


def test_what_reads_values_plays_no_part_in_comparisons():
    values = SlotValues({"DATE_TIME": "datetime"}, reference_time=NOW)
    slot = Slot("DATE_TIME", 18, 24, "at 7pm")
    assert slot.value is None
    with_values = dataclasses.replace(slot, values=values)
    assert slot == with_values and hash(slot) == hash(with_values)
    assert "SlotValues" not in repr(with_values)
