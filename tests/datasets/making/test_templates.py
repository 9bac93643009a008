"""Template files and the rows made from them."""

from __future__ import annotations

import pathlib

import pytest

from pqrnn_tf.datasets import (
    DataError,
    Example,
    SlotSpan,
    SlotValues,
    expand_templates,
    read_templates,
    values_of_rows,
)


def write(folder: pathlib.Path, *lines: str) -> pathlib.Path:
    path = folder / "de.tsv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


APPS = ("Signal", "Skype")


def no_values(intent: str, slot: str) -> tuple[str, ...]:
    return ()


def expanded(path: pathlib.Path, rows: int = 200, seed: int = 0) -> list[Example]:
    return expand_templates(read_templates(path), rows, language="de", values=no_values, seed=seed)


def parsed(example: Example) -> tuple[str, list[tuple[str, str]]]:
    return example.text, [(slot.name, slot.text(example.text)) for slot in example.slots or ()]


def test_phrases_and_values_stand_where_the_template_has_them(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path,
        "# a comment",
        "",
        "END_CALL\t[bitte] leg  auf {(bei Ann|meine Oma):CONTACT} (jetzt|)",
    )
    rows = expanded(path)
    texts = {
        " ".join(f"{start} leg auf {who} {end}".split()): who
        for start in ("bitte", "")
        for who in ("bei Ann", "meine Oma")
        for end in ("jetzt", "")
    }
    assert {parsed(row)[0] for row in rows} == set(texts)
    for row in rows:
        assert parsed(row)[1] == [("CONTACT", texts[row.text])]
        assert (row.intent, row.locale, row.source) == ("END_CALL", "de", f"{path}:3")
        assert (row.tree, row.problem) == (None, None)


def test_an_empty_value_leaves_the_slot_out(tmp_path: pathlib.Path) -> None:
    rows = expanded(write(tmp_path, "A\tleg auf {(morgen|):DATE_TIME} !"))
    assert {(row.text, len(row.slots or ())) for row in rows} == {
        ("leg auf morgen !", 1),
        ("leg auf !", 0),
    }


def test_a_phrase_may_hold_slots(tmp_path: pathlib.Path) -> None:
    rows = expanded(write(tmp_path, "A\tlies (von {(Ann|Bob):SENDER} vor|alles)"))
    assert {(text, *slots) for text, slots in map(parsed, rows)} == {
        ("lies von Ann vor", ("SENDER", "Ann")),
        ("lies von Bob vor", ("SENDER", "Bob")),
        ("lies alles",),
    }


def test_punctuation_and_letters_beside_digits_may_touch_a_slot(tmp_path: pathlib.Path) -> None:
    (row,) = expanded(write(tmp_path, "A\t{(Ann):CONTACT}'s Termin um {(8):HOUR}h"), rows=1)
    assert parsed(row) == ("Ann's Termin um 8h", [("CONTACT", "Ann"), ("HOUR", "8")])


@pytest.mark.parametrize("body", ["um{(acht):DATE_TIME}", "{(acht):DATE_TIME}en"])
def test_words_glued_to_a_slot_are_an_error(tmp_path: pathlib.Path, body: str) -> None:
    with pytest.raises(
        DataError, match=r"de\.tsv:1: the value 'acht' of the slot DATE_TIME is part"
    ):
        expanded(write(tmp_path, f"A\tgeh {body}"))


def test_rules_and_lists_of_the_file_are_put_in(tmp_path: pathlib.Path) -> None:
    path = write(
        tmp_path,
        "A\t<start> {app:NAME_APP} an",
        "B\tmit {app}",
        "<start>\t(ruf|klingel) <wen>",
        "<wen>\tAnn",
        "{app}\t(Signal|Skype)",
    )
    rows = expanded(path)
    assert {(text, *slots) for text, slots in map(parsed, rows)} == {
        *((f"{w} Ann {app} an", ("NAME_APP", app)) for w in ("ruf", "klingel") for app in APPS),
        *((f"mit {app}", ("app", app)) for app in APPS),
    }


@pytest.mark.parametrize("intent", ["greet", "Licht an", "faq/ask_hours", "smalltalk.joke"])
def test_an_intent_is_any_name(tmp_path: pathlib.Path, intent: str) -> None:
    (row,) = expanded(write(tmp_path, f"{intent}\thallo {{(du):wer-auch}}"), rows=1)
    assert (row.intent, parsed(row)[1]) == (intent, [("wer-auch", "du")])


