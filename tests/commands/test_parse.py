"""`pqrnn parse` for people, `pqrnn predict` for programs."""

from __future__ import annotations

import dataclasses
import io
import json
import sys

import pytest

from pqrnn_tf.commands.parse import Painter
from pqrnn_tf.runtime import NestedIntent, Parse, Slot
from pqrnn_tf.runtime.labels import LabelSet
from tests.tiny_models import DEV

ALARM = Parse(
    text="wake me at 7pm",
    intent="CREATE_ALARM",
    score=0.9749,
    slots=(Slot("PERSON", 5, 7, "me"), Slot("DATE_TIME", 8, 14, "at 7pm")),
    tree="[IN:CREATE_ALARM [SL:PERSON me ] [SL:DATE_TIME at 7 pm ] ]",
)


def test_predict_keeps_order_and_contract(call, tiny):
    texts = [row.text for row in DEV[:10]]
    parses = call("predict", "--model", tiny[2], stdin="\n".join(texts).encode()).lines()
    assert [parse["text"] for parse in parses] == texts
    for parse in parses:
        assert [*parse] == ["text", "intent", "score", "slots", "tree", "intent_score"]
        assert parse["tree"].startswith(f"[IN:{parse['intent']} ")
        for slot in parse["slots"]:
            assert set(slot) - {"nested"} == {"name", "start", "end", "text"}
            assert parse["text"][slot["start"] : slot["end"]] == slot["text"]


def test_predict_tells_alternatives_on_request(call, tiny):
    (parse,) = call(
        "predict", "--model", tiny[2], "--alternatives", "2", stdin=b"wake me\n"
    ).lines()
    best = {name: parse[name] for name in ("intent", "slots", "tree")}
    others = parse["alternatives"]
    assert [*parse][-1] == "alternatives" and len(others) == 2
    assert all([*other] == ["intent", "score", "slots", "tree", "intent_score"] for other in others)
    assert all({name: other[name] for name in best} != best for other in others)
    assert parse["score"] >= others[0]["score"] >= others[1]["score"]


def test_predict_of_an_empty_line_and_of_windows_line_ends(call, tiny):
    parses = call("predict", "--model", tiny[2], stdin=b"\r\nstop it\r\n").lines()
    assert parses[0] == {
        "text": "", "intent": "", "score": 0.0, "slots": [], "tree": "", "intent_score": 0.0
    }  # fmt: skip
    assert parses[1]["text"] == "stop it"


def test_predict_of_bytes_that_are_not_utf_8(call, tiny):
    (parse,) = call("predict", "--model", tiny[2], stdin=b"wake \xff\xfe me").lines()
    assert parse["text"] == "wake \ufffd\ufffd me"


def test_a_byte_order_mark_is_no_part_of_the_first_line(call, tiny):
    marked, plain = (
        call("predict", "--model", tiny[2], stdin=mark + b"wake me at seven\n").lines()
        for mark in (b"\xef\xbb\xbf", b"")
    )
    assert marked == plain


def test_a_line_separator_of_unicode_in_a_text_splits_no_json_line(call, tiny):
    done = call("predict", "--model", tiny[2], stdin="wake\u2028me\u0085up\n".encode())
    assert len(done.out.splitlines()) == 1
    assert done.json()["text"] == "wake\u2028me\u0085up"


def test_predict_of_a_megabyte_line(call, tiny):
    line = b"wake me at seven " * 62_000
    done = call("predict", "--model", tiny[2], stdin=line + b"\nstop\n")
    first, second = done.lines()
    assert first["truncated"] is True
    assert len(first["text"]) == len(line)
    assert "truncated" not in second
    assert "1 lines were longer" in done.err


def test_predict_takes_the_folder_of_a_training(call, tiny):
    assert call("predict", "--model", tiny[1], stdin=b"stop\n").lines()[0]["text"] == "stop"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LabelSet(("A",), ("O",)).to_json(), "labels of another model"),
        ("[1]", "must be a labels.json"),
        ('{"intents": 3, "tags": null}', "must be a labels.json"),
        ("{", "must be a labels.json"),
    ],
)
def test_labels_that_do_not_fit_are_one_line(call, tiny, tmp_path, content, message):
    path = tmp_path / "labels.json"
    path.write_text(content, encoding="utf-8")
    done = call("predict", "--model", tiny[2], "--labels", path, stdin=b"stop\n")
    assert (done.code, done.out) == (1, "")
    assert message in done.err and done.err.count("\n") == 1


def test_predict_with_a_truncated_model(call, tiny, tmp_path):
    path = tmp_path / "cut.tflite"
    path.write_bytes(tiny[2].read_bytes()[:-1000])
    done = call("predict", "--model", path, stdin=b"stop\n")
    assert done.code == 1
    assert "truncated" in done.err


def test_a_folder_without_a_model(call, tmp_path):
    done = call("parse", "--model", tmp_path, "stop")
    assert done.code == 1 and "folder without model.tflite" in done.err


def test_predict_takes_no_texts_as_arguments(call, tiny):
    done = call("predict", "--model", tiny[2], "wake me")
    assert done.code == 2
    assert "unexpected arguments" in done.err


def test_parse_writes_to_a_pipe_what_predict_writes(call, tiny):
    texts = ["wake me at seven", "", "stop"]
    predicted = call("predict", "--model", tiny[2], stdin="\n".join(texts).encode()).out
    assert call("parse", "--model", tiny[2], *texts).out == predicted
    assert call("parse", "--model", tiny[2], stdin="\n".join(texts).encode()).out == predicted


def test_parse_shows_people_utterance_intent_and_slots(call, tiny):
    (row,) = call("parse", "--model", tiny[2], DEV[0].text).lines()
    done = call("parse", "--model", tiny[2], "--text", DEV[0].text)
    assert row["slots"] and f"\n  {row['intent']}" in done.out and "\x1b" not in done.out
    for slot in row["slots"]:
        assert f"[{slot['text']}]({slot['name']})" in done.out.splitlines()[0]


def test_parse_is_json_on_a_terminal_only_when_asked(call, tiny, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert "\x1b[1;" in call("parse", "--model", tiny[2], DEV[0].text).out
    assert json.loads(call("parse", "--model", tiny[2], "--json", DEV[0].text).out)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = call("parse", "--model", tiny[2], DEV[0].text).out
    assert "\x1b" not in plain and "](" in plain


def test_parse_writes_for_people_what_the_encoding_lacks_with_backslashes(call, tiny, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    done = call("parse", "--model", tiny[2], "--text", "weck Jürgen 😀", "stop")
    assert done.code == 0, done.err
    text = written.getvalue().decode("ascii")
    assert "J\\xfcrgen" in text and "\\U0001f600" in text and "stop" in text


def test_json_and_text_exclude_each_other(call, tiny):
    done = call("parse", "--model", tiny[2], "--text", "--json", "stop")
    assert done.code == 2 and "--json and --text" in done.err


def test_slots_in_brackets_where_there_are_no_colours():
    assert Painter(colours=False)(ALARM).split("\n") == [
        "wake [me](PERSON) [at 7pm](DATE_TIME)",
        "  CREATE_ALARM  97 %",
        "  PERSON        me",
        "  DATE_TIME     at 7pm",
    ]


def test_an_intent_inside_a_slot_is_shown_below_it():
    mom = Slot("CONTACT", 15, 18, "mom")
    todo = Slot("TODO", 10, 18, "call mom", NestedIntent("CREATE_CALL", (mom,)))
    parse = Parse("remind me call mom", "CREATE_REMINDER", 0.8, (todo,), "")
    assert Painter(colours=False)(parse).split("\n")[1:] == [
        "  CREATE_REMINDER  80 %",
        "  TODO             call mom",
        "    CREATE_CALL",
        "      CONTACT      mom",
    ]


def test_a_slot_has_the_colour_of_its_line_below():
    lines = Painter(colours=True)(ALARM).split("\n")
    assert lines[0] == "wake \x1b[1;36mme\x1b[0m \x1b[1;33mat 7pm\x1b[0m"
    assert lines[2:] == [
        "  \x1b[1;36mPERSON\x1b[0m        me",
        "  \x1b[1;33mDATE_TIME\x1b[0m     at 7pm",
    ]


def test_a_slot_keeps_its_colour_from_one_utterance_to_the_next():
    show = Painter(colours=True)
    show(ALARM)
    other = Parse("at 8", "A", 1.0, (Slot("DATE_TIME", 0, 4, "at 8"),), "")
    assert show(other).startswith("\x1b[1;33mat 8\x1b[0m\n")


def test_a_text_that_would_steer_the_terminal_is_shown_harmless():
    parse = Parse("\x1b[2Jhi\rho", "A", 1.0, (Slot("S", 4, 9, "hi\rho"),), "")
    shown = Painter(colours=False)(parse)
    assert (
        shown.startswith("\ufffd[2J[hi\ufffdho](S)") and "\x1b" not in shown and "\r" not in shown
    )


def test_a_text_without_words_is_said_to_be_empty():
    assert Painter(colours=False)(Parse(" ", "", 0.0, (), "")) == " \n  nothing to parse"


def test_a_rejected_text_is_not_understood():
    assert Painter(colours=False)(dataclasses.replace(ALARM, intent=None)) == (
        "wake me at 7pm\n  not understood"
    )


def test_alternatives_stand_below_the_best_parse():
    other = dataclasses.replace(ALARM, intent="GET_ALARM", score=0.02, slots=())
    shown = Painter(colours=False)(dataclasses.replace(ALARM, alternatives=(other,)))
    assert shown.splitlines()[-2:] == ["  or: wake me at 7pm", "      GET_ALARM  2 %"]


def test_entities_are_told_of_slots(call, tiny, tmp_path):
    text = "wake me at seven tomorrow"
    (plain,) = call("predict", "--model", tiny[2], stdin=text.encode()).lines()
    slot = plain["slots"][0]
    file = tmp_path / "names.csv"
    file.write_text(f"name,id,type\n{slot['text']},x1,thing\n", encoding="utf-8")
    flags = ["--entities", file, "--entity_types", f"{slot['name']}=thing,other"]
    (told,) = call("predict", "--model", tiny[2], *flags, stdin=text.encode()).lines()
    entity = told["slots"][0]["entity"]
    assert (entity["id"], entity["type"]) == ("x1", "thing")
    shown = call("parse", "--model", tiny[2], *flags, "--text", text).out
    assert f"{slot['text']} = {slot['text']} (x1)" in shown


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--entity_types", "A=b"], "--entity_types has no use here: without --entities"),
        (["--triples", "t.csv"], "--triples has no use here: without --entities"),
        (["--entity_vectors", "v.json"], "--entity_vectors has no use here: without --entities"),
        (["--entities", "none.csv"], "none.csv: cannot be read"),
        (["--entities", "none.csv", "--entity_types", "A"], "must be SLOT=TYPE"),
        (["--entities", "none.csv", "--entity_types", "NONE=b"], "`entity_types` must name slots"),
    ],
)
def test_entities_that_cannot_be_used(call, tiny, flags, message):
    result = call("predict", "--model", tiny[2], *flags, stdin=b"stop\n")
    assert result.code and message in result.err