def test_values_come_from_rows_of_the_language(tmp_path: pathlib.Path) -> None:
    labelled = [
        Example(
            f"ruf {name} an",
            "CREATE_CALL",
            (SlotSpan("CONTACT", ((4, 4 + len(name)),)),),
            None,
            "",
            locale,
        )
        for name, locale in (("Ann", "de"), ("Bob", "de_DE"), ("Zoe", "en"))
    ]
    values = values_of_rows(SlotValues(labelled), "de")
    assert sorted(values("END_CALL", "CONTACT")) == ["Ann", "Bob"]
    templates = read_templates(write(tmp_path, "END_CALL\tleg bei {CONTACT} auf"))
    rows = expand_templates(templates, 50, language="de", values=values)
    assert {parsed(row)[1][0] for row in rows} == {("CONTACT", "Ann"), ("CONTACT", "Bob")}


def test_a_slot_without_values_is_named(tmp_path: pathlib.Path) -> None:
    path = write(tmp_path, "A\tgeh", "A\tgeh {LOCATION}")
    with pytest.raises(DataError, match=r"de\.tsv:2: no row in the language 'de' .* LOCATION"):
        expanded(path)


def test_each_template_makes_as_many_rows_and_the_seed_decides_which(
    tmp_path: pathlib.Path,
) -> None:
    path = write(tmp_path, "A\ta (b|c|d|e)", "B\tf (g|h|i|j)", "C\tk")
    rows = expanded(path, rows=8)
    counts = sorted(sum(row.intent == intent for row in rows) for intent in "ABC")
    assert counts == [2, 3, 3]
    assert expanded(path, rows=8) == rows
    assert expanded(path, rows=8, seed=1) != rows
    # Texts are drawn anew until they are new, so that no row but those of C is there twice.
    assert len({row.text for row in rows if row.intent != "C"}) == sum(
        row.intent != "C" for row in rows
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("END_CALL leg auf", "expected 2 columns"),
        (" END_CALL\tleg auf", "the first column must be an intent"),
        ("<rule\tleg auf", "the first column must be an intent"),
        ("END_CALL\t ( | )", "the template must have words"),
        ("END_CALL\tleg (auf", r"expected a template .*Received: 'leg \(auf'"),
        ("END_CALL\tleg [auf", r"expected a template .*Received: 'leg \[auf'"),
        ("END_CALL\tleg auf}", "expected a template"),
        ("END_CALL\tleg () auf", "expected a template"),
        ("END_CALL\t<leg> auf", "there is no rule <leg>. Known rules: none"),
        ("END_CALL\t{A:{B}} auf", r"a slot must be .* Received: '{A:{B}}'"),
        ("END_CALL\t{} auf", "expected a template"),
        ("END_CALL\tleg {A:bei Ann|bei Bob} auf", r"a slot must be .* `{\(value\|value\):slot}`"),
        ("END_CALL\tleg {(bei Ann|bei Bob)} auf", r"a list without a name must be"),
        ("END_CALL\tleg {(bei {B}):A} auf", r"a list without a name must be"),
        ("<a>\tleg [<a>] auf", "the rule <a> refers to itself: <a> → <a>"),
        ("{a}\tleg (auf", "expected a template"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(
    tmp_path: pathlib.Path, line: str, message: str
) -> None:
    path = write(tmp_path, "# comment", line)
    with pytest.raises(DataError, match=rf"de\.tsv:2: {message}"):
        read_templates(path)


def test_all_lines_that_cannot_be_read_are_named_at_once(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError) as error:
        read_templates(write(tmp_path, "A\tleg (auf", "A\tauf", "A", "<r>\ta", "<r>\tb"))
    assert [line.split(": ")[0][-5:] for line in str(error.value).split("\n")] == [
        "tsv:3",
        "tsv:5",
    ]


def test_a_file_without_templates_is_refused(tmp_path: pathlib.Path) -> None:
    with pytest.raises(DataError, match="at least one line"):
        read_templates(write(tmp_path, "# nothing yet"))


@pytest.mark.parametrize("rows", [-1, 1])
def test_rows_need_templates(rows: int) -> None:
    with pytest.raises(ValueError, match="`rows` must be 0 or more"):
        expand_templates([], rows, language="de", values=no_values)
    assert expand_templates([], 0, language="de", values=no_values) == []