def test_values_are_told_on_request(call, tiny):
    text = b"wake me up at 7 pm tomorrow\n"
    plain = call("predict", "--model", tiny[2], stdin=text)
    slots = plain.json()["slots"]
    assert slots and all("value" not in slot for slot in slots)
    kinds = [f"--value_kinds={slot['name']}=datetime" for slot in slots]
    reference = ["--reference_time", "2026-09-16T10:00", "--time_zone", "Europe/Berlin"]
    for command in ("predict", "parse"):
        told = call(command, "--model", tiny[2], "--values", *kinds, *reference, stdin=text).json()
        values = [slot["value"] for slot in told["slots"]]
        assert any(value and value["kind"] == "datetime" for value in values)
        assert all(value is None or "+02:00" in str(value) for value in values)
    shown = call("parse", "--model", tiny[2], "--text", "--values", *kinds, *reference, stdin=text)
    assert " = 2026-09-1" in shown.out


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--time_zone", "UTC"], "--time_zone has no use here: without --values"),
        (["--values", "--value_kinds", "datetime"], "--value_kinds must be SLOT=KIND"),
        (["--values", "--value_kinds", "A=time"], "must be one of"),
        (["--values", "--value_kinds", "A=number"], "--value_kinds must name slots of the model, "),
        (["--values", "--value_kinds", "A=number", "--reference_time", "now"], "ISO 8601"),
        (["--values", "--value_kinds", "A=number", "--reference_time", "2026-01-01"], "time zone"),
        (["--values", "--value_kinds", "A=number", "--time_zone", "Mars"], "IANA"),
    ],
)
def test_wrong_flags_of_values_are_errors(call, tiny, flags, message):
    done = call("parse", "--model", tiny[2], *flags, "wake me")
    assert done.code != 0 and message in done.err
